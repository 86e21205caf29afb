"""How wrong what the measures of voice rest on is: on clips whose words are known, and on sounds made from them.

    python benchmarks/errors_voice.py [SHARED] [--no-words]

SHARED (``LIYI_SHARED``, else ``shared`` beside the checkout) holds ``media/speech`` with its manifest, and
``studio/clips``. Printed are a bias, a spread and a root mean square for each constant of ``speech/errors.toml`` that
can be had again: syllables and words against the texts, the length of an inserted pause, the pitch of phrases against
Praat's, the level of phrases under noise, and noise of a known level. Of every voice of the folder: what 20 dB less and
6 dB more gain make of the ratio of speech to noise, and how much faster speech is read that is cut by holes.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import deliveries  # noqa: E402
from benchmarks.figures import tell  # noqa: E402
from speech.errors import published  # noqa: E402
from speech.frames import background_db  # noqa: E402
from speech.listening import listen  # noqa: E402
from speech.measures import MEASURES, counting  # noqa: E402
from speech.measures.phrasing import phrases, sounding, syllables_by_run, usual_run  # noqa: E402
from tests.speech.sounds import RATE, clips, load, voice_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from liyi.core.trace import Interval
    from speech.voice import Voice

PAUSE_S = 4.0
LEAST_VOICED = 20  # frames of a phrase, as speech.measures.melody asks
GAINS_DB, ROOM_DB, QUIET_DB = (-20.0, 6.0), 35.0, 12.0
LONGEST_S, LONG_S, SHORTEST_S, SHORTEST_RUN = 20, 8, 3, 4.5
RUNS_S = (0.4, 0.55, 0.8, 1.2, 2.0)
LEVELS_SNR_DB, MIXED_SNR_DB = (10.0, 15.0, 20.0), (5.0, 10.0, 20.0, 30.0, 40.0)
Sound = np.ndarray


def told(name: str, values: Sequence[float], unit: str) -> None:
    """One line for one constant, and its figures."""
    found = np.array([value for value in values if np.isfinite(value)])
    if found.size < 3:
        print(f"{name:12s} n {found.size}, too few")
        return
    rms, spread = float(np.sqrt(np.mean(found**2))), float(np.std(found, ddof=1))
    robust = float(1.4826 * np.median(np.abs(found - np.median(found))))
    print(
        f"{name:12s} n {found.size:3d}  bias {found.mean():+.3f}  spread {spread:.3f} (without outliers {robust:.3f})  "
        f"rms {rms:.3f}  largest {np.abs(found).max():.3f} {unit}"
    )
    figures = {
        "n": int(found.size),
        "bias": round(float(found.mean()), 3),
        "rms": round(rms, 3),
        "robust": round(robust, 3),
    }
    tell(**{f"{name}_{figure}": value for figure, value in figures.items()})


def nuclei(heard: dict[str, Voice], known: dict[str, int]) -> list[float]:
    """Relative error of the count of nuclei in each clip."""
    return [heard[name].nuclei_s.size / count - 1 for name, count in known.items()]


def words(sounds: dict[str, Sound], known: dict[str, int]) -> list[float]:
    """Relative error of the transcript's count of syllables in each clip."""
    found = []
    for name, sound in sounds.items():
        language = name[:2]
        transcript = listen([sound], language=language).transcript
        text = " ".join(utterance.text for utterance in transcript.utterances) if transcript else ""
        found.append(counting.syllables(text, language) / known[name] - 1)
    return found


