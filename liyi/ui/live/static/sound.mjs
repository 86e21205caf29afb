/** The microphone as 16 kHz mono 16-bit pieces with their times. */

const RATE_HZ = 16_000;

/** Audio and page clock drift apart slowly; beyond this the page's clock is taken again. */
const DRIFT_S = 0.2;

/**
 * @typedef {object} Listening
 * @property {() => Promise<void>} wake lets the sound run where the browser had held it back
 * @property {() => Promise<void>} stop hands over the last piece and closes the sound
 */

/**
 * Hand every piece of sound to `onPiece(samples, atMs)`, `atMs` being the time of its first sample on the clock of
 * `performance.now()`. Times are counted in samples, so pieces join without jitter.
 * @param {MediaStream} stream
 * @param {(samples: Int16Array, atMs: number) => void} onPiece
 * @returns {Promise<Listening>}
 */
export async function listen(stream, onPiece) {
  const context = new AudioContext({ sampleRate: RATE_HZ });
  await context.audioWorklet.addModule(new URL("./sound-worklet.mjs", import.meta.url).href);
  const source = context.createMediaStreamSource(new MediaStream(stream.getAudioTracks()));
  const pieces = new AudioWorkletNode(context, "liyi-sound", {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: "explicit",
  });
  /** @type {number | null} */
  let zeroMs = null; // when the audio clock stood at zero
  pieces.port.onmessage = ({ data: { frame, samples } }) => {
    const now = performance.now() - context.currentTime * 1000;
    if (zeroMs === null || Math.abs(now - zeroMs) > DRIFT_S * 1000) zeroMs = now;
    onPiece(samples, zeroMs + (frame / RATE_HZ) * 1000);
  };
  source.connect(pieces);
  const wake = () => context.resume();
  void wake(); // pending, without harm, until the first click where the browser insists on one

  return {
    wake,
    stop: async () => {
      pieces.port.postMessage("flush");
      await new Promise((done) => setTimeout(done, 50)); // the audio thread answers within a few blocks
      source.disconnect();
      if (context.state !== "closed") await context.close();
    },
  };
}
