/**
 * One drill in the browser: stand ready, 3-2-1, the take, its result, again. Python owns which drill it is; everything
 * between two takes happens here, so that ten in a row need no reload and a result comes as soon as the server has it.
 */

import { DeviceFault, openDevices, releaseAll, releaseDevices, watchDevices } from "./camera.mjs";
import { buildView, drawMelody, drawMoment, drawTries } from "./drill-view.mjs";
import { drawSkeleton, isDark } from "./draw.mjs";
import { nextHeard } from "./hearing.mjs";
import { handRaised, outside } from "./outline.mjs";
import { Pose } from "./pose.mjs";
import { LiveSocket, poseMessage, soundMessage } from "./socket.mjs";
import { listen } from "./sound.mjs";
import { Speaker } from "./speaker.mjs";
import { Take } from "./takes.mjs";

/** @typedef {"loading" | "ready" | "stand" | "count" | "take" | "measure" | "result" | "failed"} State */
/** @typedef {{address: string, lang: string, words: Record<string, string>, drill: any, tries: any[], reference_s: number, count_s: number}} Data */
/** @typedef {{data: Data, parentElement: HTMLElement | ShadowRoot, setTriggerValue: (name: string, value: any) => void}} Component */

const POSE_BATCH = 5;
const STAND_MS = 2000; // in the outline, far from the screen
const STOP_MS = 2000; // a raised hand
const KNOCK_MS = 3000;
const COMING_BACK_MS = 10_000; // a take whose page the server draws anew
const GAP_MS = 1000; // between two pictures
const LOST_MS = 5000; // out of the picture: the reference holds no longer
const REFERENCE_MS = 30 * 60_000;
const ASK_MS = 1000; // the end of a take is told again until its result is there
const LATE_MS = 8000;
const SOUND_LATE_MS = 250; // the last piece of sound comes a little after the end
const FAR_REST_MS = 5000; // before the next take begins by itself
const TONES = [523, 523, 523, 784]; // hertz: three, two, one, go
const BUSY = new Set(["stand", "count", "take", "measure"]);
const RECORDED = new Set(["count", "take", "measure"]); // what is played then would be heard

/**
 * The drill that runs, by its id. A server that has begun anew hands this module out at another address, which makes
 * another copy of it: what runs is therefore kept by the page and not by the module.
 * @type {Map<string, Drilling>}
 */
const running = (/** @type {any} */ (globalThis)[Symbol.for("liyi.drills")] ??= new Map());

/**
 * The words without the key that stands in brackets at their end.
 * @param {Record<string, string>} words
 */
function withoutKeys(words) {
  const keyed = ["begin", "again", "stop", "hear_demo", "hear_own"];
  return { ...words, ...Object.fromEntries(keyed.map((name) => [name, words[name].replace(/\s*[(（][^)）]*[)）]$/, "")])) };
}

/**
 * Called by the page at every rerun; starts once, then only takes the news.
 * @param {Component} component
 * @returns {() => void} to be called when the page is left
 */
export function mount(component) {
  const { data } = component;
  for (const [id, other] of running) {
    if (id === data.drill.id && other.lang === data.lang) continue;
    other.leave();
    running.delete(id);
  }
  let drilling = running.get(data.drill.id);
  if (drilling) {
    drilling.take(component);
  } else {
    drilling = new Drilling(component);
    running.set(drilling.id, drilling);
    void drilling.open();
  }
  // The page may call this of an older run while the component stays, or mounts it anew after the server was away:
  // only what has left the document is released, and a take is given the time to come back.
  const mine = drilling;
  return () =>
    void setTimeout(() => {
      if (mine.shown) return;
      mine.leave();
      if (running.get(mine.id) === mine) running.delete(mine.id);
    }, mine.busy ? COMING_BACK_MS : 0);
}

