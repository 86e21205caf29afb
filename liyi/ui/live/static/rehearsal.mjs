/**
 * One rehearsal in the browser: check, calibrate, practise. Ties the parts together; Python owns the step, this half
 * goes ahead by itself where waiting for the page would cost time.
 */

import { brightness, DeviceFault, microphones, openDevices, releaseAll, releaseDevices, watchDevices } from "./camera.mjs";
import { calibrate, judged } from "./calibrating.mjs";
import { RecordingClock } from "./clock.mjs";
import { drawSkeleton, isDark } from "./draw.mjs";
import { askBeforeLeaving } from "./leaving.mjs";
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
 * @property {"front" | "side" | "none"} camera none: sound alone
 * @property {"front" | "side" | "whole"} shape of the outline
 * @property {boolean} hints_only without the side panel
 * @property {import("./task.mjs").Task | null} task
 * @property {Resume | null} resume where a rehearsal goes on that was cut off
 * @property {number} limit_s longest recording
 * @property {number} settle_s counted down before the recording begins
 * @property {number} neutral_s length of the calibration stretch
 * @property {number} read_s a sentence is read for so long before the next countdown
 */
/** @typedef {{piece: number, recorded_s: number, start_s: number}} Resume next piece; seconds; where practice began */
/** @typedef {import("./calibrating.mjs").Stretch} Stretch */
/** @typedef {{data: Data, parentElement: HTMLElement | ShadowRoot, setTriggerValue: (name: string, value: any) => void}} Component */

