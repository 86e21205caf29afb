// Where the joints were, and how they are drawn: for the player of a report, and for a clip without its picture.

const MISSING = 65535;
const INK = { bone: "#0f6e6e", line: "#ffb020", reference: "#ffffff", rim: "#101c1c" };

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/**
 * @param {object} data  `t`, `xy`, `joints` and `size`, as `liyi.report.player.skeleton` gives them
 * @returns {(second: number) => (number[]|null)[]|null} the joints of a moment in the picture's pixels
 */
function jointsOf(data) {
  const times = data.t ? new Float32Array(bytes(data.t).buffer) : new Float32Array(0);
  const places = data.xy ? new Uint16Array(bytes(data.xy).buffer) : new Uint16Array(0);
  const long = times.length ? Math.max(...data.size) / (MISSING - 1) : 0;
  const point = (sample, joint) => {
    const at = 2 * (sample * data.joints + joint);
    return places[at] === MISSING ? null : [places[at] * long, places[at + 1] * long];
  };
  return (second) => {
    if (!times.length) return null;
    let after = times.findIndex((t) => t > second);
    if (after < 0) after = times.length - 1;
    const before = Math.max(0, after - 1);
    const gap = times[after] - times[before];
    if (second < times[before] - 0.3 || second > times[after] + 0.3) return null;
    const share = gap > 0 ? Math.min(1, Math.max(0, (second - times[before]) / gap)) : 0;
    const nearest = share < 0.5 ? before : after;
    return Array.from({ length: data.joints }, (_, joint) => {
      const [one, other] = [point(before, joint), point(after, joint)];
      if (one && other) return [one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])];
      return point(nearest, joint);
    });
  };
}

/** Draw the joints of a moment, with the line of a finding; without joints the canvas is cleared. */
function drawJoints(canvas, data, joints, chosen) {
  const pen = canvas.getContext("2d");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (!joints) return;
  const scale = Math.min(width / data.size[0], height / data.size[1]); // as object-fit: contain does
  const [left, top] = [(width - scale * data.size[0]) / 2, (height - scale * data.size[1]) / 2];
  pen.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * left, ratio * top);
  pen.lineCap = pen.lineJoin = "round";
  const stroke = (corners, colour, thick) => {
    if (corners.some((corner) => !corner)) return;
    for (const [ink, size] of [[INK.rim, thick + 2], [colour, thick]]) {
      pen.strokeStyle = ink;
      pen.lineWidth = size / scale;
      pen.beginPath();
      corners.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.stroke();
    }
  };
  const middle = (vertex) => {
    const points = vertex.map((joint) => joints[joint]);
    if (points.some((point) => !point)) return null;
    return [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  };
  for (const [from, to] of data.bones) stroke([joints[from], joints[to]], INK.bone, 2);
  const line = data.lines[chosen];
  for (const path of line ? line.paths : []) {
    const corners = path.map(middle);
    if (corners.some((corner) => !corner)) continue;
    if (line.against) {
      const [first, last] = [corners[0], corners[corners.length - 1]];
      const half = 0.75 * Math.hypot(last[0] - first[0], last[1] - first[1]);
      const [x, y] = [(first[0] + last[0]) / 2, (first[1] + last[1]) / 2];
      const [dx, dy] = line.against === "level" ? [half, 0] : [0, half];
      stroke([[x - dx, y - dy], [x + dx, y + dy]], INK.reference, 2);
    }
    stroke(corners, INK.line, 4);
  }
}

export { bytes, drawJoints, jointsOf };
