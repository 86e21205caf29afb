// Elements made in one line; texts of people only ever become text.

/**
 * @param {string} tag
 * @param {object} attributes  a value of null or false leaves the attribute out; `on…` is a listener
 * @param {...(Node|string|null)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** A sentence of the page with its fields, as `{count}`. */
export const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (all, name) => fields[name] ?? all);

/** Minutes and seconds. */
export function clock(seconds) {
  const whole = Math.floor(seconds + 0.5);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** What is kept for this browser tab alone; a browser that keeps nothing loses nothing else. */
export const kept = {
  get(name) {
    try {
      return JSON.parse(sessionStorage.getItem(name));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      if (value === null) sessionStorage.removeItem(name);
      else sessionStorage.setItem(name, JSON.stringify(value));
    } catch {
      // a draft that cannot be kept is typed once more
    }
  },
};
