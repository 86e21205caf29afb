/** What a drill shows: built once, then only filled. All words come from the server. */

import { NUMBERS } from "./socket.mjs";

/** @typedef {Record<string, string>} Words */
/** @typedef {{mark: string, shape: string, value: number | null, error: number | null, good: (number | null)[], text: string}} Dot */
/** @typedef {{step_s: number, seconds: number, begins_s: number, pitch: (number | null)[], pauses: [number, number][]}} Melody */
/** @typedef {{start_s: number, end_s: number, paths: number[][][], against: string | null, seen: boolean}} Moment */

const SVG = "http://www.w3.org/2000/svg";
const LINE = "#62c3bf";
const AGAINST = "#ffffff";
/** Where to sit or stand, in a picture of 640 x 480. */
const OUTLINES = {
  near: "M250 150a70 84 0 1 0 140 0a70 84 0 1 0 -140 0M290 228v30c-70 14 -130 30 -150 110v112M350 228v30c70 14 130 30 150 110v112",
  far: "M290 66a30 36 0 1 0 60 0a30 36 0 1 0 -60 0M306 100v14c-36 6 -56 16 -60 60l-14 100M334 100v14c36 6 56 16 60 60l14 100M282 280l-14 180M358 280l14 180M320 300l-14 160M320 300l14 160",
};

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 */
function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** The ring that counts a take down. */
function ring() {
  const gone = drawn("circle", { class: "gone", cx: 36, cy: 36, r: 30, pathLength: 1, "stroke-dasharray": "0 1" });
  const left = drawn("text", { x: 36, y: 37 });
  const root = drawn("svg", { class: "ring", viewBox: "0 0 72 72", role: "timer" }, drawn("circle", { cx: 36, cy: 36, r: 30 }), gone, left);
  return {
    root,
    /**
     * @param {number} passedS
     * @param {number} wholeS
     */
    show(passedS, wholeS) {
      gone.setAttribute("stroke-dasharray", `${Math.min(1, passedS / wholeS)} 1`);
      left.textContent = String(Math.max(0, Math.ceil(wholeS - passedS)));
    },
  };
}

/**
 * Tries as dots over the criterion's own axis, each with its error; the good band shaded.
 * @param {SVGElement} svg
 * @param {Dot[]} tries oldest first
 */
export function drawTries(svg, tries) {
  const known = tries.filter(({ value }) => value !== null);
  const reach = known.flatMap(({ value, error, good }) => [
    Number(value) - (error ?? 0), Number(value) + (error ?? 0), ...good.filter((edge) => edge !== null).map(Number),
  ]);
  const low = Math.min(...reach);
  const span = Math.max(...reach) - low || 1;
  const y = (/** @type {number} */ value) => 82 - (68 * (value - low)) / span;
  const parts = [];
  const band = known[0]?.good;
  if (band) {
    const top = band[1] === null ? 4 : y(band[1]);
    const foot = band[0] === null ? 92 : y(band[0]);
    parts.push(drawn("rect", { class: "band", x: 0, y: top, width: 300, height: Math.max(2, foot - top) }));
    for (const edge of band) if (edge !== null) parts.push(drawn("text", { class: "edge", x: 298, y: y(edge) }, String(edge).replace("-", "−")));
  }
  tries.forEach(({ mark, shape, value, error, text }, n) => {
    const x = 30 + 60 * n;
    const at = value === null ? 48 : y(value);
    if (value !== null && error) parts.push(drawn("line", { x1: x, x2: x, y1: y(value - error), y2: y(value + error) }));
    parts.push(drawn("text", { class: mark, x, y: at }, shape, drawn("title", {}, text)));
  });
  svg.replaceChildren(...parts);
  svg.setAttribute("aria-label", tries.map(({ text }) => text).join(" · "));
}

/**
 * Own pitch and pauses; behind them those of the example, moved so that both begin at the same place.
 * @param {HTMLCanvasElement} canvas
 * @param {Melody} melody
 * @param {Melody | null} example
 */
