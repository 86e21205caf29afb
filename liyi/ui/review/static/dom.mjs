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

/**
 * Open the dialog that lists all that can be asked for, by group, with its keys.
 * @param {HTMLDialogElement} dialog  the list is drawn in its part of class `all`
 * @param {{group: string, shown: string[], title: string, does: string}[]} actions
 */
export function openHelp(dialog, actions) {
  const groups = [...new Set(actions.map(({ group }) => group))];
  const rows = (group) => actions.filter((each) => each.group === group).flatMap(({ shown, title, does }) => [
    element("dt", {}, ...shown.flatMap((key, at) => [at ? " " : "", element("kbd", {}, key)])),
    element("dd", {}, title, does ? element("span", { class: "soft" }, ` ${does}`) : null),
  ]);
  dialog.querySelector(".all").replaceChildren(...groups.flatMap((group) => [element("h3", {}, group), element("dl", {}, ...rows(group))]));
  dialog.showModal();
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
