// The player of a report: moments play with the line of their finding drawn on the picture; the lanes are the seek bar.
// It finds everything in the page: its data in #player-data, what can be played by data-clip, whose it is by data-of.
// A page with keys of its own says so (<body data-keys="own">) and calls what is exported at the end.

import { bytes, drawJoints, jointsOf } from "./skeleton.mjs";

const data = JSON.parse(document.getElementById("player-data").textContent);
const box = document.getElementById("player");
const find = (selector) => box.querySelector(selector);
const [screen, place, video, canvas] = [".screen", ".place", "video", "canvas"].map(find);
const [controls, seek, head] = [".controls", ".seek", ".head"].map(find);
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const FRAME_S = 1 / 25;

const still = video.insertAdjacentElement("afterend", document.createElement("img")); // where nothing can be played
[still.className, still.hidden] = ["still", true];

let chosen = ""; // the criterion whose line is drawn
let until = Infinity; // where the clip that plays ends, in seconds
let drawn = true;
let alive = true; // whether there is a recording to play

// The file's own clock, by which the video goes, where it leaps: from which second on how many seconds later.
// Of two cameras one is shown, with joints and lines of its own; every moment is told by the clock of the first.
let view = data;
const pieces = data.clock || [[0, 0]];
const shifted = (second) => second + pieces.findLast(([from]) => from <= Math.max(0, second))[1];
const inFile = (second) => (view === data ? shifted(second) : Math.max(0, (second - view.offset) / view.rate));

function now() {
  const at = video.currentTime;
  if (view !== data) return view.offset + at * view.rate;
  const piece = pieces.findLast(([from, shift]) => from + shift <= at) || pieces[0];
  const next = pieces[pieces.indexOf(piece) + 1];
  return next ? Math.min(at - piece[1], next[0]) : at - piece[1]; // the clock leaps over what is not there
}

function leap() {
  if (view !== data) return;
  const next = pieces.find(([from, shift]) => from + shift > video.currentTime);
  if (next && now() >= next[0] - FRAME_S) video.currentTime = next[0] + next[1];
}

const clock = (seconds) => {
  const whole = Math.floor(seconds + 0.5);
  const pad = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${hours ? pad(Math.floor(whole / 60) % 60) : Math.floor(whole / 60)}:${pad(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
};

// --- where the joints were

for (const each of [data, data.side]) if (each) each.jointsAt = jointsOf(each);

/** What was measured: joints and the lines through them, captions. A page may bring it later than the rest. */
function measured(more) {
  Object.assign(data, more);
  for (const each of [data, data.side]) if (each) each.jointsAt = jointsOf(each);
  if (data.captions) readCaptions();
  if (data.side) find('[data-do="side"]').hidden = false;
  draw();
}

function draw() {
  const joints = drawn && alive && view.size ? view.jointsAt(now()) : null;
  canvas.dataset.joints = joints ? joints.filter(Boolean).length : 0;
  drawJoints(canvas, view, joints, chosen);
  if (joints) canvas.dataset.line = view.lines[chosen] ? chosen : "";
}

// --- time

/** @returns {number} the moment that is shown, in seconds of the recording */
const position = () => (alive ? now() : Number(seek.getAttribute("aria-valuenow")));

function show() {
  const second = position();
  head.style.left = `${(100 * Math.min(second, data.duration)) / Math.max(data.duration, 0.001)}%`;
  seek.setAttribute("aria-valuenow", second.toFixed(1));
  seek.setAttribute("aria-valuetext", clock(second));
  find(".now").textContent = clock(second);
  draw();
}

function tick() {
  if (now() >= until) {
    video.pause();
    until = Infinity;
  }
  leap();
  show();
  if (!video.paused) requestAnimationFrame(tick);
}

function go(second) {
  const to = Math.min(Math.max(0, second), Math.max(0, data.duration - 0.05));
  if (alive) video.currentTime = inFile(to);
  else seek.setAttribute("aria-valuenow", to.toFixed(1));
  show();
}

function stillOf(criterion) {
  const found = criterion && document.querySelector(`img[data-criterion="${CSS.escape(criterion)}"]`);
  if (alive || !found) return;
  [still.src, still.alt, still.hidden] = [found.src, found.alt, false];
}

/** Show the other camera at the moment that is shown. */
function look(to) {
  if (to === view || !data.side || !alive) return;
  const [second, playing] = [now(), !video.paused];
  turn(to, second);
  if (playing) video.play().catch(() => {});
}

function turn(to, second) {
  view = to;
  video.src = view.media;
  find('[data-do="side"]').setAttribute("aria-pressed", String(view !== data));
  box.dataset.view = view === data ? "front" : "side";
  video.playbackRate = Number(find("select").value);
  readCaptions();
  shape();
  go(second);
}

const viewOf = (criterion) => (data.side?.lines?.[criterion] ? data.side : data.lines?.[criterion] ? data : view);

function play(from, to, criterion) {
  look(viewOf(criterion));
  chosen = criterion || "";
  until = to > from ? Math.max(to, from + 0.6) : Infinity;
  go(from);
  stillOf(criterion);
  shrink();
  if (alive) video.play().catch(() => {});
}

function toggle() {
  if (!alive) return;
  until = Infinity;
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

function step(seconds) {
  until = Infinity;
  if (alive) video.pause();
  go(position() + seconds);
}

function speed(change) {
  const at = SPEEDS.indexOf(video.playbackRate);
  const next = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? 2 : at) + change))];
  video.playbackRate = next;
  find("select").value = String(next);
}