class Drilling {
  #view;
  #drill;
  #words;
  #base;
  #tell;
  #speaker;
  #referenceS;
  #countS;
  #zeroMs = performance.now();
  /** @type {State} */
  #state = "loading";
  #left = false;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Pose | null} */
  #pose = null;
  /** @type {import("./sound.mjs").Listening | null} */
  #sound = null;
  /** @type {LiveSocket | null} */
  #socket = null;
  /** @type {Take | null} */
  #take = null;
  #number = 0;
  #startMs = 0; // of the take
  #sinceMs = 0; // of the state
  /** @type {{start_s: number, end_s: number} | null} */
  #stretch = null; // of the take that waits for its result
  #referenceAtMs = Number.NEGATIVE_INFINITY;
  #inSinceMs = Number.NaN;
  #raisedSinceMs = Number.NaN;
  #seenAtMs = 0;
  #lookedAtMs = 0;
  #connected = false;
  #knockedMs = 0; // when it was last asked whether the server still knows this drill
  #askedMs = 0;
  #endedMs = 0; // of the take
  #counted = -1; // seconds that were said last
  /** @type {import("./socket.mjs").PoseSample[]} */
  #samples = [];
  /** @type {ArrayBuffer[]} what the server must have to judge this take: sent again to a server that has begun anew */
  #sent = [];
  /** @type {{start_s: number, end_s: number} | null} */
  #reference = null;
  /** @type {ArrayBuffer[]} */
  #referenceSent = [];
  /** @type {any} */
  #result = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticks;

