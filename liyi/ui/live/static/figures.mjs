/** What is drawn over the picture: an outline to fit into, and the ring that counts down. */

const SVG = "http://www.w3.org/2000/svg";
const RADIUS = 88;
const ROUND = 2 * Math.PI * RADIUS;

/** On a picture of 640 x 480: head and shoulders from the front, from the side, and a whole person. */
const OUTLINES = {
  front:
    "M110 480C115 360 170 318 268 292C282 286 284 262 280 238C246 210 244 84 320 80C396 84 394 210 360 238C356 262 358 286 372 292C470 318 525 360 530 480",
  side:
    "M250 480C250 380 262 320 292 292C300 270 296 250 300 236C258 214 258 92 326 84C396 90 398 200 364 240C372 270 392 286 404 310C424 350 430 420 430 480",
  whole:
    "M286 470L292 300C270 290 262 200 262 170C262 130 290 118 304 112C296 96 296 40 320 38C344 40 344 96 336 112C350 118 378 130 378 170C378 200 370 290 348 300L354 470M320 310L320 470",
};

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {Node[]} children
 */
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** @param {"front" | "side" | "whole"} shape */
export function outline(shape) {
  // smaller than the picture, on its lower edge: as large as somebody at a good distance
  const path = drawn("path", { d: OUTLINES[shape], transform: "translate(64 38) scale(0.8 0.92)" });
  return drawn("svg", { class: "outline", viewBox: "0 0 640 480", "aria-hidden": "true" }, path);
}

/**
 * A ring that empties while whole seconds are counted down in it.
 * @param {string} label
 */
export function countdown(label) {
  const rest = drawn("circle", { class: "rest", cx: 100, cy: 100, r: RADIUS, "stroke-dasharray": ROUND });
  const digits = drawn("text", { x: 100, y: 100, "text-anchor": "middle", "dominant-baseline": "central" });
  const ring = drawn(
    "svg",
    { class: "ring", viewBox: "0 0 200 200", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 1 },
    drawn("circle", { class: "whole", cx: 100, cy: 100, r: RADIUS }), rest, digits,
  );
  return {
    ring,
    /**
     * @param {number | null} leftS seconds that are left; null hides the ring
     * @param {number} wholeS
     */
    show(leftS, wholeS) {
      ring.toggleAttribute("data-shown", leftS !== null);
      const left = Math.max(0, leftS ?? 0);
      digits.textContent = leftS === null ? "" : String(Math.max(1, Math.ceil(left)));
      rest.setAttribute("stroke-dashoffset", String(ROUND * (1 - left / wholeS)));
      ring.setAttribute("aria-valuenow", (1 - left / wholeS).toFixed(1));
    },
  };
}
