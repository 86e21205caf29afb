"""How many filled pauses are found, by sound alone and with the recogniser asked again, and how often one is made up.

    python benchmarks/fillers.py [SHARED] [--more FOLDER] [--no-spliced] [--noise]

SHARED (``LIYI_SHARED``, else ``shared`` beside the checkout) holds ``media/speech`` and ``studio/clips``. FOLDER holds
further recordings of the same speaker whose fillers are known, by their names in the test data of the Montreal Forced
Aligner (``mfa_uhum.flac``, ``cold_corpus3.wav``, ``mfa_uh.flac``). Three sets: *real* uh and um; the same sounds
*spliced* into the pauses of fluent readers at their pitch and level, Mandarin and English; and *fluent* speech without
any; with ``--noise`` the fluent ones once more under noise at 6 to 8 dB, white and with the speaker's own spectrum. A
filler is found when something overlaps it; what overlaps none is a false alarm. ``before`` is what the sound alone
suggests, ``after`` what both suggest, ``shown`` what the measure passes on to a reader, who is told nothing where it is
too noisy or too slow. Beside that the share of the speech that was asked about twice, and what it costs.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import deliveries  # noqa: E402
from benchmarks.figures import tell  # noqa: E402
from benchmarks.words_unsure import noisy  # noqa: E402
from liyi.core.trace import Interval  # noqa: E402
from liyi.etiquette.performance import measures  # noqa: E402
from speech import listening, prompted  # noqa: E402
from speech.measures.phrasing import phrases  # noqa: E402
from tests.speech.sounds import RATE, load  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liyi.core.trace import Event
    from speech.voice import Voice

# From the corpus' own word times, but for um, uh and uhum (and uh in fast_then_slow), which were read off spectrograms.
REAL = {
    "en_mfa_um.flac": [(3.80, 5.06)],
    "en_mfa_fast_then_slow.wav": [(8.02, 8.57), (14.52, 14.91), (22.90, 23.53)],
    "en_mfa_sick_pauses.wav": [(1.24, 1.67), (3.69, 3.96), (7.31, 7.86), (9.89, 10.34), (17.78, 18.32)],
    "mfa_uh.flac": [(2.37, 3.62)],
    "mfa_uhum.flac": [(1.87, 2.19), (2.56, 2.87), (3.05, 3.75), (6.31, 6.67)],
    "cold_corpus3.wav": [(3.32, 3.78), (6.52, 7.11), (11.80, 12.18), (14.57, 15.16), (19.82, 20.25), (20.71, 20.90)],
}
FLUENT = (
    "zh_aishell", "zh_it0011", "zh_ms_audio", "zh_rag", "zh_dia", "zh_noise", "zh_wenet", "zh_speechrec",
    "en_libri", "en_ms", "en_jfk", "en_speechrec",
)  # fmt: skip
HOSTS = ("zh_ms_audio1_long.wav", "zh_ms_audio2_long.wav", "zh_rag_physics.wav", "en_ms_test_long.wav")
SPLICED = ("en_mfa_um.flac", "en_mfa_fast_then_slow.wav", "en_mfa_sick_pauses.wav")
BELOW_ST, EDGE_S, LEVEL = 1.2, 0.02, 0.9  # a filler's pitch below the host's; its faded ends; of the host's level
# Under these the recordings read 6 to 8 dB, most of them; and bins over which a speaker's spectrum is averaged.
WHITE_DB, SHAPED_DB, SMOOTH = 7.0, 8.5, 401
BEFORE_S, AFTER_S = 0.12, 0.2  # silence around it, beside the pause that it stands in


@dataclass
class Count:
    """What one way of looking found in a set."""

    found: int = 0
    false: list[str] = field(default_factory=list)
    declined: int = 0


@dataclass
class Tally:
    """One set: how much there is, and what was found by sound alone, by both sources, and as it is shown."""

    fillers: int = 0
    seconds: float = 0.0
    before: Count = field(default_factory=Count)
    after: Count = field(default_factory=Count)
    shown: Count = field(default_factory=Count)


class Timed(prompted.SecondPass):
    """The second pass with a stopwatch; the last one that was made is kept."""

    last: Timed

    def __init__(self, recogniser: Any) -> None:
        super().__init__(recogniser)
        self.cpu_s = 0.0
        Timed.last = self

    def take(self, *given: Any) -> None:
        """Timed."""
        start_s = time.process_time()
        super().take(*given)
        self.cpu_s += time.process_time() - start_s

    def told(self) -> Any:
        """Timed."""
        start_s = time.process_time()
        told = super().told()
        self.cpu_s += time.process_time() - start_s
        return told


def compare(name: str, sound: np.ndarray, true: list[tuple[float, float]], tally: Tally, costs: list[Any]) -> None:
    """Look at one recording in both ways, and count."""
    prompted.SecondPass = Timed
    start_s = time.process_time()
    voice = listening.listen([sound], language="zh" if name.startswith("zh") else "en")
    cpu_s = time.process_time() - start_s
    again = Timed.last
    costs.append((again.asked_s / max(again.speech_s, 1e-9), again.cpu_s, cpu_s - again.cpu_s, sound.size / RATE))
    tally.fillers += len(true)
    tally.seconds += sound.size / RATE
    alone = listening.listen([sound], recogniser=None)
    for which, found in ((tally.before, alone.filled), (tally.after, voice.filled), (tally.shown, shown(voice))):
        count(name, found, [Interval(*each) for each in true], which)
    told = " ".join(f"{e.start_s:.2f}-{e.end_s:.2f} {e.label or '?'} {e.attributes}" for e in voice.filled or ())
    print(f"{name}: asked {again.asked_s:.1f} of {again.speech_s:.1f} s; {told}", flush=True)


def shown(voice: Voice) -> tuple[Event, ...] | None:
    """What a reader is shown; None where the measure says nothing."""
    measure = measures()["filled_pauses"]
    signal = measure(voice, measure.params)
    return signal.items if signal.reason is None else None


def count(name: str, found: tuple[Event, ...] | None, true: list[Interval], into: Count) -> None:
    """Which of the known ones are overlapped by something, and what overlaps none."""
    if found is None:
        into.declined += 1
        return
    into.found += sum(any(_touch(each, event) for event in found) for each in true)
    into.false += [f"{name} {e.start_s:.2f} {e.label}" for e in found if not any(_touch(e, t) for t in true)]


def _touch(one: Interval, other: Interval) -> bool:
    return one.start_s < other.end_s and other.start_s < one.end_s


def shaped(sound: np.ndarray, snr_db: float) -> np.ndarray:
    """The sound under noise that has its own spectrum, so far below the mean power of its louder half."""
    loud = np.mean(np.sort(sound.astype(np.float64) ** 2)[sound.size // 2 :])
    spectrum = np.convolve(np.abs(np.fft.rfft(sound.astype(np.float64))), np.full(SMOOTH, 1 / SMOOTH), "same")
    phases = np.exp(2j * np.pi * np.random.default_rng(3).random(spectrum.size))
    noise = np.fft.irfft(spectrum * phases, sound.size)
    return (sound + noise * np.sqrt(loud / np.mean(noise**2)) * 10 ** (-snr_db / 20)).astype(np.float32)


def fillers_from(folder: Path) -> Iterator[tuple[np.ndarray, float]]:
    """The sound of each real filler with soft ends, and its median pitch in Hz."""
    for name in SPLICED:
        sound = load(folder / name)
        voice = listening.listen([sound], recogniser=None)
        for start_s, end_s in REAL[name]:
            part = sound[round(start_s * RATE) : round(end_s * RATE)].astype(np.float64)
            edge = np.minimum(np.arange(part.size), np.arange(part.size)[::-1]) / (EDGE_S * RATE)
            inside = voice.pitch_hz[(voice.t >= start_s) & (voice.t < end_s)]
            if np.isfinite(inside).sum() >= 5:  # a creak has no pitch that could be moved
                yield part * np.clip(edge, 0, 1), float(np.nanmedian(inside))


def spliced(
    sound: np.ndarray, fillers: Iterator[tuple[np.ndarray, float]]
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """The reader with a filler in every second of the pauses, at the reader's pitch and level; and where they are."""
    voice = listening.listen([sound], recogniser=None)
    usual_hz = float(np.nanmedian(voice.pitch_hz))
    level = float(np.sqrt(np.mean(sound[sound != 0].astype(np.float64) ** 2)))
    pauses = [(a.end_s + b.start_s) / 2 for a, b in pairwise(phrases(voice))][::2]
    parts, true, before, length = [], [], 0, 0
    for at_s, (filler, hertz) in zip(pauses, fillers, strict=False):
        moved = deliveries.pitch(filler, 12 * np.log2(usual_hz / hertz) - BELOW_ST)
        moved *= LEVEL * level / np.sqrt(np.mean(moved**2))
        at = round(at_s * RATE)
        room = sound[max(0, at - 160) : at + 160]
        around = [np.resize(room, round(pause_s * RATE)) for pause_s in (BEFORE_S, AFTER_S)]
        parts += [sound[before:at], around[0], moved, around[1]]
        start = length + (at - before) + around[0].size
        true.append((start / RATE, (start + moved.size) / RATE))
        before, length = at, start + moved.size + around[1].size
    return np.concatenate([*parts, sound[before:]]).astype(np.float32), true


