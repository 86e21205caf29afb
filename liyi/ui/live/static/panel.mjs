/** What is on the page beside the picture: built once, then only filled. All words come from the server. */

import { countdown, outline } from "./figures.mjs";
import { readingRow } from "./reading.mjs";
import { taskCard } from "./task.mjs";

/** @typedef {"good" | "attention" | "fault" | "none"} Mark */
/** @typedef {{mark: Mark, text: string}} Line */
/** @typedef {Record<string, string>} Words */

const SHAPES = { good: "●", attention: "▲", fault: "■", none: "○" };
const FADE_MS = 300; // a little longer than the style sheet's
const CHECKS = ["light", "distance", "framing", "sound", "angle"];
const READINGS = ["posture", "pace", "level"];
const BY_EAR = { checks: ["sound"], readings: ["pace", "level"] };

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * A list of named lines, each with a mark by shape, colour and word.
 * @param {string[]} ids
 * @param {Words} words
 */
function lines(ids, words) {
  const parts = new Map();
  const list = element("ul", { class: "lines" });
  for (const id of ids) {
    const shape = element("span", { class: "mark", "aria-hidden": "true" });
    const said = element("span", { class: "unseen" });
    const text = element("span", { class: "text" });
    const item = element("li", { "data-line": id }, element("span", { class: "name" }, words[id]), shape, said, text);
    parts.set(id, { item, shape, said, text });
    list.append(item);
  }
  /** @param {Record<string, Line | undefined>} news */
  const fill = (news) => {
    for (const [id, { item, shape, said, text }] of parts) {
      const line = news[id] ?? { mark: "none", text: words.waiting };
      item.dataset.mark = line.mark;
      shape.textContent = SHAPES[line.mark];
      said.textContent = words[`mark_${line.mark}`];
      text.textContent = line.text;
    }
  };
  fill({});
  return { list, fill };
}

/** @param {number} seconds */
export function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * What is checked: a line each, or one line when all is well.
 * @param {Words} words
 * @param {boolean} blind
 */
function checkList(words, blind) {
  const ids = blind ? BY_EAR.checks : CHECKS;
  const { list, fill } = lines(ids, words);
  const well = element("p", { class: "well", role: "status" });
  const whole = element("div", { class: "checks" }, well, list);
  return {
    whole,
    /**
     * @param {Record<string, Line | undefined>} news
     * @returns {boolean} whether enough is known to go on
     */
    fill(news) {
      fill(news);
      const ready = ids.every((id) => news[id]?.mark === "good");
      list.hidden = ready;
      well.textContent = ready ? `${SHAPES.good} ${words.all_good}` : "";
      return ids.every((id) => news[id] && (id === "sound" || news[id].mark !== "none"));
    },
  };
}

/**
 * Build the page's half that belongs to the browser.
 * @param {Words} words
 * @param {object} options
 * @param {string} options.lang
 * @param {boolean} options.blind sound alone
 * @param {boolean} options.hintsOnly
 * @param {"front" | "side" | "whole"} options.shape of the outline
 * @param {import("./task.mjs").Task | null} options.task
 * @param {(step: import("./reading.mjs").Step) => void} options.read hands over what whoever reads a text aloud does
 */
