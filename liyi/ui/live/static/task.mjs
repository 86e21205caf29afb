/** The card that says what is practised: what the citizen wants, what to get across, and prompts for who asks. */

import { element } from "./panel.mjs";

/**
 * @typedef {object} Task in the page's language
 * @property {string} title
 * @property {string} wants what the citizen says
 * @property {string[]} points what to get across
 * @property {string[]} prompts
 */

/**
 * @param {Task | null} task
 * @param {Record<string, string>} words
 */
export function taskCard(task, words) {
  if (!task) return null;
  const list = (/** @type {string[]} */ items) => element("ul", {}, ...items.map((item) => element("li", {}, item)));
  const prompts = element("details", {}, element("summary", {}, words.prompts), list(task.prompts));
  return element(
    "section", { class: "task", "aria-label": words.task },
    element("h3", {}, task.title),
    element("p", { class: "wants" }, element("b", {}, words.citizen), element("span", {}, task.wants)),
    element("p", { class: "points" }, words.points), list(task.points),
    ...(task.prompts.length ? [prompts] : []),
  );
}
