// The list of findings: what the tool found with what people decided; one of them is the current one.

import { element, fill } from "./dom.mjs";

const mark = ({ shape, style, word }) =>
  element("span", { class: style }, element("span", { "aria-hidden": "true" }, shape), ` ${word}`);

const playLink = ([start, end, text], criterion) =>
  element("a", { class: "play", href: "#player", "data-clip": `${start} ${end}`, "data-of": criterion }, text);

function decided({ decision }, words) {
  if (!decision) return null;
  const text = [decision.text, decision.why, decision.author].filter(Boolean).join(" · ");
  const back = decision.back
    ? element("button", { type: "button", class: "quiet", "data-back": decision.id }, words.take_back)
    : null;
  return element("p", { class: "decision" }, element("b", {}, `${decision.shape} ${decision.word}`), text && ` · ${text}`, back);
}

function appealOf({ appeal }, words) {
  if (!appeal) return null;
  const said = element("p", {}, element("b", {}, words.appeal), ` ${appeal.author} · ${appeal.sentence}`);
  const answer = appeal.answer
    ? element("p", { class: "soft" }, appeal.answer)
    : element(
        "p",
        { class: "acts" },
        element("button", { type: "button", "data-appeal": "upheld" }, words.uphold),
        element("button", { type: "button", "data-appeal": "kept" }, words.keep_finding),
      );
  return element("div", { class: "appeal" }, said, answer);
}

function body(item, words, button) {
  const facts = [item.value, item.band, item.advice, item.reason].filter(Boolean).map((text) => element("p", {}, text));
  const moments = item.clips.length > 1 ? item.clips.map((clip) => playLink(clip, item.criterion)) : [];
  const acts = item.added ? [] : [button("accept"), button("reject"), button("edit")];
  return element(
    "div",
    { class: "body" },
    ...facts,
    moments.length ? element("p", { class: "clips" }, ...moments) : null,
    element("div", { class: "acts" }, ...acts, button("comment")),
  );
}

/**
 * One finding of the list.
 * @param {object} item  as the server tells it (`liyi.ui.review.inspecting`)
 * @param {boolean} current
 * @param {object} words
 * @param {(id: string) => HTMLElement} button  makes the button of an action
 */
function drawItem(item, current, words, button) {
  const name = element("button", { type: "button", class: "pick", "data-pick-item": item.key }, mark(item.mark), ` ${item.name}`);
  const first = item.clips.length ? playLink(item.clips[0], item.criterion) : null;
  const open = item.needs && !item.decision ? element("span", { class: "badge" }, item.veto ? words.veto : words.undecided) : null;
  return element(
    "li",
    { "data-key": item.key, tabindex: "-1", "aria-current": current ? "true" : null, class: item.decision ? "done" : null },
    element("div", { class: "line" }, name, first, open),
    current ? body(item, words, button) : null,
    decided(item, words),
    appealOf(item, words),
  );
}

/** Draws the findings into `box`; the rest of the criteria are folded. */
export function drawFindings(box, { findings }, currentKey, words, button) {
  const held = document.activeElement?.closest("[data-key]")?.dataset.key;
  const unfolded = box.querySelector("details")?.open ?? false;
  const drawn = (some) => some.map((item) => drawItem(item, item.key === currentKey, words, button));
  const first = findings.filter((item) => !item.rest);
  const rest = findings.filter((item) => item.rest);
  const more = element("details", {}, element("summary", {}, fill(words.rest, { count: rest.length })),
    element("ol", { class: "items" }, ...drawn(rest)));
  more.open = unfolded || rest.some((item) => item.key === currentKey);
  box.replaceChildren(
    first.length ? element("ol", { class: "items" }, ...drawn(first)) : element("p", { class: "soft" }, words.nothing_found),
    ...(rest.length ? [more] : []),
  );
  if (held) box.querySelector(`[data-key="${CSS.escape(currentKey === held ? held : currentKey || held)}"]`)?.focus({ preventScroll: true });
}

/** Draws the comments into `box`. */
export function drawComments(box, { comments }, words, button) {
  const each = ({ id, clip, text, author, back }) =>
    element(
      "li",
      {},
      element("p", {}, clip ? playLink(clip, "") : element("span", { class: "soft" }, words.on_all), ` ${text}`),
      element("p", { class: "soft small" }, author, back ? element("button", { type: "button", class: "quiet", "data-remove": id }, words.take_back) : null),
    );
  box.replaceChildren(
    element("div", { class: "acts" }, button("comment"), element("button", { type: "button", "data-comment": "all" }, words.comment_all)),
    comments.length ? element("ol", { class: "items" }, ...comments.map(each)) : element("p", { class: "soft" }, words.no_comments),
  );
}
