/**
 * Files on their way to a batch: in pieces, a few at a time, again and again where the line is cut. The server says how
 * much of each is there; what this half believes gives way. They go on while another page of the app is shown.
 */

/**
 * @typedef {"waiting" | "sending" | "retrying" | "whole" | "cut" | "refused"} State cut: not all of it is there, and
 *   it must be chosen once more
 * @typedef {{id: string, name: string, size: number, received: number, modified_ms: number, whole: boolean}} Told
 * @typedef {{name: string, size: number, modified_ms: number, received: number, state: State, id: string | null, file: File | null,
 *   sentence: string}} Entry
 */

const PIECE_BYTES = 8 << 20; // what the server takes at once
const AT_ONCE = 2;
const ANSWER_MS = 180_000; // a piece that takes longer is sent again
const ON_THEIR_WAY = ["waiting", "sending", "retrying"];
const WAIT_MS = { first: 1000, most: 30_000 };
const RATE_MS = 15_000; // over which the rate is told

/** The page is to be loaded again, or something stands in the way of all files. */
class Halt extends Error {}
/** This file is not taken. */
class Refusal extends Error {}

export class Uploads {
  /** @type {Entry[]} */
  entries = [];
  paused = false;
  /** Why all of it waits, as a sentence; empty where nothing is in the way. */
  halted = "";
  #sending = 0;
  /** @type {{at: number, bytes: number}[]} */
  #sent = [];

  /**
   * @param {string} address of the batch's files
   * @param {Record<string, string>} words
   * @param {string} lang
   */
  constructor(address, words, lang) {
    Object.assign(this, { address, words, lang });
    /** Called when anything has changed, and when files have become whole or were removed. */
    this.changed = () => {};
    this.arrived = () => {};
  }

  /** @param {Told[]} files what the server has, by the page that was drawn just now */
  know(files) {
    const here = new Map(this.entries.filter((entry) => entry.id).map((entry) => [entry.id, entry]));
    for (const told of files) {
      const entry = here.get(told.id);
      if (!entry) this.entries.push({ ...told, state: told.whole ? "whole" : "cut", file: null, sentence: "" });
      here.delete(told.id);
    }
    // removed on another page; what is being sent learns it from its answer
    const gone = new Set([...here.values()].filter((entry) => ["whole", "cut"].includes(entry.state)));
    this.entries = this.entries.filter((entry) => !gone.has(entry));
    this.changed();
  }

  /** @param {{file: File, name: string}[]} files */
  add(files) {
    for (const { file, name } of files) {
      const modified_ms = changedAt(file);
      const again = this.entries.find((entry) => entry.name === name && entry.size === file.size);
      const same = again?.modified_ms === modified_ms;
      if (again && (ON_THEIR_WAY.includes(again.state) || (again.state === "whole" && same))) continue;
      const goesOn = again && (again.state === "refused" || (again.state === "cut" && same));
      const received = again && same ? again.received : 0;
      const made = { name, size: file.size, modified_ms, received, state: "waiting", id: null, file, sentence: "" };
      if (/\.(xlsx|xlsm|xls|csv)$/i.test(name)) Object.assign(made, { state: "refused", sentence: this.words.is_list });
      else if (file.size === 0) Object.assign(made, { state: "refused", sentence: this.words.is_empty });
      if (goesOn) Object.assign(again, made);
      else this.entries.push(/** @type {Entry} */ (made));
    }
    this.#go();
  }

  pause() {
    this.paused = true;
    this.changed();
  }

  resume() {
    this.paused = false;
    this.halted = "";
    for (const entry of this.entries) if (entry.state === "retrying") entry.state = "waiting";
    this.#go();
  }

  /** @param {Entry} entry */
  async remove(entry) {
    if (entry.id) {
      try {
        const answer = await this.#ask("DELETE", `/${entry.id}`);
        if (answer.status !== 204 && answer.status !== 404) {
          entry.sentence = (await told(answer)).sentence ?? this.words.unreached;
          this.changed();
          return;
        }
      } catch {
        entry.sentence = this.words.unreached;
        this.changed();
        return;
      }
    }
    this.entries = this.entries.filter((other) => other !== entry);
    this.changed();
    if (entry.id) this.arrived();
  }

  get isBusy() {
    return this.entries.some((entry) => ON_THEIR_WAY.includes(entry.state));
  }

