/** What a browser keeps of the take that was made last, and of no other: its pictures, its sound; nothing of it is sent. */

import { NUMBERS, POINTS } from "./socket.mjs";

const EVERY_MS = 250;
const WIDTH = 480; // pixels of a kept picture
const VIDEO_TYPES = ["video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const SOUND_TYPES = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"];
const RECORDED_FPS = 15;

/** @typedef {{atS: number, picture: Blob, points: Float32Array}} Snapshot */

/** @param {boolean} picture */
function recordingType(picture) {
  if (typeof MediaRecorder === "undefined") return undefined;
  return (picture ? VIDEO_TYPES : SOUND_TYPES).find((type) => MediaRecorder.isTypeSupported(type));
}

export class Take {
  /** @type {Snapshot[]} */
  #snapshots = [];
  #nextMs = 0;
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {MediaStreamTrack | null} */
  #picture = null;
  /** @type {Blob[]} */
  #pieces = [];
  #small = document.createElement("canvas");
  /** @type {Promise<Blob | null>} */
  recorded = Promise.resolve(null);

  /**
   * Record from here on, into this browser's memory.
   * @param {MediaStream} stream
   */
  record(stream) {
    const [camera] = stream.getVideoTracks();
    const type = recordingType(Boolean(camera));
    if (!type) return; // nothing can be played back or kept then; the result does not need it
    const tracks = stream.getAudioTracks().slice();
    if (camera) {
      this.#picture = camera.clone();
      void this.#picture.applyConstraints({ frameRate: RECORDED_FPS });
      tracks.unshift(this.#picture);
    }
    const recorder = new MediaRecorder(new MediaStream(tracks), { mimeType: type, videoBitsPerSecond: 1_000_000, audioBitsPerSecond: 96_000 });
    recorder.ondataavailable = ({ data }) => data.size > 0 && this.#pieces.push(data);
    this.recorded = new Promise((done) => {
      recorder.onstop = () => done(new Blob(this.#pieces, { type: type.split(";")[0] }));
    });
    recorder.start();
    this.#recorder = recorder;
  }

  /** The take is over, or was left. */
  stop() {
    if (this.#recorder && this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#picture?.stop();
  }

  /**
   * Keep the picture of now, four times a second.
   * @param {HTMLVideoElement} video
   * @param {number} atS seconds of the take
   * @param {Float32Array} points
   */
  look(video, atS, points) {
    if (performance.now() < this.#nextMs) return;
    this.#nextMs = performance.now() + EVERY_MS;
    const width = Math.min(WIDTH, video.videoWidth);
    Object.assign(this.#small, { width, height: Math.round((width * video.videoHeight) / video.videoWidth) });
    this.#small.getContext("2d")?.drawImage(video, 0, 0, this.#small.width, this.#small.height);
    const kept = points.slice(0, POINTS * NUMBERS);
    this.#small.toBlob((picture) => picture && this.#snapshots.push({ atS, picture, points: kept }), "image/jpeg", 0.8);
  }

  /**
   * The picture nearest to a second of the take; undefined without one.
   * @param {number} atS
   * @returns {Snapshot | undefined}
   */
  at(atS) {
    const away = (/** @type {Snapshot} */ shot) => Math.abs(shot.atS - atS);
    return this.#snapshots.reduce(
      (/** @type {Snapshot | undefined} */ best, shot) => (best && away(best) <= away(shot) ? best : shot),
      undefined,
    );
  }
}
