"""Pauses: silences set by hand, then one cut into real speech, and filled pauses passed on."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, Interval, Scalar
from speech.measures import MEASURES
from speech.measures.phrasing import phrases, turns
from speech.voice import Voice
from tests.speech.sounds import RATE, at_tempo, clips, load, noise, silence, voice_of

MEASURE = {measure.id: measure for measure in MEASURES}


def voice(*sounding: tuple[float, float], **changed: Any) -> Voice:
    """One stretch of speech whose level is -20 dB where ``sounding`` and -60 dB elsewhere."""
    t = (np.arange(round((sounding[-1][1] + 1) * 100)) + 0.5) / 100
    loud = np.zeros(t.size, bool)
    for a, b in sounding:
        loud |= (t > a) & (t < b)
    made = {
        "duration_s": float(t[-1]),
        "stretches": (Interval(sounding[0][0], sounding[-1][1]),),
        "t": t,
        "level_db": np.where(loud, -20, -60).astype(np.float32),
        "pitch_hz": np.full(t.size, np.nan, np.float32),
        "nuclei_s": np.zeros(0),
        "filled": (),
        "clipped_share": 0.0,
        "snr_db": 40.0,
        "transcript": None,
    }
    return Voice(**{**made, **changed})


def take(id: str, heard: Voice, **params: Any) -> Any:
    return MEASURE[id](heard, params)


def test_phrases_pauses_and_turns() -> None:
    heard = voice((1.0, 2.0), (2.2, 3.0), (3.5, 5.0), (8.0, 9.0))  # 0.2 s is a closure, 0.5 s a pause, 3 s a new turn
    phrased = phrases(heard)
    assert [(p.start_s, p.end_s) for p in phrased] == [
        pytest.approx(pair, abs=0.011) for pair in ((1.0, 3.0), (3.5, 5.0), (8.0, 9.0))
    ]
    assert [p.duration_s for p in phrased.gaps()] == pytest.approx([0.5, 3.0], abs=0.03)
    assert [len(turn.phrases) for turn in turns(phrased, turn_gap_s=2.0)] == [2, 1]
    assert [len(turn.phrases) for turn in turns(phrased, turn_gap_s=4.0)] == [3]
    assert phrases(voice((1.0, 2.0), stretches=())) == ()


def test_silence_is_judged_in_noise_too() -> None:
    """With the background only 14 dB below the voice the silence 25 dB below is never reached."""
    heard = voice((1.0, 3.0), (3.6, 5.0))
    noisy = voice((1.0, 3.0), (3.6, 5.0), level_db=np.maximum(heard.level_db, -34))
    assert phrases(noisy) == phrases(heard)


@pytest.mark.parametrize("own_s", [0.3, 0.9, 1.2, 2.0, 2.9])
def test_four_seconds_more_of_a_pause_never_make_fewer_pauses_or_a_faster_speaker(own_s: float) -> None:
    plain, longer = (
        voice((0.0, 3.0), (start_s, start_s + 3.0), nuclei_s=np.concatenate([said, start_s + said]))
        for said in [np.arange(0.1, 3.0, 0.2)]
        for start_s in (3.0 + own_s, 7.0 + own_s)
    )
    for id, sign in (("pause_share", 1), ("pace", -1)):
        before, after = (take(id, heard).value for heard in (plain, longer))
        assert sign * (after - before) >= -0.01 * before


def test_after_a_silence_of_twice_the_turn_gap_nothing_of_it_counts() -> None:
    near = take("pause_share", voice((0.0, 3.0), (3.5, 6.5), (11.4, 14.4)))
    far = take("pause_share", voice((0.0, 3.0), (3.5, 6.5), (16.6, 19.6)))
    assert near.value > far.value
    assert far.value == pytest.approx(100 * 0.5 / 9.5, abs=0.3)


def test_pause_share_counts_pauses_within_turns() -> None:
    share = take("pause_share", voice((0.0, 3.0), (4.0, 6.0), (9.0, 12.0)), turn_gap_s=2.0)
    assert isinstance(share, Scalar)
    assert share.value == pytest.approx(100 * 2 / 10, abs=0.5)  # turns 0-6 and 9-12; of 3 s between them 1 s counts
    assert share.watched_s == pytest.approx(8.0, abs=0.1)
    assert share.evidence[0].attributes["duration_s"] == pytest.approx(1.0, abs=0.03)
    assert take("pause_share", voice((0.0, 3.0), (4.0, 6.0), (9.0, 12.0))).value == pytest.approx(100 * 4 / 12, abs=0.5)
    assert take("pause_share", voice((0.0, 2.0))).reason is Reason.TOO_LITTLE_SPEECH
    assert take("pause_share", voice((0.0, 9.0), snr_db=5.0)).reason is Reason.TOO_NOISY


@pytest.mark.parametrize("id", ["long_pauses", "filled_pauses"])
def test_finding_no_pause_in_noise_is_no_praise(id: str) -> None:
    assert take(id, voice((0.0, 9.0), snr_db=5.0)).reason is Reason.TOO_NOISY


def test_long_pauses_lie_between_first_and_last_sound() -> None:
    events = take("long_pauses", voice((5.0, 7.0), (10.0, 12.0), (13.0, 14.0), (18.5, 20.0)))
    assert isinstance(events, Events)
    assert [(e.start_s, e.end_s) for e in events.items] == [
        pytest.approx(pair, abs=0.011) for pair in ((7.0, 10.0), (14.0, 18.5))
    ]
    assert [e.attributes["duration_s"] for e in events.items] == pytest.approx([3.0, 4.5], abs=0.03)
    assert events.watched_s == pytest.approx(15.0, abs=0.03)
    assert len(take("long_pauses", voice((5.0, 7.0), (10.0, 12.0)), min_pause_s=3.5).items) == 0


@pytest.mark.parametrize("background", [0.0, 0.003])
def test_an_inserted_pause_is_found_where_it_was_put(shared, background: float) -> None:
    """Four seconds cut into the middle of each clip's pause nearest to its middle, in silence and in noise."""
    tried = 0
    for name, (path, count) in clips(shared).items():
        if count < 19:
            continue
        sound = load(path)
        stretches = voice_of(sound).stretches
        gaps = [Interval(a.end_s, b.start_s) for a, b in pairwise(stretches)]
        if not gaps:
            continue
        gap = min(gaps, key=lambda gap: abs(gap.start_s - sound.size / RATE / 2))
        at = round((gap.start_s + gap.end_s) / 2 * RATE)
        longer = np.concatenate([sound[:at], silence(4.0), sound[at:]])
        longer = longer + noise(longer.size / RATE, amplitude=background)[: longer.size]
        (event,) = take("long_pauses", voice_of(longer), min_pause_s=3.0).items
        assert abs(event.start_s - gap.start_s) < 0.15, name
        assert abs(event.end_s - gap.end_s - 4.0) < 0.15, name
        tried += 1
    assert tried >= 8