export function drawMelody(canvas, melody, example = null) {
  const style = getComputedStyle(canvas);
  const { width, height } = Object.assign(canvas, { width: 2 * canvas.clientWidth || 600, height: 240 });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.clearRect(0, 0, width, height);
  const x = (/** @type {number} */ seconds) => (seconds / Math.max(1, melody.seconds)) * width;
  pen.fillStyle = style.getPropertyValue("--rule") || "#dbe4e3";
  for (const [start, end] of melody.pauses) pen.fillRect(x(start), 0, Math.max(2, x(end) - x(start)), height);
  const curve = (/** @type {Melody} */ { pitch, step_s }, shiftS = 0, thick = 6) =>
    pitch.forEach((semitones, n) => {
      if (semitones === null) return;
      const y = height / 2 - (Math.max(-10, Math.min(10, semitones)) / 10) * (height / 2 - 12);
      pen.fillRect(x(n * step_s + shiftS), y - thick / 2, Math.max(3, x(step_s)), thick);
    });
  if (example) {
    const shiftS = melody.begins_s - example.begins_s;
    pen.fillStyle = style.getPropertyValue("--none") || "#5c6968"; // no mark: nothing is judged by it
    for (const [start, end] of example.pauses) pen.fillRect(x(start + shiftS), height - 8, Math.max(2, x(end - start)), 8);
    curve(example, shiftS, 3);
  }
  pen.fillStyle = style.getPropertyValue("--brand") || "#0f6e6e";
  curve(melody);
}

/**
 * The worst moment, mirrored as one saw oneself, with the line that was measured and the one it is held against.
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} picture
 * @param {Float32Array} points 33 x 7 numbers
 * @param {Moment} moment
 */
