/** The calibration: counted down, recorded, judged at once, made again when it is bad. */

const MOST_TRIES = 2;
const JUDGED_MS = 4000; // longer is not waited for what the server says of it
const STEP_MS = 100;

/** @typedef {{start_s: number, end_s: number}} Stretch */
/** @typedef {{good: boolean, text: string}} Judgement */
/**
 * @typedef {object} Course
 * @property {ReturnType<import("./figures.mjs").countdown>} ring
 * @property {(text: string) => void} tell
 * @property {Record<string, string>} words
 * @property {string} gap between two sentences
 * @property {number} settleS counted down before the recording begins
 * @property {number} neutralS length of the calibration stretch
 * @property {number} readS a sentence is read for so long before the next countdown
 * @property {(anew: boolean) => Promise<void>} record begins the recording, or begins it anew
 * @property {() => number} nowS seconds of the recording
 * @property {(stretch: Stretch) => Promise<Judgement>} judge
 * @property {() => boolean} here whether the page is still there
 */

const pause = (/** @type {number} */ ms) => new Promise((next) => setTimeout(next, ms));

/**
 * Make a calibration; after the second bad one it is done without.
 * @param {Course} course
 * @returns {Promise<Stretch | null | undefined>} null: without one; undefined: the page was left meanwhile
 */
export async function calibrate(course) {
  const { ring, tell, words, gap, readS, here } = course;
  tell(words.hold);
  for (let tries = 1; ; tries += 1) {
    const stretch = await countDown(course, tries > 1);
    if (!stretch) return undefined;
    const { good, text } = await course.judge(stretch);
    if (!here()) return undefined;
    ring.show(null, 1);
    if (good) return stretch;
    tell([text, words[tries < MOST_TRIES ? "once_more" : "without"]].join(gap));
    await pause(readS * 1000);
    if (!here()) return undefined;
    if (tries >= MOST_TRIES) return null;
  }
}

/**
 * Settle, then record the stretch.
 * @param {Course} course
 * @param {boolean} anew what was recorded until now is dropped
 * @returns {Promise<Stretch | null>} null when the page was left meanwhile
 */
async function countDown({ ring, settleS, neutralS, record, nowS, here }, anew) {
  const wholeS = settleS + neutralS;
  const begun = performance.now();
  for (let leftS = wholeS; leftS > neutralS; leftS = wholeS - (performance.now() - begun) / 1000) {
    ring.show(leftS, wholeS);
    await pause(STEP_MS);
    if (!here()) return null;
  }
  await record(anew);
  while (nowS() < neutralS) {
    ring.show(neutralS - nowS(), wholeS);
    await pause(STEP_MS);
    if (!here()) return null;
  }
  return { start_s: 0, end_s: neutralS };
}

/**
 * What the server says of a calibration; a server that cannot be reached is not waited for.
 * @param {(judged: (judgement: Judgement) => void) => void} ask hands over the function that takes its answer
 * @returns {Promise<Judgement>}
 */
export function judged(ask) {
  return new Promise((told) => {
    ask(told);
    setTimeout(() => told({ good: true, text: "" }), JUDGED_MS);
  });
}