  /** Bytes that are there and that are to be, of what is on its way; bytes a second, 0 where that is not known yet. */
  get progress() {
    const going = this.entries.filter((entry) => ON_THEIR_WAY.includes(entry.state));
    const since = Date.now() - RATE_MS;
    this.#sent = this.#sent.filter((each) => each.at >= since);
    const first = this.#sent[0]?.at ?? Date.now();
    const bytes = this.#sent.reduce((sum, each) => sum + each.bytes, 0);
    const seconds = (Date.now() - first) / 1000;
    return {
      count: going.length,
      left: going.reduce((sum, entry) => sum + entry.size - entry.received, 0),
      rate: seconds > 0.5 ? bytes / seconds : 0,
    };
  }

  #go() {
    this.changed();
    while (!this.paused && this.#sending < AT_ONCE) {
      const next = this.entries.find((entry) => entry.state === "waiting");
      if (!next) return;
      next.state = "sending";
      this.#sending += 1;
      void this.#send(next).finally(() => {
        this.#sending -= 1;
        this.#go();
      });
    }
  }

  /** @param {Entry} entry */
  async #send(entry) {
    let wait = WAIT_MS.first;
    while (this.entries.includes(entry)) {
      if (this.paused) {
        entry.state = "waiting";
        return;
      }
      try {
        entry.state = "sending";
        if (await this.#step(entry)) return;
        wait = WAIT_MS.first;
      } catch (fault) {
        if (fault instanceof Refusal) {
          Object.assign(entry, { state: "refused", sentence: fault.message, file: null });
          return;
        }
        if (fault instanceof Halt) {
          this.halted = fault.message;
          this.paused = true;
          continue;
        }
        entry.state = "retrying"; // no answer, or none that helps: the server may be starting again
        this.changed();
        await new Promise((done) => setTimeout(done, wait * (0.75 + Math.random() / 2)));
        wait = Math.min(wait * 2, WAIT_MS.most);
      }
      this.changed();
    }
  }

  /**
   * One question to the server: begin, or the next piece.
   * @param {Entry} entry
   * @returns {Promise<boolean>} whether all of it is there
   */
  async #step(entry) {
    if (entry.id === null) {
      const asked = { name: entry.name, size: entry.size, modified_ms: entry.modified_ms };
      this.#take(entry, await this.#understood(await this.#ask("POST", "", JSON.stringify(asked))));
    } else {
      const at = entry.received;
      await checkReadable(entry.file.slice(at, at + 1), this.words.unreadable);
      const answer = await this.#ask("PUT", `/${entry.id}?at=${at}`, entry.file.slice(at, at + PIECE_BYTES));
      const data = await this.#understood(answer);
      if (answer.status === 200) this.#sent.push({ at: Date.now(), bytes: data.received - at });
      this.#take(entry, data);
    }
    if (entry.state === "whole") this.arrived();
    return entry.state === "whole";
  }

  /**
   * What the server says of a file counts.
   * @param {Entry} entry
   * @param {Told} data
   */
  #take(entry, data) {
    this.entries = this.entries.filter((other) => other === entry || other.id !== data.id);
    Object.assign(entry, { id: data.id, name: data.name, received: data.received });
    if (data.whole) Object.assign(entry, { state: "whole", file: null });
  }

  /**
   * @param {Response} answer
   * @returns {Promise<Told>}
   */
  async #understood(answer) {
    if (answer.status === 404) throw new Halt(this.words.gone);
    const data = await told(answer);
    if (answer.status === 507) throw new Halt(data.sentence);
    if ([400, 409, 413, 415].includes(answer.status) && data.sentence) throw new Refusal(data.sentence);
    if (answer.status !== 200 && answer.status !== 409) throw new Error(String(answer.status));
    return data;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {BodyInit} [body]
   */
  async #ask(method, path, body) {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), ANSWER_MS);
    const address = `${this.address}${path}${path.includes("?") ? "&" : "?"}lang=${this.lang}`;
    try {
      return await fetch(address, { method, body, signal: cut.signal });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** When a file was last changed, as the server keeps it. @param {File} file */
const changedAt = (file) => Math.max(0, Math.floor(file.lastModified));

/** @param {Response} answer */
async function told(answer) {
  return answer.headers.get("content-type")?.startsWith("application/json") ? answer.json() : {};
}

/**
 * A file that has gone or was changed would look like a line that is cut.
 * @param {Blob} start
 * @param {string} sentence
 */
async function checkReadable(start, sentence) {
  try {
    await start.arrayBuffer();
  } catch {
    throw new Refusal(sentence);
  }
}