export function drawMoment(canvas, picture, points, moment) {
  const { width, height } = Object.assign(canvas, { width: picture.width, height: picture.height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.translate(width, 0);
  pen.scale(-1, 1);
  pen.drawImage(picture, 0, 0);
  pen.lineWidth = width / 100;
  pen.lineCap = "round";
  const at = (/** @type {number[]} */ vertex) => {
    const sum = [0, 0];
    for (const joint of vertex) {
      sum[0] += points[joint * NUMBERS] * width;
      sum[1] += points[joint * NUMBERS + 1] * height;
    }
    return sum.map((each) => each / vertex.length);
  };
  for (const path of moment.paths) {
    const line = path.map(at);
    if (line.some((point) => point.some(Number.isNaN))) continue;
    if (moment.against) {
      const middle = [0, 1].map((k) => line.reduce((sum, point) => sum + point[k], 0) / line.length);
      const half = Math.hypot(line[0][0] - line[line.length - 1][0], line[0][1] - line[line.length - 1][1]) * 0.75;
      const [dx, dy] = moment.against === "level" ? [half, 0] : [0, half];
      pen.setLineDash([width / 60, width / 80]);
      pen.strokeStyle = AGAINST;
      pen.beginPath();
      pen.moveTo(middle[0] - dx, middle[1] - dy);
      pen.lineTo(middle[0] + dx, middle[1] + dy);
      pen.stroke();
      pen.setLineDash([]);
    }
    pen.strokeStyle = LINE;
    pen.beginPath();
    line.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }
}

/**
 * @param {Words} words
 * @param {string} lang
 * @param {any} drill what, why, say, seconds, camera, distance, figure, demonstration
 * @param {string} base address of the drill, ending in a slash
 */
export function buildView(words, lang, drill, base) {
  const voiceOnly = drill.camera === "none";
  const video = element("video", { playsinline: "", "aria-label": words.picture });
  video.muted = true;
  const canvas = element("canvas", { "aria-hidden": "true" });
  const outline = drawn("svg", { class: "outline", viewBox: "0 0 640 480", "aria-hidden": "true" },
    drawn("path", { d: OUTLINES[drill.distance === "far" ? "far" : "near"] }));
  const count = element("p", { class: "count", role: "timer" });
  const farResult = element("p", { class: "far-result", hidden: "" });
  const told = element("p", { class: "told", role: "status", "aria-live": "polite" });
  const clock = ring();
  const stage = element("div", { class: "stage" }, video, canvas, outline,
    element("div", { class: "over" }, count, farResult), told, clock.root);
  if (voiceOnly) for (const part of [video, canvas, outline]) part.remove();
  const say = element("p", { class: "say", lang: lang === "zh" ? "zh-CN" : "en" }, drill.say);
  say.hidden = !drill.say;
  const line = element("p", { class: "print", role: "status" });

  const demo = element("div", { class: "demo" });
  const shown = drill.demonstration ? element(drill.demonstration === "video" ? "video" : "audio",
    { src: `${base}demonstration`, playsinline: "", preload: "metadata", "aria-label": words.demonstration }) : null;
  if (shown) {
    shown.loop = drill.demonstration === "video";
    shown.muted = drill.demonstration === "video";
  }
  const shape = element("span");
  shape.innerHTML = drill.figure; // drawn by the server from numbers
  demo.append(...(drill.demonstration === "video" && shown ? [shown] : shape.childNodes),
    element("div", {}, element("p", { class: "what" }, drill.what), element("p", { class: "why" }, drill.why)));

  const button = (/** @type {string} */ name, kind = "") => element("button", { type: "button", class: kind }, words[name]);
  const begin = button("begin", "primary");
  const stop = button("stop");
  const hearDemo = button("hear_demo");
  hearDemo.hidden = !shown;
  const buttons = element("div", { class: "buttons" }, begin, stop, hearDemo);

  const sentence = element("p", { class: "sentence", role: "status", "aria-live": "assertive" });
  const change = element("p", { class: "change" });
  const advice = element("p", { class: "advice" });
  const details = element("ul", { class: "details" });
  const still = element("canvas", { role: "img", "aria-label": words.worst });
  const worst = element("figure", { class: "worst" }, still, element("figcaption", {}, words.worst));
  const melody = element("canvas", { class: "melody", role: "img", "aria-label": words.melody });
  const melodyTold = element("p", { class: "print", "aria-hidden": "true" }, words.melody); // the canvas says it, too
  const legend = element("p", { class: "print legend" }, element("span", { class: "of-example" }, words.example),
    element("span", { class: "of-own" }, words.this_time));
  const own = element("audio");
  const hearWorst = button("hear_worst");
  const hearOwn = button("hear_own");
  const keep = button("keep");
  const kept = element("p", { class: "print", role: "status" });
  const quick = element("p", { class: "quick" }, words.quick);
  const note = element("p", { class: "quick" });
  const result = element("section", { class: "result", "aria-label": words.result }, sentence, change, advice, worst, melody, melodyTold, legend,
    details, quick, note, element("div", { class: "buttons" }, hearWorst, hearOwn, keep), kept, own);
  result.hidden = true;

  const dots = drawn("svg", { viewBox: "0 0 300 96", role: "img", preserveAspectRatio: "xMinYMid" });
  const tries = element("section", { class: "tries", "aria-label": words.tries }, element("p", { class: "print" }, words.tries), dots);
  const side = element("div", { class: "side" }, demo, buttons, result, tries);
  const left = element("div", { class: "left" }, stage, line);
  if (voiceOnly) left.append(say);
  else demo.after(say); // beside the picture: below it, it would not fit on a low screen
  if (voiceOnly) left.prepend(melody, melodyTold, legend); // where the picture would be
  melody.hidden = true;
  const root = element("div", { class: `drill${voiceOnly ? " voice-only" : ""}`, lang: lang === "zh" ? "zh-CN" : "en" }, left, side);
  return {
    root, stage, video, canvas, outline, count, farResult, told, clock, say, line, shown, begin, stop, hearDemo, sentence,
    change, advice, details, still, worst, melody, own, hearWorst, hearOwn, keep, kept, result, dots, tries,
    /** @param {any} news a result */
    fill(news) {
      result.dataset.mark = news.mark;
      const mark = element("span", { class: "shape", "aria-hidden": "true" }, news.passed ? "●" : news.mark === "fault" ? "■" : news.mark === "attention" ? "▲" : "○");
      sentence.replaceChildren(mark, news.sentence);
      change.textContent = news.change;
      advice.textContent = news.advice;
      note.textContent = news.note;
      legend.hidden = !news.example;
      melodyTold.textContent = words[news.example ? "melodies" : "melody"];
      melody.setAttribute("aria-label", melodyTold.textContent);
      details.replaceChildren(...news.details.map((/** @type {any} */ each) => element("li", { "data-mark": each.mark },
        element("span", { class: "shape", "aria-hidden": "true" }, each.shape), element("span", { class: "unseen" }, each.word), ` ${each.text}`)));
      kept.textContent = "";
      keep.disabled = false;
    },
  };
}
