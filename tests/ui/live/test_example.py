"""The example of a drill: sent to its page alone, heard once for each file, drawn where it and the take are voiced."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from playwright._impl._driver import compute_driver_executable

from liyi.etiquette import drill
from liyi.media.recording import open_media
from liyi.ui import people
from liyi.ui.live import drilling, melody
from liyi.ui.live.take import judge_take, told
from tests.conftest import ROOT
from tests.ui.live.test_drilling import PLAIN, SLOW, voice

STATIC = ROOT / "liyi" / "ui" / "live" / "static"


@pytest.fixture
def unit(tmp_path, monkeypatch):
    """The unit's own folder, with the voice of a sample as the example of a shipped drill."""
    folder = tmp_path / "drills"
    folder.mkdir()
    monkeypatch.setenv(drill.FOLDER, str(folder))
    melody._heard.cache_clear()
    return folder


def write_wav(path, sound: np.ndarray) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


@pytest.fixture
def spoken():
    return next(open_media(ROOT / "sample_media/counter_front_zh.mp4").samples(block_s=6.0))


def result(heard) -> dict:
    return told(judge_take(drill.drill_named("read_120"), None, heard, "zh"), "zh")


def test_the_examples_melody_is_told_beside_the_takes(unit, spoken, models_ready):
    own = voice(**PLAIN | SLOW)
    assert result(own)["example"] is None  # without one
    write_wav(unit / "read_120.wav", spoken)
    news = result(own)
    assert news["voice"]["begins_s"] == 0.3
    drawn = news["example"]
    known = [point for point in drawn["pitch"] if point is not None]
    assert abs(np.median(known)) < 0.5  # about its own median
    assert drawn["seconds"] == 6.0
    late = np.concatenate([np.zeros(16_000, np.float32), spoken])
    write_wav(unit / "read_120.wav", late)  # heard anew, for it changed
    assert result(own)["example"]["begins_s"] == pytest.approx(drawn["begins_s"] + 1.0, abs=0.1)
    json.dumps(news, allow_nan=False)


def test_an_example_is_heard_once(unit, monkeypatch):
    found = []
    monkeypatch.setattr(melody, "open_media", lambda path: found.append(path) or open_media(path))
    write_wav(unit / "read_120.wav", np.zeros(16_000))
    for _ in range(3):
        assert melody.melody_of_example(drill.drill_named("read_120")) is None
    assert len(found) == 1


def test_nothing_is_drawn_where_one_of_both_has_no_voiced_sound(unit, spoken, models_ready):
    own = voice(**PLAIN | SLOW)
    write_wav(unit / "read_120.wav", spoken)
    whispered = replace(own, pitch_hz=np.full_like(own.pitch_hz, np.nan))
    assert result(whispered)["example"] is None
    assert result(None)["example"] is None
    rng = np.random.default_rng(0)
    write_wav(unit / "read_120.wav", rng.normal(0, 0.05, 32_000))
    assert result(own)["example"] is None
    (unit / "read_120.wav").write_bytes(b"damaged")
    assert result(own)["example"] is None
    assert result(own)["voice"] is not None


def test_only_a_drill_of_the_voice_hears_its_example_ahead(unit, monkeypatch):
    heard = []
    monkeypatch.setattr(melody, "melody_of_example", lambda each: heard.append(each.id))
    for id in ("read_120", "level_shoulders"):
        found = drill.drill_named(id)
        melody.make_ready(found, drill.pack_of(found))
    assert heard == ["read_120"]


@pytest.mark.parametrize(("suffix", "kind"), [("wav", "audio/wav"), ("mp3", "audio/mpeg"), ("ogg", "audio/ogg"),
                                              ("m4a", "audio/mp4"), ("webm", "audio/webm")])  # fmt: skip
def test_the_example_is_sent_to_its_page_alone(restart, client, unit, monkeypatch, suffix, kind):
    people._opened.cache_clear()
    named = replace(drill.drill_named("read_120"), example=f"Said.{suffix}", folder=unit)
    monkeypatch.setattr(drilling, "drill_named", {"read_120": named}.get)
    token = drilling.begin("read_120", lang="zh")
    assert client.get(f"/live/{token}/demonstration").status_code == 404  # gone
    (unit / f"Said.{suffix}").write_bytes(b"sound")
    (unit / "other.wav").write_bytes(b"another")
    answer = client.get(f"/live/{token}/demonstration?file=other.wav")
    assert answer.content == b"sound"
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert client.get(f"/live/{token}/demonstration", headers={"range": "bytes=1-2"}).content == b"ou"
    for address in (f"/live/{'x' * 43}/demonstration", f"/live/{token}/demonstration/other.wav",
                    f"/live/{token}/demonstration/..%2fother.wav"):  # fmt: skip
        assert client.get(address).status_code == 404
    strange = {"origin": "http://elsewhere", "sec-fetch-site": "cross-site"}
    assert client.get(f"/live/{token}/demonstration", headers=strange).status_code == 404


@pytest.mark.parametrize(
    ("example", "own", "heard"),
    [
        (True, True, ["example", "own", "", "example"]),
        (True, False, ["example", "", "example", ""]),
        (False, True, ["own", "", "own", ""]),
        (False, False, ["", "", "", ""]),
    ],
)
def test_one_key_plays_the_example_then_oneself_then_nothing(example, own, heard):
    page = """
const [url, example, own] = JSON.parse(process.argv.at(-1));
const { nextHeard } = await import(url);
let playing = "";
console.log(JSON.stringify([1, 2, 3, 4].map(() => (playing = nextHeard({ example, own, playing })))));
"""
    assert in_node(page, (STATIC / "hearing.mjs").as_uri(), example, own) == heard


def test_the_example_is_drawn_behind_from_the_same_first_sound():
    page = """
const [url, own, example] = JSON.parse(process.argv.at(-1));
globalThis.getComputedStyle = () => ({ getPropertyValue: (name) => name });
const { drawMelody } = await import(url);
const draw = (...melodies) => {
  const found = [];
  const pen = { clearRect() {}, fillRect(x, y, wide, high) { found.push([this.fillStyle, Math.round(x), high]); } };
  drawMelody({ clientWidth: 100, getContext: () => pen }, ...melodies);
  return found;
};
console.log(JSON.stringify([draw(own, example), draw(own, null)]));
"""
    own = {"step_s": 1.0, "seconds": 10.0, "begins_s": 3.0, "pitch": [None, None, None, 0.0, 1.0], "pauses": [[6, 7]]}
    example = {"step_s": 1.0, "seconds": 5.0, "begins_s": 1.0, "pitch": [None, 0.0, 2.0], "pauses": [[3, 4]]}
    both, alone = in_node(page, (STATIC / "drill-view.mjs").as_uri(), own, example)
    behind = [["--none", 100, 8], ["--none", 60, 3], ["--none", 80, 3]]  # 20 pixels a second, two seconds later
    mine = [["--brand", 60, 6], ["--brand", 80, 6]]
    assert both == [["--rule", 120, 240], *behind, *mine]
    assert alone == [["--rule", 120, 240], *mine]


def in_node(page: str, *given):
    node, _ = compute_driver_executable()  # the one that Playwright brings
    done = subprocess.run(
        [node, "--input-type=module", "-e", page, "--", json.dumps(given)],
        capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)
