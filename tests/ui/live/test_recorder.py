"""The page's recorder in Node: what it says when the server takes no more, and that its end is bounded in time."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

RECORDER = Path(__file__).resolve().parents[3] / "liyi" / "ui" / "live" / "static" / "recorder.mjs"
# A browser whose clock runs at a hundred times the speed; `answers` gives a status for each post, the last for ever.
PAGE = """
const SPEED = 100, begun = Date.now();
const later = setTimeout, every = setInterval;
globalThis.setTimeout = (run, ms) => later(run, ms / SPEED);
globalThis.setInterval = (run, ms) => every(run, ms / SPEED);
performance.now = () => (Date.now() - begun) * SPEED;
const [url, answers, count] = JSON.parse(process.argv.at(-1));
let posts = 0;
globalThis.fetch = async () => {
  const status = answers[Math.min(posts++, answers.length - 1)];
  if (status === 0) throw new TypeError("network");
  return { ok: status < 300, status };
};
globalThis.MediaStream = class {};
globalThis.MediaRecorder = class {
  static isTypeSupported() { return true; }
  constructor() { this.state = "inactive"; this.mimeType = "video/webm"; globalThis.made = this; }
  start() { this.state = "recording"; }
  stop() { this.state = "inactive"; later(() => this.onstop(), 1); }
};
const { Recorder } = await import(url);
const track = { clone: () => ({ applyConstraints: async () => {}, stop() {} }) };
const told = { faults: [], trouble: [] };
let now_s = 0;
const recorder = new Recorder({ getVideoTracks: () => [track], getAudioTracks: () => [] }, {
  base: "http://x/live/t/", type: "video/webm", nowS: () => now_s,
  onTrouble: (failing) => told.trouble.push(failing), onFault: (reason) => told.faults.push(reason),
});
await recorder.start();
for (let n = 0; n < count; n += 1) { now_s += 2; made.ondataavailable({ data: new Blob(["x"]) }); }
await new Promise((next) => later(next, 20));
const at_once = [...told.faults];
let end = "waits";
await Promise.race([
  recorder.end().then(() => (end = "stored"), (error) => (end = error.reason)),
  new Promise((next) => later(next, 5000)),
]);
console.log(JSON.stringify({ end, at_once, stored_s: recorder.storedS, ...told, seconds: performance.now() / 1000 }));
process.exit(0);
"""


def recorded(answers: list[int], count: int = 5) -> dict:
    node, _ = compute_driver_executable()  # the one that Playwright brings
    done = subprocess.run(
        [node, "--input-type=module", "-e", PAGE, "--", json.dumps([RECORDER.as_uri(), answers, count])],
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("status", "reason"), [(507, "full"), (413, "limit"), (404, "refused"), (409, "refused"), (403, "refused")]
)
def test_what_is_never_taken_is_told_at_once(status, reason):
    said = recorded([204, 204, status])
    assert said["at_once"] == [reason]
    assert (said["end"], said["faults"], said["stored_s"]) == (reason, [reason], 4)


def test_everything_stored():
    said = recorded([204])
    assert (said["end"], said["faults"], said["stored_s"]) == ("stored", [], 10)
    assert True not in said["trouble"]


@pytest.mark.parametrize("status", [0, 500, 503, 429, 408])
def test_what_may_pass_is_sent_again_and_told_after_some_seconds(status):
    said = recorded([204, *[status] * 8, 204])
    assert (said["end"], said["faults"], said["stored_s"]) == ("stored", [], 10)
    assert True in said["trouble"]
    assert said["trouble"][-1] is False


@pytest.mark.parametrize("status", [0, 503])
def test_the_end_is_not_waited_for_when_nothing_is_taken_for_a_minute(status):
    said = recorded([204, status])
    assert (said["end"], said["stored_s"]) == ("stalled", 2)
    assert said["seconds"] < 120


def test_a_server_that_cannot_note_the_end_holds_nobody_up():
    assert recorded([204] * 5 + [507])["end"] == "stored"
