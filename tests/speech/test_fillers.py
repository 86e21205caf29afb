"""Filled pauses: a steady flat vowel between words is found, words and slow speech are not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from liyi.core.trace import Event, Interval
from speech.fillers import DOUBT, THRESHOLD, Prompted, _scene, filled_pauses, in_doubt
from speech.frames import Frames, analyse, background_db, snr_db
from speech.voice import Word
from tests.speech.sounds import RATE, buzz, clips, everything, frames_of, frames_of_clip, load, pulses, silence


def filler(duration_s: float, pitch_hz: float, level: float) -> np.ndarray:
    """A steady, slightly falling vowel with soft edges."""
    sound = buzz(pitch_hz * 2 ** (-np.arange(round(duration_s * RATE)) / RATE * 2 / 12), duration_s)
    edge = np.minimum(np.arange(sound.size), np.arange(sound.size)[::-1]) / (0.04 * RATE)
    sound = sound * np.clip(edge, 0, 1)
    return (sound * level / np.sqrt(np.mean(sound**2))).astype(np.float32)


@pytest.mark.parametrize("duration_s", [0.35, 0.5, 0.8])
def test_an_inserted_filler_is_found_at_its_place(shared, duration_s: float) -> None:
    sound = load(clips(shared)["zh_ms_audio2_long.wav"][0])
    frames, speech = frames_of(sound)
    level = float(np.sqrt(np.mean(sound[: 8 * RATE] ** 2)))
    pitch_hz = float(np.nanmedian(frames.pitch_hz)) / 2 ** (1.2 / 12)
    pause = next((a, b) for a, b in pairwise(speech) if a.end_s > 5)
    at = round((pause[0].end_s + pause[1].start_s) / 2 * RATE)
    inserted = np.concatenate([silence(0.15), filler(duration_s, pitch_hz, level), silence(0.3)])
    (event,) = filled_pauses(frames_of(np.concatenate([sound[:at], inserted, sound[at:]]))[0])
    true = Interval(at / RATE + 0.15, at / RATE + 0.15 + duration_s)
    assert abs(event.start_s - true.start_s) < 0.08
    assert abs(event.end_s - true.end_s) < 0.08
    assert 0.5 <= event.attributes["probability"] <= 1


def test_fluent_reading_has_none(shared) -> None:
    found = {name: filled_pauses(frames_of_clip(path)[0]) for name, (path, _) in clips(shared).items()}
    assert len(found) >= 11
    assert not any(found.values()), found


def test_a_real_um(shared) -> None:
    events = filled_pauses(frames_of_clip(shared / "media" / "speech" / "en_mfa_um.flac")[0])
    assert len(events) == 1
    assert 3.7 < events[0].start_s < 4.2
    assert 4.8 < events[0].end_s < 5.2


def test_nothing_without_speech() -> None:
    for sound in (silence(0.0), silence(0.2), silence(2.0)):
        assert filled_pauses(analyse(sound, speech=())) == ()
        assert not filled_pauses(analyse(sound, speech=(Interval(0.0, 2.0),)))


def test_drawn_out_speech_is_left_alone() -> None:
    """Every syllable of a chant is long, steady and flat; so nothing can be told of fillers, and none is not said."""
    chant = np.concatenate([np.concatenate([filler(0.8, 140, 0.1), silence(0.3)]) for _ in range(8)])
    assert filled_pauses(analyse(chant, speech=(Interval(0.0, chant.size / RATE),))) is None


def syllable(pitch_hz: float, rise_st: float) -> np.ndarray:
    """A vowel of 0.2 s whose pitch rises, with soft edges, and a short closure."""
    glide = buzz(pitch_hz * 2 ** (np.linspace(0, rise_st, round(0.2 * RATE)) / 12), 0.2)
    edge = np.minimum(np.arange(glide.size), np.arange(glide.size)[::-1]) / (0.03 * RATE)
    return np.concatenate([glide * np.clip(edge, 0, 1).astype(np.float32), silence(0.05)])


@pytest.mark.parametrize(("rise_st", "known"), [(0.0, False), (4.0, True)])
def test_a_voice_on_one_note_is_left_alone(rise_st: float, known: bool) -> None:
    """Where each vowel is as flat as a filler nothing is told of fillers, and none is not said."""
    spoken = np.concatenate([syllable(120, rise_st) for _ in range(24)])
    assert (filled_pauses(analyse(spoken, speech=everything(spoken))) is not None) == known


def test_digital_silence_beside_a_sound_is_a_cut_and_no_pause(shared) -> None:
    """Noise chopped by an editor's silence sounds like vowels between pauses."""
    sound = load(shared / "media" / "speech" / "zh_noise_phone.wav")[: 20 * RATE]
    parts = [sound[first : first + round(0.8 * RATE)] for first in range(0, sound.size, round(0.8 * RATE))]
    chopped = np.concatenate([np.concatenate([part, silence(0.32)]) for part in parts])
    for made in (sound, chopped):
        frames, _ = frames_of(made)
        assert not filled_pauses(frames)
        assert snr_db(frames) == pytest.approx(11, abs=1.5)