export function buildPanel(words, { lang, blind, hintsOnly, shape, task, read }) {
  const video = element("video", { playsinline: "", "aria-label": words.picture });
  video.muted = true;
  const canvas = element("canvas", { "aria-hidden": "true" });
  const hint = element("p", { class: "hint", role: "status", "aria-live": "polite" });
  const print = element("p", { class: "print" });
  const line = element("p", { class: "print line", role: "status" });
  const loudness = element("span", {});
  const ear = element("div", { class: "ear" }, element("p", {}, words.by_ear));
  const ring = countdown(words.calibrating);
  const seen = blind ? [ear] : [video, canvas, outline(shape ?? "front"), ring.ring];
  const stage = element("div", { class: "stage" }, ...seen, hint);

  const checks = checkList(words, blind);
  const microphone = element("select", {});
  const choice = element("label", { class: "microphone" }, element("span", {}, words.microphone), microphone);
  choice.hidden = true; // while there is only one
  const meter = element("div", { class: "metered", "aria-hidden": "true" }, words.level, element("div", { class: "meter" }, loudness));
  const ready = element("button", { class: "primary", type: "button" }, blind ? words.begin_now : words.ready);
  const reading = readingRow(words, read);
  const check = element("section", { class: "side", "aria-label": words.check }, checks.whole, choice, meter, ready, reading.root);

  const how = element("p", { class: "how", role: "status" });
  const begin = element("button", { class: "primary", type: "button" }, words.begin);
  const calibrate = element("section", { class: "side", "aria-label": words.calibrate }, how, begin);

  const go = element("button", { class: "primary", type: "button" }, words.go_on);
  const resume = element("section", { class: "side", "aria-label": words.practise }, element("p", {}, words.how_to_go_on), go);

  const readings = lines(blind ? BY_EAR.readings : READINGS, words);
  readings.list.hidden = hintsOnly;
  const ticked = element("span", { class: "text" });
  const ticks = element("li", { "data-line": "ticks" }, element("span", { class: "name" }, words.ticks), element("span", {}), ticked);
  ticks.hidden = true; // until the server listens for them
  readings.list.append(ticks);
  const time = element("p", { class: "time", role: "timer", "aria-label": words.time });
  const pause = element("button", { type: "button" }, words.pause);
  const end = element("button", { class: "primary", type: "button" }, words.end);
  const buttons = element("div", { class: "buttons" }, pause, end);
  const practise = element("section", { class: "side", "aria-label": words.practise }, readings.list, time, buttons);

  const fault = element("p", { class: "fault", role: "alert" });
  const again = element("button", { type: "button" }, words.again);
  const byVoice = element("button", { type: "button" }, words.by_voice);
  const failed = element("section", { class: "side" }, fault, element("div", { class: "buttons" }, again, byVoice));

  const sides = { check, calibrate, resume, practise, failed };
  const card = taskCard(task, words);
  const aside = element("div", { class: "aside" }, ...Object.values(sides), ...(card ? [card] : []));
  const picture = element("div", { class: "picture" }, stage, print, line);
  const root = element("div", { class: "rehearsal", lang: lang === "zh" ? "zh-CN" : "en" }, picture, aside);
  root.toggleAttribute("data-blind", blind);
  return {
    root, stage, video, canvas, print, line, checks, ready, how, ring, begin, go, readings, time, pause, end, fault, again, byVoice,
    microphone, reading,
    /**
     * @param {{id: string, name: string}[]} devices
     * @param {string} used id of the one in use
     */
    offer(devices, used) {
      choice.hidden = devices.length < 2;
      microphone.replaceChildren(...devices.map(({ id, name }) => element("option", { value: id }, name)));
      microphone.value = used;
    },
    /** @param {{said: string[], note: string}} message courteous words that were said, or why nobody listens for them */
    tick({ said, note }) {
      ticks.hidden = false;
      ticked.textContent = said.map((word) => `✓${word}`).join("  ") || note || "–";
    },
    /** @param {number} share how loud it is, 0..1 */
    loud(share) {
      loudness.style.width = `${Math.round(100 * share)}%`;
    },
    /** @param {keyof typeof sides} shown */
    show(shown) {
      for (const [name, side] of Object.entries(sides)) side.hidden = name !== shown;
      root.dataset.step = shown;
    },
    /**
     * @param {string} text
     * @param {number} seconds
     */
    hint(text, seconds) {
      hint.textContent = text;
      hint.dataset.shown = "";
      setTimeout(() => hint.removeAttribute("data-shown"), seconds * 1000);
      setTimeout(() => (hint.textContent = ""), seconds * 1000 + FADE_MS); // so that the same words are read out again
    },
  };
}