/** @type {Step[]} */
const STEPS = ["check", "calibrate", "practise"];
const POSE_BATCH = 5; // samples: about five messages a second
const DRAIN_MS = 5000;
const TELL_LIMIT_S = 300; // before the longest recording is reached
const COUNT_EVERY_S = 3; // people in the picture, while it is checked
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
  /** @type {Element} */
  #place;
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
  #course; // of the calibration
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
  /** @type {Stretch | null} */
  #stretch = null;
  /** @type {number | null} second of the recording at which practice began */
  #startS = null;
  /** @type {((told: {good: boolean, text: string}) => void) | null} */
  #judged = null;
  #microphone = "";
  #people = 1;
  #countedAtS = Number.NEGATIVE_INFINITY;
  #loudest = 0;
  #resume;
  #stopAsking;
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
    const gap = data.lang === "zh" ? "" : " ";
    this.#course = { settleS: data.settle_s, neutralS: data.neutral_s, readS: data.read_s, gap };
    this.#tell = setTriggerValue;
    this.#step = data.step;
    const thumbnail = document.createElement("canvas");
    Object.assign(thumbnail, THUMBNAIL);
    this.#thumbnail = /** @type {CanvasRenderingContext2D} */ (thumbnail.getContext("2d", { willReadFrequently: true }));
    this.#resume = data.resume;
    this.#place = /** @type {Element} */ (parentElement.querySelector("#rehearsal") ?? parentElement);
    this.#panel = this.#build(data);
    addEventListener("pagehide", this.#hide);
    addEventListener("keydown", this.#key);
    this.#stopAsking = askBeforeLeaving({
      busy: () => this.#recorder !== null && !this.#ending && !this.#left,
      question: data.words.leave,
      own: parentElement,
    });
  }

  get #blind() {
    return this.#camera === "none";
  }

  /** @param {Data} data */
  #build({ words, lang, shape, hints_only: hintsOnly, task }) {
    const read = (/** @type {string} */ step) => this.#socket?.say({ type: "reading", do: step });
    const panel = buildPanel(words, { lang, shape, hintsOnly, task, read, blind: this.#blind });
    panel.ready.onclick = () => this.#ready();
    panel.begin.onclick = () => void this.#calibrate();
    panel.go.onclick = () => void this.#goOn();
    panel.pause.onclick = () => this.#pause();
    panel.end.onclick = () => void this.#end();
    panel.again.onclick = () => void this.open();
    panel.microphone.onchange = () => this.#listenBy(panel.microphone.value);
    panel.byVoice.onclick = () => this.#tell("voice", {});
    this.#place.replaceChildren(panel.root);
    return panel;
  }

  /**
   * News from Python: a later step, a new way to call back.
   * @param {Component} component
   */
  take({ data, setTriggerValue }) {
    this.#tell = setTriggerValue;
    if (data.camera !== this.#camera && this.#fresh) {
      this.#camera = data.camera;
      this.#panel = this.#build(data);
      void this.open();
      return;
    }
    if (STEPS.indexOf(data.step) > STEPS.indexOf(this.#step)) this.#enter(data.step);
  }

  /** Open the devices, the model and the line to the server, and show the step. */
  async open() {
    if (this.#step === "practise" && this.#fresh && !this.#resume) {
      this.#fail("interrupted"); // the recorder of an earlier page cannot be taken up again
      return;
    }
    this.#enter(this.#step);
    const { ready, begin, go } = this.#panel;
    ready.disabled = begin.disabled = go.disabled = true; // until there is something to go on with
    this.#panel.print.textContent = this.#words[this.#blind ? "loading_sound" : "loading"];
    try {
      if (!recordingType(!this.#blind)) throw new Error("no_recorder");
      const stream = await openDevices({ camera: !this.#blind, microphone: this.#microphone });
      if (this.#left) return releaseDevices(stream);
      this.#stream = stream;
      watchDevices(stream, () => this.#fail("lost"));
      this.#panel.offer(await microphones(), stream.getAudioTracks()[0].getSettings().deviceId ?? "");
      this.#sound = await listen(stream, this.#hearSound);
      if (!this.#blind) await this.#look(stream);
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
    if (this.#blind) this.#panel.print.textContent = "";
    else this.#watchFrames();
    begin.disabled = go.disabled = false; // to go on from the check, the server must have seen something
  }

  /** Where this is, as far as a browser can tell: what was read aloud counts for one microphone and one browser. */
  #sayRoom() {
    const [track] = this.#stream?.getAudioTracks() ?? [];
    if (!track || this.#step !== "check") return;
    this.#socket?.say({ type: "room", label: track.label, device: track.getSettings().deviceId ?? "" });
  }

  /** @param {string} microphone id of another one, before anything is recorded */
  #listenBy(microphone) {
    if (!this.#fresh) return;
    this.#panel.reading.leave();
    this.#microphone = microphone;
    this.#release();
    void this.open();
  }

  /** @param {MediaStream} stream */
  async #look(stream) {
    if (typeof WebAssembly !== "object") throw new Error("no_wasm");
    this.#panel.video.srcObject = stream;
    await this.#panel.video.play();
    const pose = new Pose(`${this.#base}files/`);
    await pose.load();
    this.#pose = pose;
  }

  /** Give everything back; a recording that runs keeps posting what it has. */
  async leave() {
    if (this.#left) return;
    this.#left = true;
    removeEventListener("pagehide", this.#hide);
    removeEventListener("keydown", this.#key);
    this.#stopAsking();
    await this.#recorder?.stop();
    this.#release();
  }

  #hide = () => this.#release();

  #release() {
    clearInterval(this.#ticks);
    releaseAll({ stream: this.#stream, sound: this.#sound, pose: this.#pose, socket: this.#socket, video: this.#panel.video });
    this.#stream = this.#sound = this.#pose = this.#socket = null;
  }

  /** @param {string} reason key of a sentence */
  #fail(reason) {
    if (this.#left || this.#ending) return;
    void this.#recorder?.stop();
    this.#release();
    this.#panel.fault.textContent = this.#words[reason];
    this.#panel.again.hidden = !this.#fresh || reason === "interrupted" || reason.startsWith("no_w");
    const unseen = ["denied", "no_camera", "in_use", "no_wasm", "no_model"].includes(reason);
    this.#panel.byVoice.hidden = this.#blind || !this.#fresh || this.#resume !== null || !unseen;
    this.#panel.print.textContent = "";
    this.#panel.line.textContent = "";
    this.#panel.show("failed");
    this.#tell("failed", { reason });
  }

  /** @param {Step} step */
  #enter(step) {
    this.#step = step;
    this.#panel.show(step === "practise" && this.#fresh ? "resume" : step);
    if (step === "calibrate" && this.#fresh) this.#panel.how.textContent = this.#words[`how_${this.#camera}`];
  }

  #ready() {
    this.#panel.reading.leave();
    void this.#sound?.wake();
    if (this.#blind) {
      void this.#begin(); // nobody is seen: there is nothing to compare with
      return;
    }
    this.#enter("calibrate");
    this.#panel.begin.focus();
    this.#tell("ready", {});
  }

  /**
   * A recorder for what comes; false when there is one already, or nothing to record.
   * @param {number} [first] number of its first piece
   */
  #makeRecorder(first = 0) {
    const type = recordingType(!this.#blind);
    if (!this.#stream || !type || !this.#fresh) return false;
    this.#fresh = false;
    void this.#sound?.wake();
    this.#recorder = new Recorder(this.#stream, {
      base: this.#base,
      type,
      first,
      nowS: () => this.#clock.at(),
      onTrouble: (failing) => {
        this.#failing = failing;
        this.#sayLine();
      },
      onFault: (reason) => this.#cut(reason),
    });
    return true;
  }

  /** A quiet, upright stretch comes first. */
  async #calibrate() {
    if (!this.#makeRecorder()) return;
    const { begin, how, ring } = this.#panel;
    begin.hidden = true;
    const stretch = await calibrate({
      ...this.#course,
      ring,
      tell: (text) => (how.textContent = text),
      words: this.#words,
      record: (anew) => this.#record(anew),
      nowS: () => this.#clock.at(),
      judge: (made) => this.#judge(made),
      here: () => !this.#left && this.#stream !== null,
    });
    if (stretch) this.#practise(stretch.end_s, stretch);
    else if (stretch === null) await this.#begin();
  }

  /** @param {Stretch} stretch */
  #judge(stretch) {
    this.#flush();
    return judged((told) => {
      this.#judged = told;
      this.#socket?.say({ type: "calibrate", ...stretch });
    });
  }

  /** @param {boolean} anew what was recorded until now is dropped */
  async #record(anew) {
    const recorder = /** @type {Recorder} */ (this.#recorder);
    const startedMs = await (anew ? recorder.restart() : recorder.start());
    this.#flush(); // one message never holds times of two clocks
    this.#clock.start(startedMs);
  }

  /** Practice from the recording's first second on, without a calibration. */
  async #begin() {
    const anew = this.#recorder !== null;
    if (!anew && !this.#makeRecorder()) return;
    await this.#record(anew);
    this.#practise(0, null);
  }

  /** Go on with a rehearsal that was cut off: what comes is put behind what the server has. */
  async #goOn() {
    const resume = this.#resume;
    if (!resume || !this.#makeRecorder(resume.piece)) return;
    const startedMs = await /** @type {Recorder} */ (this.#recorder).start();
    this.#flush();
    this.#clock.start(startedMs, resume.recorded_s);
    this.#practise(resume.start_s, null);
  }

  /**
   * @param {number} startS
   * @param {Stretch | null} stretch
   */
  #practise(startS, stretch) {
    this.#startS = startS;
    this.#stretch = stretch;
    this.#flush();
    this.#sayState();
    this.#enter("practise");
    this.#panel.time.textContent = clockText(this.#clock.at() - startS);
    this.#panel.pause.focus({ preventScroll: true }); // the button that had the focus is gone; this one does no harm
    this.#tell("calibrated", stretch ?? {});
  }

  /** @type {(event: KeyboardEvent) => void} */
  #key = (event) => {
    if (event.key === "Escape" && this.#step === "practise" && !event.defaultPrevented) this.#pause();
  };

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
    if (!connected) this.#panel.reading.leave(); // what is read now does not arrive whole
    if (connected) this.#sayState();
    if (connected) this.#sayRoom();
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
    else if (this.#startS !== null) this.#socket?.say({ type: "practising", start_s: this.#startS });
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
    this.#loudest = Math.max(this.#loudest, loudness(samples));
    if (!this.#socket || !this.#clock.counts(atMs)) return;
    this.#socket.send(soundMessage(samples, this.#clock.at(atMs)));
    this.#counts.sound += samples.length;
  };

  /** @type {(message: any) => void} */
  #hearServer = (message) => {
    if (message.type === "panel") this.#panel.readings.fill(message);
    else if (message.type === "check") this.#checked(message);
    else if (message.type === "ticks") this.#panel.tick(message);
    else if (message.type === "reading") this.#panel.reading.fill(message);
    else if (message.type === "calibration") this.#judged?.(message);
    else if (message.type === "hint") this.#panel.hint(message.text, message.show_s);
  };

  /** @param {Record<string, import("./panel.mjs").Line | undefined>} message */
  #checked(message) {
    this.#panel.ready.disabled = !this.#panel.checks.fill(message);
    const fits = ["distance", "framing", "angle"].every((id) => message[id]?.mark === "good");
    this.#panel.root.toggleAttribute("data-fits", fits);
  }

  /** What the server cannot see by itself, while it is checked: the light, and how many people there are. */
  #lookAround() {
    const { video } = this.#panel;
    if (this.#pose && this.#clock.at() - this.#countedAtS >= COUNT_EVERY_S) {
      this.#countedAtS = this.#clock.at();
      void this.#pose.people(video).then((people) => (this.#people = people), console.error);
    }
    const light = this.#blind ? 0 : brightness(video, this.#thumbnail);
    this.#socket?.say({ type: "check", brightness: light, people: this.#people });
  }

  /** Once a second: theme, small print, time, light. */
  #tick() {
    const { root, print, time } = this.#panel;
    root.dataset.theme = isDark(root) ? "dark" : "light";
    const fps = this.#pose?.fps ?? Number.NaN;
    if (Number.isFinite(fps) && this.#pose) {
      print.textContent = this.#words[`print_${this.#pose.model}`].replace("{fps}", fps.toFixed(0));
    }
    if (this.#step === "practise") time.textContent = clockText(this.#clock.at() - (this.#startS ?? 0));
    this.#panel.loud(this.#loudest);
    this.#loudest = 0;
    if (this.#recorder && !this.#ending) {
      this.#sayLine();
      if (this.#clock.at() >= this.#limitS) void this.#end();
    }
    if (this.#step === "check") this.#lookAround();
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

/**
 * How loud a piece of sound is, 0 (−60 dB) to 1 (full scale).
 * @param {Int16Array} samples
 */
function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += (sample / 32768) ** 2;
  return Math.min(1, Math.max(0, 1 + Math.log10(sum / samples.length + 1e-9) / 6));
}

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof DeviceFault) return error.reason;
  const name = error instanceof Error ? error.message : "";
  if (name === "no_wasm" || name === "no_recorder") return name;
  console.error(error);
  return "no_model";
}
