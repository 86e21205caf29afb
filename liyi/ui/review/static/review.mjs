// The review page: what each action of the table does, keys, what is kept, and what is sent.
// Every act is a request of its own; the server answers with all that is to be shown, so that nothing is guessed here.

import { FRAME_S, go, measured, play, position, press, speed, step, toggle, video } from "./player.mjs";
import { clock, element, fill, kept, openHelp } from "./dom.mjs";
import { drawComments, drawFindings } from "./findings.mjs";
import { createForms } from "./forms.mjs";
import { createRating } from "./rating.mjs";

const data = JSON.parse(document.getElementById("review-data").textContent);
const { id, lang, words, actions } = data;
const part = (name) => document.getElementById(name);
const [findingsBox, commentsBox, form, told, help, summary] = ["findings", "comments", "form", "told", "help", "summary"].map(part);
const PLACE = `review-${id}-${data.reader}`; // what this tab keeps for who reads: acts to take back, the current finding, drafts

let state = data.state;
let current = kept.get(`${PLACE}-current`);
let start = null; // where a finding that is added by hand begins
let undo = kept.get(`${PLACE}-undo`) ?? [];

// --- what is said, and what is kept

function say(text, wrong = false) {
  told.textContent = text;
  told.classList.toggle("wrong", wrong);
}

let chain = Promise.resolve(true);
let waiting = 0;

/** Have an act kept, after those before it; whether it was. */
function act(body) {
  waiting += 1;
  say(words.saving);
  chain = chain.then(() => post(body)).finally(() => {
    waiting -= 1;
  });
  return chain;
}

async function post(body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`act?lang=${lang}`, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  const said = answer ? await answer.json().catch(() => null) : null;
  if (!answer?.ok || !said) {
    say(said?.sentence ?? (answer ? words.gone : words.offline), true);
    return false;
  }
  if (said.made) {
    undo = [...undo.slice(-49), said.made];
    kept.set(`${PLACE}-undo`, undo);
  }
  if (said.state) show(said.state);
  if (said.state && waiting === 1) judge(); // else after the last of them
  if (body.do === "send") leave(said.next);
  say(words.saved);
  return true;
}

/** To the next recording that waits, in this frame; to the queue where there is none. */
function leave(next) {
  kept.set(`${PLACE}-undo`, null);
  kept.set(`${PLACE}-current`, null);
  if (next) {
    const outer = new URL(window.top.location.href);
    outer.searchParams.set("recording", next);
    window.top.history.replaceState(window.top.history.state, "", outer);
    location.replace(`../${next}/page${location.search}`);
  } else part("queue").click();
}

// --- findings

const looked = () => state.findings.filter((item) => !item.rest);
const item = () => state?.findings.find(({ key }) => key === current) ?? null;
const pending = new Set(); // keys of what was decided and is on its way
const isOpen = (each) => !each.decision && !each.added && !pending.has(each.key);

function actionButton(name) {
  const action = actions.find((each) => each.id === name);
  return element("button", { type: "button", "data-act": name, title: tip(action) },
    words[`do_${name}`] ?? action.title, " ", element("kbd", { "aria-hidden": "true" }, action.shown[0]));
}

const tip = ({ title, shown, does }) => `${title} (${shown.join(", ")})${does ? `. ${does}` : ""}`;

function show(next = state) {
  state = next;
  if (state.rating) return;
  drawFindings(findingsBox, state, current, words, actionButton);
  drawComments(commentsBox, state, words, actionButton);
  part("tab-findings").textContent = fill(words.tab_findings, { count: looked().filter(isOpen).length });
  part("tab-comments").textContent = fill(words.tab_comments, { count: state.comments.length });
}

// The total after review is asked for apart from the acts, of which none waits for it; the newest answer is shown.
let asked = 0;
let after = "…";

async function judge() {
  if (state.rating) return;
  const mine = ++asked;
  after = part("after").textContent = "…";
  const answer = await fetch(`after?lang=${lang}`).catch(() => null);
  const told_ = answer?.ok ? await answer.json().catch(() => null) : null;
  if (mine !== asked) return;
  after = told_?.total ?? "–";
  part("after").textContent = after;
  part("after-note").textContent = told_?.note ?? "";
  const shown = summary.querySelector("[data-after]");
  if (shown) shown.textContent = after;
}

function pick(key, { playing = true } = {}) {
  current = key;
  kept.set(`${PLACE}-current`, key);
  tab("findings");
  show();
  const found = item();
  const row = findingsBox.querySelector(`[data-key="${CSS.escape(key)}"]`);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
  if (playing && found?.clips.length) play(found.clips[0][0], found.clips[0][1], found.criterion);
}

