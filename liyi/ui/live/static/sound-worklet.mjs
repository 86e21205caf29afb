/** Runs in the audio thread: joins the 128-sample blocks into pieces of 160 ms of 16-bit samples. Nothing is dropped. */

/* The audio thread's own globals, which type libraries for pages do not know. */
/** @type {any} */
const scope = globalThis;

const PIECE = 2560; // samples: 160 ms at 16 kHz, a whole number of blocks

class SoundPieces extends scope.AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = new Int16Array(PIECE);
    this.filled = 0;
    this.frame = 0;
    /** @param {MessageEvent} event */
    this.port.onmessage = (event) => {
      if (event.data === "flush") this.flush();
    };
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const block = inputs[0][0];
    if (!block) {
      this.flush(); // no input just now: what follows starts a piece with its own time
      return true;
    }
    if (this.filled === 0) this.frame = scope.currentFrame;
    for (let i = 0; i < block.length; i += 1) {
      this.samples[this.filled + i] = Math.round(Math.max(-1, Math.min(1, block[i])) * 32767);
    }
    this.filled += block.length;
    if (this.filled === PIECE) this.flush();
    return true;
  }

  flush() {
    if (this.filled === 0) return;
    const samples = this.samples.slice(0, this.filled);
    this.port.postMessage({ frame: this.frame, samples }, [samples.buffer]);
    this.filled = 0;
  }
}

scope.registerProcessor("liyi-sound", SoundPieces);
