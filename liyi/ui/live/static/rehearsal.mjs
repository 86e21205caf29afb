/**
 * One rehearsal in the browser: check, calibrate, practise. Ties the parts together; Python owns the step, this half
 * goes ahead by itself where waiting for the page would cost time.
 */

import { brightness, DeviceFault, openDevices, releaseDevices, watchDevices } from "./camera.mjs";
import { RecordingClock } from "./clock.mjs";
import { drawSkeleton } from "./draw.mjs";
import { buildPanel, clockText } from "./panel.mjs";
import { Pose } from "./pose.mjs";
import { Recorder, recordingType, Refused } from "./recorder.mjs";
import { LiveSocket, poseMessage, soundMessage } from "./socket.mjs";
import { listen } from "./sound.mjs";

/** @typedef {"check" | "calibrate" | "practise"} Step */
/**
 * @typedef {object} Data what Python says
 * @property {string} address of the rehearsal, ending in a slash, relative to the page
 * @property {Step} step
 * @property {string} lang
 * @property {Record<string, string>} words
 * @property {"front" | "side"} camera
 * @property {number} limit_s longest recording
 * @property {number} settle_s from the recording's begin to the calibration stretch
 * @property {number} neutral_s length of the calibration stretch
 */
/** @typedef {{data: Data, parentElement: HTMLElement | ShadowRoot, setTriggerValue: (name: string, value: any) => void}} Component */

/** @type {Step[]} */
const STEPS = ["check", "calibrate", "practise"];
const POSE_BATCH = 5; // samples: about five messages a second
const DRAIN_MS = 5000;
const TELL_LIMIT_S = 300; // before the longest recording is reached
const THUMBNAIL = { width: 32, height: 24 };

/** @type {WeakMap<Node, Rehearsal>} */
const running = new WeakMap();

/**
 * Called by the page at every rerun; starts once, then only takes the news.
 * @param {Component} component
 * @returns {() => void} to be called when the page is left
 */
export function mount(component) {
  const { parentElement: parent, data } = component;
  let rehearsal = running.get(parent);
  if (rehearsal && rehearsal.address !== data.address) {
    void rehearsal.leave();
    rehearsal = undefined;
  }
  if (rehearsal) {
    rehearsal.take(component);
  } else {
    rehearsal = new Rehearsal(component);
    running.set(parent, rehearsal);
    void rehearsal.open();
  }
  // The page may call this of an older run while the component stays: only what has left the document is released.
  return () =>
    void setTimeout(() => {
      if (parent.isConnected) return;
      void running.get(parent)?.leave();
      running.delete(parent);
    });
}

class Rehearsal {
  #panel;
  #words;
  #camera;
  #tell;
  #base;
  #clock = new RecordingClock();
  #thumbnail;
  /** @type {Step} */
  #step;
  #fresh = true; // nothing was recorded by this instance yet
  #left = false;
  #ending = false;
  #cutShort = false; // the server has no room for more
  #connected = true;
  #failing = false; // pieces are not taken
  #limitS;
  #settleS;
  #neutralS;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Pose | null} */
  #pose = null;
  /** @type {import("./sound.mjs").Listening | null} */
  #sound = null;
  /** @type {Recorder | null} */
  #recorder = null;
  /** @type {LiveSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticks;
  /** @type {import("./socket.mjs").PoseSample[]} */
  #samples = [];
  /** @type {{start_s: number, end_s: number} | null} */
  #stretch = null;
  #counts = { frames: 0, poses: 0, sound: 0 };
  /** @type {number[]} frame callback to drawn, ms */
  #delays = [];

