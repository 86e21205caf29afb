/** Camera and microphone: asked for once, given back when the page is left. */

/** A device that cannot be used; `reason` is the key of the sentence that the page shows. */
export class DeviceFault extends Error {
  /** @param {"insecure" | "denied" | "no_camera" | "in_use" | "lost"} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** @type {Record<string, "denied" | "no_camera" | "in_use">} */
const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "no_camera",
  OverconstrainedError: "no_camera",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

/**
 * Open camera and microphone.
 * The sound stays as the microphone gives it: echo, noise and gain "improvements" change level and pitch, which are measured.
 * 640 x 480 is what the pose model needs; more would only cost encoding time.
 * @param {object} [wanted]
 * @param {boolean} [wanted.camera] false for the microphone alone
 * @param {string} [wanted.microphone] id of the one to use; empty for the browser's own choice
 * @returns {Promise<MediaStream>}
 * @throws {DeviceFault}
 */
export async function openDevices({ camera = true, microphone = "" } = {}) {
  if (!window.isSecureContext || !navigator.mediaDevices) throw new DeviceFault("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: camera && { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
      audio: {
        channelCount: 1,
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
        ...(microphone && { deviceId: { ideal: microphone } }),
      },
    });
  } catch (error) {
    throw new DeviceFault(REASONS[/** @type {DOMException} */ (error).name] ?? "in_use");
  }
}

/**
 * Call `onLost` when a device is unplugged or its permission taken back.
 * @param {MediaStream} stream
 * @param {() => void} onLost
 */
export function watchDevices(stream, onLost) {
  for (const track of stream.getTracks()) track.addEventListener("ended", onLost, { once: true });
}

/**
 * The microphones that there are; their names are known once one was allowed.
 * @returns {Promise<{id: string, name: string}[]>}
 */
export async function microphones() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === "audioinput").map(({ deviceId, label }) => ({ id: deviceId, name: label }));
}

/** @param {MediaStream} stream */
export function releaseDevices(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/**
 * Give back all that an opened camera and microphone have set going.
 * @param {object} held
 * @param {MediaStream | null} held.stream
 * @param {import("./sound.mjs").Listening | null} held.sound
 * @param {import("./pose.mjs").Pose | null} held.pose
 * @param {import("./socket.mjs").LiveSocket | null} held.socket
 * @param {HTMLVideoElement} held.video
 */
export function releaseAll({ stream, sound, pose, socket, video }) {
  if (stream) releaseDevices(stream);
  void sound?.stop();
  pose?.close();
  socket?.close();
  video.srcObject = null;
}

/**
 * Brightness of the picture, 0 black to 1 white: the mean luma (ITU-R BT.601) of a thumbnail.
 * @param {HTMLVideoElement} video
 * @param {CanvasRenderingContext2D} thumbnail a small canvas kept for this
 */
export function brightness(video, thumbnail) {
  const { width, height } = thumbnail.canvas;
  thumbnail.drawImage(video, 0, 0, width, height);
  const { data } = thumbnail.getImageData(0, 0, width, height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
  return sum / (data.length / 4) / 255;
}
