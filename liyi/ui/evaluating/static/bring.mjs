/** Where files are dropped or chosen for a batch, and how far each is; the sending itself is in `uploads.mjs`. */

import { clock, element, fill } from "./dom.mjs";
import { gather, gatherChosen } from "./gathering.mjs";
import { Uploads } from "./uploads.mjs";

const TELL_EVERY_MS = 5000; // the page, of files that have arrived meanwhile
const DRAW_EVERY_MS = 250;

/** Uploads by the batch's address: they outlive the part of the page that shows them. @type {Map<string, Uploads>} */
const open = new Map();
/** @type {WeakMap<Node, View>} */
const views = new WeakMap();

addEventListener("beforeunload", (event) => {
  if ([...open.values()].some((uploads) => uploads.isBusy)) event.preventDefault();
});

/**
 * Called by the page at every rerun.
 * @param {{data: any, parentElement: HTMLElement | ShadowRoot, setTriggerValue: (name: string, value: any) => void}} component
 */
export function mount(component) {
  const { parentElement: parent, data } = component;
  const address = new URL(`${data.address}files`, document.baseURI).href;
  const uploads = open.get(address) ?? new Uploads(address, data.words, data.lang);
  open.set(address, uploads);
  let view = views.get(parent);
  if (!view || view.uploads !== uploads) views.set(parent, (view = new View(parent, uploads, data)));
  view.take(component);
}

class View {
  /** @type {Map<object, {row: HTMLElement, bar: HTMLProgressElement, note: HTMLElement}>} */
  #rows = new Map();
  #drawn = 0;
  #told = 0;
  #left = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #telling;

  constructor(parent, uploads, data) {
    this.uploads = uploads;
    this.words = data.words;
    this.suffixes = data.suffixes;
    const place = parent.querySelector("#bring");
    place.replaceChildren(...this.#parts());
  }

  /** @param {any} component */
  take(component) {
    const { data, setTriggerValue } = component;
    this.uploads.words = this.words = data.words;
    this.uploads.lang = data.lang;
    this.uploads.changed = () => this.#soon();
    this.uploads.arrived = () => this.#tell(setTriggerValue);
    this.uploads.know(data.files);
  }

  #parts() {
    const { words } = this;
    const choose = (folder) => {
      const input = /** @type {HTMLInputElement} */ (element("input", { type: "file", multiple: true, webkitdirectory: folder, tabindex: "-1" }));
      input.addEventListener("change", () => this.#add(gatherChosen(input.files, folder ? this.suffixes : null)));
      input.click();
    };
    this.zone = element(
      "div",
      { class: "drop" },
      element("p", {}, words.drop),
      element(
        "div",
        { class: "buttons" },
        element("button", { type: "button", class: "first", onclick: () => choose(false) }, words.choose),
        element("button", { type: "button", onclick: () => choose(true) }, words.choose_folder),
      ),
      element("p", { class: "soft" }, words.how),
    );
    for (const kind of ["dragenter", "dragover"]) {
      this.zone.addEventListener(kind, (event) => {
        event.preventDefault();
        this.zone.toggleAttribute("data-over", true);
      });
    }
    this.zone.addEventListener("dragleave", () => this.zone.removeAttribute("data-over"));
    this.zone.addEventListener("drop", async (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      this.zone.removeAttribute("data-over");
      this.#add(await gather(event.dataTransfer, this.suffixes));
    });
    this.line = element("span", { class: "line" });
    this.pause = element("button", { type: "button", onclick: () => (this.uploads.paused ? this.uploads.resume() : this.uploads.pause()) });
    this.going = element("div", { class: "going", hidden: true }, this.line, this.pause);
    this.note = element("p", { class: "note", role: "alert" });
    this.live = element("p", { class: "unseen", role: "status" });
    this.left = element("p", { class: "soft" });
    this.list = element("ul", { class: "files" });
    this.summary = element("summary", {});
    this.whole = element("ul", { class: "files" });
    this.folded = element("details", { hidden: true }, this.summary, this.whole);
    return [this.zone, this.live, this.note, this.left, this.going, this.list, this.folded];
  }

  /** @param {{files: {file: File, name: string}[], passed: number}} found */
  #add(found) {
    this.#left = found.passed;
    this.uploads.add(found.files);
  }

