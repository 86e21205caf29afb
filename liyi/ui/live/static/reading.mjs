/** A known text read aloud, offered in the check: built once, then only filled. All words come from the server. */

import { element } from "./panel.mjs";

/** @typedef {"begin" | "end" | "stop" | "skip"} Step what the reader did */
/** @typedef {{state: "none" | "offer" | "quiet" | "hearing" | "done", text: string, lang: string, said: string}} News */

const LONGEST_MS = 70_000; // a little less than what the server takes

/**
 * @param {Record<string, string>} words
 * @param {(step: Step) => void} say hands a step to the server
 */
export function readingRow(words, say) {
  const button = (/** @type {string} */ name, kind = "") => element("button", { type: "button", class: kind }, words[name]);
  const told = element("p", { role: "status" });
  const text = element("p", { class: "aloud", tabindex: "-1" });
  const begin = button("reading_begin");
  const skip = button("reading_skip", "plain");
  const end = button("reading_end", "primary");
  const stop = button("reading_stop");
  const root = element("section", { class: "reading", "aria-label": words.reading_begin }, told, text,
    element("div", { class: "buttons" }, begin, skip, end, stop));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let longest;
  /** @type {News} */
  let news = { state: "none", text: "", lang: "", said: "" };
  let reads = false;

  const draw = () => {
    const { state, said } = news;
    const asks = state === "offer" || state === "hearing";
    root.hidden = state === "none";
    root.toggleAttribute("data-reads", reads);
    text.hidden = end.hidden = stop.hidden = !reads;
    text.textContent = reads ? news.text : "";
    text.lang = news.lang === "zh" ? "zh-CN" : news.lang;
    if (reads) told.textContent = words.reading_how;
    else if (state === "hearing") told.textContent = words.reading_hearing;
    else told.textContent = said || (state === "offer" ? words.reading_offer : "");
    told.hidden = !told.textContent;
    begin.hidden = reads || state === "hearing";
    begin.textContent = words[state === "done" || said ? "reading_again" : "reading_begin"];
    skip.hidden = reads || !asks || state === "hearing";
  };
  /**
   * @param {boolean} now whether somebody reads from here on
   * @param {Step} step
   */
  const turn = (now, step) => {
    clearTimeout(longest);
    reads = now;
    if (now) longest = setTimeout(() => end.click(), LONGEST_MS);
    draw();
    if (now) text.focus();
    else begin.focus();
    say(step);
  };
  begin.onclick = () => turn(true, "begin");
  stop.onclick = () => turn(false, "stop");
  end.onclick = () => turn(false, "end");
  skip.onclick = () => turn(false, "skip");
  draw();
  return {
    root,
    get reads() {
      return reads;
    },
    /** @param {News} message */
    fill(message) {
      news = message;
      draw();
    },
    /** Whoever goes on, or loses the microphone, reads no more. */
    leave() {
      if (reads) turn(false, "stop");
    },
  };
}
