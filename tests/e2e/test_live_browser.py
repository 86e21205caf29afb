"""The browser half of a rehearsal in Chromium, with a camera and a microphone that play a recording."""

from __future__ import annotations

import itertools
import time

import av
import numpy as np
import pytest
from playwright.sync_api import Error

from liyi.ui.live import component, messages
from posture.track import Joint
from tests.e2e.conftest import ROOT, free_port
from tests.e2e.fake_media import launch_playing, write_camera, write_microphone
from tests.e2e.line_server import Line, serve

pytestmark = pytest.mark.browser
SOURCE = ROOT / "sample_media" / "counter_front_zh.mp4"
RATE = 16_000
WORDS = component.words("zh")
TASK = {"title": "材料不齐", "wants": "证都带了,今天能办吗?", "points": ["说明还缺什么"], "prompts": ["先安抚,再说明"]}
# Keeps every stream that the page is given, so that a test can see whether it was given back.
KEEP_STREAMS = """(() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.streams = [];
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    window.streams.push(stream);
    return stream;
  };
})()"""
TRACKS = "() => window.streams.flatMap((s) => s.getTracks()).map((t) => t.readyState)"


@pytest.fixture(scope="module")
def playing(browser, models_ready, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fake")
    write_camera(SOURCE, folder / "camera.y4m", start_s=0, end_s=4)
    write_microphone(SOURCE, folder / "microphone.wav", start_s=0, end_s=20)
    instance = launch_playing(browser.browser_type, folder / "camera.y4m", folder / "microphone.wav")
    yield instance
    instance.close()


@pytest.fixture
def line():
    kept = Line()
    data = {"address": "live/T/", "step": "check", "lang": "zh", "camera": "front", "shape": "front",
            "hints_only": False, "task": TASK, "resume": None, "words": WORDS, "limit_s": 7200, "settle_s": 0.5,
            "neutral_s": 1.5, "read_s": 1.0}  # fmt: skip
    server = serve(kept, data, free_port())
    yield kept
    server.should_exit = True


@pytest.fixture
def page(playing, line):
    context = playing.new_context(locale="zh-CN")
    context.add_init_script(KEEP_STREAMS)
    opened = context.new_page()
    opened.faults = []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.goto(line.address)
    yield opened
    context.close()


def wait_frames(page, n: int) -> None:
    page.wait_for_function(f"() => (window.figures.at(-1)?.frames ?? 0) >= {n}", timeout=60_000)


def wait_for(page, true, *, within_s: float = 20) -> None:
    """Let the browser go on until something holds."""
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until
        page.wait_for_timeout(50)


def start_recording(page) -> None:
    wait_frames(page, 3)
    page.get_by_role("button", name=WORDS["ready"]).click()
    page.get_by_role("button", name=WORDS["begin"]).click()


def wait_practise(page) -> None:
    page.wait_for_function("() => window.fired.calibrated", timeout=40_000)


def recorded(chunks: dict[int, bytes], path) -> tuple[float, np.ndarray]:
    """Length of the joined pieces in seconds, and their sound at 16 kHz."""
    assert sorted(chunks) == list(range(len(chunks)))
    path.write_bytes(b"".join(chunks[n] for n in sorted(chunks)))
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as media:
        last = max(packet.pts * packet.time_base for packet in media.demux(video=0) if packet.pts is not None)
    with av.open(str(path)) as media:
        sound = [piece.to_ndarray()[0] for frame in media.decode(audio=0) for piece in resampler.resample(frame)]
    return float(last), np.concatenate(sound)


def on_the_clock(pieces: list[tuple[float, np.ndarray]]) -> np.ndarray:
    """Sound of the recording by its own times; what was never sent stays zero."""
    taken = [(round(t_s * RATE), samples) for t_s, samples in pieces if t_s >= 0]
    sound = np.zeros(max(at + len(samples) for at, samples in taken), dtype=np.int16)
    for at, samples in taken:
        sound[at : at + len(samples)] = samples
    return sound


def lag_s(a: np.ndarray, b: np.ndarray) -> float:
    """How much later ``b`` says the same as ``a``, by the largest cross-correlation."""
    n = min(len(a), len(b))
    a, b = a[:n].astype(float), b[:n].astype(float)
    spectrum = np.conj(np.fft.rfft(a, 2 * n)) * np.fft.rfft(b, 2 * n)
    shift = int(np.argmax(np.fft.irfft(spectrum)))
    return (shift - 2 * n if shift > n else shift) / RATE


def test_messages_are_what_the_server_reads(page):
    """Bytes made in the browser, read by the server's own parser."""
    sound, poses = page.evaluate("""async () => {
      const m = await import("/live/T/files/socket.mjs");
      const points = Float32Array.from({length: 33 * 7}, (_, i) => i / 8);
      const nobody = new Float32Array(33 * 7).fill(NaN);
      return [m.soundMessage(Int16Array.of(0, 1, -1, 32767, -32767), -99999.875),
              m.poseMessage([{atS: 1.5, points}, {atS: 1.625, points: nobody}],
                            {width: 640, height: 480, model: "lite"})]
        .map((buffer) => { new DataView(buffer).setUint32(1, 7, true); return [...new Uint8Array(buffer)]; });
    }""")
    heard = messages.parse(bytes(sound))
    assert (heard.seq, heard.t_s, heard.samples.tolist()) == (7, -99999.875, [0, 1, -1, 32767, -32767])
    seen = messages.parse(bytes(poses))
    assert (seen.seq, seen.t_s.tolist(), seen.size, seen.lite) == (7, [1.5, 1.625], (640, 480), True)
    assert seen.landmarks[0].ravel().tolist() == [i / 8 for i in range(231)]
    assert np.isnan(seen.landmarks[1]).all()


def test_whole_rehearsal_with_a_cut(page, line, tmp_path, artefacts):
    """Everything that was sent arrives once and in order, although the line is cut for some seconds."""
    wait_frames(page, 10)
    assert line.said[0]["type"] == "hello"
    line.checked["light"] = {"mark": "attention", "text": "光线太暗"}
    page.get_by_text("光线太暗").wait_for()
    line.checked["light"] = {"mark": "good", "text": "光线合适"}
    page.get_by_text(WORDS["all_good"]).wait_for()  # one line for all of them
    page.get_by_text("光线合适").wait_for(state="hidden")
    wait_for(page, lambda: [m for m in line.said if m["type"] == "check"])
    lit = [message["brightness"] for message in line.said if message["type"] == "check"]
    with av.open(str(SOURCE)) as media:
        luma = next(media.decode(video=0)).reformat(format="gray").to_ndarray().mean() / 255
    assert lit[-1] == pytest.approx(luma, abs=0.05)  # a scene of another moment, limited-range colours
    assert all(t_s < 0 for t_s, _ in line.sound + line.poses)
    start_recording(page)
    wait_practise(page)
    assert page.evaluate("window.fired.calibrated") == {"start_s": 0, "end_s": 1.5}
    line.send({"type": "hint", "criterion": "shoulder_tilt", "text": "双肩放平", "show_s": 2})
    hint = page.get_by_role("status").filter(has_text="双肩放平")
    hint.wait_for()
    page.screenshot(path=artefacts / "live-practise.png")
    hint.wait_for(state="hidden", timeout=5_000)
    line.cut()
    page.get_by_text(WORDS["reconnecting"]).wait_for(timeout=10_000)
    page.wait_for_timeout(4_000)
    line.up = True
    page.get_by_text(WORDS["reconnecting"]).wait_for(state="hidden", timeout=20_000)
    # a new server would not know it
    wait_for(page, lambda: any(message["type"] == "calibrated" for message in line.said[-3:]))
    page.get_by_role("button", name=WORDS["end"]).click()
    page.wait_for_function("() => window.fired.ended", timeout=40_000)

    sent = page.evaluate("window.figures.at(-1)")
    assert line.ended
    assert line.discarded == []
    assert line.sequence == list(range(1, len(line.sequence) + 1))
    assert len(line.poses) == sent["poses"]
    assert sum(len(samples) for _, samples in line.sound) == sent["sound"]
    assert all(b > a for a, b in itertools.pairwise(t_s for t_s, _ in line.poses))
    # sound is whole: each piece of the recording begins where the one before ends
    taken = [(t_s, samples) for t_s, samples in line.sound if t_s >= 0]
    gaps = [b[0] - (a[0] + len(a[1]) / RATE) for a, b in itertools.pairwise(taken)]
    assert np.abs(gaps).max() < 0.01
    assert page.evaluate(TRACKS) == ["ended", "ended"]
    assert page.faults == []
    # the recording is as long as its clock says, and its sound lies where the pieces' times say
    length_s, sound = recorded(line.chunks, tmp_path / "recording.webm")
    pieces = on_the_clock(line.sound)
    assert length_s == pytest.approx(len(pieces) / RATE, abs=0.5)
    assert abs(lag_s(pieces, sound)) < 0.1
    # the picture's own left and right, and what its lower edge cuts off
    points = np.array([landmarks for t_s, landmarks in line.poses if t_s >= 0])
    left, right = Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER
    assert (points[:, left, 0] > points[:, right, 0]).mean() > 0.95
    assert np.median(points[:, [left, right], 6]) > 0.9
    assert np.median(points[:, Joint.LEFT_ANKLE, 6]) < 0.5


def test_killed_tab_keeps_all_but_the_last_seconds(page, line, tmp_path):
    start_recording(page)
    page.wait_for_function("() => window.figures.at(-1).pieces !== null", timeout=10_000)
    began = time.monotonic()
    page.wait_for_timeout(7000)
    lasted_s = time.monotonic() - began
    with pytest.raises(Error, match="crash"):
        page.goto("chrome://crash")  # no farewell: the process is gone
    time.sleep(0.5)  # what was on its way
    length_s, _sound = recorded(line.chunks, tmp_path / "recording.webm")
    assert length_s > lasted_s - 5
    assert not line.ended


def test_leaving_gives_camera_and_microphone_back(page, line):
    wait_frames(page, 3)
    page.evaluate("window.rerun({ step: 'check' })()")  # the page's clean-up of an older run, the component still there
    page.wait_for_timeout(500)
    assert page.evaluate(TRACKS) == ["live", "live"]
    page.evaluate("() => { window.host.host.remove(); window.leave(); }")
    page.wait_for_timeout(500)
    assert page.evaluate(TRACKS) == ["ended", "ended"]
    assert line.sockets == []


def test_a_bad_calibration_is_made_again_and_never_kept(page, line, tmp_path):
    """Twice bad: practice begins without one, and what was recorded until then is gone. Leaving asks first."""
    line.calibrations = ["还没有坐正。", "有人说话。"]
    start_recording(page)
    page.get_by_text("还没有坐正。").wait_for(timeout=20_000)
    page.get_by_text(WORDS["without"]).wait_for(timeout=20_000)
    wait_practise(page)
    assert page.evaluate("window.fired.calibrated") == {}
    wait_for(page, lambda: {"type": "practising", "start_s": 0} in line.said)
    assert [message for message in line.said if message["type"] == "calibrated"] == []
    page.get_by_text("证都带了").wait_for()
    wait_for(page, lambda: line.discarded and line.chunks and min(line.chunks) >= line.discarded[-1])
    assert line.chunks[min(line.chunks)].startswith(b"\x1a\x45\xdf\xa3")  # a recording of its own
    assert len(line.discarded) == 2
    assert line.disordered == 0  # the clock began anew twice, and no message holds times of two clocks
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.evaluate("""() => {
      const link = document.body.appendChild(document.createElement("a"));
      link.href = "/elsewhere";
      link.click();
    }""")
    assert asked == [WORDS["leave"]]
    assert page.url == f"{line.address}/"
    stays = "() => dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert page.evaluate(stays) is False
    page.get_by_role("button", name=WORDS["end"]).click()
    page.wait_for_function("() => window.fired.ended", timeout=40_000)
    assert page.evaluate(stays) is True


def test_a_rehearsal_by_voice_goes_on_where_it_was_cut_off(page, line, tmp_path):
    """Only the microphone is asked for; pieces go on by their numbers, on the clock of the recording."""
    page.evaluate("() => { window.host.host.remove(); window.leave(); }")
    page.evaluate("""async (data) => {
      const { mount } = await import("/live/T/files/rehearsal.mjs");
      const parent = document.body.appendChild(document.createElement("div"));
      mount({ parentElement: parent, data, setTriggerValue: (name, value) => (window.fired[name] = value) });
    }""", {"address": "live/T/", "step": "practise", "lang": "zh", "camera": "none", "shape": "front", "words": WORDS,
           "hints_only": True, "task": None, "resume": {"piece": 7, "recorded_s": 14, "start_s": 4}, "limit_s": 7200,
           "settle_s": 0.5, "neutral_s": 1.5, "read_s": 1.0})  # fmt: skip
    page.get_by_role("button", name=WORDS["go_on"]).click()
    wait_practise(page)
    assert page.get_by_role("timer").inner_text() == "00:10"
    wait_for(page, lambda: line.chunks)
    assert min(line.chunks) == 7
    assert line.sound[-1][0] >= 14
    assert page.evaluate("() => window.streams.at(-1).getTracks().map((track) => track.kind)") == ["audio"]
    page.get_by_role("button", name=WORDS["end"]).click()
    page.wait_for_function("() => window.fired.ended", timeout=40_000)
    (tmp_path / "sound.webm").write_bytes(b"".join(line.chunks[n] for n in sorted(line.chunks)))
    with av.open(str(tmp_path / "sound.webm")) as media:
        assert (len(media.streams.video), len(media.streams.audio)) == (0, 1)


def test_pause_stands_still(page, line):
    start_recording(page)
    wait_practise(page)
    page.keyboard.press("Escape")
    wait_for(page, lambda: line.said[-1]["type"] == "pause")
    page.wait_for_timeout(500)  # what was on its way
    before = line.sound[-1]
    page.wait_for_timeout(2000)
    assert line.sound[-1] is before
    page.get_by_role("button", name=WORDS["resume"]).click()
    wait_for(page, lambda: line.sound[-1] is not before)
    after = next(piece for piece in line.sound if piece[0] > before[0])
    assert 0 <= after[0] - (before[0] + len(before[1]) / RATE) < 1
    assert [m["type"] for m in line.said if m["type"] in ("pause", "resume")] == ["pause", "resume"]


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }",
            "denied",
        ),
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); }",
            "no_camera",
        ),
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotReadableError'); }",
            "in_use",
        ),
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "insecure"),
        ("delete window.WebAssembly", "no_wasm"),
        ("delete window.MediaRecorder", "no_recorder"),
    ],
)
def test_what_is_missing_is_said(playing, line, spoiled, reason):
    context = playing.new_context(locale="zh-CN")
    context.add_init_script(spoiled)
    page = context.new_page()
    page.goto(line.address)
    page.get_by_role("alert").filter(has_text=WORDS[reason]).wait_for(timeout=20_000)
    assert page.evaluate("window.fired.failed") == {"reason": reason}
    context.close()


def test_reloaded_practice_is_said_to_be_interrupted(page):
    page.evaluate("""async () => {
      const { mount } = await import("/live/T/files/rehearsal.mjs");
      const fresh = document.body.appendChild(document.createElement("div"));
      const data = { address: "live/T/", step: "practise", lang: "zh", camera: "front", words: {}, resume: null };
      mount({ parentElement: fresh, data, setTriggerValue: (name, value) => (window.fired[name] = value) });
    }""")
    assert page.evaluate("window.fired.failed") == {"reason": "interrupted"}
