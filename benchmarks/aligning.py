"""How well two recordings of one performance are aligned by their sound, and whether two different ones ever are.

    python benchmarks/aligning.py [FOLDER] [--minutes 0.5,2,20] [--times 6]

FOLDER holds sounds of people who speak; without one the speech of SHARED (``LIYI_SHARED``, else ``shared`` beside the
checkout), else the samples of the project. Everything else is simulated: performances of the given lengths are made of
clips with pauses between them; each of two cameras hears one through a room of its own (a tail of random echoes, 0.3 to
0.9 s long, the direct sound 0 to 12 dB above it), with a gain of its own (-25 to 0 dB), noise of its own (white or
falling by 6 dB an octave, 30 to 5 dB under the voice), as it comes back from a coder (AAC or Opus, 32 or 64 kbit/s);
the second begins up to a minute earlier or later, ends elsewhere, and its clock runs up to 100 millionths fast or slow
(linear interpolation). No two real cameras were at hand.

Printed are, for each length, how many pairs were aligned, and the error at their beginning, middle and end against the
known truth: the largest and the root mean square, which ``liyi/errors.toml`` publishes as ``alignment``. Then pairs
that do not belong together: other clips, the same text in another take (the clip's tempo wanders by up to 5 %, or by
2 %, more evenly than anybody speaks twice), a partner that is silent but for noise, and one that was paused for
seconds. Of these none may be aligned; of the paused one the part beside the pause may, which is printed.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from pathlib import Path

import av
import numpy as np
from scipy.signal import fftconvolve, lfilter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from liyi.media.aligning import Alignment, Modulation, align  # noqa: E402
from liyi.media.recording import open_media  # noqa: E402
from liyi.media.sound import SAMPLE_RATE_HZ as RATE  # noqa: E402

Sound = np.ndarray
ENDINGS = {".wav", ".flac", ".mp3", ".m4a", ".mp4"}


def clips(folder: Path | None) -> list[Sound]:
    """Sounds to build performances of, each within half of full scale."""
    shared = Path(os.environ.get("LIYI_SHARED", ROOT.parent / "shared")) / "media" / "speech"
    place = folder or (shared if shared.is_dir() else ROOT / "sample_media")
    files = sorted(file for file in place.iterdir() if file.suffix in ENDINGS and "noise" not in file.name)
    sounds = [np.concatenate(list(open_media(file).samples())) for file in files]
    return [0.5 * sound / max(1e-6, float(np.abs(sound).max())) for sound in sounds]


def performance(pool: list[Sound], length_s: float, rng: np.random.Generator) -> Sound:
    """Clips in a random order with pauses of 0.3 to 3 s between them; none twice before all were taken."""
    parts: list[Sound] = []
    size, order = 0, []
    while size < length_s * RATE:
        order = order or [int(k) for k in rng.permutation(len(pool))]
        parts += [pool[order.pop()], np.zeros(round(rng.uniform(0.3, 3.0) * RATE), np.float32)]
        size += parts[-1].size + parts[-2].size
    return np.concatenate(parts)[: round(length_s * RATE)]


def another_take(sound: Sound, rng: np.random.Generator, wander: float = 0.05) -> Sound:
    """The same with a tempo that wanders by up to ``wander``, new every second."""
    seconds = max(2, sound.size // RATE)
    tempo = np.interp(np.arange(sound.size) / RATE, np.arange(seconds), rng.uniform(1 - wander, 1 + wander, seconds))
    at = np.cumsum(tempo)
    return np.interp(np.arange(0, at[-1]), at, sound).astype(np.float32)


def heard(sound: Sound, rng: np.random.Generator) -> Sound:
    """What one camera makes of it."""
    tail_s, direct_db = rng.uniform(0.3, 0.9), rng.uniform(0, 12)
    t = np.arange(round(tail_s * RATE)) / RATE
    tail = rng.normal(0, 1, t.size) * 10 ** (-3 * t / tail_s)
    tail *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    room = fftconvolve(sound, tail)[: sound.size]
    noise = rng.normal(0, 1, sound.size)
    if rng.random() < 0.5:
        noise = lfilter([1.0], [1.0, -0.97], noise)
    voice = np.std(room[np.abs(room) > 0.02 * np.abs(room).max()])
    noise *= voice * 10 ** (-rng.uniform(5, 30) / 20) / np.std(noise)
    both = (room + noise) / np.abs(room + noise).max()
    return coded((both * 10 ** (-rng.uniform(0, 25) / 20)).astype(np.float32), rng)


def coded(sound: Sound, rng: np.random.Generator) -> Sound:
    """The sound after a coder; the same length, its delay taken off by the container as cameras do."""
    codec, rate, kind = [("aac", RATE, "mp4"), ("libopus", 48_000, "matroska")][int(rng.integers(2))]
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = int(rng.choice([32_000, 64_000]))
        resampler = av.AudioResampler("fltp", "mono", rate)
        for start in range(0, sound.size, RATE):
            frame = av.AudioFrame.from_ndarray(sound[None, start : start + RATE].copy(), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, start
            for part in resampler.resample(frame):
                out.mux(stream.encode(part))
        for part in resampler.resample(None):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    file.seek(0)
    back, end = np.zeros(sound.size + RATE, np.float32), 0
    with av.open(file) as source:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        for frame in source.decode(audio=0):
            begin = round(float(frame.pts * frame.time_base) * RATE) if end == 0 else end
            for part in resampler.resample(frame):
                piece = part.to_ndarray()[0][max(0, -begin) :]
                end = max(0, begin) + piece.size
                back[max(0, begin) : end] = piece[: back.size - max(0, begin)]
                begin = end
    return back[: sound.size]


def on_clock(sound: Sound, ppm: float) -> Sound:
    """The same as a clock records it of which a second lasts ``ppm`` millionths longer."""
    return np.interp(np.arange(0, sound.size - 1, 1 + ppm * 1e-6), np.arange(sound.size), sound).astype(np.float32)


def pair(sound: Sound, rng: np.random.Generator) -> tuple[Sound, Sound, float, float]:
    """What two cameras have of it; second of the first at which the second one begins, and its drift in millionths."""
    most = min(60.0, 0.35 * sound.size / RATE)
    begins_s, ppm = float(rng.uniform(-most, most)), float(rng.uniform(-100, 100))
    late, early = max(0.0, begins_s), max(0.0, -begins_s)
    one = sound[round(early * RATE) : sound.size - round(rng.uniform(0, 0.1) * sound.size)]
    two = on_clock(sound[round(late * RATE) : sound.size - round(rng.uniform(0, 0.1) * sound.size)], ppm)
    return heard(one, rng), heard(two, rng), late - early, ppm


def aligned(one: Sound, two: Sound) -> Alignment | None:
    """What the product says of two sounds."""
    first, second = Modulation(), Modulation()
    for sound, into in ((one, first), (two, second)):
        for start in range(0, sound.size, 10 * RATE):
            into.take(sound[start : start + 10 * RATE])
    return align(first, second)


def errors_of(found: Alignment, begins_s: float, ppm: float, one: Sound, two: Sound) -> list[float]:
    """Seconds by which moments at the beginning, middle and end of what both have lie astray."""
    ends = max(0.0, -begins_s), min(two.size / RATE, one.size / RATE - begins_s)
    truth = [begins_s + t * (1 + ppm * 1e-6) for t in np.linspace(*ends, 3)]
    return [found.first(t) - true for t, true in zip(np.linspace(*ends, 3), truth, strict=True)]


def paused(sound: Sound, rng: np.random.Generator) -> Sound:
    """With two to five seconds missing somewhere in its middle third."""
    at = round(rng.uniform(1 / 3, 2 / 3) * sound.size)
    return np.concatenate([sound[:at], sound[at + round(rng.uniform(2, 5) * RATE) :]])


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--minutes", default="0.5,2,20")
    parser.add_argument("--times", type=int, default=6)
    told = parser.parse_args()
    pool, rng = clips(told.folder), np.random.default_rng(18)
    print(f"{len(pool)} clips")
    every: list[float] = []
    for minutes in map(float, told.minutes.split(",")):
        errors, sigmas, shares, drifts, begun_s = [], [], [], [], time.monotonic()
        times = max(2, round(told.times * min(1.0, 5 / minutes)))
        for _ in range(times):
            one, two, begins_s, ppm = pair(performance(pool, 60 * minutes, rng), rng)
            found = aligned(one, two)
            if found is not None:
                errors.append(errors_of(found, begins_s, ppm, one, two))
                sigmas.append(found.error_s)
                shares.append(found.agreeing / found.windows)
                drifts.append(found.drift_ppm - ppm)
        of = np.array(errors)
        every += of.ravel().tolist()
        print(f"{minutes:g} min: {len(errors)} of {times} aligned", end="")
        if errors:
            print(f"; rms {1e3 * np.sqrt(np.mean(of**2)):.1f} ms, largest {1e3 * np.abs(of).max():.1f} ms; own sigma "
                  f"{1e3 * np.median(sigmas):.1f} ms; agreeing {min(shares):.2f}-{max(shares):.2f}; drift off by "
                  f"{np.sqrt(np.mean(np.square(drifts))):.1f} ppm rms; {(time.monotonic() - begun_s) / times:.1f} s "
                  "a pair with its simulation", end="")  # fmt: skip
        print(flush=True)
    if every:
        print(f"all: n {len(every)}, rms {1e3 * np.sqrt(np.mean(np.square(every))):.1f} ms")
    tell_strangers(pool, told.times, rng)


def tell_strangers(pool: list[Sound], times: int, rng: np.random.Generator) -> None:
    """Print how many pairs were aligned that do not belong together."""
    half = len(pool) // 2
    kinds = {"other clips": 0, "another take": 0, "an even take": 0, "noise alone": 0, "paused": 0}
    tries = 0
    for minutes in (0.3, 0.5, 1.0):
        for _ in range(2 * times):
            mine = performance(pool[:half], 60 * minutes, rng)
            theirs = performance(pool[half:], 60 * minutes, rng)
            one = heard(mine, rng)
            partners = {
                "other clips": theirs,
                "another take": another_take(mine, rng),
                "an even take": another_take(mine, rng, 0.02),
                "noise alone": np.zeros(mine.size, np.float32) + 1e-3 * rng.normal(0, 1, mine.size),
                "paused": paused(mine, rng),
            }
            tries += 1
            for kind, other in partners.items():
                kinds[kind] += aligned(one, heard(other, rng)) is not None
    for kind, found in kinds.items():
        print(f"{kind}: {found} of {tries} aligned")


if __name__ == "__main__":
    main()
