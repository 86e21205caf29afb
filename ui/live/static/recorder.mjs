/**
 * The recording: pieces of two seconds, each posted until the server has it, in order.
 * A closed tab loses the piece being made and the one on its way; a cut connection loses nothing.
 */

const PIECE_MS = 2000;
const POST_LIMIT_MS = 20_000;
const RETRY_MS = [250, 500, 1000, 2000];

/** VP9 first: Chromium encodes it in a tenth of VP8's time (measured without a GPU) and leaves out no frame. */
const TYPES = ["video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];

/** Recordings are measured ten times a second; more only costs encoding time, which the pose model needs. */
const RECORDED_FPS = 15;
const VIDEO_BITS_PER_S = 1_000_000;
const AUDIO_BITS_PER_S = 96_000; // the voice is measured: no audible loss

/** The server does not take this rehearsal's data any more. */
export class Refused extends Error {}

/** @returns {string | undefined} the first type that this browser can record */
export function recordingType() {
  return typeof MediaRecorder === "undefined" ? undefined : TYPES.find((type) => MediaRecorder.isTypeSupported(type));
}

/**
 * Post `body`, again and again until the server has answered.
 * @param {string} url
 * @param {Blob | null} body
 * @throws {Refused} when the answer is that it never will be taken
 */
async function post(url, body) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(POST_LIMIT_MS) });
      if (answer.ok) return;
      if (answer.status < 500 && answer.status !== 408 && answer.status !== 429) throw new Refused(String(answer.status));
    } catch (error) {
      if (error instanceof Refused) throw error; // anything else is the network: it comes back
    }
    await new Promise((next) => setTimeout(next, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]));
  }
}

export class Recorder {
  #recorder;
  #picture;
  #base;
  #pieces = 0;
  #waiting = 0;
  /** @type {Promise<void>} */
  #posted = Promise.resolve();
  #onFault;

  /**
   * @param {MediaStream} stream
   * @param {object} options
   * @param {string} options.base address of the rehearsal, ending in a slash
   * @param {string} options.type from `recordingType`
   * @param {(error: unknown) => void} options.onFault called once when a piece can never be stored
   */
  constructor(stream, { base, type, onFault }) {
    this.#base = base;
    this.#onFault = onFault;
    this.#picture = stream.getVideoTracks()[0].clone();
    this.#recorder = new MediaRecorder(new MediaStream([this.#picture, ...stream.getAudioTracks()]), {
      mimeType: type,
      videoBitsPerSecond: VIDEO_BITS_PER_S,
      audioBitsPerSecond: AUDIO_BITS_PER_S,
    });
    this.#recorder.ondataavailable = ({ data }) => data.size > 0 && this.#keep(data);
  }

  /** Pieces that the server does not have yet. */
  get waiting() {
    return this.#waiting;
  }

  /**
   * Begin; what the camera gives from here on is recorded.
   * @returns {Promise<number>} time of the recording's second 0 on the clock of `performance.now()`; the event that
   *   tells of it comes late when the page is busy
   */
  async start() {
    await this.#picture.applyConstraints({ frameRate: RECORDED_FPS });
    this.#recorder.start(PIECE_MS);
    return performance.now();
  }

  pause() {
    this.#recorder.pause();
  }

  resume() {
    this.#recorder.resume();
  }

  /**
   * Stop, and wait until the server has every piece and knows that it was the last.
   * @throws {Refused} when a piece cannot be stored
   */
  async end() {
    await this.stop();
    await this.#posted;
    try {
      await post(`${this.#base}end`, null);
    } catch (error) {
      if (!(error instanceof Refused)) throw error; // refused: it knows already, and its first answer was lost
    }
  }

  /** Stop recording; what there is goes on being posted. */
  async stop() {
    if (this.#recorder.state === "inactive") return;
    await new Promise((stopped) => {
      this.#recorder.onstop = stopped;
      this.#recorder.stop();
    });
    this.#picture.stop();
  }

  /** @param {Blob} data */
  #keep(data) {
    const url = `${this.#base}chunk?n=${this.#pieces}&type=${encodeURIComponent(this.#recorder.mimeType)}`;
    this.#pieces += 1;
    this.#waiting += 1;
    this.#posted = this.#posted.then(async () => {
      await post(url, data);
      this.#waiting -= 1;
    });
    this.#posted.catch((error) => {
      const report = this.#onFault;
      this.#onFault = () => {};
      report(error);
    });
  }
}
