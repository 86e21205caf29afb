"""One pass over a recording: what is heard in real speech, in next to nothing, and in how much memory."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from liyi.core.timeline import Timeline
from liyi.core.trace import Interval
from speech import agreement, prompted, second, stretches, transcript
from speech.listening import listen
from speech.notices import notices
from speech.stretches import RATE, Piece
from speech.voice import Utterance, Word
from tests.speech.sounds import load

if TYPE_CHECKING:
    from pathlib import Path

    from speech.voice import Voice


def in_blocks(sound: np.ndarray, seconds: float) -> list[np.ndarray]:
    size = round(seconds * RATE)
    return [sound[first : first + size] for first in range(0, sound.size, size)]


def equal(a: Voice, b: Voice) -> bool:
    return (
        (a.duration_s, a.stretches, a.filled, a.transcript) == (b.duration_s, b.stretches, b.filled, b.transcript)
        and (a.clipped_share, a.snr_db) == (b.clipped_share, b.snr_db)
        and all(
            np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
            for name in ("t", "level_db", "pitch_hz", "nuclei_s")
        )
    )


def test_everything_stands_on_one_clock_whatever_the_blocks(shared: Path) -> None:
    clips = [load(path) for path in sorted((shared / "studio/clips").glob("zh_*.wav"))[::2]]
    sound = np.concatenate([*clips, np.zeros(4 * RATE, np.float32), *clips])
    voice = listen([sound], recogniser=None)
    assert voice.duration_s == pytest.approx(sound.size / RATE)
    assert np.allclose(np.diff(voice.t), 0.01)
    assert voice.t.size == voice.level_db.size == voice.pitch_hz.size == sound.size // 160
    assert voice.transcript is None
    # The second half is the first again, 4 s of silence later, though the pieces are cut elsewhere.
    later_s = (sound.size - 4 * RATE) / 2 / RATE + 4
    first = voice.nuclei_s[voice.nuclei_s < later_s - 4]
    second = voice.nuclei_s[voice.nuclei_s >= later_s]
    assert second.size == pytest.approx(first.size, rel=0.02)
    assert equal(voice, listen(in_blocks(sound, 0.1), recogniser=None))
    assert equal(voice, listen(in_blocks(sound, 3.3), recogniser=None))


def test_progress_reaches_the_end() -> None:
    reached: list[float] = []
    listen(in_blocks(np.zeros(130 * RATE, np.float32), 1.0), recogniser=None, progress=reached.append)
    assert reached == sorted(reached)
    assert len(reached) == 3
    assert reached[-1] == 130.0


@pytest.mark.parametrize(
    "sound",
    [np.zeros(0), np.zeros(100), np.zeros(3200), np.full(3200, np.nan), np.ones(5 * RATE)],
    ids=["no sample", "less than a frame", "0.2 s", "not a number", "offset"],
)
def test_next_to_nothing_is_a_voice_that_says_nothing(sound: np.ndarray) -> None:
    voice = listen([sound.astype(np.float32)], recogniser=None)
    assert voice.duration_s == pytest.approx(sound.size / RATE)
    assert voice.stretches == () == voice.filled
    assert voice.nuclei_s.size == 0
    assert np.isnan(voice.snr_db)
    assert np.isnan(voice.pitch_hz).all()
    assert voice.transcript is None


def test_clipped_speech_is_heard_and_called_clipped(shared: Path) -> None:
    sound = load(shared / "studio/clips/zh_sooth_jf_alpha.wav")
    clean = listen([sound], recogniser=None)
    clipped = listen([np.clip(sound * 20, -1, 1)], recogniser=None)
    assert clean.clipped_share < 0.001 < 0.05 < clipped.clipped_share
    heard_s = [sum(s.duration_s for s in voice.stretches) for voice in (clean, clipped)]
    assert heard_s[1] == pytest.approx(heard_s[0], rel=0.1)


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
def test_words_stand_at_their_time_in_the_recording(shared: Path) -> None:
    clip = load(shared / "studio/clips/zh_sooth_jf_tebukuro.wav")
    sound = np.concatenate([clip, np.zeros(60 * RATE, np.float32), clip])
    voice = listen(in_blocks(sound, 1.0))
    assert voice.transcript is not None
    assert voice.transcript.language == "zh"
    later_s = clip.size / RATE + 60
    first = [u for u in voice.transcript.utterances if u.end_s <= later_s - 60]
    second = [u for u in voice.transcript.utterances if u.start_s >= later_s]
    assert len(first) + len(second) == len(voice.transcript.utterances)
    assert [re.sub(r"\W", "", u.text) for u in first] == [re.sub(r"\W", "", u.text) for u in second]
    for a, b in zip(first, second, strict=True):
        assert b.start_s == pytest.approx(a.start_s + later_s, abs=0.15)


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
def test_silence_has_no_words() -> None:
    assert listen([np.zeros(20 * RATE, np.float32)]).transcript is None


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
def test_asking_again_finds_fillers_and_changes_nothing_else(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hoarse man says uh at 1.2, 3.7, 7.3 and 9.9 s, of which the sound alone tells none."""
    sound = load(shared / "media/speech/en_mfa_sick_pauses.wav")
    asked = listen([sound], language="en")
    monkeypatch.setattr(prompted.SecondPass, "take", lambda *_: None)
    plain = listen([sound], language="en")
    assert equal(replace(asked, filled=()), replace(plain, filled=()))
    known = [Interval(1.24, 1.67), Interval(3.69, 3.96), Interval(7.31, 7.86), Interval(9.89, 10.34)]
    counts = [sum(bool(Timeline(voice.filled or ()).overlap_s(each)) for each in known) for voice in (plain, asked)]
    assert counts[0] == 0, plain.filled
    assert counts[1] >= 1, asked.filled  # as a rule two or three: so many fit into a fifth of 20 s
    assert all(event.label in ("uh", "um") for event in asked.filled or () if event.start_s < 17)