// --- buttons

const captions = video.addTextTrack("captions");

function readCaptions() {
  if (!data.captions) return;
  const mode = captions.cues?.length ? captions.mode : "showing";
  while (captions.cues?.length) captions.removeCue(captions.cues[0]);
  captions.mode = "disabled"; // or the one that is shown would stay in the other picture
  const text = new TextDecoder().decode(bytes(data.captions));
  for (const block of text.split("\n\n").slice(1)) {
    const [times_, ...lines] = block.trim().split("\n");
    const [from, to] = (times_ || "").split(" --> ").map((part) => {
      const [h, m, s] = part.split(":").map(Number);
      return 3600 * h + 60 * m + s;
    });
    if (to > from) captions.addCue(new VTTCue(inFile(from), inFile(from) + to - from, lines.join("\n")));
  }
  captions.mode = mode;
}

const pressed = (button) => {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on));
  return on;
};

const actions = {
  play: toggle,
  captions: (button) => (captions.mode = pressed(button) ? "showing" : "hidden"),
  lines: (button) => {
    drawn = pressed(button);
    draw();
  },
  side: () => look(view === data ? data.side : data),
  full: () => (document.fullscreenElement ? document.exitFullscreen() : screen.requestFullscreen?.()),
  print: () => window.print(),
};

const press = (name) => {
  const button = document.querySelector(`[data-do="${name}"]`);
  if (button) actions[name](button);
};

const keys = {
  " ": toggle,
  k: toggle,
  j: () => speed(-1),
  l: () => (video.paused ? toggle() : speed(1)),
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  ",": () => step(-FRAME_S),
  ".": () => step(FRAME_S),
  c: () => press("captions"),
  f: () => press("full"),
};

document.addEventListener("keydown", (event) => {
  const means = (selector) => event.target.closest?.(selector); // the key has a meaning of its own there
  if (event.ctrlKey || event.metaKey || event.altKey || means("input, select, textarea")) return;
  if ((event.key === " " && means("button, summary")) || (event.key.startsWith("Arrow") && means(".scroll"))) return;
  if (event.target === seek && (event.key === "Home" || event.key === "End")) {
    go(event.key === "Home" ? 0 : data.duration);
    event.preventDefault();
    return;
  }
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || document.body.dataset.keys === "own") return;
  act();
  event.preventDefault();
});