def told(name: str, tally: Tally) -> None:
    """Print and hand over what a set came to."""
    for when, found in (("before", tally.before), ("after", tally.after), ("shown", tally.shown)):
        rate = 600 * len(found.false) / tally.seconds if tally.seconds else 0.0
        recall = found.found / tally.fillers if tally.fillers else float("nan")
        print(
            f"{name:8s} {when:6s} {found.found} of {tally.fillers} ({recall:.2f}), {len(found.false)} false in "
            f"{tally.seconds / 60:.1f} min ({rate:.1f} in ten), declined {found.declined}: {'; '.join(found.false)}"
        )
        tell(**{f"{name}_{when}_found": found.found, f"{name}_{when}_false": len(found.false)})
    tell(**{f"{name}_fillers": tally.fillers, f"{name}_min": round(tally.seconds / 60, 1)})


def main() -> int:
    """Look at the three sets and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(os.environ.get("LIYI_SHARED", ROOT.parent / "shared"))
    parser.add_argument("shared", type=Path, nargs="?", default=shared)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--no-spliced", action="store_true")
    parser.add_argument("--noise", action="store_true", help="fluent speech under noise as well")
    asked = parser.parse_args()
    folder = asked.shared / "media" / "speech"
    if not folder.is_dir():
        print(f"no clips in {asked.shared}: nothing measured")
        return 0
    sets = {"real": Tally(), "spliced": Tally(), "fluent": Tally(), "noise": Tally()}
    costs: list[tuple[float, float, float, float]] = []
    for name, true in REAL.items():
        path = next((p for p in (folder / name, (asked.more or folder) / name) if p.exists()), None)
        if path is not None:
            compare(name, load(path), true, sets["real"], costs)
    fluent = [path for path in sorted(folder.glob("*.*")) if path.name.startswith(FLUENT)]
    for path in [*fluent, *sorted((asked.shared / "studio" / "clips").glob("zh_*.wav"))]:
        compare(path.name, load(path), [], sets["fluent"], costs)
        for made in (noisy(load(path), WHITE_DB), shaped(load(path), SHAPED_DB)) if asked.noise else ():
            compare(path.name, made, [], sets["noise"], costs)
    if not asked.no_spliced:
        sounds = cycle(list(fillers_from(folder)))
        for name in HOSTS:
            made, true = spliced(load(folder / name), islice(sounds, 20))
            compare(name, made, true, sets["spliced"], costs)
    for name, tally in sets.items():
        told(name, tally)
    shares, again_s, plain_s, lengths_s = np.array(costs).T
    again, plain = again_s.sum() / lengths_s.sum(), plain_s.sum() / lengths_s.sum()
    print(
        f"asked twice: median {np.median(shares):.2f}, most {shares.max():.2f} of the speech; "
        f"{again:.3f} s of CPU a second of sound beside {plain:.3f}"
    )
    tell(
        asked_median=round(float(np.median(shares)), 2),
        asked_most=round(float(shares.max()), 2),
        again_cpu_per_s=round(float(again), 3),
        plain_cpu_per_s=round(float(plain), 3),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