def test_first_words_do_not_decide_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def transcribe(
        _samples: np.ndarray, speech: tuple[Interval, ...], *, language: str, **_: object
    ) -> tuple[str, Any]:
        asked.append(language)
        found = language if language != "auto" else "zh" if speech[0].duration_s > 10 else "ja"
        return found, tuple(Utterance(s.start_s, s.end_s, found, ()) for s in speech)

    sound = np.zeros(30 * RATE, np.float32)
    lengths_s = (1.0, 20.0, 2.0)
    pieces = [Piece(30.0 * k, sound, (Interval(1.0, 1.0 + length),)) for k, length in enumerate(lengths_s)]
    monkeypatch.setattr(stretches, "cut", lambda _: iter(pieces))
    monkeypatch.setattr(transcript, "load_recogniser", lambda _: object())
    monkeypatch.setattr(transcript, "transcribe", transcribe)
    heard = listen([]).transcript
    assert asked == ["auto", "auto", "zh"]
    assert heard is not None
    assert (heard.language, [u.text for u in heard.utterances]) == ("zh", ["zh", "zh"])


class _Ear:
    """The second recogniser, told what it hears: a word for each piece, the last only when it must finish."""

    def __init__(self, wordings: tuple[str, ...]) -> None:
        self.wordings = wordings

    def finish(self) -> tuple[Word, ...]:
        return (Word(99.0, 99.5, "再见", 0.8),)


