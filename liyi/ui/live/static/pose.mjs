/**
 * Landmarks of the picture, found in this browser: model *full* where it keeps up with the camera, else *lite*.
 * The pinned runtime (tasks-vision 0.10.35) and the models come from the app itself.
 */

import { NUMBERS, POINTS } from "./socket.mjs";

/** @typedef {"full" | "lite"} Model */

const ENOUGH_FPS = 20;
const SETTLE_MS = 700; // the first runs after loading are slow
const WINDOW_MS = 2000;
const GPU_TRIAL_MS = 1000;
const SHOWN = 0.9; // share of the camera's frames that must be looked at to count as keeping up
/**
 * Longest side of the picture that is given to the model, in pixels. Reading a frame back costs by its size: half of
 * 640 x 480 takes a fifth off every run and moves the landmarks by 1 px in the median (full and lite differ by 3.5).
 */
const LOOKED_AT = 320;
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i; // a GPU played by the CPU is 30 times slower (measured)

/** Seconds are needed for a rate: counts frames over the last two seconds. */
class Rate {
  /** @type {{atMs: number, presented: number}[]} */
  #frames = [];
  #fromMs = performance.now() + SETTLE_MS;

  /**
   * @param {number} atMs
   * @param {number} presented the browser's count of frames shown
   */
  add(atMs, presented) {
    if (atMs < this.#fromMs) return;
    this.#frames.push({ atMs, presented });
    while (this.#frames[0].atMs < atMs - WINDOW_MS) this.#frames.shift();
  }

  /** Frames per second, NaN before there are two. */
  get fps() {
    const first = this.#frames[0];
    const last = this.#frames.at(-1);
    if (!first || !last || first === last) return Number.NaN;
    return ((this.#frames.length - 1) * 1000) / (last.atMs - first.atMs);
  }

  /** Whether a whole window shows that frames are left out and too few are looked at. */
  get tooSlow() {
    const first = this.#frames[0];
    const last = this.#frames.at(-1);
    if (!first || !last || last.atMs - first.atMs < 0.9 * WINDOW_MS) return false;
    const looked = (this.#frames.length - 1) / Math.max(1, last.presented - first.presented);
    return this.fps < ENOUGH_FPS && looked < SHOWN;
  }
}

/**
 * Presence of each landmark (mediapipe.NormalizedLandmarkList, field 5 of each entry), which the runtime hands over but
 * does not pass on. The server's gate needs it: it tells what the picture's edge or a desk cuts off.
 * @param {Uint8Array} bytes a serialised NormalizedLandmarkList
 * @returns {Float32Array} shape (33,)
 */
export function presenceOf(bytes) {
  const presence = new Float32Array(POINTS).fill(Number.NaN);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (let point = 0; at < bytes.length && point < POINTS; point += 1) {
    const end = at + 2 + bytes[at + 1]; // tag, length (under 128: at most five floats), entry
    for (at += 2; at < end; at += 5) if (bytes[at] === 0x2d) presence[point] = view.getFloat32(at + 1, true);
    at = end;
  }
  return presence;
}

/**
 * Whether two bodies stand beside one another: the model may find one person twice.
 * @param {{x: number, y: number}[]} a
 * @param {{x: number, y: number}[]} b
 */
function apart(a, b) {
  const [left, right] = [11, 12]; // shoulders
  const width = Math.max(Math.abs(a[left].x - a[right].x), Math.abs(b[left].x - b[right].x));
  return Math.abs(a[left].x + a[right].x - b[left].x - b[right].x) / 2 > 0.5 * width;
}

/** True where the browser draws on a real GPU. */
function hasGpu() {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(name);
}

export class Pose {
  /** @type {any} */
  #runtime;
  /** @type {any} */
  #fileset;
  /** @type {any} */
  #landmarker = null;
  #files;
  /** @type {Float32Array} */
  #presence = new Float32Array(POINTS);
  #rate = new Rate();
  #small = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d", { alpha: false }));
  /** @type {any} */
  #crowd = null;
  #changing = false;
  #closed = false;
  /** @type {Model} */
  model = "full";
  delegate = "CPU";

  /** @param {string} files address of the models and the runtime, ending in a slash */
  constructor(files) {
    this.#files = files;
  }

  /** Bring the runtime and *full*. */
  async load() {
    this.#runtime = await import(`${this.#files}vision_bundle.mjs`);
    this.#fileset = await this.#runtime.FilesetResolver.forVisionTasks(this.#files.replace(/\/$/, ""));
    await this.#use("full", "CPU");
  }

  get fps() {
    return this.#rate.fps;
  }

  /**
   * Landmarks of the frame that `video` shows.
   * @param {HTMLVideoElement} video
   * @param {number} presented the browser's count of frames shown
   * @returns {Float32Array | null} 33 x (x, y in 0..1 of the picture; world x, y, z in metres; visibility, presence),
   *   all NaN when nobody is seen; null while the model is being changed
   */
  find(video, presented) {
    if (this.#changing || !this.#landmarker) return null;
    const now = performance.now();
    const { landmarks, worldLandmarks } = this.#landmarker.detectForVideo(this.#reduced(video), now);
    this.#rate.add(now, presented);
    const points = new Float32Array(POINTS * NUMBERS).fill(Number.NaN);
    const person = landmarks[0];
    const world = worldLandmarks[0];
    for (let i = 0; person && i < POINTS; i += 1) {
      const { x, y, visibility } = person[i];
      points.set([x, y, world[i].x, world[i].y, world[i].z, visibility, this.#presence[i]], i * NUMBERS);
    }
    return points;
  }

  /**
   * Change to *lite* when *full* cannot keep up; a real GPU is tried first and taken if it proves faster.
   * @param {HTMLVideoElement} video
   * @returns {Promise<boolean>} whether something was changed
   */
  async adapt(video) {
    if (this.#changing || this.model === "lite" || !this.#rate.tooSlow) return false;
    this.#changing = true;
    try {
      if (this.delegate === "CPU" && hasGpu()) {
        await this.#use("full", "GPU");
        if (this.#trial(video) >= ENOUGH_FPS) return true;
      }
      await this.#use("lite", "CPU");
      return true;
    } finally {
      this.#changing = false;
      if (this.#closed) this.close();
    }
  }

  /**
   * How many people the picture shows, at most two; 1 while that is not known. By a model of its own, asked seldom.
   * @param {HTMLVideoElement} video
   */
  async people(video) {
    if (this.#closed || !this.#runtime) return 1;
    this.#crowd ??= await this.#runtime.PoseLandmarker.createFromOptions(this.#fileset, {
      baseOptions: { modelAssetPath: `${this.#files}pose_landmarker_lite.task`, delegate: "CPU" },
      runningMode: "IMAGE",
      numPoses: 2,
    });
    if (this.#closed) return this.#alone();
    const { landmarks } = this.#crowd.detect(this.#reduced(video));
    return landmarks.length < 2 ? landmarks.length : Number(apart(landmarks[0], landmarks[1])) + 1;
  }

  /** No more counting: its model is given back. */
  #alone() {
    this.#crowd?.close();
    this.#crowd = null;
    return 1;
  }

  close() {
    this.#closed = true;
    this.#alone();
    if (this.#changing) return;
    this.#landmarker?.close();
    this.#landmarker = null;
  }

  /**
   * @param {Model} model
   * @param {"CPU" | "GPU"} delegate
   */
  async #use(model, delegate) {
    const landmarker = await this.#runtime.PoseLandmarker.createFromOptions(this.#fileset, {
      baseOptions: { modelAssetPath: `${this.#files}pose_landmarker_${model}.task`, delegate },
      runningMode: "VIDEO",
      numPoses: 1,
    });
    // as bundled in 0.10.35: `g` is the graph, `g.i` the wasm module with one listener for each output stream
    const listeners = landmarker.g.i.simpleListeners;
    const passOn = listeners.normalized_landmarks;
    listeners.normalized_landmarks = (/** @type {any} */ bytes, /** @type {boolean} */ done, /** @type {number} */ time) => {
      if (!done) this.#presence = presenceOf(bytes);
      passOn(bytes, done, time);
    };
    this.#landmarker?.close();
    this.#landmarker = landmarker;
    this.model = model;
    this.delegate = delegate;
    this.#rate = new Rate();
  }

  /** @param {HTMLVideoElement} video */
  #reduced(video) {
    const { videoWidth, videoHeight } = video;
    const { canvas } = this.#small;
    const share = Math.min(1, LOOKED_AT / Math.max(videoWidth, videoHeight));
    const width = Math.round(videoWidth * share);
    const height = Math.round(videoHeight * share);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.#small.drawImage(video, 0, 0, width, height);
    return canvas;
  }

  /**
   * Frames per second that the model can do on the picture of now, over at most a second.
   * @param {HTMLVideoElement} video
   */
  #trial(video) {
    const picture = this.#reduced(video);
    this.#landmarker.detectForVideo(picture, performance.now()); // the first run builds the programs
    const start = performance.now();
    let runs = 0;
    while (performance.now() - start < GPU_TRIAL_MS && runs < 2 * ENOUGH_FPS) {
      this.#landmarker.detectForVideo(picture, performance.now());
      runs += 1;
    }
    return (runs * 1000) / (performance.now() - start);
  }
}