  /** @param {Component} component */
  constructor({ data, parentElement, setTriggerValue }) {
    this.id = data.drill.id;
    this.lang = data.lang;
    this.address = data.address;
    this.#base = new URL(data.address, document.baseURI).href;
    this.#drill = data.drill;
    // a device without a keyboard is not told of keys
    const keyless = matchMedia("(hover: none) and (pointer: coarse)").matches;
    this.#words = keyless ? withoutKeys(data.words) : data.words;
    this.#referenceS = data.reference_s;
    this.#countS = data.count_s;
    this.#tell = setTriggerValue;
    this.#speaker = new Speaker(data.lang);
    this.#view = buildView(this.#words, data.lang, data.drill, this.#base);
    this.#view.begin.onclick = () => this.#go();
    this.#view.stop.onclick = () => this.#abort();
    this.#view.hearDemo.onclick = () => void this.#playDemo();
    this.#view.hearOwn.onclick = () => this.#playOwn(0);
    this.#view.hearWorst.onclick = () => this.#playOwn(this.#result?.worst?.start_s ?? 0);
    this.#view.keep.onclick = () => void this.#keep();
    drawTries(this.#view.dots, data.tries);
    this.#view.tries.hidden = data.tries.length === 0;
    this.#place(parentElement);
    addEventListener("keydown", this.#key);
    addEventListener("pagehide", this.#hide);
    this.#enter("loading");
  }

  /**
   * News from Python: a new way to call back, or a server that has begun anew.
   * @param {Component} component
   */
  take({ data, parentElement, setTriggerValue }) {
    this.#tell = setTriggerValue;
    this.#place(parentElement);
    if (data.address === this.address) return;
    this.address = data.address;
    this.#base = new URL(data.address, document.baseURI).href;
    if (!this.#socket) return;
    this.#socket.close();
    this.#connect();
    for (const buffer of this.#referenceSent) this.#socket?.send(buffer);
    for (const buffer of this.#sent) this.#socket?.send(buffer);
  }

  /** Whether it stands in the document, and whether a take is going on. */
  get shown() {
    return this.#view.root.isConnected;
  }

  get busy() {
    return BUSY.has(this.#state);
  }

  /** @param {HTMLElement | ShadowRoot} parent */
  #place(parent) {
    const place = parent.querySelector("#drill") ?? parent;
    if (place.contains(this.#view.root)) return;
    place.replaceChildren(this.#view.root);
    if (this.#stream) void this.#view.video.play(); // moving it has stopped it
  }

  /** Open the devices, the model and the line to the server. */
  async open() {
    this.#enter("loading");
    try {
      if (typeof WebAssembly !== "object") throw new Error("no_wasm");
      const seen = this.#drill.camera !== "none";
      const stream = await openDevices({ camera: seen });
      if (this.#left) return releaseDevices(stream);
      this.#stream = stream;
      watchDevices(stream, () => this.#fail("lost"));
      this.#sound = await listen(stream, this.#hearSound);
      if (seen) {
        this.#view.video.srcObject = stream;
        await this.#view.video.play();
        const pose = new Pose(await modelsAt(this.#base));
        await pose.load();
        this.#pose = pose;
      }
    } catch (error) {
      this.#fail(reasonOf(error, this.#drill.camera !== "none"));
      return;
    }
    if (this.#left) return this.#release();
    this.#connect();
    this.#ticks = setInterval(() => this.#tick(), 100);
    if (this.#pose) this.#watchFrames();
    this.#enter(this.#far ? "stand" : "ready");
  }

  /** Give everything back. */
  leave() {
    if (this.#left) return;
    this.#left = true;
    removeEventListener("keydown", this.#key);
    removeEventListener("pagehide", this.#hide);
    this.#release();
  }

  get #far() {
    return this.#drill.distance === "far";
  }

  #hide = () => this.#release();

  #release() {
    clearInterval(this.#ticks);
    this.#take?.stop();
    releaseAll({ stream: this.#stream, sound: this.#sound, pose: this.#pose, socket: this.#socket, video: this.#view.video });
    this.#stream = this.#sound = this.#pose = this.#socket = null;
    this.#speaker.close();
    this.#forgetOwn();
  }

  #connect() {
    this.#socket = new LiveSocket({
      url: `${this.#base.replace(/^http/, "ws")}socket`,
      hello: () => ({ type: "hello" }),
      onMessage: this.#hearServer,
      onState: (connected) => {
        this.#connected = connected;
        this.#view.line.textContent = connected ? "" : this.#words.reconnecting;
        if (connected && this.#reference) this.#socket?.say({ type: "reference", ...this.#reference });
        if (connected) this.#ask();
      },
    });
  }

  /** @param {string} reason key of a sentence */
  #fail(reason) {
    if (this.#left) return;
    this.#release();
    this.#view.told.textContent = this.#words[reason];
    this.#enter("failed");
    this.#tell("failed", { reason });
  }

  /** @param {State} state */
  #enter(state) {
    this.#state = state;
    this.#sinceMs = performance.now();
    this.#inSinceMs = Number.NaN;
    if (state === "count") this.#hush(); // or the microphone would hear it
    const { root, begin, stop, result, count, farResult, clock, told, outline } = this.#view;
    root.dataset.state = state;
    begin.disabled = state === "loading" || BUSY.has(state);
    begin.textContent = this.#words[state === "failed" ? "retry" : state === "result" ? "again" : "begin"];
    begin.hidden = BUSY.has(state);
    stop.hidden = !BUSY.has(state);
    stop.disabled = state === "measure";
    result.hidden = state !== "result";
    if (state !== "result") this.#view.melody.hidden = true;
    count.textContent = "";
    farResult.hidden = state !== "result" || !this.#far;
    clock.root.toggleAttribute("hidden", state !== "take");
    outline.toggleAttribute("hidden", state === "result");
    if (state !== "failed") told.textContent = this.#words[`told_${state}`] ?? "";
    if (state === "ready" && this.#far) told.textContent = this.#words.told_far;
  }

  /** The one thing to do now: begin, again, or try the devices once more. */
  #go() {
    this.#speaker.wake();
    void this.#sound?.wake();
    this.#hush();
    if (this.#state === "failed") void this.open();
    else if (this.#state === "ready" || this.#state === "result") this.#prepare();
  }

  #prepare() {
    const held = this.#drill.camera === "none" || performance.now() - this.#referenceAtMs < REFERENCE_MS;
    if (held && !this.#far) this.#count();
    else this.#enter("stand");
  }

  #abort() {
    if (!BUSY.has(this.#state) || this.#state === "measure") return;
    this.#take?.stop();
    this.#take = null;
    this.#sent = [];
    this.#enter("ready");
    this.#view.begin.focus({ preventScroll: true });
  }

  /** @type {(event: KeyboardEvent) => void} */
  #key = (event) => {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName ?? "")) return;
    if (event.key === "Escape") this.#abort();
    if (event.key === " " && !event.repeat && target.tagName !== "BUTTON" && target.tagName !== "A") {
      if (BUSY.has(this.#state)) return;
      event.preventDefault();
      this.#go();
    }
    if (event.key.toLowerCase() === "e" && !event.repeat && !RECORDED.has(this.#state)) this.#hearNext();
  };

  /** 3-2-1, with the take recorded into this browser's memory from its beginning. */
  #count() {
    this.#number += 1;
    this.#result = null;
    this.#sent = [];
    this.#stretch = null;
    this.#take?.stop();
    this.#take = new Take();
    if (this.#stream) this.#take.record(this.#stream);
    this.#counted = -1;
    this.#enter("count");
    this.#startMs = performance.now() + this.#countS * 1000;
  }

  /** Ten times a second: what the time of this state brings. */
  #tick() {
    const now = performance.now();
    const { root } = this.#view;
    const theme = isDark(root) ? "dark" : "light";
    if (theme !== root.dataset.theme) {
      root.dataset.theme = theme;
      if (this.#result?.voice && this.#state === "result") drawMelody(this.#view.melody, this.#result.voice, this.#result.example);
    }
    if (!this.#connected && now - this.#knockedMs > KNOCK_MS) void this.#knock();
    if (this.#pose && now - this.#seenAtMs > LOST_MS) this.#referenceAtMs = Number.NEGATIVE_INFINITY;
    if (this.#state === "count") this.#tickCount(now);
    else if (this.#state === "take") this.#tickTake(now);
    else if (this.#state === "measure" && now - this.#askedMs > ASK_MS) this.#ask();
    else if (this.#state === "result" && this.#far && now - this.#sinceMs > FAR_REST_MS) this.#enter("stand");
  }

  /** A server that has begun anew does not know this drill any more: the page is asked for a new way in. */
  async #knock() {
    this.#knockedMs = performance.now();
    try {
      const { status } = await fetch(`${this.#base}files/drill.mjs`, { method: "HEAD", cache: "no-store" });
      if (status === 404 && !this.#connected && !this.#left) this.#tell("lost", { address: this.address });
    } catch {
      // the server cannot be reached: the socket tries again by itself
    }
  }

  /** @param {number} now */
  #tickCount(now) {
    const left = Math.ceil((this.#startMs - now) / 1000);
    if (left > 0 && left !== this.#counted) {
      this.#counted = left;
      this.#view.count.textContent = String(left);
      this.#speaker.say(this.#words[`count_${left}`] ?? String(left), TONES[3 - left] ?? TONES[0]);
    }
    if (now < this.#startMs) return;
    this.#startMs = now;
    if (this.#far) this.#speaker.say("", TONES[3]);
    this.#socket?.say({ type: "begin", start_s: this.#at(now) });
    this.#enter("take");
  }

  /** @param {number} now */
  #tickTake(now) {
    const seconds = (now - this.#startMs) / 1000;
    this.#view.clock.show(seconds, this.#drill.seconds);
    if (seconds < this.#drill.seconds) return;
    this.#stretch = { start_s: this.#at(this.#startMs), end_s: this.#at(now) };
    this.#endedMs = now;
    this.#take?.stop();
    this.#enter("measure");
    this.#askedMs = now - ASK_MS + SOUND_LATE_MS;
  }

  /** Say, until it is answered, that the take is over and when it was. */
  #ask() {
    if (this.#state !== "measure" || !this.#stretch) return;
    this.#askedMs = performance.now();
    this.#flush();
    this.#socket?.say({ type: "finish", n: this.#number, ...this.#stretch });
    if (performance.now() - this.#sinceMs > LATE_MS) this.#view.told.textContent = this.#words.late;
  }

  /** @param {number} atMs */
  #at(atMs) {
    return (atMs - this.#zeroMs) / 1000;
  }

  #watchFrames() {
    const { video, canvas } = this.#view;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {VideoFrameRequestCallback} */
    const look = (_now, { presentedFrames, width, height }) => {
      const pose = this.#pose;
      if (!pose) return;
      video.requestVideoFrameCallback(look);
      const called = performance.now();
      const points = pose.find(video, presentedFrames);
      if (!points) return;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      drawSkeleton(pen, points);
      this.#see(points, called);
      void pose.adapt(video);
    };
    video.requestVideoFrameCallback(look);
  }

  /**
   * @param {Float32Array} points
   * @param {number} atMs
   */
  #see(points, atMs) {
    // while the model is changed no picture is looked at: who stood ready before it has to be seen again
    if (atMs - this.#lookedAtMs > GAP_MS) this.#inSinceMs = Number.NaN;
    this.#lookedAtMs = atMs;
    if (!Number.isNaN(points[0])) this.#seenAtMs = atMs;
    const why = outside(points, this.#drill);
    this.#view.outline.toggleAttribute("data-in", why === "");
    if (this.#far) this.#watchHand(points, atMs);
    if (this.#state === "stand") this.#stand(why, atMs);
    if (this.#state === "stand" || this.#state === "count" || this.#state === "take") {
      this.#samples.push({ atS: this.#at(atMs), points });
      if (this.#samples.length >= POSE_BATCH) this.#flush();
    }
    if (this.#state === "take") this.#take?.look(this.#view.video, (atMs - this.#startMs) / 1000, points);
  }

  /**
   * Standing ready: the own reference is taken of its last seconds, where none holds.
   * @param {string} why
   * @param {number} atMs
   */
  #stand(why, atMs) {
    if (why) {
      this.#inSinceMs = Number.NaN;
      this.#view.told.textContent = this.#words[why];
      this.#view.count.textContent = "";
      return;
    }
    if (Number.isNaN(this.#inSinceMs)) this.#inSinceMs = atMs;
    const held = atMs - this.#referenceAtMs < REFERENCE_MS;
    const needMs = held ? STAND_MS : this.#referenceS * 1000 + 100;
    this.#view.told.textContent = this.#words[held ? "stand_ready" : "stand_reference"];
    if (atMs - this.#inSinceMs < needMs) return;
    if (!held) {
      this.#reference = { start_s: this.#at(atMs) - this.#referenceS - 0.05, end_s: this.#at(atMs) };
      this.#flush();
      this.#referenceSent = this.#sent.slice();
      this.#socket?.say({ type: "reference", ...this.#reference });
      this.#referenceAtMs = atMs;
    }
    this.#count();
  }

  /**
   * @param {Float32Array} points
   * @param {number} atMs
   */
  #watchHand(points, atMs) {
    if (!handRaised(points)) this.#raisedSinceMs = Number.NaN;
    else if (Number.isNaN(this.#raisedSinceMs)) this.#raisedSinceMs = atMs;
    if (!(atMs - this.#raisedSinceMs >= STOP_MS)) return;
    this.#raisedSinceMs = Number.NaN;
    if (this.#state === "result") this.#enter("ready");
    else this.#abort();
  }

  #flush() {
    const { videoWidth: width, videoHeight: height } = this.#view.video;
    if (this.#samples.length === 0 || !this.#pose || !this.#socket) return;
    this.#send(poseMessage(this.#samples, { width, height, model: this.#pose.model }));
    this.#samples = [];
  }

  /** @param {ArrayBuffer} buffer */
  #send(buffer) {
    this.#sent.push(buffer);
    if (this.#state === "stand" && this.#sent.length > 60) this.#sent.shift(); // some ten seconds: the reference
    this.#socket?.send(buffer);
  }

  /** @type {(samples: Int16Array, atMs: number) => void} */
  #hearSound = (samples, atMs) => {
    if (!this.#socket || !(this.#state === "count" || this.#state === "take" || this.#state === "measure")) return;
    this.#send(soundMessage(samples, this.#at(atMs)));
    if (this.#drill.camera === "none" && this.#state === "take") this.#meter(samples);
  };

  /**
   * How loud it is now, so that one sees that one is heard.
   * @param {Int16Array} samples
   */
  #meter(samples) {
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const db = 10 * Math.log10(sum / samples.length / 32768 ** 2 + 1e-9);
    this.#view.stage.style.setProperty("--loud", `${Math.max(0, Math.min(100, (db + 60) * 2))}%`);
  }

  /** @type {(message: any) => void} */
  #hearServer = (message) => {
    if (message.type === "reference" && !message.good) this.#refused(message.text);
    else if (message.type === "result" && message.n === this.#number && this.#state === "measure") void this.#show(message);
    else if (message.type === "failed") this.#failedTry(message.sentence);
  };

  /** @param {string} text */
  #refused(text) {
    this.#reference = null;
    this.#referenceAtMs = Number.NEGATIVE_INFINITY;
    if (this.#state !== "count" && this.#state !== "take") return;
    this.#take?.stop();
    this.#sent = [];
    this.#enter("ready");
    this.#view.told.textContent = text;
    if (this.#far) this.#speaker.say(text);
  }

  /** @param {string} text */
  #failedTry(text) {
    if (this.#state !== "measure") return;
    this.#enter("ready");
    this.#view.told.textContent = text;
  }

  /** @param {any} news */
  async #show(news) {
    const { stage, worst, still, melody, hearWorst, hearOwn, keep, own, farResult, dots, tries } = this.#view;
    const lateMs = performance.now() - this.#endedMs;
    this.#result = news;
    this.#sent = [];
    this.#view.fill(news);
    this.#enter("result");
    drawTries(dots, news.tries);
    tries.hidden = false;
    farResult.textContent = news.sentence;
    farResult.toggleAttribute("data-long", news.sentence.length > 16);
    if (this.#far) this.#speaker.say([news.sentence, news.change].filter(Boolean).join("。"), news.passed ? TONES[3] : TONES[0]);
    else this.#view.begin.focus({ preventScroll: true });
    const detail = { n: news.n, late_ms: lateMs, passed: news.passed };
    stage.dispatchEvent(new CustomEvent("liyi:result", { detail, bubbles: true, composed: true }));
    const moment = news.worst;
    worst.hidden = hearWorst.hidden = true;
    melody.hidden = !news.voice;
    if (news.voice) drawMelody(melody, news.voice, news.example);
    const take = this.#take;
    const recorded = await take?.recorded;
    hearOwn.hidden = keep.hidden = !recorded;
    this.#forgetOwn();
    if (recorded) own.src = URL.createObjectURL(recorded);
    if (!moment || this.#result !== news) return;
    hearWorst.hidden = moment.seen || !recorded;
    const shot = moment.seen ? take?.at((moment.start_s + moment.end_s) / 2) : undefined;
    if (!shot) return;
    const picture = await createImageBitmap(shot.picture);
    drawMoment(still, picture, shot.points, moment);
    worst.hidden = false;
  }

  /** Or the browser would hold every take of the sitting. */
  #forgetOwn() {
    const { own } = this.#view;
    if (!own.src) return;
    own.pause();
    URL.revokeObjectURL(own.src);
    own.removeAttribute("src");
  }

  /** One key for both. */
  #hearNext() {
    const { shown, own } = this.#view;
    const hasOwn = this.#state === "result" && Boolean(own.src);
    const playing = shown && !shown.paused ? "example" : own.paused ? "" : "own";
    const next = nextHeard({ example: Boolean(shown), own: hasOwn, playing });
    this.#hush();
    if (next === "example") void this.#playDemo();
    else if (next === "own") this.#playOwn(0);
  }

  /** Neither the example nor oneself is heard any more. */
  #hush() {
    this.#view.shown?.pause();
    this.#view.own.pause();
  }

  async #playDemo() {
    const { shown, own } = this.#view;
    own.pause();
    if (!shown) return;
    shown.muted = false;
    shown.currentTime = 0;
    await shown.play();
  }

  /** @param {number} startS seconds of the take */
  #playOwn(startS) {
    const { own, shown } = this.#view;
    shown?.pause();
    if (!own.src) return;
    own.currentTime = this.#countS + startS;
    void own.play();
  }

  /** Only when it is asked for: the take goes in as a recording of its own. */
  async #keep() {
    const { keep, kept } = this.#view;
    const recorded = await this.#take?.recorded;
    if (!recorded || !this.#result) return;
    keep.disabled = true;
    kept.textContent = this.#words.keeping;
    try {
      const answer = await fetch(`${this.#base}keep?n=${this.#result.n}`, { method: "POST", body: recorded });
      const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
      if (!answer.ok) throw new Error(told.sentence ?? this.#words.not_kept);
      kept.textContent = this.#words.kept;
      this.#tell("kept", { id: told.id });
    } catch (error) {
      kept.textContent = error instanceof TypeError ? this.#words.not_kept : /** @type {Error} */ (error).message;
      keep.disabled = false;
    }
  }
}

/**
 * Where model and runtime come from: every drill has an address of its own, at which the browser would bring 20 MB anew,
 * so the first address of the sitting serves for all, as long as the server knows it.
 * @param {string} base address of this drill, ending in a slash
 */
async function modelsAt(base) {
  const page = /** @type {any} */ (globalThis);
  const first = page[Symbol.for("liyi.models")] ?? base;
  const known = first === base || (await fetch(`${first}files/drill.mjs`, { method: "HEAD", cache: "no-store" })).ok;
  page[Symbol.for("liyi.models")] = known ? first : base;
  return `${page[Symbol.for("liyi.models")]}files/`;
}

/**
 * @param {unknown} error
 * @param {boolean} picture whether the camera was asked for
 */
function reasonOf(error, picture) {
  if (error instanceof DeviceFault) return picture ? error.reason : `${error.reason}_sound`;
  if (error instanceof Error && error.message === "no_wasm") return "no_wasm";
  console.error(error);
  return "no_model";
}