@pytest.mark.parametrize(("languages", "heard_at"), [(("zh", "zh"), (0.0, 30.0)), (("en", "en"), None)])
def test_the_second_recogniser_hears_mandarin_only(monkeypatch, languages, heard_at) -> None:
    language = iter(languages)
    pieces = [Piece(30.0 * k, np.zeros(30 * RATE, np.float32), (Interval(1.0, 3.0),)) for k in range(2)]
    monkeypatch.setattr(stretches, "cut", lambda _: iter(pieces))
    monkeypatch.setattr(transcript, "load_recogniser", lambda _: object())
    monkeypatch.setattr(
        transcript, "transcribe", lambda *_, **__: (found := next(language), (Utterance(1.0, 3.0, found, ()),))
    )
    monkeypatch.setattr(second, "lacking", tuple)
    monkeypatch.setattr(second, "Listener", _Ear)
    monkeypatch.setattr(second, "unknown", lambda wordings: wordings[1:])
    monkeypatch.setattr(agreement, "differing", lambda *_, **__: (3, 8))
    monkeypatch.setattr(
        second, "hear", lambda samples, speech, *, listener, offset_s: (Word(offset_s, offset_s + 1, "您好", 0.9),)
    )
    heard = listen([], phrases=("您好", "喎")).second
    if heard_at is None:
        assert heard is None
        return
    assert heard is not None
    assert (heard.listened_for, heard.disagreement) == (("您好",), 6 / 16)
    assert [word.start_s for word in heard.words] == [*heard_at, 99.0]


@pytest.mark.parametrize("fails_at", ["Listener", "hear", "finish", "unknown", "differing"])
def test_where_the_second_recogniser_fails_the_first_goes_on_and_it_is_said(monkeypatch, fails_at) -> None:
    """A damaged model, a library that cannot read it, sound that it chokes on: at any moment."""

    def fails(*_, **__):
        calls.append(fails_at)
        raise second.SecondFailedError("Failed to process waveform")

    calls: list[str] = []
    pieces = [Piece(30.0 * k, np.zeros(30 * RATE, np.float32), (Interval(1.0, 3.0),)) for k in range(2)]
    monkeypatch.setattr(stretches, "cut", lambda _: iter(pieces))
    monkeypatch.setattr(transcript, "load_recogniser", lambda _: object())
    monkeypatch.setattr(transcript, "transcribe", lambda *_, **__: ("zh", (Utterance(1.0, 3.0, "您好", ()),)))
    for place, name, told in ((second, "lacking", tuple), (second, "unknown", lambda _: ()),
                              (agreement, "differing", lambda *_, **__: (3, 8)),
                              (second, "hear", lambda *_, **__: ())):  # fmt: skip
        monkeypatch.setattr(place, name, told)
    monkeypatch.setattr(second, "Listener", _Ear)
    owner = {"finish": _Ear, "differing": agreement}.get(fails_at, second)
    monkeypatch.setattr(owner, fails_at, fails)
    voice = listen([], phrases=("您好",))
    assert calls == [fails_at]  # it is not asked again
    assert voice.second is None
    assert [each.text for each in voice.transcript.utterances] == ["您好", "您好"]
    assert any("one recogniser alone" in each.sentence for each in notices(voice, ("您好",)))


@pytest.mark.parametrize("option", [{"phrases": ()}, {"recogniser": None}, {}])
def test_the_second_recogniser_is_left_out_where_nothing_asks_for_it(monkeypatch, option) -> None:
    monkeypatch.setattr(transcript, "load_recogniser", lambda _: object())
    monkeypatch.setattr(transcript, "transcribe", lambda *_, **__: ("zh", ()))
    monkeypatch.setattr(second, "lacking", lambda: () if option else ("vosk",))
    monkeypatch.setattr(second, "Listener", lambda _: pytest.fail("it was asked"))
    assert listen([np.zeros(RATE, np.float32)], **{"phrases": ("您好",), **option}).second is None


MEMORY = """
import resource, sys
import numpy as np
from speech.listening import listen

clip = np.load(sys.argv[1])
samples = int(sys.argv[2]) * 16000
listen((np.take(clip, np.arange(a, a + 16000), mode="wrap") for a in range(0, samples, 16000)), recogniser=None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts the process's memory in Linux' unit")
def test_memory_is_flat(shared: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "clip.npy", load(shared / "studio/clips/zh_greet_jf_tebukuro.wav"))

    def peak_mb(seconds: int) -> int:
        command = [sys.executable, "-c", MEMORY, str(tmp_path / "clip.npy"), str(seconds)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    # Four more minutes would be 15 MB as samples; as frames they are 1 MB.
    assert peak_mb(480) - peak_mb(240) < 9
