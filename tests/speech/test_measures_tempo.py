"""Pace and articulation: counts and times set by hand, then the cross-check of sound and words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Interval, Scalar
from speech.measures import MEASURES, counting
from speech.voice import Transcript, Utterance, Voice, Word

MEASURE = {measure.id: measure for measure in MEASURES}


def said(*words: tuple[float, float, str], language: str = "zh") -> Transcript:
    spoken = tuple(Word(start_s, end_s, text, 0.9) for start_s, end_s, text in words)
    return Transcript(language, (Utterance(spoken[0].start_s, spoken[-1].end_s, "", spoken),))


def voice(*stretches: tuple[float, float], rate: float = 4.0, **changed: Any) -> Voice:
    """Loud where ``stretches`` are and quiet elsewhere, with evenly spaced nuclei at ``rate`` in them."""
    duration_s = stretches[-1][1] + 1
    t = (np.arange(round(duration_s * 100)) + 0.5) / 100
    inside = np.zeros(t.size, bool)
    for a, b in stretches:
        inside |= (t > a) & (t < b)
    nuclei = [a + (np.arange(round((b - a) * rate)) + 0.5) / rate for a, b in stretches]
    made = {
        "duration_s": duration_s,
        "stretches": tuple(Interval(a, b) for a, b in stretches),
        "t": t,
        "level_db": np.where(inside, -20, -70).astype(np.float32),
        "pitch_hz": np.where(inside, 150, np.nan).astype(np.float32),
        "nuclei_s": np.concatenate(nuclei),
        "filled": (),
        "clipped_share": 0.0,
        "snr_db": 50.0,
        "transcript": None,
    }
    return Voice(**{**made, **changed})


def take(id: str, heard: Voice, **params: Any) -> Scalar:
    signal = MEASURE[id](heard, params)
    assert isinstance(signal, Scalar)
    return signal


def test_pace_counts_characters_over_the_turn_with_its_pauses() -> None:
    words = said((1.0, 2.0, "您好，欢迎"), (3.5, 5.0, "来政务大厅。"))
    pace = take("pace", voice((1.0, 2.0), (3.0, 5.0), transcript=words))
    assert pace.value == pytest.approx(60 * 9 / 4.0, rel=0.01)  # nine characters from 1 to 5 s
    assert pace.unit == "字/分"
    assert pace.watched_s == pytest.approx(3.0, abs=0.05)


def test_a_long_gap_ends_the_turn_and_short_turns_do_not_count() -> None:
    words = said((1.0, 3.0, "请您出示身份证件"), (8.0, 8.6, "谢谢"))
    pace = take("pace", voice((1.0, 3.0), (8.0, 8.6), transcript=words))
    assert pace.value == pytest.approx(60 * 8 / 2.0, rel=0.02)
    assert [(event.start_s, event.end_s) for event in pace.evidence] == [pytest.approx((1.0, 3.0), abs=0.02)]
    short = take("pace", voice((8.0, 8.6), transcript=said((8.0, 8.6, "谢谢"))))
    assert np.isnan(short.value)
    assert short.reason is Reason.NO_TURN_LONG_ENOUGH
    assert take("pace", voice((8.0, 8.6), transcript=said((8.0, 8.6, "谢谢"))), min_syllables=2).value > 0


def test_pace_of_english_is_in_words() -> None:
    words = said(
        (0.0, 1.0, " ask not what"), (1.0, 2.0, " your country can do"), (2.0, 3.0, " for 25 days."), language="en"
    )
    pace = take("pace", voice((0.0, 3.0), transcript=words))
    assert (pace.value, pace.unit) == (pytest.approx(60 * 10 / 3, rel=0.01), "wpm")


def test_pace_without_words_comes_from_the_sound_with_a_larger_error() -> None:
    with_words = take("pace", voice((0.0, 3.0), transcript=said((0.0, 3.0, "请您出示身份证件谢谢您"))))
    without = take("pace", voice((0.0, 3.0), rate=4.0))
    assert without.value == pytest.approx(240, rel=0.01)
    assert without.unit == "syll/min"
    assert without.error / without.value > 1.5 * with_words.error / with_words.value
    other = take("pace", voice((0.0, 3.0), transcript=said((0.0, 3.0, "bonjour"), language="fr")))
    assert other.unit == "syll/min"


def test_articulation_leaves_the_pauses_out() -> None:
    rate = take("articulation_rate", voice((0.0, 3.0), (4.0, 6.0), (9.0, 11.0), rate=4.0))
    assert rate.value == pytest.approx(4.0, rel=0.01)
    assert rate.watched_s == pytest.approx(7.0, abs=0.1)


@pytest.mark.parametrize("tempo", [0.6, 1.0, 1.8])
def test_a_pause_is_a_pause_at_every_tempo(tempo: float) -> None:
    """0.3 s between phrases at 5 syllables a second are pauses; the same speech faster or slower has the same ones."""
    stretches = [(k * 2.3 / tempo, (k * 2.3 + 2.0) / tempo) for k in range(6)]
    rate = take("articulation_rate", voice(*stretches, rate=5.0 * tempo))
    assert rate.value == pytest.approx(5.0 * tempo, rel=0.02)


def test_speech_in_scraps_has_no_rate_by_sound() -> None:
    """Three syllables from hole to hole: cut ones are counted twice, so that the voice seems faster than it is."""
    words = said(*((k * 0.8, k * 0.8 + 0.5, "请您") for k in range(20)))
    scraps = voice(*((k * 0.8, k * 0.8 + 0.5) for k in range(20)), rate=6.0)
    for id in ("articulation_rate", "articulation_disagreement"):
        heard = scraps if id != "articulation_disagreement" else replace(scraps, transcript=words)
        assert take(id, heard).reason is Reason.RUNS_TOO_SHORT
        assert np.isnan(take(id, heard).value)
    assert take("articulation_rate", scraps, min_run=2).value == pytest.approx(6.0, rel=0.05)
    pace = take("pace", scraps)
    assert pace.error > 3 * take("pace", scraps, min_run=2).error
    phrases = voice(*((k * 1.6, k * 1.6 + 1.2) for k in range(12)), rate=5.0)  # six
    assert take("articulation_rate", phrases).value == pytest.approx(5.0, rel=0.05)


def test_disagreement_of_words_and_sound_is_reported_and_becomes_the_error() -> None:
    heard = voice((0.0, 5.0), rate=4.0)  # 20 nuclei
    agreeing = said((0.0, 5.0, "请您出示身份证件谢谢您请您放心我们会负"))
    doubled = said((0.0, 5.0, "好" * 30))
    apart = take("articulation_disagreement", voice((0.0, 5.0), transcript=doubled))
    assert apart.value == pytest.approx(50)
    assert take("articulation_disagreement", heard).reason is Reason.NO_TRANSCRIPT
    calm = take("articulation_rate", voice((0.0, 5.0), transcript=agreeing))
    unsure = take("articulation_rate", voice((0.0, 5.0), transcript=doubled))
    assert calm.value == unsure.value
    assert unsure.error == pytest.approx(0.5 * unsure.value)
    assert calm.error < 0.1 * calm.value
    assert take("articulation_rate", voice((0.0, 5.0), transcript=doubled), max_disagreement=60).error == calm.error


@pytest.mark.parametrize("id", ["pace", "articulation_rate", "articulation_disagreement"])
def test_nothing_is_guessed(id: str) -> None:
    silent = voice((0.0, 1.0), stretches=(), snr_db=float("nan"), nuclei_s=np.zeros(0))
    assert take(id, silent).reason is Reason.NO_SPEECH
    assert np.isnan(take(id, silent).value)
    word = voice((0.0, 0.5), transcript=said((0.0, 0.5, "好")))
    assert np.isnan(take(id, word).value)
    assert take(id, word).reason in {Reason.TOO_LITTLE_SPEECH, Reason.NO_TURN_LONG_ENOUGH}


def test_in_noise_there_is_no_articulation_rate() -> None:
    assert take("articulation_rate", voice((0.0, 5.0), snr_db=6.0)).reason is Reason.TOO_NOISY


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("您好，欢迎！", "zh", 4),
        ("3号窗口，2024年", "zh", 9),
        ("用 Microsoft 的模型", "zh", 7),
        ("and so my fellow Americans", "en", 9),
        ("room 107", "en", 6),
        ("……。 ,", "zh", 0),
    ],
)
def test_syllables_of_text(text: str, language: str, count: int) -> None:
    assert counting.syllables(text, language) == count


def test_english_syllables_by_the_dictionary() -> None:
    """Common words with what a dictionary says; the rule may miss one in twenty of them."""
    known = {
        1: "the walked rules smiles queue don't they're through played eight used closed home real",
        2: "little table wanted houses careful safety movement someone quiet lion being patient special titles",
        3: "created beautiful idea radio requirement serious financial government video material example",
        4: "interesting application experience certificate usually society january",
        5: "association university",
    }
    words = [(word, count) for count, line in known.items() for word in line.split()]
    wrong = [word for word, count in words if counting.english_syllables(word) != count]
    assert len(wrong) <= len(words) / 20 + 1, wrong


def test_words_of_text() -> None:
    assert counting.words("Don't wait: it's 10,000 steps, e-mail us.") == 7
    assert counting.words("好") == 0


def test_lost_and_invented_words_are_no_pace() -> None:
    """40 syllables sound in ten seconds; the words of a loop, or of a recogniser that gave up, are others."""
    for text, reason in (("字" * 40, None), ("字" * 60, Reason.WORDS_UNSURE), ("字" * 24, Reason.WORDS_UNSURE)):
        pace = take("pace", voice((0.0, 10.0), transcript=said((0.0, 10.0, text))))
        assert pace.reason is reason


def test_a_small_disagreement_widens_the_pace() -> None:
    sure, unsure = (take("pace", voice((0.0, 10.0), transcript=said((0.0, 10.0, "字" * count)))) for count in (40, 48))
    assert sure.error == pytest.approx(0.03 * sure.value, rel=0.01)
    assert unsure.error > 2.5 * 0.03 * unsure.value


def test_words_that_the_recogniser_hardly_believes_widen_the_pace() -> None:
    words = tuple(Word(k / 4, k / 4 + 0.25, "字", 0.5) for k in range(40))
    pace = take("pace", voice((0.0, 10.0), transcript=Transcript("zh", (Utterance(0.0, 10.0, "", words),))))
    assert pace.error > 0.1 * pace.value


def test_pace_in_noise_is_not_assessed_like_its_neighbours() -> None:
    heard = voice((0.0, 10.0), transcript=said((0.0, 10.0, "字" * 40)), snr_db=7.0)
    assert take("pace", heard).reason is Reason.TOO_NOISY


def test_a_pause_of_four_seconds_belongs_to_the_turn() -> None:
    words = said((0.0, 10.0, "字" * 40), (14.0, 24.0, "字" * 40))
    plain = take("pace", voice((0.0, 10.0), transcript=said((0.0, 10.0, "字" * 40))))
    paused = voice((0.0, 10.0), (14.0, 24.0), transcript=words)
    assert take("pace", paused).value == pytest.approx(plain.value * 20 / 24, rel=0.01)
    assert take("pause_share", paused).value == pytest.approx(100 * 4 / 24, abs=0.5)


def test_noise_widens_the_articulation_rate() -> None:
    clear, noisy = (take("articulation_rate", voice((0.0, 10.0), snr_db=snr)) for snr in (40.0, 10.0))
    assert noisy.error > 3 * clear.error
