/** Nobody leaves a page that records without being asked: not by reloading or closing it, nor by a link in it. */

/**
 * @param {object} options
 * @param {() => boolean} options.busy whether something would be cut off
 * @param {string} options.question
 * @param {Node} options.own links within it lead nowhere else
 * @returns {() => void} stops asking
 */
export function askBeforeLeaving({ busy, question, own }) {
  const unload = (/** @type {BeforeUnloadEvent} */ event) => {
    if (busy()) event.preventDefault();
  };
  const click = (/** @type {MouseEvent} */ event) => {
    const path = event.composedPath();
    const link = path.find((part) => part instanceof HTMLAnchorElement && part.href);
    if (!(link instanceof HTMLAnchorElement) || !busy() || path.includes(own)) return;
    if (link.target === "_blank" || link.pathname === location.pathname || window.confirm(question)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("beforeunload", unload);
  document.addEventListener("click", click, true);
  return () => {
    removeEventListener("beforeunload", unload);
    document.removeEventListener("click", click, true);
  };
}
