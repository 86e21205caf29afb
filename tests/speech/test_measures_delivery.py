"""How it is said: choppy, whispered, muffled, flat, shouted; what a microphone's gain must not change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Interval
from liyi.etiquette.calibration import voice_outside
from speech.measures import MEASURES
from speech.notices import notices
from speech.voice import Voice
from tests.speech.sounds import RATE, noise, pulses, silence, voice_of

MEASURE = {measure.id: measure for measure in MEASURES}


def take(id: str, heard: Voice, **params: Any) -> Any:
    return MEASURE[id](heard, params)


def spoken(
    runs: list[int], *, rate: float = 5.0, pitch_hz: float = 200.0, range_st: float = 8.0, alpha_db: float = -12.0,
    level_db: float = -20.0, voiced: float = 1.0, calibration: Interval | None = None,
) -> Voice:  # fmt: skip
    """Runs of so many syllables, half a second apart; the pitch of each swings over ``range_st``."""
    stretches, nuclei, start_s = [], [], 0.5
    for count in runs:
        stretches.append(Interval(start_s, start_s + count / rate))
        nuclei.append(start_s + (np.arange(count) + 0.5) / rate)
        start_s += count / rate + 0.5
    t = (np.arange(round((start_s + 0.5) * 100)) + 0.5) / 100
    inside = np.zeros(t.size, bool)
    for s in stretches:
        inside |= (t > s.start_s) & (t < s.end_s)
    level = np.where(inside, level_db, -80).astype(np.float32)
    pitch = pitch_hz * 2 ** (range_st / 2 * np.sin(2 * np.pi * t) / 12)
    sings = inside & (np.arange(t.size) % 100 < 100 * voiced)
    return Voice(
        duration_s=t.size / 100, stretches=tuple(stretches), t=t, level_db=level,
        pitch_hz=np.where(sings, pitch, np.nan).astype(np.float32), nuclei_s=np.concatenate(nuclei), filled=(),
        clipped_share=0.0, snr_db=50.0, transcript=None,
        high_db=(level + 10 * np.log10(1 / (1 + 10 ** (-alpha_db / 10)))).astype(np.float32), calibration=calibration,
    )  # fmt: skip


def test_speech_broken_inside_words_has_short_runs() -> None:
    plain, choppy = spoken([12, 7, 9, 14]), spoken([3, 2, 3, 3, 2, 3, 3, 3, 3, 2, 3])
    assert take("run_length", plain).value == pytest.approx((144 + 49 + 81 + 196) / 42, rel=0.01)
    assert take("run_length", choppy).value < 3.5
    assert take("short_runs", plain).value == 0
    assert take("short_runs", choppy).value == 100
    assert take("run_length", spoken([3, 2])).reason is Reason.TOO_LITTLE_SPEECH


def test_a_whisper_has_no_voice_and_says_so() -> None:
    plain, whisper = spoken([20, 20, 20]), spoken([20, 20, 20], voiced=0.05)
    assert take("voiced_share", plain).value == pytest.approx(100, abs=1)
    assert take("voiced_share", whisper).value < 10
    for id in ("pace", "articulation_rate", "pitch_variation", "run_length"):
        assert take(id, whisper).reason is Reason.WHISPERED
    assert [notice.sentence for notice in notices(whisper)] == [Reason.WHISPERED.sentence]
    assert notices(plain) == ()


def test_a_whisper_that_the_detector_does_not_hear_is_no_silence() -> None:
    breath = np.concatenate([np.concatenate([noise(0.8, amplitude=0.01, seed=k), silence(0.4)]) for k in range(8)])
    whisper = voice_of(breath + noise(breath.size / RATE, amplitude=1e-4, seed=9))
    assert whisper.stretches == ()
    assert take("pace", whisper).reason is Reason.WHISPERED
    assert take("pace", voice_of(noise(10.0, amplitude=0.01))).reason is Reason.NO_SPEECH
    assert take("pace", voice_of(silence(10.0))).reason is Reason.NO_SPEECH


def test_a_muffled_voice_is_dull() -> None:
    assert take("brightness", spoken([20, 20], alpha_db=-12)).value == pytest.approx(-12, abs=0.1)
    assert take("brightness", spoken([20, 20], alpha_db=-26)).value == pytest.approx(-26, abs=0.1)


def test_a_flat_voice_stays_within_three_semitones() -> None:
    lively, flat = spoken([10, 10, 10, 10]), spoken([10, 10, 10, 10], range_st=2.0)
    assert take("pitch_range", lively).value > 6
    assert take("pitch_range", flat).value < 2.2
    assert (take("flat_phrases", lively).value, take("flat_phrases", flat).value) == (0, 100)


def test_a_voice_raised_throughout_is_a_cue() -> None:
    plain, shout = spoken([20] * 4), spoken([20] * 4, alpha_db=-3, pitch_hz=300)
    calm, raised = take("strained_voice", plain), take("strained_voice", shout)
    assert (calm.items, calm.undecided) == ((), ())
    assert (raised.items, len(raised.undecided)) == ((), 1)


def test_with_a_calibration_the_own_voice_decides() -> None:
    """A high bright voice that speaks so in its calibration is not raised; one that rises after it is."""
    begin = Interval(0.0, 4.6)
    assert take("strained_voice", spoken([20] * 4, alpha_db=-3, pitch_hz=300, calibration=begin)).items == ()
    usual = spoken([20] * 4, calibration=begin)
    after = usual.t > begin.end_s
    louder = np.where(after & (usual.level_db > -50), 8, 0)
    raised = Voice(**{**vars(usual), "level_db": (usual.level_db + louder).astype(np.float32),
                      "high_db": (usual.high_db + 1.5 * louder).astype(np.float32),
                      "pitch_hz": np.where(after, 1.3, 1).astype(np.float32) * usual.pitch_hz})  # fmt: skip
    assert len(take("strained_voice", raised).items) == 1


def louder_after(heard: Voice, by_db: float, pitch: float) -> Voice:
    """The same voice, from the end of the calibration on louder and at ``pitch`` times its pitch."""
    after = heard.t > heard.calibration.end_s
    more = np.where(after & (heard.level_db > -50), by_db, 0)
    return replace(heard, level_db=(heard.level_db + more).astype(np.float32),
                   high_db=(heard.high_db + more).astype(np.float32),
                   pitch_hz=np.where(after, pitch, 1).astype(np.float32) * heard.pitch_hz)  # fmt: skip


def test_a_voice_that_sinks_under_its_own_calibration_is_weak() -> None:
    begin = Interval(0.0, 4.6)
    usual = spoken([20] * 4, calibration=begin)
    assert take("weak_voice", usual).items == ()
    (event,) = take("weak_voice", louder_after(usual, -14, 0.9)).items
    assert event.attributes["fall_db"] == pytest.approx(14 - 12 * np.log2(0.9), abs=0.3)
    assert take("weak_voice", louder_after(usual, -6, 1.0)).items == ()  # twice as far from the microphone
    assert take("weak_voice", spoken([20] * 4)).reason is Reason.NO_SPOKEN_CALIBRATION


def test_two_seconds_of_speech_are_no_usual_voice() -> None:
    """An orator stresses his first words: what follows is no listless voice for lying under them."""
    short = spoken([20] * 4, calibration=Interval(0.0, 2.0))
    for id in ("weak_voice", "strained_voice"):
        assert take(id, short).items == ()
    assert take("weak_voice", short).reason is Reason.NO_SPOKEN_CALIBRATION
    assert take("weak_voice", spoken([20] * 4, calibration=Interval(0.0, 4.0))).reason is None


def test_what_is_judged_without_the_calibration_is_still_compared_with_it() -> None:
    """The calibration's stretches are taken from the voice that is judged; the rest is held against its sound."""
    heard = spoken([20] * 4, calibration=Interval(0.0, 4.6))
    for id, by_db, pitch in (("strained_voice", 14, 1.3), ("weak_voice", -14, 0.9)):
        changed = louder_after(heard, by_db, pitch)
        left = voice_outside(changed, changed.calibration)
        assert len(left.stretches) < len(changed.stretches)
        assert len(take(id, left).items) == 1