function move(by) {
  const list = looked();
  if (!list.length) return say(words.nothing_found);
  const at = list.findIndex(({ key }) => key === current);
  pick(list[at < 0 ? 0 : Math.max(0, Math.min(list.length - 1, at + by))].key);
}

/** The next finding after this one that nobody has decided, then the first; none: this one stays. */
function toNextOpen(after) {
  const list = looked();
  const at = list.findIndex(({ key }) => key === after);
  const next = [...list.slice(at + 1), ...list.slice(0, at)].find(isOpen);
  if (next) pick(next.key);
}

function onItem(does) {
  const found = item();
  if (!found) return say(words.choose_first);
  if (found.added) return say(words.added_by_hand);
  return does(found);
}

/** Have a decision on a finding kept and go on to the next one at once; where it is refused, back to this one. */
async function keepOn(key, body) {
  const done = act(body);
  pending.add(key);
  toNextOpen(key);
  const was = await done;
  pending.delete(key);
  if (was) show();
  else pick(key, { playing: false });
  return was;
}

function accept(found) {
  const moment = found.moment ? { start_s: found.moment[0], end_s: found.moment[1] } : {};
  keepOn(found.key, { do: "confirm", criterion: found.criterion, decision: "confirmed", ...moment });
}

// --- forms

let decidedOn = null; // the finding that the open form is about

const forms = createForms(form, words, {
  place: PLACE,
  act: (body) => (body.do === "confirm" && body.decision !== "added" ? keepOn(decidedOn, body) : act(body)),
  say: (text) => say(text, true),
  closed: () => (findingsBox.querySelector("[aria-current]") ?? part("inspector")).focus({ preventScroll: true }),
});

function decide(name) {
  return onItem((found) => {
    decidedOn = found.key;
    video.pause();
    forms[name](found);
  });
}

function comment(at) {
  video.pause();
  const found = state.rating ? null : item();
  forms.comment(at, [...(found?.phrases ?? []), ...state.phrases, ...words.phrases].slice(0, 9));
}

function addFinding() {
  const end = position();
  const from = start !== null && start < end ? start : Math.max(0, end - 2);
  start = null;
  part("mark").textContent = "";
  video.pause();
  forms.add(from, end, state.criteria);
}

/** Leave for the form of a case, with the finding and the stretch: from the marked start to here, or its moment. */
function proposeCase() {
  const found = item();
  const [from, to] = start !== null && start < position() ? [start, position()] : (found?.moment ?? [position(), position() + 10]);
  const away = window.top.document.createElement("a");
  const asked = { propose: id, of: found?.criterion ?? "", from: from.toFixed(1), to: Math.max(to, from + 3).toFixed(1) };
  away.href = `/cases?${new URLSearchParams({ ...asked, lang })}`;
  window.top.document.body.append(away);
  away.click();
}

// --- the actions of the table

let rating = null;

const DOES = {
  play: toggle,
  slower: () => speed(-1),
  faster: () => (video.paused ? toggle() : speed(1)),
  back: () => step(-1),
  forward: () => step(1),
  frame_back: () => step(-FRAME_S),
  frame_on: () => step(FRAME_S),
  captions: () => press("captions"),
  lines: () => press("lines"),
  next: () => (rating ? rating.next() : move(1)),
  previous: () => (rating ? rating.previous() : move(-1)),
  moment: () => onItem((found) => found.clips.length && play(found.clips[0][0], found.clips[0][1], found.criterion)),
  accept: () => onItem(accept),
  reject: () => decide("reject"),
  edit: () => decide("change"),
  start: () => {
    start = position();
    part("mark").textContent = fill(words.marked, { time: clock(start) });
  },
  end: addFinding,
  undo: () => {
    const last = undo.pop();
    if (!last) return say(words.nothing_to_undo);
    kept.set(`${PLACE}-undo`, undo);
    return act(last).then((was) => was && say(words.undone));
  },
  comment: () => comment(position()),
  case: proposeCase,
  blind: () => (rating ? rating.first() : say(words.not_blind)),
  beside: () => location.assign(`beside${location.search}`),
  gold: () => (state.gold ? say(state.gold) : part("propose").showModal()),
  send: () => (rating ? rating.send() : openSummary()),
  leave: () => (forms.isOpen ? forms.close() : document.activeElement?.blur()),
  help: () => openHelp(help, actions),
};