def pause_edges(sounds: dict[str, Sound]) -> Iterator[float]:
    """Seconds by which a pause of four seconds between two words, in silence or in noise, is read too long.

    The sound is parted at the middle phrase: its end, a silence, and its beginning again, so that no pause of the
    speaker's own is part of the one that is known.
    """
    for number, sound in enumerate(sounds.values()):
        spoken = phrases(voice_of(sound))
        middle = list(spoken)[len(spoken) // 2]
        before, after = sound[: round(middle.end_s * RATE)], sound[round(middle.start_s * RATE) :]
        made = np.concatenate([before, np.zeros(round(PAUSE_S * RATE), np.float32), after])
        for snr_db in (np.inf, 30.0, 15.0):
            read = phrases(voice_of(_noisy(made, snr_db, number)))
            gaps = [b.start_s - a.end_s for a, b in zip(read, list(read)[1:], strict=False)]
            yield min((gap - PAUSE_S for gap in gaps), key=abs, default=np.nan)


def pitch(sounds: dict[str, Sound], heard: dict[str, Voice]) -> Iterator[float]:
    """Semitones by which the median pitch of a phrase differs from Praat's."""
    import parselmouth

    for name, sound in sounds.items():
        praat = parselmouth.Sound(sound.astype(np.float64), RATE).to_pitch(0.01, 60, 500)
        hertz = np.where(praat.selected_array["frequency"] > 0, praat.selected_array["frequency"], np.nan)
        for phrase in phrases(heard[name]):
            own = _within(heard[name].pitch_hz, heard[name].t, phrase)
            other = _within(hertz, praat.xs(), phrase)
            if own.size >= LEAST_VOICED and other.size >= LEAST_VOICED:
                yield float(12 * np.log2(np.median(own) / np.median(other)))


def _within(values: np.ndarray, t: np.ndarray, phrase: Interval) -> np.ndarray:
    inside = values[(t >= phrase.start_s) & (t < phrase.end_s)]
    return inside[np.isfinite(inside)]


def level(sounds: dict[str, Sound], heard: dict[str, Voice]) -> Iterator[float]:
    """Decibels by which noise moves the level of a phrase beside the clip's other phrases."""
    for number, (name, sound) in enumerate(sounds.items()):
        spoken = list(phrases(heard[name]))
        if len(spoken) < 3:
            continue
        plain = np.array([_level_of(heard[name], phrase) for phrase in spoken])
        for snr_db in LEVELS_SNR_DB:
            noisy = voice_of(_noisy(sound, snr_db, number))
            moved = np.array([_level_of(noisy, phrase) for phrase in spoken]) - plain
            yield from moved - np.nanmedian(moved)


def _level_of(voice: Voice, phrase: Interval) -> float:
    loud = voice.level_db[sounding(voice) & (voice.t >= phrase.start_s) & (voice.t < phrase.end_s)]
    return float(10 * np.log10(np.mean(10 ** (loud.astype(np.float64) / 10)))) if loud.size >= LEAST_VOICED else np.nan


def snr(sounds: dict[str, Sound], heard: dict[str, Voice]) -> Iterator[float]:
    """Decibels by which the ratio of speech to noise is read too high, where noise drowns the clip's own."""
    for number, (name, sound) in enumerate(sounds.items()):
        own = heard[name]
        inside = np.any([(own.t >= s.start_s) & (own.t < s.end_s) for s in own.stretches], axis=0)
        speech_db = 10 * np.log10(np.mean(10 ** (own.level_db[inside].astype(np.float64) / 10)))
        for snr_db in MIXED_SNR_DB:
            if background_db(own.level_db) > speech_db - snr_db - 10:  # its own noise would be part of the answer
                continue
            noise = np.random.default_rng(number).standard_normal(sound.size).astype(np.float32)
            reference = background_db(voice_of(noise * np.float32(0.01)).level_db)
            gain = 0.01 * 10 ** ((speech_db - snr_db - reference) / 20)
            yield voice_of(sound + noise * np.float32(gain)).snr_db - snr_db


def choppy(sounds: dict[str, Sound]) -> None:
    """How much faster speech is read that is cut by holes, by the syllables that its runs then hold."""
    rate = next(measure for measure in MEASURES if measure.id == "articulation_rate")
    any_run = {"min_run": 0.0}
    found = []
    for sound in sounds.values():
        plain = voice_of(sound)
        usual, counts = rate(plain, any_run).value, syllables_by_run(plain)[1]
        if plain.snr_db < QUIET_DB or not np.isfinite(usual) or usual_run(counts) < SHORTEST_RUN:
            continue
        for run_s in RUNS_S:
            cut = voice_of(np.float32(deliveries.choppy(sound, run_s)))
            value = rate(cut, any_run).value
            if np.isfinite(value):
                found.append((usual_run(syllables_by_run(cut)[1]), value / usual - 1))
    runs, faster = np.array(found).T
    told("short_runs", list(faster[runs < SHORTEST_RUN]), "of the rate")
    told("longer_runs", list(faster[runs >= SHORTEST_RUN]), "of the rate")


def snr_under_gain(sounds: dict[str, Sound]) -> None:
    """What a gain moves the told ratio by, of voices at a usual level.

    And the error for every dB over 35 that would hold nine tenths of what a smaller gain moves.
    """
    measure = next(measure for measure in MEASURES if measure.id == "snr")
    inside, needed = [], []
    for name, sound in sounds.items():
        level = deliveries.levelled(sound)
        level *= min(1.0, 0.49 / float(np.abs(level).max()))
        plain, *others = (measure(voice_of(_sixteen_bit(level * 10 ** (db / 20)))) for db in (0.0, *GAINS_DB))
        for db, other in zip(GAINS_DB, others, strict=True):
            if not np.isfinite(plain.value + other.value):
                continue
            moved = abs(other.value - plain.value)
            inside.append(moved <= plain.error)
            if plain.value > ROOM_DB and db < 0:
                needed.append((moved - published("snr")) / (plain.value - ROOM_DB))
            if not inside[-1]:
                print(f"snr          {name} {db:+g} dB: {plain.value:.1f} ± {plain.error:.1f} became {other.value:.1f}")
    share, slope = float(np.mean(inside)), max(0.0, float(np.quantile(needed, 0.9, method="higher")))
    print(f"snr          {len(inside)} values under a gain, {share:.0%} inside their error; {len(needed)} over "
          f"{ROOM_DB:g} dB, softer: nine tenths of them need {slope:.2f} a dB")  # fmt: skip
    tell(snr_gain_n=len(inside), snr_gain_inside=round(share, 2), snr_per_db_needed=round(slope, 2))


def _sixteen_bit(sound: Sound) -> Sound:
    return np.float32(np.round(sound * 32767) / 32767)


def voices_in(folder: Path) -> dict[str, Sound]:
    """The first seconds of every recording of a folder that is long enough."""
    sounds = {path.name: load(path)[: LONGEST_S * RATE] for path in sorted(folder.glob("*.*"))}
    return {name: sound for name, sound in sounds.items() if sound.size >= SHORTEST_S * RATE}


def _noisy(sound: Sound, snr_db: float, seed: int) -> Sound:
    """The sound with white noise so many dB under its root mean square."""
    if not np.isfinite(snr_db):
        return sound
    noise = np.random.default_rng(seed).standard_normal(sound.size)
    return np.float32(sound + noise * np.sqrt(np.mean(sound[sound != 0] ** 2)) * 10 ** (-snr_db / 20))


def main() -> int:
    """Read the clips and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("LIYI_SHARED", ROOT.parent / "shared"))
    parser.add_argument("shared", type=Path, nargs="?", default=shared)
    parser.add_argument("--no-words", action="store_true", help="without the recogniser")
    asked = parser.parse_args()
    if not (asked.shared / "media" / "speech").is_dir():
        print(f"no clips in {asked.shared}: nothing measured")
        return 0
    found = clips(asked.shared)
    sounds = {name: load(path) for name, (path, _) in found.items()}
    known = {name: count for name, (_, count) in found.items()}
    heard = {name: voice_of(sound) for name, sound in sounds.items()}
    print(f"{len(found)} clips: {', '.join(found)}")
    told("nuclei", nuclei(heard, known), "of the count")
    if not asked.no_words:
        told("words", words(sounds, known), "of the count")
    told("pause_edges", list(pause_edges(sounds)), "s")
    told("pitch", list(pitch(sounds, heard)), "st")
    told("level", list(level(sounds, heard)), "dB")
    told("snr", list(snr(sounds, heard)), "dB")
    every = voices_in(asked.shared / "media" / "speech")
    snr_under_gain(every)
    choppy({name: sound for name, sound in every.items() if sound.size >= LONG_S * RATE})
    return 0


if __name__ == "__main__":
    sys.exit(main())
