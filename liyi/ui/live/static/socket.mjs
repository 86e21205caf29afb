/**
 * The line to the server: landmarks and sound up, hints and the panel down.
 * What the server has not acknowledged is kept and sent again after a cut, under the same number, so that nothing is
 * lost and nothing counts twice.
 */

/** @typedef {{atS: number, points: Float32Array}} PoseSample 33 x 7 numbers, all NaN when nobody is seen */
/** @typedef {{kind: 1 | 2, buffer: ArrayBuffer, seq: number, keptAtMs: number}} Message */

export const POINTS = 33;
export const NUMBERS = 7;

const KEEP_MS = 60_000;
const SILENT_MS = 6_000; // the server acknowledges twice a second while data flow
const FIRST_ACK_MS = 1_000;
const RETRY_MS = [250, 500, 1000, 2000];

/**
 * Message of sound; its number is written when it is first sent.
 * @param {Int16Array} samples
 * @param {number} atS seconds of the first sample on the recording's clock
 */
export function soundMessage(samples, atS) {
  const buffer = new ArrayBuffer(13 + samples.byteLength);
  const view = new DataView(buffer);
  view.setUint8(0, 1);
  view.setFloat64(5, atS, true);
  samples.forEach((sample, i) => view.setInt16(13 + 2 * i, sample, true));
  return buffer;
}

/**
 * Message of landmarks; at most 255 samples.
 * @param {PoseSample[]} samples
 * @param {{width: number, height: number, model: "lite" | "full"}} picture
 */
export function poseMessage(samples, { width, height, model }) {
  const stride = 8 + POINTS * NUMBERS * 4;
  const buffer = new ArrayBuffer(11 + samples.length * stride);
  const view = new DataView(buffer);
  view.setUint8(0, 2);
  view.setUint16(5, width, true);
  view.setUint16(7, height, true);
  view.setUint8(9, model === "full" ? 1 : 0);
  view.setUint8(10, samples.length);
  samples.forEach(({ atS, points }, n) => {
    const start = 11 + n * stride;
    view.setFloat64(start, atS, true);
    points.forEach((number, i) => view.setFloat32(start + 8 + 4 * i, number, true));
  });
  return buffer;
}

export class LiveSocket {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Message[]} not acknowledged, oldest first */
  #kept = [];
  /** Last number given; unknown until the server has said what it holds. */
  #seq = 0;
  #open = false;
  #closed = false;
  #attempts = 0;
  #heardAtMs = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setInterval>} */
  #watch;
  #url;
  #hello;
  #onMessage;
  #onState;

  /**
   * @param {object} options
   * @param {string} options.url
   * @param {() => object} options.hello what to say first on every new connection
   * @param {(message: any) => void} options.onMessage
   * @param {(connected: boolean) => void} options.onState
   */
  constructor({ url, hello, onMessage, onState }) {
    this.#url = url;
    this.#hello = hello;
    this.#onMessage = onMessage;
    this.#onState = onState;
    this.#watch = setInterval(() => this.#look(), 1000);
    addEventListener("online", this.#again);
    this.#connect();
  }

  /** Messages that the server has not acknowledged. */
  get waiting() {
    return this.#kept.length;
  }

  /** @param {object} message lost when there is no connection: only for what is said again anyway */
  say(message) {
    if (this.#open) this.#socket?.send(JSON.stringify(message));
  }

  /** @param {ArrayBuffer} buffer from `soundMessage` or `poseMessage` */
  send(buffer) {
    const now = performance.now();
    /** @type {Message} */
    const message = { kind: new DataView(buffer).getUint8(0) === 1 ? 1 : 2, buffer, seq: 0, keptAtMs: now };
    if (this.#kept.length === 0) this.#heardAtMs = now; // silence counts from when an answer is due
    this.#kept.push(message);
    while (this.#kept[0].keptAtMs < now - KEEP_MS) this.#kept.shift();
    if (this.#open) this.#post(message);
  }

  /**
   * Wait until everything is acknowledged, at most `limitMs`.
   * @param {number} limitMs
   */
  async drained(limitMs) {
    const end = performance.now() + limitMs;
    while (this.#kept.length > 0 && performance.now() < end) await new Promise((next) => setTimeout(next, 50));
  }

  close() {
    this.#closed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    removeEventListener("online", this.#again);
    this.#socket?.close();
  }

  #again = () => {
    if (this.#open || this.#closed) return;
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.#connect();
  };

  #connect() {
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    const mine = () => socket === this.#socket && !this.#closed;
    socket.onopen = () => {
      if (!mine()) return;
      this.#heardAtMs = performance.now();
      socket.send(JSON.stringify(this.#hello()));
      // the server first says what it holds; one that does not holds nothing of ours
      setTimeout(() => mine() && socket.readyState === WebSocket.OPEN && this.#resend(), FIRST_ACK_MS);
    };
    socket.onmessage = ({ data }) => mine() && this.#hear(JSON.parse(data));
    socket.onclose = () => {
      if (!mine()) return;
      if (this.#open) this.#onState(false);
      this.#open = false;
      const wait = RETRY_MS[Math.min(this.#attempts, RETRY_MS.length - 1)];
      this.#attempts += 1;
      this.#retry = setTimeout(() => this.#connect(), wait);
    };
  }

  /** @param {any} message */
  #hear(message) {
    this.#heardAtMs = performance.now();
    if (message.type !== "ack") {
      this.#onMessage(message);
      return;
    }
    this.#kept = this.#kept.filter(({ seq }) => seq === 0 || seq > message.seq);
    this.#seq = Math.max(this.#seq, message.seq);
    this.#resend();
  }

  /** Send everything kept, once per connection. */
  #resend() {
    if (this.#open) return;
    this.#open = true;
    this.#attempts = 0;
    for (const message of this.#kept) this.#post(message);
    this.#onState(true);
  }

  /** @param {Message} message */
  #post(message) {
    if (message.seq === 0) {
      this.#seq += 1;
      message.seq = this.#seq;
      new DataView(message.buffer).setUint32(1, message.seq, true);
    }
    this.#socket?.send(message.buffer);
  }

  /** A dead line does not always close: give it up when answers that are due do not come. */
  #look() {
    const due = this.#kept.length > 0 && performance.now() - this.#heardAtMs > SILENT_MS;
    if (!this.#open || !due || this.#socket === null) return;
    const dead = this.#socket;
    this.#socket = null; // its late close must not start a second line
    dead.close();
    this.#open = false;
    this.#onState(false);
    this.#connect();
  }
}
