/**
 * The recording: pieces of two seconds, each posted until the server has it, in order.
 * A closed tab loses the piece being made and the one on its way; a cut connection loses nothing.
 */

const PIECE_MS = 2000;
const POST_LIMIT_MS = 20_000;
const RETRY_MS = [250, 500, 1000, 2000];
const TROUBLE_MS = 5_000; // a piece that was not taken for so long is told
const STALLED_MS = 60_000; // at the end: no piece was taken for so long
const LOOK_MS = 250;

/** VP9 first: Chromium encodes it in a tenth of VP8's time (measured without a GPU) and leaves out no frame. */
const TYPES = ["video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const SOUND_TYPES = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"];

/** Recordings are measured ten times a second; more only costs encoding time, which the pose model needs. */
const RECORDED_FPS = 15;
const VIDEO_BITS_PER_S = 1_000_000;
const AUDIO_BITS_PER_S = 96_000; // the voice is measured: no audible loss
/** Chromium's own VP9 has one in about ten seconds: so much a player decodes that is sent to a moment. */
const KEY_FRAME_MS = 2000;

/** @typedef {"full" | "limit" | "stalled" | "refused"} Reason why what was recorded does not reach the server any more */

/** The server does not take this rehearsal's data any more. */
export class Refused extends Error {
  /** @param {Reason} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** @type {Record<number, Reason>} */
const REASONS = { 507: "full", 413: "limit" };

/**
 * @param {boolean} [camera] false for sound alone
 * @returns {string | undefined} the first type that this browser can record
 */
export function recordingType(camera = true) {
  if (typeof MediaRecorder === "undefined") return undefined;
  return (camera ? TYPES : SOUND_TYPES).find((type) => MediaRecorder.isTypeSupported(type));
}

/**
 * Post `body`, again and again until the server has answered.
 * @param {string} url
 * @param {Blob | null} body
 * @param {(failing: boolean) => void} onTrouble called with true when it was not taken for some seconds, false at the end
 * @param {AbortSignal} [given_up]
 * @throws {Refused} when the answer is that it never will be taken, or nobody waits any more
 */
async function post(url, body, onTrouble, given_up) {
  const begun = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(POST_LIMIT_MS) });
      if (answer.ok) return onTrouble(false);
      const { status } = answer;
      if (status === 507 || (status < 500 && status !== 408 && status !== 429)) throw new Refused(REASONS[status] ?? "refused");
    } catch (error) {
      if (error instanceof Refused) throw error; // anything else is the network: it comes back
    }
    if (given_up?.aborted) throw new Refused("stalled");
    if (performance.now() - begun > TROUBLE_MS) onTrouble(true);
    await new Promise((next) => setTimeout(next, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]));
  }
}

export class Recorder {
  #stream;
  #type;
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {MediaStreamTrack | null} a copy at the recording's own rate; none for sound alone */
  #picture = null;
  #base;
  #pieces;
  #waiting = 0;
  #storedS = 0;
  #storedAtMs = 0;
  /** @type {Promise<void>} */
  #posted = Promise.resolve();
  #givenUp = new AbortController();
  #nowS;
  #onTrouble;
  #onFault;

  /**
   * @param {MediaStream} stream
   * @param {object} options
   * @param {string} options.base address of the rehearsal, ending in a slash
   * @param {string} options.type from `recordingType`
   * @param {number} [options.first] number of the first piece, where a recording goes on
   * @param {() => number} [options.nowS] seconds of the recording
   * @param {(failing: boolean) => void} [options.onTrouble] called when pieces are not taken for some seconds, and when
   *   they are again; they go on being sent
   * @param {(reason: Reason) => void} options.onFault called once when a piece can never be stored
   */
  constructor(stream, { base, type, first = 0, nowS = () => 0, onTrouble = () => {}, onFault }) {
    this.#stream = stream;
    this.#type = type;
    this.#pieces = first;
    this.#base = base;
    this.#nowS = nowS;
    this.#onTrouble = onTrouble;
    this.#onFault = onFault;
  }