def test_digital_silence_says_nothing_of_the_room() -> None:
    """Seconds of nothing, as an editor leaves them, must not make a noisy recording look clean."""
    room = np.random.default_rng(0).standard_normal(6 * RATE).astype(np.float32) * np.float32(0.003)
    noisy = np.concatenate([pulses(5.0, 30, pitch_hz=150), silence(0.0)]) + room
    frames = analyse(np.concatenate([noisy, silence(2.0)]), speech=(Interval(0.0, 6.0),))
    plain = analyse(noisy, speech=(Interval(0.0, 6.0),))
    assert background_db(frames.level_db) == pytest.approx(background_db(plain.level_db), abs=0.3)
    assert _scene(frames).usual_change == pytest.approx(_scene(plain).usual_change, rel=0.02)


def test_a_tone_that_falls_fast_is_a_word() -> None:
    """A Mandarin fourth tone held for half a second: 20 semitones a second is no hesitation."""
    words = pulses(5.0, 40, pitch_hz=150)
    fall = buzz(180 * 2 ** (-np.arange(RATE // 2) / RATE * 20 / 12), 0.5)
    sound = np.concatenate([words, silence(0.3), fall, silence(0.3), words])
    frames = analyse(sound, speech=(Interval(0.0, sound.size / RATE),))
    assert not [event for event in filled_pauses(frames) if 8.2 < event.start_s < 8.9]


@pytest.fixture
def hoarse(shared) -> Frames:
    """A hoarse man who says uh and um at 1.2, 3.7, 7.3, 9.9 and 17.8 s; the sound alone is sure of the last one."""
    return frames_of_clip(shared / "media" / "speech" / "en_mfa_sick_pauses.wav")[0]


def starts(events: tuple[Event, ...] | None) -> list[float]:
    return [event.start_s for event in events or ()]


def test_what_the_sound_leaves_in_doubt_counts_when_it_was_heard_too(hoarse) -> None:
    assert starts(filled_pauses(hoarse)) == [pytest.approx(17.8, abs=0.05)]
    event, sure = filled_pauses(hoarse, [Prompted(7.6, 7.7, "uh", 0.6, False)])
    assert event.start_s == pytest.approx(7.31, abs=0.05)
    assert event.end_s == pytest.approx(7.86, abs=0.05)
    assert event.label == "uh"
    assert DOUBT <= event.attributes["by_sound"] < THRESHOLD < event.attributes["probability"] < 1
    assert (event.attributes["heard"], sure.attributes["heard"], sure.label) == (0.6, 0.0, "")


@pytest.mark.parametrize(
    ("at_s", "text", "probability", "trailing", "counted"),
    [
        (7.4, "uh", 0.01, False, True),  # unsure, but the sound agrees
        (7.4, "uh", 0.01, True, False),  # nothing follows, as where the prompt makes one up
        (7.4, "uh", 0.60, True, True),
        (3.7, "uh", 0.60, False, True),  # the sound does not suggest it
        (3.7, "uh", 0.05, False, False),
        (3.7, "uh", 0.60, True, False),
        (5.5, "uh", 0.60, False, True),
        (5.5, "uh", 0.05, False, False),
        (5.5, "啊", 0.60, False, False),  # stuck to the word before
        (0.2, "uh", 0.90, False, False),  # no sound there
    ],
)
def test_what_was_heard_needs_a_sound(hoarse, at_s, text, probability, trailing, counted) -> None:
    found = filled_pauses(hoarse, [Prompted(at_s, at_s + 0.2, text, probability, trailing)])
    assert len(found or ()) - 1 == counted


def test_two_sources_of_one_sound_are_one_filler(hoarse) -> None:
    (alone,), (both,) = (
        filled_pauses(hoarse) or (),
        filled_pauses(hoarse, [Prompted(17.8, 18.0, "uh", 0.9, False)]) or (),
    )
    assert both.start_s == pytest.approx(alone.start_s, abs=0.1)
    assert (alone.label, both.label) == ("", "uh")
    assert alone.attributes["probability"] == alone.attributes["by_sound"] == both.attributes["by_sound"]
    assert both.attributes["probability"] > alone.attributes["probability"]


def test_doubts_come_first_then_what_the_sound_is_sure_of(hoarse) -> None:
    covered = [Word(k * 0.3, k * 0.3 + 0.3, "so", 0.9) for k in range(90)]
    doubts = starts(in_doubt(hoarse, covered, "en"))
    assert doubts[0] == pytest.approx(7.3, abs=0.05)
    assert doubts[-1] == pytest.approx(17.8, abs=0.05)
    assert any(abs(doubt - 1.2) < 0.1 for doubt in doubts)
    # A long sound that no word covers may be one too, but what the sound suggests goes first.
    bare = starts(in_doubt(hoarse, [word for word in covered if not 3.5 < word.start_s < 3.8], "en"))
    assert [round(doubt, 1) for doubt in bare if all(abs(doubt - other) > 0.01 for other in doubts)] == [3.7]
    assert bare[0] == doubts[0]
    assert bare[-1] == doubts[-1]


def test_nothing_is_in_doubt_where_nothing_could_be_told() -> None:
    flat = np.concatenate([syllable(120, 0.0) for _ in range(24)])
    assert in_doubt(analyse(flat, speech=everything(flat)), [], "zh") == ()
    assert in_doubt(analyse(silence(2.0), speech=()), [], "zh") == ()