  /** @param {Component} component */
  constructor({ data, parentElement, setTriggerValue }) {
    this.address = data.address;
    this.#base = new URL(data.address, document.baseURI).href;
    this.#words = data.words;
    this.#camera = data.camera;
    this.#limitS = data.limit_s;
    this.#settleS = data.settle_s;
    this.#neutralS = data.neutral_s;
    this.#tell = setTriggerValue;
    this.#step = data.step;
    const thumbnail = document.createElement("canvas");
    Object.assign(thumbnail, THUMBNAIL);
    this.#thumbnail = /** @type {CanvasRenderingContext2D} */ (thumbnail.getContext("2d", { willReadFrequently: true }));
    this.#panel = buildPanel(data.words, data.lang);
    this.#panel.ready.onclick = () => this.#ready();
    this.#panel.begin.onclick = () => void this.#calibrate();
    this.#panel.pause.onclick = () => this.#pause();
    this.#panel.end.onclick = () => void this.#end();
    this.#panel.again.onclick = () => void this.open();
    const place = parentElement.querySelector("#rehearsal") ?? parentElement;
    place.replaceChildren(this.#panel.root);
    addEventListener("pagehide", this.#hide);
  }

  /**
   * News from Python: a later step, a new way to call back.
   * @param {Component} component
   */
  take({ data, setTriggerValue }) {
    this.#tell = setTriggerValue;
    if (STEPS.indexOf(data.step) > STEPS.indexOf(this.#step)) this.#enter(data.step);
  }

  /** Open the devices, the model and the line to the server, and show the step. */
  async open() {
    if (this.#step === "practise" && this.#fresh) {
      this.#fail("interrupted"); // the recorder of an earlier page cannot be taken up again
      return;
    }
    this.#enter(this.#step);
    this.#panel.ready.disabled = this.#panel.begin.disabled = true; // until there is something to go on with
    this.#panel.print.textContent = this.#words.loading;
    try {
      if (typeof WebAssembly !== "object") throw new Error("no_wasm");
      if (!recordingType()) throw new Error("no_recorder");
      const stream = await openDevices();
      if (this.#left) return releaseDevices(stream);
      this.#stream = stream;
      watchDevices(stream, () => this.#fail("lost"));
      this.#panel.video.srcObject = stream;
      await this.#panel.video.play();
      this.#sound = await listen(stream, this.#hearSound);
      const pose = new Pose(`${this.#base}files/`);
      await pose.load();
      this.#pose = pose;
    } catch (error) {
      this.#fail(reasonOf(error));
      return;
    }
    if (this.#left) return this.#release(); // while it loaded
    this.#socket = new LiveSocket({
      url: `${this.#base.replace(/^http/, "ws")}socket`,
      hello: () => this.#hello(),
      onMessage: this.#hearServer,
      onState: (connected) => this.#connection(connected),
    });
    this.#ticks = setInterval(() => this.#tick(), 1000);
    this.#watchFrames();
    this.#panel.ready.disabled = this.#panel.begin.disabled = false;
  }

  /** Give everything back; a recording that runs keeps posting what it has. */
  async leave() {
    if (this.#left) return;
    this.#left = true;
    removeEventListener("pagehide", this.#hide);
    await this.#recorder?.stop();
    this.#release();
  }

  #hide = () => this.#release();

  #release() {
    clearInterval(this.#ticks);
    if (this.#stream) releaseDevices(this.#stream);
    this.#stream = null;
    void this.#sound?.stop();
    this.#sound = null;
    this.#pose?.close();
    this.#pose = null;
    this.#socket?.close();
    this.#socket = null;
    this.#panel.video.srcObject = null;
  }

  /** @param {string} reason key of a sentence */
  #fail(reason) {
    if (this.#left || this.#ending) return;
    void this.#recorder?.stop();
    this.#release();
    this.#panel.fault.textContent = this.#words[reason];
    this.#panel.again.hidden = !this.#fresh || reason === "interrupted" || reason.startsWith("no_w");
    this.#panel.print.textContent = "";
    this.#panel.line.textContent = "";
    this.#panel.show("failed");
    this.#tell("failed", { reason });
  }

  /** @param {Step} step */
  #enter(step) {
    this.#step = step;
    this.#panel.show(step);
    if (step === "calibrate") this.#panel.how.textContent = this.#words[`how_${this.#camera}`];
  }

  #ready() {
    void this.#sound?.wake();
    this.#enter("calibrate");
    this.#panel.begin.focus();
    this.#tell("ready", {});
  }

  /** The recording starts here: a quiet, upright stretch comes first. */
  async #calibrate() {
    const type = recordingType();
    if (!this.#stream || !type || !this.#fresh) return;
    this.#fresh = false;
    this.#panel.begin.disabled = true;
    void this.#sound?.wake();
    this.#recorder = new Recorder(this.#stream, {
      base: this.#base,
      type,
      nowS: () => this.#clock.at(),
      onTrouble: (failing) => {
        this.#failing = failing;
        this.#sayLine();
      },
      onFault: (reason) => this.#cut(reason),
    });
    this.#flush();
    this.#clock.start(await this.#recorder.start());
    const end_s = this.#settleS + this.#neutralS;
    while (this.#clock.at() < end_s) {
      this.#panel.bar.value = this.#clock.at() / end_s;
      await new Promise((next) => setTimeout(next, 100));
      if (this.#left || !this.#stream) return;
    }
    const stretch = { start_s: this.#settleS, end_s };
    this.#flush();
    this.#stretch = stretch;
    this.#sayState();
    this.#enter("practise");
    this.#panel.time.textContent = clockText(0);
    this.#panel.pause.focus({ preventScroll: true }); // the button that had the focus is gone; this one does no harm
    this.#tell("calibrated", stretch);
  }

  #pause() {
    if (!this.#recorder || this.#ending) return;
    if (this.#clock.paused) {
      this.#recorder.resume();
      this.#clock.resume();
    } else {
      this.#flush();
      this.#recorder.pause();
      this.#clock.pause();
    }
    const { paused } = this.#clock;
    this.#socket?.say({ type: paused ? "pause" : "resume" });
    this.#panel.pause.textContent = paused ? this.#words.resume : this.#words.pause;
  }

  /** @param {boolean} connected */
  #connection(connected) {
    this.#connected = connected;
    this.#sayLine();
    if (connected) this.#sayState();
  }

  /** The one line under the picture: what stands in the way of the recording, the most urgent first. */
  #sayLine() {
    const { line } = this.#panel;
    const leftS = this.#limitS - this.#clock.at();
    if (this.#ending) line.textContent = this.#words[this.#failing ? "not_taken" : "saving"];
    else if (this.#failing) line.textContent = this.#words.not_taken;
    else if (!this.#connected) line.textContent = this.#words.reconnecting;
    else if (this.#recorder && leftS < TELL_LIMIT_S) line.textContent = this.#words.nearly.replace("{time}", clockText(leftS));
    else line.textContent = "";
  }

  /**
   * The server takes no more: stop, say so at once, and have what is there assessed.
   * @param {import("./recorder.mjs").Reason} reason
   */
  #cut(reason) {
    if (this.#left || this.#cutShort) return;
    const storedS = this.#recorder?.storedS ?? 0;
    if (reason === "refused" || storedS <= 0) {
      this.#ending = false;
      this.#fail(reason === "refused" ? reason : `${reason}_nothing`);
      return;
    }
    this.#cutShort = this.#ending = true;
    void this.#recorder?.stop();
    this.#release();
    this.#panel.fault.textContent = this.#words[reason].replace("{time}", clockText(storedS));
    this.#panel.again.hidden = true;
    this.#panel.print.textContent = this.#panel.line.textContent = "";
    this.#panel.show("failed");
    this.#tell("ended", { reason, stored_s: storedS });
  }

  /** What the server must know, again after every cut: it may have been said to nobody, or to a server that is gone. */
  #sayState() {
    if (this.#stretch) this.#socket?.say({ type: "calibrated", ...this.#stretch });
    if (this.#clock.paused) this.#socket?.say({ type: "pause" });
  }

  async #end() {
    if (this.#ending || !this.#recorder) return;
    this.#ending = true;
    this.#panel.end.disabled = this.#panel.pause.disabled = true;
    this.#sayLine();
    const recorder = this.#recorder;
    await this.#sound?.stop();
    this.#flush();
    const stored = recorder.end();
    if (this.#stream) releaseDevices(this.#stream); // the recorder has stopped: the lamp of the camera goes out at once
    try {
      await this.#socket?.drained(DRAIN_MS);
      await stored;
      this.#report();
      await this.leave();
      this.#panel.line.textContent = "";
      this.#tell("ended", {});
    } catch (error) {
      this.#cut(error instanceof Refused ? error.reason : "refused");
    }
  }

  #hello() {
    const fps = this.#pose?.fps ?? Number.NaN;
    return { type: "hello", model: this.#pose?.model ?? "full", fps: Number.isFinite(fps) ? Math.round(fps * 10) / 10 : null };
  }

  /** Look at every frame that the camera gives, as far as the model keeps up. */
  #watchFrames() {
    const { video, canvas } = this.#panel;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {VideoFrameRequestCallback} */
    const look = (now, { presentedFrames, width, height }) => {
      const pose = this.#pose;
      if (!pose || this.#ending) return;
      video.requestVideoFrameCallback(look);
      const called = performance.now();
      const points = pose.find(video, presentedFrames);
      if (!points) return;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      drawSkeleton(pen, points);
      this.#delays.push(performance.now() - Math.min(called, now));
      if (this.#delays.length > 600) this.#delays.shift();
      this.#counts.frames += 1;
      this.#keep(points, called);
      void this.#adapt(pose);
    };
    video.requestVideoFrameCallback(look);
  }

  /** @param {Pose} pose */
  async #adapt(pose) {
    if (!(await pose.adapt(this.#panel.video))) return;
    this.#delays = [];
    this.#socket?.say(this.#hello());
  }

  /**
   * @param {Float32Array} points
   * @param {number} atMs
   */
  #keep(points, atMs) {
    if (!this.#clock.counts(atMs)) return;
    this.#samples.push({ atS: this.#clock.at(atMs), points });
    if (this.#samples.length >= POSE_BATCH) this.#flush();
  }

  #flush() {
    const { videoWidth: width, videoHeight: height } = this.#panel.video;
    if (this.#samples.length === 0 || !this.#pose || !this.#socket) return;
    this.#socket.send(poseMessage(this.#samples, { width, height, model: this.#pose.model }));
    this.#counts.poses += this.#samples.length;
    this.#samples = [];
  }

  /** @type {(samples: Int16Array, atMs: number) => void} */
  #hearSound = (samples, atMs) => {
    if (!this.#socket || !this.#clock.counts(atMs)) return;
    this.#socket.send(soundMessage(samples, this.#clock.at(atMs)));
    this.#counts.sound += samples.length;
  };

  /** @type {(message: any) => void} */
  #hearServer = (message) => {
    if (message.type === "panel") this.#panel.readings.fill(message);
    else if (message.type === "check") this.#panel.checks.fill(message);
    else if (message.type === "hint") this.#panel.hint(message.text, message.show_s);
  };

  /** Once a second: theme, small print, time, light. */
  #tick() {
    const { root, print, time, video } = this.#panel;
    root.dataset.theme = isDark(root) ? "dark" : "light";
    const fps = this.#pose?.fps ?? Number.NaN;
    if (Number.isFinite(fps) && this.#pose) {
      print.textContent = this.#words[`print_${this.#pose.model}`].replace("{fps}", fps.toFixed(0));
    }
    if (this.#step === "practise") time.textContent = clockText(this.#clock.at() - (this.#stretch?.end_s ?? 0));
    if (this.#recorder && !this.#ending) {
      this.#sayLine();
      if (this.#clock.at() >= this.#limitS) void this.#end();
    }
    if (this.#step === "check") this.#socket?.say({ type: "check", brightness: brightness(video, this.#thumbnail) });
    this.#report();
  }

  /** Figures for whoever listens on the page: tests, and a curious developer. */
  #report() {
    const sorted = [...this.#delays].sort((a, b) => a - b);
    const detail = {
      ...this.#counts,
      model: this.#pose?.model,
      fps: this.#pose?.fps,
      delay_p95_ms: sorted[Math.floor(0.95 * sorted.length)],
      waiting: this.#socket?.waiting,
      pieces: this.#recorder?.waiting,
    };
    this.#panel.root.dispatchEvent(new CustomEvent("liyi:figures", { detail, bubbles: true, composed: true }));
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof DeviceFault) return error.reason;
  const name = error instanceof Error ? error.message : "";
  if (name === "no_wasm" || name === "no_recorder") return name;
  console.error(error);
  return "no_model";
}

/**
 * Whether the page's text is light, so the page dark.
 * @param {HTMLElement} root
 */
function isDark(root) {
  const [red, green, blue] = (getComputedStyle(root).color.match(/\d+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128;
}
