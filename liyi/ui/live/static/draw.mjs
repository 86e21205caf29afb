/** The skeleton over the mirrored picture: thin, calm, and only what is seen. */

import { NUMBERS } from "./socket.mjs";

/** Pairs of MediaPipe's 33 points: trunk, arms, legs. Face and fingers would only tremble. */
const BONES = [
  [11, 12], [11, 23], [12, 24], [23, 24],
  [11, 13], [13, 15], [12, 14], [14, 16],
  [23, 25], [25, 27], [24, 26], [26, 28],
];
/** The accent as on dark ground: a uniform is darker than a wall. */
const COLOUR = "#62c3bf";
const PRESENT = 0.5; // the limits of the server's gate (posture/gate.py)
const VISIBLE = 0.3;

/**
 * Draw the points of one frame; all NaN clears the picture.
 * @param {CanvasRenderingContext2D} pen canvas of the video's own size
 * @param {Float32Array} points 33 x 7 numbers
 */
export function drawSkeleton(pen, points) {
  const { width, height } = pen.canvas;
  pen.clearRect(0, 0, width, height);
  pen.strokeStyle = COLOUR;
  pen.fillStyle = COLOUR;
  pen.globalAlpha = 0.6;
  pen.lineWidth = width / 240;
  pen.lineCap = "round";
  const at = (/** @type {number} */ i) => {
    const [x, y, , , , visibility, presence] = points.subarray(i * NUMBERS, (i + 1) * NUMBERS);
    return visibility >= VISIBLE && presence >= PRESENT ? { x: x * width, y: y * height } : null;
  };
  pen.beginPath();
  for (const [from, to] of BONES) {
    const a = at(from);
    const b = at(to);
    if (!a || !b) continue;
    pen.moveTo(a.x, a.y);
    pen.lineTo(b.x, b.y);
  }
  pen.stroke();
  for (const joint of new Set(BONES.flat())) {
    const point = at(joint);
    if (!point) continue;
    pen.beginPath();
    pen.arc(point.x, point.y, width / 180, 0, 2 * Math.PI);
    pen.fill();
  }
}

/**
 * Whether the page's text is light, so the page dark.
 * @param {HTMLElement} root
 */
export function isDark(root) {
  const [red, green, blue] = (getComputedStyle(root).color.match(/\d+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128;
}
