// The player of a case: a film, or joints that move on a clock of their own; captions stand below either.

import { drawJoints, jointsOf } from "./skeleton.mjs";

const part = (id) => document.getElementById(id);
const told = JSON.parse(part("clip-data").textContent);
const { words, duration, from, clock: pieces, captions } = told;
const [seek, button, nothing] = [part("seek"), part("play"), part("nothing")];

const clock = (seconds) => {
  const whole = Math.floor(seconds + 0.5);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

function gone() {
  nothing.textContent = words.gone;
  nothing.hidden = false;
  button.disabled = seek.disabled = true;
}

/** Joints that move: what plays is the clock. */
async function skeleton() {
  const canvas = document.querySelector("canvas");
  const answer = await fetch(told.media).catch(() => null);
  if (!answer?.ok) return null;
  const data = await answer.json();
  const at = jointsOf(data);
  let [second, playing, rate, last] = [0, false, 1, 0];
  const drawn = () => {
    const joints = at(second);
    canvas.dataset.joints = joints ? joints.filter(Boolean).length : 0;
    drawJoints(canvas, data, joints, data.chosen);
  };
  new ResizeObserver(drawn).observe(canvas);
  return {
    get second() {
      return second;
    },
    get playing() {
      return playing;
    },
    go(to) {
      second = to;
      drawn();
    },
    play() {
      [playing, last] = [true, performance.now()];
    },
    pause() {
      playing = false;
    },
    speed: (value) => (rate = value),
    tick() {
      const now = performance.now();
      if (playing) second += (rate * (now - last)) / 1000;
      last = now;
      drawn();
    },
  };
}

/** A film: the file holds the stretch alone, or is the recording, in which it begins at `from`. A player goes by the
 * file's own clock, which may leap: from a second of the recording on it is so many seconds ahead. */
async function film() {
  const video = document.querySelector("video");
  if (video.readyState < 1) {
    await new Promise((done) => ["loadedmetadata", "error"].forEach((name) => video.addEventListener(name, done)));
  }
  if (video.error) return null;
  const inFile = (second) => second + (pieces.findLast(([at]) => at <= second) ?? pieces[0])[1];
  video.currentTime = inFile(from);
  return {
    get second() {
      const at = video.currentTime;
      const piece = pieces.findLast(([begins, ahead]) => begins + ahead <= at) ?? pieces[0];
      const next = pieces[pieces.indexOf(piece) + 1]; // between two pieces the file holds nothing
      return Math.max(0, (next ? Math.min(at - piece[1], next[0]) : at - piece[1]) - from);
    },
    get playing() {
      return !video.paused;
    },
    go: (to) => (video.currentTime = inFile(from + to)),
    play: () => video.play().catch(gone),
    pause: () => video.pause(),
    speed: (value) => (video.playbackRate = value),
    tick() {},
  };
}

const clip = await (told.form === "skeleton" ? skeleton() : film());

function show() {
  const second = Math.min(clip.second, duration);
  seek.value = second;
  seek.setAttribute("aria-valuetext", clock(second));
  part("now").textContent = `${clock(second)} / ${clock(duration)}`;
  part("caption").textContent = captions.find((each) => each.start_s <= second && second < each.end_s)?.text ?? "";
  button.textContent = clip.playing ? words.pause : words.play;
}

function run() {
  clip.tick();
  if (clip.second >= duration) {
    clip.pause();
    clip.go(duration);
  }
  show();
  if (clip.playing) requestAnimationFrame(run);
}

function toggle() {
  if (clip.playing) clip.pause();
  else {
    if (clip.second >= duration - 0.05) clip.go(0);
    clip.play();
    requestAnimationFrame(run);
  }
  show();
}

function step(seconds) {
  clip.go(Math.min(duration, Math.max(0, clip.second + seconds)));
  show();
}

if (clip) {
  document.querySelector("video")?.addEventListener("seeked", show);
  button.addEventListener("click", toggle);
  seek.addEventListener("input", () => {
    clip.go(Number(seek.value));
    show();
  });
  part("speed").addEventListener("change", (event) => clip.speed(Number(event.target.value)));
  document.querySelector(".stage").addEventListener("click", toggle);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button, select, input")) return;
    const does = { " ": toggle, k: toggle, ArrowLeft: () => step(-1), ArrowRight: () => step(1) }[event.key];
    if (!does) return;
    does();
    event.preventDefault();
  });
  clip.go(0);
  show();
  document.body.dataset.ready = "";
} else gone();
