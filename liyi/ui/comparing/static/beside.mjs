// Two recordings that run together. The left one goes by its own clock; where the right one should be says a map of
// pieces: from a second of the left on, a second of the right and how fast it goes on from there.

import { clock, element, fill, openHelp } from "./dom.mjs";

const data = JSON.parse(document.getElementById("beside-data").textContent);
const { words, actions, alignments, phrases } = data;
const part = (name) => document.getElementById(name);
const [seek, told, help, speeds] = ["seek", "told", "help", "speed"].map(part);
const FRAME_S = 1 / 25;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const LEAP_S = 0.4; // further apart than this the right one is sent to its place; nearer it goes faster or slower

let aside = false; // whether the files from the side play, on clocks of their own
let held = null; // where both go once the files of the other camera are there

const sides = data.sides.map(({ duration, clock: pieces, said, side }, nth) => {
  const box = part(`side-${nth}`);
  const video = box.querySelector("video");
  const shift = (second) => pieces.findLast(([from]) => from <= Math.max(0, second))?.[1] ?? 0;
  video.addEventListener("error", () => {
    const broken = box.querySelector(".broken");
    [broken.textContent, broken.hidden] = [words.broken, false];
  });
  return {
    box, video, duration, said, side,
    /** The last second that the file which plays shows: that from the side may end before the one from the front. */
    reach() {
      return aside && video.duration ? Math.min(duration, side.offset + video.duration * side.rate) : duration;
    },
    now() {
      const at = video.currentTime;
      if (aside) return side.offset + at * side.rate;
      const piece = pieces.findLast(([from, by]) => from + by <= at) ?? pieces[0];
      const next = pieces[pieces.indexOf(piece) + 1];
      return next ? Math.min(at - piece[1], next[0]) : at - piece[1]; // the file's clock leaps over what is not there
    },
    go(second) {
      const to = Math.min(Math.max(0, second), Math.max(0, duration - 0.05));
      video.currentTime = aside ? Math.max(0, (to - side.offset) / side.rate) : to + shift(to);
    },
  };
});
const [left, right] = sides;

let way = data.begin;
let playing = false;
let rate = 1;
let heard = 1;
let beyond = null; // seconds past the end of the left, as long as the right one has more

const say = (text) => (told.textContent = text);

// --- where the two are

function mapped(second) {
  const pieces = alignments[way];
  const [from, at, by] = pieces.findLast(([each]) => each <= second) ?? pieces[0];
  return { at: at + by * (second - from), by };
}

const end = () => Math.max(left.duration, left.duration + right.duration - mapped(left.duration).at);
const position = () => (beyond === null ? left.now() : left.duration + beyond);

/** Send both to a second of the left one's time. */
function go(second) {
  const to = Math.min(Math.max(0, second), end());
  beyond = to > left.duration ? to - left.duration : null;
  left.go(Math.min(to, left.duration));
  right.go(mapped(to).at);
  show(to);
}

function keepRight(second) {
  const { at, by } = mapped(second);
  const inside = at >= 0 && at < right.reach() - 0.05 && by > 0;
  const apart = at - right.now();
  if (!inside || !playing) {
    right.video.pause();
    if (Math.abs(apart) > FRAME_S && at <= right.reach()) right.go(at);
    return;
  }
  if (Math.abs(apart) > LEAP_S) right.go(at);
  right.video.playbackRate = Math.min(4, Math.max(0.25, rate * by * (1 + Math.max(-0.3, Math.min(0.3, apart)))));
  if (right.video.paused) right.video.play().catch(() => {});
}

let last = 0;

function tick(time) {
  if (!playing) return;
  const passed = last ? ((time - last) / 1000) * rate : 0;
  last = time;
  if (beyond === null && left.now() >= left.reach() - 0.06) {
    left.video.pause();
    beyond = left.reach() - left.duration;
  } else if (beyond !== null) beyond += passed;
  const second = position();
  keepRight(second);
  show(second);
  if (second >= end() - 0.05) return stop();
  requestAnimationFrame(tick);
}

function start() {
  if (position() >= end() - 0.1) go(0);
  [playing, last] = [true, 0];
  left.video.playbackRate = rate;
  if (beyond === null) left.video.play().catch(() => {});
  keepRight(position());
  label();
  requestAnimationFrame(tick);
}

function stop() {
  playing = false;
  for (const { video } of sides) video.pause();
  label();
  show(position());
}

// --- what is shown

const button = document.querySelector('[data-act="play"] .label');
const play_ = button.textContent;
const label = () => (button.textContent = playing ? words.pause : play_);

function show(second) {
  seek.max = end().toFixed(1);
  seek.value = second.toFixed(1);
  seek.setAttribute("aria-valuetext", clock(second));
  sides.forEach(({ box, duration, said }, nth) => {
    const at = nth ? mapped(second).at : second;
    const shown = Math.min(Math.max(0, at), duration);
    box.querySelector(".now").textContent = clock(shown);
    const line = said.findLast(([from]) => from <= shown + 0.05);
    box.querySelector(".said").textContent = line && shown <= line[1] + 1 ? line[2] : "";
  });
  const current = phrases.findLastIndex(([from]) => from <= second + 0.05);
  for (const [nth, row] of [...(part("phrases")?.children ?? [])].entries()) {
    row.firstChild.setAttribute("aria-pressed", String(nth === current));
  }
}

