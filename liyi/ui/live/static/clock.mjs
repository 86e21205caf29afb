/**
 * The recording's clock: every sample that leaves the browser carries its seconds.
 * Second 0 is the start of the recording and paused time does not count. Before the recording starts, in the check
 * step, times are negative, so that both stretches stand in order on one axis and can never be mistaken for each other.
 */

/** Far enough below zero that no check step reaches the recording: more than a day. */
const BEFORE_S = -100_000;

export class RecordingClock {
  #zeroMs = performance.now() - BEFORE_S * 1000;
  /** @type {number | null} */
  #pausedAtMs = null;
  #sinceMs = 0;
  #running = false;

  /** Whether the recording has started. */
  get running() {
    return this.#running;
  }

  get paused() {
    return this.#pausedAtMs !== null;
  }

  /**
   * @param {number} atMs when the recording started, or went on
   * @param {number} [recordedS] how much was recorded before
   */
  start(atMs, recordedS = 0) {
    this.#zeroMs = atMs - recordedS * 1000;
    this.#sinceMs = atMs;
    this.#running = true;
  }

  pause(nowMs = performance.now()) {
    this.#pausedAtMs ??= nowMs;
  }

  resume(nowMs = performance.now()) {
    if (this.#pausedAtMs === null) return;
    this.#zeroMs += nowMs - this.#pausedAtMs;
    this.#pausedAtMs = null;
    this.#sinceMs = nowMs;
  }

  /**
   * Whether a sample of that time belongs on the clock: not while paused, nor from before the last start.
   * @param {number} atMs a time of `performance.now()`
   */
  counts(atMs) {
    return !this.paused && atMs >= this.#sinceMs;
  }

  /**
   * Seconds on the recording's clock.
   * @param {number} atMs a time of `performance.now()`
   */
  at(atMs = performance.now()) {
    return ((this.#pausedAtMs ?? atMs) - this.#zeroMs) / 1000;
  }
}