  /** Draw soon, and not for every piece. */
  #soon() {
    if (this.#later !== undefined) return;
    this.#later = setTimeout(
      () => {
        this.#later = undefined;
        this.#drawn = Date.now();
        this.#draw();
        if (this.uploads.isBusy && !this.uploads.paused) this.#later = setTimeout(() => ((this.#later = undefined), this.#soon()), 1000);
      },
      Math.max(0, this.#drawn + DRAW_EVERY_MS - Date.now()),
    );
  }

  #draw() {
    const { words, uploads } = this;
    const shown = uploads.entries;
    const { count, left, rate } = uploads.progress;
    const whole = shown.filter((entry) => entry.state === "whole");
    const cut = shown.filter((entry) => entry.state === "cut").length;
    this.going.hidden = count === 0;
    const seconds = rate ? left / rate : 0;
    const parts = [fill(words.going, { count, size: size(left) })];
    if (!uploads.paused && rate) parts.push(fill(words.rate, { rate: size(rate) }), fill(words.left, { time: clock(seconds) }));
    if (uploads.paused) parts.push(words.paused);
    this.line.textContent = parts.join(" · ");
    this.pause.textContent = uploads.paused ? words.resume : words.pause;
    say(this.note, uploads.halted || (cut ? fill(words.cut, { count: cut }) : ""));
    say(this.left, this.#left ? fill(words.passed, { count: this.#left }) : "");
    say(this.live, count ? (uploads.paused ? words.paused : words.begun) : whole.length ? words.done : "");
    this.folded.hidden = whole.length === 0;
    const all = whole.reduce((sum, entry) => sum + entry.size, 0);
    this.summary.textContent = fill(words.whole, { count: whole.length, size: size(all) });
    this.#place(this.list, shown.filter((entry) => entry.state !== "whole"));
    this.#place(this.whole, whole);
  }

  /** @param {HTMLElement} list @param {any[]} entries */
  #place(list, entries) {
    const rows = entries.map((entry) => this.#row(entry));
    if (rows.length !== list.children.length || rows.some((row, at) => list.children[at] !== row)) list.replaceChildren(...rows);
  }

  #row(entry) {
    const { words } = this;
    let made = this.#rows.get(entry);
    if (!made) {
      const bar = /** @type {HTMLProgressElement} */ (element("progress", { max: "1" }));
      const note = element("span", { class: "soft" });
      const drop = element("button", { type: "button", class: "drop-one", onclick: () => void this.uploads.remove(entry) }, words.remove);
      made = { row: element("li", {}, element("span", { class: "name" }), bar, note, drop), bar, note };
      this.#rows.set(entry, made);
    }
    const [name, , , drop] = made.row.children;
    if (name.textContent !== entry.name) {
      name.textContent = entry.name;
      made.bar.setAttribute("aria-label", entry.name);
      drop.setAttribute("aria-label", fill(words.remove_one, { name: entry.name }));
    }
    made.row.dataset.state = entry.state;
    made.bar.hidden = !["waiting", "sending", "retrying", "cut"].includes(entry.state);
    made.bar.value = entry.size ? entry.received / entry.size : 0;
    const state = { waiting: words.waiting, retrying: words.retrying, cut: words.cut_off }[entry.state] ?? "";
    const amount = entry.state === "whole" || entry.state === "refused" ? size(entry.size) : `${size(entry.received)} / ${size(entry.size)}`;
    say(made.note, [amount, state, entry.sentence].filter(Boolean).join(" · "));
    return made.row;
  }

  /** Have the page look at what has come: at once where nothing more does, else now and then. */
  #tell(setTriggerValue) {
    const wait = this.uploads.isBusy ? this.#told + TELL_EVERY_MS - Date.now() : 0;
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => {
      this.#told = Date.now();
      setTriggerValue("arrived", this.#told);
    }, Math.max(0, wait));
  }
}

/** @param {HTMLElement} place @param {string} text */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** Bytes as people say them, by thousands. @param {number} bytes */
function size(bytes) {
  const [unit, by] = bytes >= 1e9 ? ["GB", 1e9] : bytes >= 1e5 ? ["MB", 1e6] : ["kB", 1e3];
  const number = bytes / by;
  return `${number.toFixed(number < 10 ? 1 : 0)} ${unit}`;
}
