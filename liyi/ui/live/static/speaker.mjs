/** Says something aloud: by a voice of this machine, else as a tone. A voice elsewhere would be sent the words. */

const TONE_S = 0.15;

export class Speaker {
  #lang;
  /** @type {AudioContext | null} */
  #context = null;

  /** @param {string} lang */
  constructor(lang) {
    this.#lang = lang;
  }

  /** Voices are only known some time after they were first asked for. */
  get #voice() {
    if (typeof speechSynthesis === "undefined") return undefined;
    return speechSynthesis.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(this.#lang));
  }

  /**
   * @param {string} text
   * @param {number} hertz of the tone that stands for it; 0 for none
   */
  say(text, hertz = 0) {
    const voice = this.#voice;
    if (voice) {
      const spoken = new SpeechSynthesisUtterance(text);
      spoken.voice = voice;
      spoken.lang = voice.lang;
      speechSynthesis.speak(spoken);
    } else if (hertz) {
      this.#tone(hertz);
    }
  }

  /** Where a browser holds sound back until somebody clicks. */
  wake() {
    this.#context ??= new AudioContext();
    void this.#context.resume();
  }

  close() {
    if (typeof speechSynthesis !== "undefined") speechSynthesis.cancel();
    void this.#context?.close();
    this.#context = null;
  }

  /** @param {number} hertz */
  #tone(hertz) {
    this.wake();
    const context = /** @type {AudioContext} */ (this.#context);
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = hertz;
    loudness.gain.value = 0.15;
    tone.connect(loudness).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + TONE_S);
  }
}
