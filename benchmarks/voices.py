"""What must not change when a voice is recorded softer or louder, or when the speaker stops to think.

    python benchmarks/voices.py FOLDER [--longest 30] [--no-words]

Every voice in FOLDER (wav, flac) of at least `LEAST_S` is measured as it is, 20 dB softer (as 16 bit), 6 dB louder (the
plain one is first brought down so far that nothing clips) and with four seconds of silence put into one of its pauses
of at most three. No value may move by more than its own error under a gain; the
pause may neither raise the pace nor lower the share of pauses. Prints what does, and exits 1 then. What is measured of
one and not of the other is counted apart. Beside that, how far each voice falls below its own beginning, which must
stay far from what `weak_voice` asks for.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.figures import tell  # noqa: E402
from liyi.core.trace import Events, Interval, Scalar, Signal  # noqa: E402
from liyi.etiquette.calibration import voice_outside  # noqa: E402
from liyi.etiquette.performance import Performance, measure, measures  # noqa: E402
from liyi.media.recording import open_media  # noqa: E402
from speech.listening import listen  # noqa: E402
from speech.measures.phrasing import phrases  # noqa: E402
from speech.measures.timbre import weak_voice  # noqa: E402

if TYPE_CHECKING:
    from speech.voice import Voice

RATE = 16_000
LEAST_S = 8.0
SOFTER_DB, LOUDER_DB, PAUSE_S, LONGEST_S = -20.0, 6.0, 4.0, 3.0
CALIBRATIONS_S, LEAST_VOICED_S = ((0.0, 3.0), (0.0, 5.0), (0.0, 8.0), (3.0, 8.0)), 2.0
Sound = np.ndarray


@dataclass(frozen=True)
class Moved:
    """A value that should have stayed: in which voice and change, from and to what, and the error it was told with."""

    voice: str
    change: str
    id: str
    before: float
    after: float
    error: float

    def __str__(self) -> str:
        """One line."""
        return f"{self.voice} {self.change}, {self.id}: {self.before:.2f} ± {self.error:.2f} became {self.after:.2f}"


def gained(sound: Sound, db: float) -> Sound:
    """So many dB louder, as 16 bit."""
    return np.float32(np.round(sound * 10 ** (db / 20) * 32767) / 32767)


def with_pause(sound: Sound, recogniser: str | None) -> Sound | None:
    """Four seconds of silence in the short pause that is nearest to the middle; None where there is no such pause."""
    gaps = [(a.end_s, b.start_s) for a, b in pairwise(phrases(listen([sound], recogniser=recogniser)))]
    middles = [(start_s + end_s) / 2 for start_s, end_s in gaps if end_s - start_s <= LONGEST_S]
    if not middles:
        return None
    at = round(min(middles, key=lambda second: abs(second - sound.size / RATE / 2)) * RATE)
    return np.concatenate([sound[:at], np.zeros(round(PAUSE_S * RATE), np.float32), sound[at:]])


def weak_falls(voice: Voice) -> list[float]:
    """How many dB a voice falls below its own beginning, by calibrations of several lengths; `weak_voice` asks 12."""
    found = []
    for start_s, end_s in CALIBRATIONS_S:
        calibration = Interval(start_s, min(end_s, voice.duration_s))
        rest = replace(voice_outside(voice, calibration), calibration=calibration)
        falls = weak_voice(rest, {"min_voiced_s": LEAST_VOICED_S, "min_fall_db": -np.inf})
        found += [event.attributes["fall_db"] for event in falls.items] if isinstance(falls, Events) else []
    return found


def values(name: str, voice: Voice, sound: Sound) -> dict[str, tuple[float, float]]:
    """Value and error of every measure of voice that could be taken."""
    performance = Performance(name, "0" * 64, sound.size / RATE, None, voice)
    found = {id: _value(measure(performance, id)) for id in measures()}
    return {id: pair for id, pair in found.items() if np.isfinite(pair[0])}


def _value(signal: Signal) -> tuple[float, float]:
    if isinstance(signal, Scalar):
        return signal.value, signal.error
    if isinstance(signal, Events) and signal.watched_s:
        return sum(event.duration_s for event in signal.items), signal.error * max(1, len(signal.items))
    return float("nan"), 0.0


def moved_by_gain(name: str, change: str, one: dict, other: dict) -> list[Moved]:
    """What a gain moved by more than its error."""
    return [
        Moved(name, change, id, value, other[id][0], error)
        for id, (value, error) in one.items()
        if id in other and abs(other[id][0] - value) > error
    ]


def moved_by_pause(name: str, one: dict, other: dict) -> list[Moved]:
    """A pace that rose and a share of pauses that fell."""
    found = []
    for id, sign in (("pace", 1), ("pause_share", -1)):
        if id in one and id in other and sign * (other[id][0] - one[id][0]) > 0:
            found.append(Moved(name, f"pause of {PAUSE_S:g} s", id, one[id][0], other[id][0], one[id][1]))
    return found


def main() -> int:
    """Measure every voice; 1 when a value moved that should have stayed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--longest", type=float, default=30.0)
    parser.add_argument("--no-words", action="store_true", help="without the recogniser")
    asked = parser.parse_args()
    recogniser = None if asked.no_words else "whisper_base"
    moved: list[Moved] = []
    counts: Counter[str] = Counter()
    falls: dict[str, list[float]] = {}
    for path in sorted(p for p in asked.folder.glob("*") if p.suffix in (".wav", ".flac")):
        sound = np.concatenate(list(open_media(path).samples()))[: round(asked.longest * RATE)]
        if sound.size < LEAST_S * RATE:
            continue
        sound = gained(sound * min(1.0, 0.49 / float(np.abs(sound).max())), 0.0)
        language = path.name[:2]
        heard = listen([sound], language=language, recogniser=recogniser)
        plain = values(path.name, heard, sound)
        falls[path.name] = weak_falls(heard)
        changes = {f"{db:+g} dB": gained(sound, db) for db in (SOFTER_DB, LOUDER_DB)}
        for change, made in changes.items():
            heard = listen([made], language=language, recogniser=recogniser)
            other = values(path.name, heard, made)
            falls[path.name] += weak_falls(heard)
            moved += moved_by_gain(path.name, change, plain, other)
            counts["compared"] += len(plain.keys() & other.keys())
            counts["only in one"] += len(plain.keys() ^ other.keys())
            for id in sorted(plain.keys() ^ other.keys()):
                print(f"{path.name} {change}, {id}: measured only {'before' if id in plain else 'after'}")
        if (made := with_pause(sound, None)) is not None:
            other = values(path.name, listen([made], language=language, recogniser=recogniser), made)
            moved += moved_by_pause(path.name, plain, other)
            counts["pauses"] += 1
        counts["voices"] += 1
        print(f"{path.name}: {len(plain)} values", flush=True)
    told = {name: found for name, found in falls.items() if found}
    most = max(told, key=lambda name: max(told[name]), default="")
    if most:
        print(f"weak_voice: {len(told)} voices fall by at most {max(told[most]):.1f} dB ({most}) below their beginning")
        tell(weak_voices=len(told), weak_voice_most_db=round(max(told[most]), 1))
    for each in moved:
        print(f"MOVED {each}")
    by_gain = sum(each.id not in ("pace", "pause_share") or "dB" in each.change for each in moved)
    print(f"{counts['voices']} voices, {counts['compared']} values under a gain: {by_gain} moved by more than their "
          f"error, {counts['only in one']} measured only in one; {counts['pauses']} pauses: "
          f"{len(moved) - by_gain} faults")  # fmt: skip
    tell(voices=counts["voices"], values_under_gain=counts["compared"], moved_by_gain=by_gain,
         measured_only_in_one=counts["only in one"], pauses=counts["pauses"], moved_by_pause=len(moved) - by_gain,
         which="; ".join(map(str, moved)))  # fmt: skip
    return int(bool(moved))


if __name__ == "__main__":
    sys.exit(main())
