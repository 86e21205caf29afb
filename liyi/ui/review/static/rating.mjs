// The blind rating: what the tool found is not in the document. A digit rates the current criterion and goes on.

import { element, fill, kept } from "./dom.mjs";

/**
 * @param {HTMLElement} box
 * @param {object} data  criteria with their headings, steps, words
 * @param {(body: object) => Promise<boolean>} act
 * @param {(text: string) => void} say
 */
export function createRating(box, { place, rating, words }, act, say) {
  const draft = `${place}-rating`;
  const given = kept.get(draft) ?? {};
  let at = 0;

  const buttons = (criterion) => [
    ...rating.steps.map(({ score, word }, nth) =>
      element("button", { type: "button", "data-score": score, "aria-pressed": String(given[criterion] === score) },
        element("kbd", {}, String(nth + 1)), ` ${word}`)),
    element("button", { type: "button", "data-score": "", "aria-pressed": String(given[criterion] === null) },
      element("kbd", {}, "0"), ` ${words.cannot_tell}`),
  ];
  const rows = rating.criteria.map(({ id: criterion, name, dimension }) => {
    const exact = element("input", { type: "number", min: "0", max: "100", step: "1", placeholder: "0–100", "aria-label": `${name}: ${words.exact}` });
    if (typeof given[criterion] === "number") exact.value = given[criterion];
    return element("li", { "data-criterion": criterion, tabindex: "-1" }, element("p", {}, element("b", {}, name), " ",
      element("span", { class: "soft" }, dimension)), element("div", { class: "choices", role: "group", "aria-label": name },
      ...buttons(criterion), exact));
  });
  const left = element("p", { class: "progress", role: "status" });

  function give(row, score, exact) {
    given[row.dataset.criterion] = score;
    kept.set(draft, given);
    if (!exact) row.querySelector("input").value = score ?? "";
    for (const button of row.querySelectorAll("[data-score]")) {
      const own = button.dataset.score === "" ? null : Number(button.dataset.score);
      button.setAttribute("aria-pressed", String(own === score));
    }
    tell();
  }

  function tell() {
    const open = rows.filter((row) => given[row.dataset.criterion] === undefined).length;
    left.textContent = open ? fill(words.rating_progress, { done: rows.length - open, count: rows.length }) : words.rating_done;
  }

  function move(to) {
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows.forEach((row, nth) => row.toggleAttribute("aria-current", nth === at));
    rows[at]?.focus();
    rows[at]?.scrollIntoView({ block: "nearest" });
  }

  async function send() {
    if (rows.some((row) => given[row.dataset.criterion] === undefined)) return void say(words.rating_need);
    const scores = Object.fromEntries(rows.map(({ dataset }) => [dataset.criterion, given[dataset.criterion]]));
    if (Object.values(scores).every((score) => score === null)) return void say(words.rating_none);
    if (await act({ do: "rate", scores })) {
      kept.set(draft, null);
      location.reload();
    }
  }

  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-score]");
    if (!button) return;
    const row = button.closest("[data-criterion]");
    give(row, button.dataset.score === "" ? null : Number(button.dataset.score));
    move(rows.indexOf(row) + 1);
  });
  box.addEventListener("change", (event) => {
    const row = event.target.closest("[data-criterion]");
    const number = Number(event.target.value);
    if (row && event.target.value !== "" && number >= 0 && number <= 100) give(row, number, true);
  });
  box.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-criterion]");
    if (!row || event.target.matches("input") || !/^[0-9]$/.test(event.key)) return;
    const buttons_ = row.querySelectorAll("[data-score]");
    const button = event.key === "0" ? buttons_[buttons_.length - 1] : buttons_[Number(event.key) - 1];
    if (!button || Number(event.key) >= buttons_.length) return;
    button.click();
    event.preventDefault();
  });
  box.append(
    element("p", {}, words.rating_why),
    left,
    element("ol", { class: "items rating" }, ...rows),
    element("button", { type: "button", class: "main", onclick: send }, words.rating_send),
  );
  tell();
  return { move, next: () => move(at + 1), previous: () => move(at - 1), first: () => move(rows.findIndex((row) => given[row.dataset.criterion] === undefined)), send };
}