def test_tempo_scales_a_pause(shared) -> None:
    sound = load(clips(shared)["zh_greet_jm_kumo.wav"][0])
    longer = np.concatenate([sound, silence(3.0), sound])
    (plain,) = take("long_pauses", voice_of(longer)).items
    (slow,) = take("long_pauses", voice_of(at_tempo(longer, 0.6))).items
    assert slow.duration_s == pytest.approx(plain.duration_s / 0.6, abs=0.15)


def test_filled_pauses_are_passed_on_but_for_the_opening_one() -> None:
    filled = tuple(Event(s, s + 0.5, {"probability": p}) for s, p in ((0.05, 0.9), (2.0, 0.6), (3.0, 0.95)))
    heard = voice((0.0, 5.0), filled=filled)
    events = take("filled_pauses", heard)
    assert events.items == filled[1:]
    assert events.watched_s == pytest.approx(5.0, abs=0.02)
    assert take("filled_pauses", heard, min_probability=0.8).items == filled[2:]


@pytest.mark.parametrize(("snr_db", "shown"), [(8.5, 2), (7.0, 1), (5.5, None)])
def test_in_noise_both_must_tell_a_filled_pause_and_none_is_no_zero(snr_db: float, shown: int | None) -> None:
    filled = tuple(Event(s, s + 0.5, {"probability": 0.82}, word) for s, word in ((2.0, ""), (3.0, "uh")))
    events = take("filled_pauses", voice((0.0, 5.0), filled=filled, snr_db=snr_db))
    assert (len(events.items) or None) == shown
    assert (events.reason is Reason.TOO_NOISY) is (shown is None)
    none = take("filled_pauses", voice((0.0, 5.0), filled=filled[:1], snr_db=7.0))
    assert (none.items, none.reason) == ((), Reason.TOO_NOISY)


@pytest.mark.parametrize(
    ("said", "counted"), [("嗯", 0), ("嗯嗯", 0), ("hmm", 0), ("", 0), ("呃", 1), ("uh", 1), ("um", 1)]
)
def test_a_word_that_is_no_answer_counts_at_the_start_of_a_turn_too(said: str, counted: int) -> None:
    opening = Event(0.05, 0.5, {"probability": 0.9}, said)
    assert len(take("filled_pauses", voice((0.0, 5.0), filled=(opening,))).items) == counted


def test_a_detector_that_declined_has_watched_nothing() -> None:
    events = take("filled_pauses", voice((0.0, 5.0), filled=None))
    assert (events.items, events.watched_s, events.reason) == ((), 0.0, Reason.SPEECH_TOO_SLOW)


@pytest.mark.parametrize("id", ["pause_share", "long_pauses", "filled_pauses"])
def test_without_speech_nothing_is_watched(id: str) -> None:
    signal = take(id, voice((0.0, 5.0), stretches=(), snr_db=float("nan")))
    assert signal.reason is Reason.NO_SPEECH
    assert signal.watched_s == 0