function hear(which) {
  heard = which;
  sides.forEach(({ video, box }, nth) => {
    video.muted = nth !== which;
    box.querySelector(".sound").textContent = nth === which ? "♪" : "";
  });
}

function align(to, aloud = true) {
  way = to;
  for (const each of document.getElementsByName("way")) each.checked = each.value === to;
  go(Math.min(position(), left.duration));
  if (aloud) say(fill(words.aligned, { how: data.how[to] }));
}

function phrase(by) {
  const second = position();
  const at = phrases.findLastIndex(([from]) => from <= second + 0.05);
  const back = by < 0 && at >= 0 && second > phrases[at][0] + 1; // first to the start of this one
  const to = at + (back ? 0 : by);
  if (!phrases.length) return say(words.no_phrase);
  if (to < 0) return say(words.first_phrase);
  if (to >= phrases.length) return say(words.last_phrase);
  return toPhrase(to);
}

function toPhrase(nth) {
  if (way !== "phrase") align("phrase");
  go(phrases[nth][0]);
  if (!playing) start();
}

function speed(change) {
  const next = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(rate) + change))];
  setSpeed(next);
}

function setSpeed(to) {
  rate = to;
  left.video.playbackRate = rate;
  speeds.value = String(rate);
}

function step(seconds) {
  if (playing) stop();
  go(position() + seconds);
}

/** Show both from the other camera, at the moment that is shown. */
function turn() {
  if (!sides.every(({ side }) => side)) return say(words.one_camera);
  held ??= position();
  if (playing) stop();
  aside = !aside;
  for (const { box } of sides) box.querySelector(".broken").hidden = true;
  sides.forEach(({ video }, nth) => (video.src = `recording/${nth}${aside ? "?camera=side" : ""}`));
  for (const each of document.querySelectorAll('[data-act="camera"]')) each.setAttribute("aria-pressed", String(aside));
  return say(fill(words.camera, { camera: data.cameras[Number(aside)] }));
}

// --- the actions of the table

const ways = Object.keys(alignments).filter((each) => alignments[each]);

const DOES = {
  play: () => (playing ? stop() : start()),
  slower: () => speed(-1),
  faster: () => (playing ? speed(1) : start()),
  back: () => step(-1),
  forward: () => step(1),
  frame_back: () => step(-FRAME_S),
  frame_on: () => step(FRAME_S),
  next: () => phrase(1),
  previous: () => phrase(-1),
  align: () => align(ways[(ways.indexOf(way) + 1) % ways.length]),
  camera: () => turn(),
  hear: () => {
    hear(1 - heard);
    say(fill(words.heard, { name: data.names[heard] }));
  },
  review: () => part("review").click(),
  help: () => openHelp(help, actions),
};

const byKey = new Map(actions.flatMap((action) => action.keys.map((key) => [key, action.id])));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const on = (selector) => event.target.closest?.(selector);
  if (on("select")) return;
  if (event.key.startsWith("Arrow") && on("input")) return; // the slider and the choice move by themselves
  if ([" ", "Enter"].includes(event.key) && on("button, summary, a[href], input")) return;
  const name = byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!name) return;
  event.preventDefault();
  DOES[name]();
});

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]");
  if (act) DOES[act.dataset.act]();
});

for (const each of document.querySelectorAll("[data-close-dialog]")) each.addEventListener("click", () => help.close());

// --- at the beginning

for (const { id, title, shown } of actions) {
  for (const each of document.querySelectorAll(`[data-act="${id}"]`)) each.title = `${title} (${shown.join(", ")})`;
}
for (const each of document.getElementsByName("way")) {
  each.disabled = !alignments[each.value];
  each.addEventListener("change", () => align(each.value));
}
part("phrases")?.append(...phrases.map(([from, , text], nth) => element("li", {},
  element("button", { type: "button", "aria-pressed": "false", onclick: () => toPhrase(nth) }, element("span", { class: "num soft" }, clock(from)), ` ${text}`))));
seek.addEventListener("input", () => {
  const to = Number(seek.value); // before it follows the players again
  if (playing) stop();
  go(to);
});
speeds.addEventListener("change", () => setSpeed(Number(speeds.value)));
part("choice").addEventListener("change", ({ target }) => location.replace(`../${target.value}/page${location.search}`));
for (const { video } of sides) {
  video.controls = false;
  video.addEventListener("loadedmetadata", () => {
    if (!playing) go(held ?? position());
    if (sides.every((each) => each.video.readyState > 0)) held = null;
  });
}
hear(heard);
align(way, false);
if (!alignments.phrase) say(words.no_phrase);
window.focus();
document.body.dataset.ready = "";
