"""Filled pauses: a steady flat vowel between words is found, words and slow speech are not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from liyi.core.trace import Interval
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


def with_a_doubtful_sound() -> tuple[Frames, Interval]:
    """Syllables, between them a vowel too short and too close for the sound alone to tell; and where it is."""
    words = np.concatenate([syllable(150, 4.0) for _ in range(16)])
    sound = np.concatenate([words, filler(0.26, 140, 0.05), silence(0.05), words])
    start_s = words.size / RATE
    return analyse(sound, speech=everything(sound)), Interval(start_s, start_s + 0.26)


def heard_at(spot: Interval, text: str = "嗯", *, probability: float = 0.6, trailing: bool = False) -> Prompted:
    return Prompted(spot.start_s + 0.1, spot.end_s, text, probability, trailing)


def test_what_the_sound_leaves_in_doubt_counts_when_it_was_heard_too() -> None:
    frames, spot = with_a_doubtful_sound()
    assert filled_pauses(frames) == ()
    (event,) = filled_pauses(frames, [heard_at(spot)])
    assert event.start_s == pytest.approx(spot.start_s, abs=0.06)
    assert event.end_s == pytest.approx(spot.end_s, abs=0.06)
    assert event.label == "嗯"
    assert DOUBT <= event.attributes["by_sound"] < THRESHOLD < event.attributes["probability"] < 1
    assert event.attributes["heard"] == 0.6


@pytest.mark.parametrize(
    ("text", "probability", "trailing", "counted"),
    [
        ("呃", 0.01, False, True),  # unsure, but the sound agrees
        ("呃", 0.01, True, False),
        ("呃", 0.60, True, True),
        ("啊", 0.60, False, False),  # stuck to the syllable before
    ],
)
def test_what_was_heard_in_a_doubtful_sound(text: str, probability: float, trailing: bool, counted: bool) -> None:
    frames, spot = with_a_doubtful_sound()
    found = filled_pauses(frames, [heard_at(spot, text, probability=probability, trailing=trailing)])
    assert (found != ()) == counted


@pytest.mark.parametrize(
    ("text", "probability", "counted"), [("嗯", 0.5, True), ("嗯", 0.05, False), ("啊", 0.5, False)]
)
def test_what_was_heard_where_the_sound_is_a_syllable(text: str, probability: float, counted: bool) -> None:
    frames, _ = with_a_doubtful_sound()
    found = filled_pauses(frames, [Prompted(1.0, 1.2, text, probability, False)])
    assert (found != ()) == counted


def test_what_was_heard_in_silence_is_made_up() -> None:
    words = np.concatenate([syllable(150, 4.0) for _ in range(16)])
    sound = np.concatenate([words, silence(2.0), words])
    middle_s = words.size / RATE + 1
    token = Prompted(middle_s, middle_s + 0.3, "嗯", 0.9, False)
    assert filled_pauses(analyse(sound, speech=everything(sound)), [token]) == ()


def test_two_sources_of_one_sound_are_one_filler() -> None:
    words = np.concatenate([syllable(150, 4.0) for _ in range(16)])
    sound = np.concatenate([words, silence(0.2), filler(0.5, 140, 0.05), silence(0.2), words])
    spot = Interval(words.size / RATE + 0.2, words.size / RATE + 0.7)
    frames = analyse(sound, speech=everything(sound))
    (alone,), (both,) = filled_pauses(frames), filled_pauses(frames, [heard_at(spot, "um")])
    assert (alone.start_s, alone.end_s) == (both.start_s, both.end_s)
    assert (alone.label, both.label) == ("", "um")
    assert alone.attributes["probability"] == alone.attributes["by_sound"] == both.attributes["by_sound"]
    assert both.attributes["probability"] > alone.attributes["probability"]


def test_doubts_come_first_then_what_the_sound_is_sure_of() -> None:
    words = np.concatenate([syllable(150, 4.0) for _ in range(16)])
    sound = np.concatenate(
        [
            words,
            silence(0.2),
            filler(0.5, 140, 0.05),
            silence(0.2),
            words,
            filler(0.26, 140, 0.05),
            silence(0.05),
            words,
        ]
    )
    sure_s, doubtful_s = words.size / RATE + 0.2, 2 * words.size / RATE + 0.9
    frames = analyse(sound, speech=everything(sound))
    covered = [Word(k * 0.5, k * 0.5 + 0.5, "好的", 0.9) for k in range(round(sound.size / RATE * 2))]
    doubts = in_doubt(frames, covered, "zh")
    assert [round(doubt.start_s, 1) for doubt in doubts] == [
        pytest.approx(doubtful_s, abs=0.11),
        pytest.approx(sure_s, abs=0.11),
    ]
    # Where no word was understood every vowel of some length may be one; the likely ones still come first.
    bare = in_doubt(frames, [], "zh")
    assert bare[0] == doubts[0]
    assert len(bare) > len(doubts)
    assert bare[-1] == doubts[-1]


def test_nothing_is_in_doubt_where_nothing_could_be_told() -> None:
    flat = np.concatenate([syllable(120, 0.0) for _ in range(24)])
    assert in_doubt(analyse(flat, speech=everything(flat)), [], "zh") == ()
    assert in_doubt(analyse(silence(2.0), speech=()), [], "zh") == ()