const byKey = new Map(actions.flatMap((action) => action.keys.map((key) => [key, action.id])));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  const on = (selector) => event.target.closest?.(selector);
  if (event.key === "Escape") return void DOES.leave();
  if (on("input, textarea, select, #form")) return; // no key works while one types
  if ([" ", "Enter"].includes(event.key) && on("button, summary, a[href]")) return;
  if (on("[role=tab]") && event.key.startsWith("Arrow")) {
    tab(part("tab-findings").ariaSelected === "true" ? "comments" : "findings", true);
    return void event.preventDefault();
  }
  const name = byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!name) return;
  event.preventDefault();
  DOES[name]();
});

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  const button = on("[data-act]");
  if (button) return void DOES[button.dataset.act]();
  const row = on("[data-key]");
  if (on("[data-pick-item]")) return void pick(row.dataset.key);
  if (on("[data-back]")) return void act({ do: "take_back", id: on("[data-back]").dataset.back });
  if (on("[data-remove]")) return void act({ do: "remove_comment", id: on("[data-remove]").dataset.remove });
  if (on("[data-comment]")) return void comment(null);
  const appeal = on("[data-appeal]");
  if (appeal) return void forms.answer(state.findings.find(({ key }) => key === row.dataset.key), appeal.dataset.appeal === "upheld");
  if (on("[data-clip]") && row && row.dataset.key !== current) pick(row.dataset.key, { playing: false });
});

function tab(name, focus = false) {
  for (const each of ["findings", "comments"]) {
    const chosen = each === name;
    const button = part(`tab-${each}`);
    if (!button) return;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
    part(each).hidden = !chosen;
    if (chosen && focus) button.focus();
  }
}
for (const each of ["findings", "comments"]) part(`tab-${each}`)?.addEventListener("click", () => tab(each));

// --- sending

async function openSummary() {
  if (waiting) await chain;
  const { counts } = state;
  const lines = [
    ...["confirmed", "rejected", "changed", "added", "comments"].map((name) => [words[`sum_${name}`], counts[name]]),
    [words.sum_open, looked().filter(isOpen).length],
    [words.machine, data.state.total],
    [words.after, after],
  ];
  summary.querySelector("dl").replaceChildren(...lines.flatMap(([name, value]) => [element("dt", {}, name),
    element("dd", { "data-after": name === words.after }, String(value))]));
  summary.showModal();
}

part("send-now")?.addEventListener("click", async () => {
  if (waiting) await chain;
  if (await act({ do: "send" })) return;
  summary.close();
});
part("propose-now")?.addEventListener("click", async () => {
  part("propose").close();
  if (await act({ do: "propose_gold" })) say(state.gold);
});
for (const button of document.querySelectorAll("[data-close-dialog]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

// --- at the beginning

/** A photo is no film: it stands where the film would. */
function showPhoto() {
  const still = document.querySelector("#player .still");
  [still.src, still.alt, still.hidden] = ["recording", "", false];
  document.querySelector("#player .nothing").hidden = true;
}
if (data.photo) {
  video.addEventListener("error", showPhoto);
  if (video.error) showPhoto();
}

/** What was measured comes by itself, once the page stands: captions, joints and lines, the level of the voice. */
async function readMeasured() {
  const answer = await fetch(`measured?lang=${lang}`).catch(() => null);
  const more = answer ? await answer.json().catch(() => null) : null;
  if (!answer?.ok || !more) return more?.sentence ? say(more.sentence, true) : undefined;
  const { level, ...rest } = more;
  measured(rest);
  const [name, strip] = [document.querySelector(".lane-names .tall"), [...document.querySelectorAll(".seek .whole")].at(-1)];
  if (level) strip.outerHTML = level.strip;
  else for (const each of name ? [name, strip] : []) each.remove(); // nothing was heard
  document.body.dataset.measured = "";
}

for (const action of actions) {
  for (const button of document.querySelectorAll(`[data-do="${CSS.escape(action.id)}"], [data-tip="${CSS.escape(action.id)}"]`)) {
    button.title = tip(action);
  }
}
if (state.rating) {
  rating = createRating(part("rating"), { place: PLACE, rating: state.rating, words }, act, (text) => say(text, true));
  window.focus();
  rating.first();
} else {
  if (!item()) current = looked().find(isOpen)?.key ?? looked()[0]?.key ?? null;
  tab("findings");
  show();
  if (item()?.clips.length) go(item().clips[0][0]);
  window.focus();
  part("inspector").focus({ preventScroll: true });
}
document.body.dataset.ready = "";
readMeasured().then(judge); // what is undecided yet is read in advance, once the page stands