function open(target) {
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) return void actions[button.dataset.do](button);
  const clip = event.target.closest("[data-clip]");
  if (clip) {
    const [from, to] = clip.dataset.clip.split(" ").map(Number);
    play(from, to, clip.dataset.of);
    return void event.preventDefault();
  }
  const axis = event.target.closest("[data-from]");
  if (axis) {
    const { left, width } = axis.getBoundingClientRect();
    const [from, to] = [Number(axis.dataset.from), Number(axis.dataset.to)];
    return void play(from + ((event.clientX - left) / width) * (to - from), 0, "");
  }
  const away = event.target.closest('a[target="_top"]');
  if (away && window !== window.top) {
    // The page around this frame does not let it lead away: a link of that page does.
    const link = window.top.document.createElement("a");
    link.href = away.href;
    window.top.document.body.append(link);
    link.click();
    return void event.preventDefault();
  }
  const link = event.target.closest('a[href^="#"]');
  if (link) open(document.getElementById(link.getAttribute("href").slice(1)));
});

find("select").addEventListener("change", (event) => (video.playbackRate = Number(event.target.value)));
for (const name of ["play", "pause", "seeked", "loadeddata"]) {
  video.addEventListener(name, () => {
    const button = find('[data-do="play"]');
    button.dataset.label ??= button.textContent;
    button.textContent = video.paused ? button.dataset.label : button.dataset.other;
    if (name === "play") requestAnimationFrame(tick);
    else show();
  });
}

// --- the picture stays in view while its report is read

let gone = false; // whether its place has been scrolled away upwards

function shrink() {
  screen.classList.toggle("mini", gone && (alive ? video.currentTime > 0 || !video.paused : !still.hidden));
  draw();
}

new IntersectionObserver(([{ isIntersecting, boundingClientRect }]) => {
  gone = !isIntersecting && boundingClientRect.bottom < 0;
  shrink();
}).observe(place);
new ResizeObserver(draw).observe(canvas);

// --- with a recording, or without one

function lose() {
  const second = now();
  turn(data, second); // the file from the side is not there
  data.side = null;
  find('[data-do="side"]').hidden = true;
}

function without() {
  alive = false;
  video.hidden = true;
  controls.hidden = true;
  head.hidden = false;
  find(".nothing").hidden = false;
  const told = [...document.querySelectorAll(".first [data-of]")].map((each) => each.dataset.of);
  const drawnOf = [...document.querySelectorAll("img[data-criterion]")].map((each) => each.dataset.criterion);
  stillOf(told.find((each) => drawnOf.includes(each)) || drawnOf[0]);
  draw();
}

function shape() {
  if (view.size) place.style.aspectRatio = `${Math.max(view.size[0], view.size[1])} / ${view.size[1]}`;
}

shape();
video.controls = false;
controls.hidden = false;
head.hidden = false;
for (const button of document.querySelectorAll('[data-do="print"]')) button.hidden = false;
measured({});
video.addEventListener("error", () => (view === data ? without() : lose()));
if (!data.clock || video.error || video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) without();
screen.addEventListener("click", (event) => {
  if (event.target === video || event.target === canvas) toggle();
});
show();

// --- paper shows everything

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const each of folded) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of folded) each.open = false;
});
const unfold = () => open(document.getElementById(decodeURIComponent(location.hash.slice(1))));
addEventListener("hashchange", unfold);
unfold();

// --- a question is answered with one tap

for (const form of document.querySelectorAll("form.question")) {
  form.addEventListener("click", async (event) => {
    const said = event.target.closest("button")?.value;
    if (!said) return;
    const { criterion, start, end } = form.dataset;
    const buttons = form.querySelectorAll("button");
    buttons.forEach((each) => (each.disabled = true));
    const body = JSON.stringify({ criterion, start_s: Number(start), end_s: Number(end), said });
    const headers = { "content-type": "application/json" };
    const answer = await fetch("answer", { method: "POST", headers, body }).catch(() => null);
    if (answer?.ok) return void location.reload();
    buttons.forEach((each) => (each.disabled = false));
    const told = form.querySelector("[role=alert]");
    [told.textContent, told.hidden] = [form.dataset.failed, false];
  });
}

export { FRAME_S, data, go, measured, play, position, press, speed, step, toggle, video };