def test_five_seconds_of_outburst_say_how_long_they_last() -> None:
    usual = spoken([25] * 6)
    burst = (usual.t > 15) & (usual.t < 20)
    heard = Voice(
        **{**vars(usual), "level_db": np.where(burst, usual.level_db + 12, usual.level_db).astype(np.float32)}
    )
    (event,) = take("raised_voice", heard).items
    assert event.attributes["duration_s"] == pytest.approx(5, abs=0.6)


def test_a_very_quiet_recording_is_told() -> None:
    (notice,) = notices(spoken([20, 20], level_db=-62))
    assert notice.fields == {"level": -62}
    assert notices(spoken([20, 20], level_db=-40)) == ()


@pytest.mark.parametrize("gain_db", [-20.0, 6.0])
def test_the_gain_of_the_microphone_moves_nothing(gain_db: float) -> None:
    sound = np.concatenate([np.concatenate([pulses(4.5, 9, pitch_hz=p), silence(0.6)]) for p in (120, 140, 130) * 3])
    sound = 2 * sound + noise(sound.size / RATE, amplitude=0.001)
    plain, changed = voice_of(sound), voice_of(sound * np.float32(10 ** (gain_db / 20)))
    assert plain.stretches == changed.stretches
    for id, measure in MEASURE.items():
        if measure.kind == "scalar" and id != "clipping":
            a, b = measure(plain), measure(changed)
            assert np.isnan(a.value) == np.isnan(b.value), id
            assert np.isnan(a.value) or abs(a.value - b.value) <= a.error, id