  /** Pieces that the server does not have yet. */
  get waiting() {
    return this.#waiting;
  }

  /** Seconds of the recording that the server has. */
  get storedS() {
    return this.#storedS;
  }

  /**
   * Begin; what the camera gives from here on is recorded.
   * @returns {Promise<number>} time of the recording's second 0 on the clock of `performance.now()`; the event that
   *   tells of it comes late when the page is busy
   */
  async start() {
    this.#picture = this.#stream.getVideoTracks()[0]?.clone() ?? null;
    await this.#picture?.applyConstraints({ frameRate: RECORDED_FPS });
    const tracks = [...(this.#picture ? [this.#picture] : []), ...this.#stream.getAudioTracks()];
    const recorder = new MediaRecorder(new MediaStream(tracks), {
      mimeType: this.#type,
      videoBitsPerSecond: VIDEO_BITS_PER_S,
      audioBitsPerSecond: AUDIO_BITS_PER_S,
      videoKeyFrameIntervalDuration: KEY_FRAME_MS,
    });
    recorder.ondataavailable = ({ data }) => data.size > 0 && this.#keep(data, recorder.mimeType);
    this.#recorder = recorder;
    recorder.start(PIECE_MS);
    return performance.now();
  }

  /**
   * Begin anew: what was recorded until now is dropped, here and on the server.
   * @returns {Promise<number>} as `start`
   */
  async restart() {
    await this.stop();
    const before = this.#pieces;
    this.#inTurn(() => post(`${this.#base}discard?before=${before}`, null, this.#onTrouble, this.#givenUp.signal));
    return this.start();
  }

  pause() {
    this.#recorder?.pause();
  }

  resume() {
    this.#recorder?.resume();
  }

  /**
   * Stop, and wait until the server has every piece and knows that it was the last; gives up when it takes none for a
   * minute, so that nobody waits for ever.
   * @throws {Refused} when a piece cannot be stored
   */
  async end() {
    this.#storedAtMs = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - this.#storedAtMs > STALLED_MS) this.#givenUp.abort();
    }, LOOK_MS);
    const givenUp = new Promise((_, refuse) => {
      this.#givenUp.signal.addEventListener("abort", () => refuse(new Refused("stalled")));
    });
    try {
      await Promise.race([this.#finish(), givenUp]);
    } finally {
      clearInterval(watch);
    }
  }

  async #finish() {
    await this.stop();
    await this.#posted;
    this.#storedAtMs = performance.now();
    await this.close();
  }

  /** Tell the server that no more pieces come. */
  async close() {
    try {
      await post(`${this.#base}end`, null, () => {}, this.#givenUp.signal);
    } catch (error) {
      if (!(error instanceof Refused)) throw error; // refused: it knows already, or learns it from the page
    }
  }

  /** Stop recording; what there is goes on being posted. */
  async stop() {
    const recorder = this.#recorder;
    if (!recorder || recorder.state === "inactive") return;
    await new Promise((stopped) => {
      recorder.onstop = stopped;
      recorder.stop();
    });
    this.#picture?.stop();
  }

  /**
   * @param {Blob} data
   * @param {string} type
   */
  #keep(data, type) {
    const url = `${this.#base}chunk?n=${this.#pieces}&type=${encodeURIComponent(type)}`;
    const endS = this.#nowS();
    this.#pieces += 1;
    this.#waiting += 1;
    this.#inTurn(async () => {
      await post(url, data, this.#onTrouble, this.#givenUp.signal);
      this.#waiting -= 1;
      this.#storedS = endS;
      this.#storedAtMs = performance.now();
    });
  }

  /**
   * Done after everything before it; a refusal ends all that follows, and is told once.
   * @param {() => Promise<void>} work
   */
  #inTurn(work) {
    this.#posted = this.#posted.then(work);
    this.#posted.catch((error) => {
      const report = this.#onFault;
      this.#onFault = () => {};
      report(error instanceof Refused ? error.reason : "refused");
    });
  }
}
