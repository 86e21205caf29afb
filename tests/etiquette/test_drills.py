"""Drills as data: those that ship keep the rules, each fault of a file is told with its line, a unit has its own."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from liyi.core.options import UNKNOWN_CHOICE
from liyi.core.words import is_known
from liyi.etiquette import drill, drill_files
from liyi.etiquette.performance import measures

SOUND = """
[drills.mine]
title = { zh = "肩", en = "Shoulders" }
module = "posture"
what = { zh = "放平", en = "Level them" }
why = { zh = "好看", en = "It looks good" }
seconds = 10.0
profile = "seated"
criteria = ["shoulder_tilt"]
"""
NOT_PLAIN = "Write the plain name of a sound file that lies beside this one: wav, m4a, mp3, ogg or webm."


def recorded(container: str, codec: str, *, rate: int = 8000, seconds: float = 1.0, loud: bool = True) -> bytes:
    """A sound file with a tone of 200 Hz, or with nothing to be heard."""
    tone = np.sin(np.arange(round(rate * seconds)) * (2 * np.pi * 200 / rate)) * (8000 if loud else 0)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone.astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate = rate
        for each in (frame, None):
            target.mux(stream.encode(each))
    return file.getvalue()


@pytest.fixture
def unit(tmp_path, monkeypatch):
    """The unit's own folder."""
    monkeypatch.setenv(drill.FOLDER, str(tmp_path))
    return tmp_path


def faults(text: str) -> list[tuple[int, str, str]]:
    read = drill_files.read_drills(text.lstrip("\n").encode())
    assert isinstance(read, list), "no fault was found"
    return [(fault.line, fault.key.removeprefix("drills.mine."), fault.notice.sentence) for fault in read]


def test_a_dozen_ship_and_each_can_be_shown_and_judged(monkeypatch):
    monkeypatch.delenv(drill.FOLDER, raising=False)
    shipped = drill.all_drills()
    assert len(shipped) >= 12
    for each in shipped.values():
        for text in (each.title, each.what, each.why, *([each.say] if each.say else [])):
            assert text.zh
            assert text.en
        assert each.figure in drill_files.figures()
        assert is_known(drill.MODULES[each.module])
        pack = drill.pack_of(each)
        assert tuple(pack.criteria) == each.criteria
        assert list(pack.profiles) == [each.profile]
        heard = [measures()[criterion.measure].of == "voice" for criterion in pack.criteria.values()]
        assert all(heard) or each.camera != "none"


def test_a_drill_is_found_by_what_it_practises(monkeypatch):
    monkeypatch.delenv(drill.FOLDER, raising=False)
    found = [each.id for each in drill.drills_for("shoulder_tilt")]
    assert found[0] == "level_shoulders"
    assert "hands_folded" in found[1:]
    assert drill.drills_for("clipping") == ()
    assert [each.id for each in drill.drills_for("forbidden_phrases_major")] == ["kind_answers"]  # not judged by it


def test_a_band_of_its_own_changes_that_band_and_nothing_else(monkeypatch):
    monkeypatch.delenv(drill.FOLDER, raising=False)
    own = drill.pack_of(drill.drill_named("read_120")).criteria["pace"]
    theirs = drill_files.pack_named("counter", None).criteria["pace"]
    assert own.good == (105, 135)
    assert own.model_dump(exclude={"good", "tolerable", "fail", "advice"}) == theirs.model_dump(
        exclude={"good", "tolerable", "fail", "advice"}
    )


