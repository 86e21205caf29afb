/** Whether somebody sits or stands where the outline is, and whether a hand is raised. */

import { NUMBERS } from "./socket.mjs";

const PRESENT = 0.5; // the limits of the server's gate (posture/gate.py)
const VISIBLE = 0.3;
const [NOSE, LEFT_SHOULDER, RIGHT_SHOULDER] = [0, 11, 12];
const WRISTS = [15, 16];
const ANKLES = [27, 28];
/** Shares of the picture's width or height. */
const MIDDLE = [0.25, 0.75];
const WIDE = { least: 0.14, most: 0.7 }; // shoulders, near the screen
const TALL = 0.45; // nose to ankles, far from it

/** @typedef {{x: number, y: number}} Point */

/**
 * @param {Float32Array} points 33 x 7 numbers
 * @param {number} joint
 * @returns {Point | null}
 */
function seen(points, joint) {
  const [x, y, , , , visibility, presence] = points.subarray(joint * NUMBERS, (joint + 1) * NUMBERS);
  return visibility >= VISIBLE && presence >= PRESENT ? { x, y } : null;
}

/**
 * Why somebody is not in the outline: the key of a sentence; empty when they are.
 * @param {Float32Array} points
 * @param {{camera: string, distance: string}} drill
 */
export function outside(points, { camera, distance }) {
  const nose = seen(points, NOSE);
  const shoulders = [seen(points, LEFT_SHOULDER), seen(points, RIGHT_SHOULDER)].filter((each) => each !== null);
  if (!nose || shoulders.length < (camera === "side" ? 1 : 2) || nose.y < 0.02) return "into_outline";
  const middle = shoulders.reduce((sum, point) => sum + point.x, 0) / shoulders.length;
  if (middle < MIDDLE[0] || middle > MIDDLE[1]) return "to_middle";
  if (distance === "far") {
    const ankles = ANKLES.map((joint) => seen(points, joint)).filter((each) => each !== null);
    if (ankles.length < (camera === "side" ? 1 : 2)) return "step_back";
    return ankles[0].y - nose.y < TALL ? "come_closer" : "";
  }
  if (camera === "side") return "";
  const width = Math.abs(shoulders[0].x - shoulders[1].x);
  if (width < WIDE.least) return "come_closer";
  return width > WIDE.most ? "step_back" : "";
}

/** @param {Float32Array} points */
export function handRaised(points) {
  const nose = seen(points, NOSE);
  return nose !== null && WRISTS.some((joint) => (seen(points, joint)?.y ?? 1) < nose.y - 0.03);
}