@pytest.mark.parametrize(
    ("change", "line", "key", "said"),
    [
        (("seconds = 10.0", "seconds = 2.0"), 6, "seconds", "A take lasts from {least} to {most} seconds."),
        (("seconds = 10.0\n", ""), 1, "seconds", "The key is missing."),
        (('"seated"', '"sitting"'), 7, "profile", "{name} is not known here; did you mean {near}?"),
        (('["shoulder_tilt"]', '["shoulder_tilts"]'), 8, "criteria", "{name} is not known here; did you mean {near}?"),
        (('["shoulder_tilt"]', "[]"), 8, "criteria", "Name at least one criterion."),
        (('["shoulder_tilt"]', '["head_forward"]'), 8, "criteria",
         "{measure} can never be seen in a drill with camera {camera}."),
        (('["shoulder_tilt"]', '["shoulder_tilt"]\nhelps = ["pacee"]'), 9, "helps",
         "{name} is not known here; did you mean {near}?"),
        (('["shoulder_tilt"]', '["courtesy_coverage"]'), 8, "criteria",
         "{id} is judged by words: give a text to read aloud (say)."),
        (('["shoulder_tilt"]', '["forbidden_phrases_major"]'), 8, "criteria",
         "{id} cannot be judged while one practises: it waits for the report."),
        (('["shoulder_tilt"]', '["face_toward"]'), 8, "criteria",
         "{id} cannot be judged while one practises: it waits for the report."),
        (('module = "posture"', 'module = "postures"'), 3, "module", UNKNOWN_CHOICE),
        (('zh = "好看", en = "It looks good"', ""), 5, "why", "Write it in zh or en."),
        (('profile = "seated"', 'profile = "seated"\npack = "counters"'), 8, "pack",
         "There is no norm pack {name} that can be read."),
        (('profile = "seated"', 'profile = "seated"\nfigure = "none"'), 8, "figure", "{name} is not known here."),
        (('profile = "seated"', 'profile = "seated"\ndistance = "far"\ncamera = "none"'), 8, "distance",
         "What is only heard is practised near the microphone: write near."),
        (('["shoulder_tilt"]', '["shoulder_tilt"]\n[drills.mine.bands.shoulder_tilt]\ngood = [-9, 9]'), 9,
         "bands.shoulder_tilt.tolerable", "The {outer} band must contain the {inner} band."),
        (('["shoulder_tilt"]', '["shoulder_tilt"]\n[drills.mine.bands.shoulder_tilt]\ngoood = 1'), 10,
         "bands.shoulder_tilt.goood", "{name} is not known here; did you mean {near}?"),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_line(change, line, key, said):
    assert (line, key, said) in faults(SOUND.replace(*change))


@pytest.mark.parametrize("text", ["[drills", "", "x = 1", "drills = 1", "[drills]\nmine = 1", "x = " + "[" * 5000])
def test_what_is_no_file_of_drills_is_refused(text):
    assert faults(text)


def test_a_units_own_drill_stands_beside_the_shipped_ones(unit):
    (unit / "own.toml").write_text(SOUND, encoding="utf-8")
    (unit / "broken.toml").write_text(SOUND.replace("10.0", "1.0"), encoding="utf-8")
    assert "mine" in drill.all_drills()
    assert "level_shoulders" in drill.all_drills()
    assert drill.faulty_files() == ("broken.toml",)
    with pytest.raises(drill.BrokenDrillsError, match=r"line 7, drills\.mine\.seconds"):
        drill.check_drills(unit / "broken.toml")


def test_what_cannot_be_read_is_left_out_and_the_page_goes_on(unit):
    (unit / "own.toml").write_text(SOUND, encoding="utf-8")
    (unit / "folder.toml").mkdir()
    (unit / "gone.toml").symlink_to(unit / "nowhere")
    assert "mine" in drill.all_drills()
    assert drill.faulty_files() == ("folder.toml", "gone.toml")


def test_a_units_own_pack_lies_beside_its_drills_and_is_read_anew_when_it_changes(unit):
    pack = (drill.Path(drill_files.__file__).parent / "packs" / "counter.toml").read_bytes()
    (unit / "counter_own.toml").write_bytes(pack)
    (unit / "own.toml").write_text(SOUND.replace("profile =", 'pack = "counter_own.toml"\nprofile ='), encoding="utf-8")
    assert "mine" in drill.all_drills()
    assert drill.faulty_files() == ()
    (unit / "counter_own.toml").write_bytes(pack.replace(b"shoulder_tilt", b"shoulders_tilt"))
    assert "mine" not in drill.all_drills()  # its criterion went
    (unit / "counter_own.toml").unlink()
    assert "mine" not in drill.all_drills()
    assert drill.faulty_files() == ("own.toml",)


def test_an_id_is_no_longer_than_the_records_keep(unit):
    long = SOUND.replace("drills.mine", f"drills.{'m' * 65}").lstrip("\n").encode()
    assert isinstance(drill_files.read_drills(long.replace(b"m" * 65, b"m" * 64)), tuple)
    assert isinstance(drill_files.read_drills(long), list)


def test_a_recorded_demonstration_is_found_by_the_drills_name(unit):
    mine = drill.drill_named("level_shoulders")
    assert drill.demonstration(mine) is None
    (unit / "level_shoulders.mp4").write_bytes(b"")
    shown = drill.demonstration(mine)
    assert shown == unit / "level_shoulders.mp4"
    assert drill.is_seen(shown, mine)


def test_a_drill_names_its_own_example_which_is_only_heard(unit):
    (unit / "said.webm").write_bytes(recorded("webm", "libopus", rate=48_000))
    (unit / "mine.mp4").write_bytes(b"")  # what is named goes before what has the drill's name
    (unit / "own.toml").write_text(SOUND + 'example = "said.webm"', encoding="utf-8")
    assert drill.faulty_files() == ()
    mine = drill.drill_named("mine")
    assert drill.demonstration(mine) == unit / "said.webm"
    assert not drill.is_seen(unit / "said.webm", mine)
    (unit / "said.webm").unlink()
    assert drill.faulty_files() == ("own.toml",)  # at once, not when the server begins anew
    assert drill.demonstration(mine) is None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.wav", None, "There is no file {name} beside this one."),
        ("../said.wav", None, NOT_PLAIN),
        ("folder/said.wav", None, NOT_PLAIN),
        ("C:said.wav", None, NOT_PLAIN),
        ("..", None, NOT_PLAIN),
        ("said.exe", None, NOT_PLAIN),
        ("large.wav", bytes((20 << 20) + 1), "{name} is larger than {most} MB: shorten it."),
        ("text.wav", b"no sound at all", "{name} holds no sound that can be heard."),
        ("silent.wav", 0.0, "{name} holds no sound that can be heard."),
        ("long.wav", 181.0, "{name} lasts longer than {most} minutes: shorten it."),
    ],
)
def test_every_fault_of_an_example_is_told_with_its_line(tmp_path, name, content, said):
    if isinstance(content, float):
        content = recorded("wav", "pcm_s16le", seconds=content or 1.0, loud=bool(content))
    if content is not None:
        (tmp_path / name).write_bytes(content)
    text = f'{SOUND.lstrip()}example = "{name}"'.encode()
    read = drill_files.read_drills(text, tmp_path)
    assert isinstance(read, list)
    assert [(fault.line, fault.key, fault.notice.sentence) for fault in read] == [(9, "drills.mine.example", said)]
    assert is_known(said)


def test_no_shipped_drill_has_an_example(monkeypatch):
    monkeypatch.delenv(drill.FOLDER, raising=False)
    assert not any(each.example for each in drill.all_drills().values())


def test_a_text_in_chinese_is_read_in_chinese_whatever_the_page_speaks(monkeypatch):
    monkeypatch.delenv(drill.FOLDER, raising=False)
    assert drill.spoken_language(drill.drill_named("read_120"), "en") == "zh"
    assert drill.spoken_language(drill.drill_named("finish_sentences"), "en") == "en"
    assert drill.spoken_language(drill.drill_named("no_fillers"), "zh") == "zh"
