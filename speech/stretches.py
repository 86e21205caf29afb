"""Where speech is: sound of any length becomes pieces that end in pauses, each with its stretches of speech.

What belongs here is what must happen before anything else is heard: blocks are gathered into pieces of at most a
minute (so that memory is flat), speech is told from everything else by Silero VAD, and the edges of speech are set
by the level, because the detector itself answers in steps of 32 ms and holds on after a word has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from liyi.core.smoothing import hysteresis, runs
from liyi.core.timeline import Run, Timeline, join_runs
from liyi.core.trace import FloatArray, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RATE = 16_000
FRAME = 160  # samples in a frame of 10 ms: pieces are cut on this grid, so that frames of pieces join without a seam

_WINDOW = 512  # Silero answers once for so many samples
_SPEECH, _STILL_SPEECH = 0.5, 0.35  # Silero's own thresholds: to begin, and to go on
# Silero goes deaf under -50 dB re full scale, and answers a little differently at every level: all sound is brought to
# -20, so that the microphone's gain changes nothing.
_LOUD_DB, _MOST_GAIN_DB = -20.0, 60.0

# In frames of 10 ms:
_SHORTEST_PAUSE = 15  # shorter gaps are closures of plosives; 150 ms is the least silent pause in the literature
_SHORTEST_SPEECH = 10  # shorter runs are clicks
_PAUSE_HEARD = 50  # of a pause, what lies next to the speech tells how loud silence is there
_INWARDS, _OUTWARDS = 25, 15  # how far from Silero's answer the level may put an edge
_OVER_PAUSE_DB = 5.0  # speech is so much louder than its pause,
_LEAST_DB, _MOST_DB = 12.0, 35.0  # but within 12 dB of its own peaks it is never a pause, and 35 dB below never speech

_LAST_PART = 0.2  # a piece that must be cut is cut in its last fifth, where there is nearly always a pause


class Piece(NamedTuple):
    """A piece of sound that begins and ends in a pause.

    Attributes
    ----------
    start_s : float
        Seconds from the first sample of the sound; a multiple of 10 ms.
    samples : float32 array, shape (n,)
        Mono, 16 kHz, without gaps from the piece before.
    speech : tuple of Interval
        Stretches of speech, in seconds from the piece's own start.
    """

    start_s: float
    samples: npt.NDArray[np.float32]
    speech: tuple[Interval, ...]


def cut(blocks: Iterable[npt.NDArray[np.float32]], *, longest_s: float = 60.0) -> Iterator[Piece]:
    """Cut sound into pieces in its pauses; the pieces do not depend on how the sound was divided into blocks.

    A piece that reaches ``longest_s`` is cut in the middle of the longest pause of its last fifth, or at the quietest
    moment there when nobody pauses.

    Parameters
    ----------
    blocks : iterable of float32 arrays, shape (n,)
        Consecutive mono sound at 16 kHz, full scale 1; what is not a number counts as silence.
    longest_s : float
        Longest piece, in seconds. A minute holds two full windows of Whisper, and what is made of it on the way
        (some 100 MB) stays small beside the models.

    Yields
    ------
    Piece
        In time order, gapless, none empty.
    """
    held = np.zeros(round(longest_s * RATE / FRAME) * FRAME, np.float32)
    filled = start = 0
    for block in blocks:
        sound = np.nan_to_num(np.asarray(block, np.float32), posinf=0.0, neginf=0.0)
        while sound.size:
            if filled == held.size:
                speech, level_db = _listen(held)
                end = _cut_at(speech, level_db)
                piece = held[:end].copy()
                yield Piece(start / RATE, piece, Timeline(speech).crop(Interval(0.0, end / RATE)))
                start, filled = start + end, filled - end
                held[:filled] = held[end:].copy()
            taken = min(sound.size, held.size - filled)
            held[filled : filled + taken] = sound[:taken]
            filled, sound = filled + taken, sound[taken:]
    if filled:
        rest = held[:filled].copy()
        yield Piece(start / RATE, rest, _listen(rest)[0])


def _listen(samples: npt.NDArray[np.float32]) -> tuple[tuple[Interval, ...], FloatArray]:
    """Stretches of speech in ``samples`` (in seconds), and the level of each 10 ms (dB)."""
    heard = _without_rumble(samples)
    level_db = _level_db(heard)
    gain_db = np.clip(_LOUD_DB - np.percentile(level_db, 99.9), -_MOST_GAIN_DB, _MOST_GAIN_DB)
    odds = _probabilities(heard * np.float32(10 ** (gain_db / 20)))
    spoken = _joined(_refined(_joined(_spoken(odds, level_db.size)), level_db))
    kept = [(a, b) for a, b in spoken if b - a >= _SHORTEST_SPEECH]
    return tuple(Interval(a * FRAME / RATE, min(b * FRAME, samples.size) / RATE) for a, b in kept), level_db


def _without_rumble(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Everything over 80 Hz: a constant offset or mains hum would hide pauses and distracts Silero."""
    from scipy.signal import butter, sosfilt, sosfilt_zi

    sos = butter(2, 80, "highpass", fs=RATE, output="sos").astype(np.float32)
    heard: npt.NDArray[np.float32] = sosfilt(sos, samples, zi=sosfilt_zi(sos).astype(np.float32) * samples[0])[0]
    return heard


def _level_db(samples: npt.NDArray[np.float32]) -> FloatArray:
    """Level of each 10 ms in dB re full scale; the last frame may be shorter, digital silence is -120 dB."""
    power = np.add.reduceat(np.square(samples, dtype=np.float64), np.arange(0, samples.size, FRAME))
    count = np.full(power.size, float(FRAME))
    count[-1] = samples.size - FRAME * (power.size - 1)
    level: FloatArray = 10 * np.log10(power / count + 1e-12)
    return level


def _probabilities(samples: npt.NDArray[np.float32]) -> FloatArray:
    """Silero's probability of speech for each 32 ms, shape (ceil(n / 512),)."""
    from faster_whisper.vad import get_vad_model

    windows = np.pad(samples, (0, -samples.size % _WINDOW))
    return np.asarray(get_vad_model()(windows), np.float64).reshape(-1)


def _spoken(odds: FloatArray, n: int) -> list[Run]:
    """Runs of the ``n`` frames that stay like speech and are speech at least once."""
    windows = runs(hysteresis(odds >= _SPEECH, odds >= _STILL_SPEECH))
    return [(round(a * _WINDOW / FRAME), min(n, round(b * _WINDOW / FRAME))) for a, b in windows]


def _joined(spoken: list[Run]) -> list[Run]:
    """Join runs with less than a pause between them."""
    return join_runs(spoken, _SHORTEST_PAUSE - 1)


def _refined(spoken: list[Run], level_db: FloatArray) -> list[Run]:
    """Put both edges of each run where the level crosses between speech and the pause beside it."""
    n = level_db.size
    backwards = level_db[::-1]
    refined: list[Run] = []
    for i, (start, end) in enumerate(spoken):
        last_end = refined[-1][1] if refined else 0
        next_start = spoken[i + 1][0] if i + 1 < len(spoken) else n
        begin = n - _died_away(backwards, n - end, n - start, n - last_end)
        refined.append((begin, _died_away(level_db, start, end, next_start)))
    return refined


def _died_away(level_db: FloatArray, start: int, end: int, limit: int) -> int:
    """Frame at which speech from ``start`` to about ``end`` has died away in the pause that lasts to ``limit``."""
    pause = level_db[end : min(limit, end + _PAUSE_HEARD)]
    if not pause.size:
        return end
    peak_db = np.percentile(level_db[start:end], 95)
    threshold_db = np.clip(np.median(pause) + _OVER_PAUSE_DB, peak_db - _MOST_DB, peak_db - _LEAST_DB)
    first = max(start, end - _INWARDS)
    loud = np.flatnonzero(level_db[first : min(limit, end + _OUTWARDS)] >= threshold_db)
    return first + int(loud[-1]) + 1 if loud.size else end


def _cut_at(speech: tuple[Interval, ...], level_db: FloatArray) -> int:
    """Sample at which to cut a full piece: the middle of its last part's longest pause, or its quietest moment."""
    duration_s = level_db.size * FRAME / RATE
    first_s = duration_s * (1 - _LAST_PART)
    ends_s = [first_s] + [max(first_s, stretch.end_s) for stretch in speech]
    starts_s = [max(first_s, stretch.start_s) for stretch in speech] + [duration_s]
    longest_s, middle_s = max((b - a, (a + b) / 2) for a, b in zip(ends_s, starts_s, strict=True))
    if longest_s >= _SHORTEST_PAUSE * FRAME / RATE:
        return round(middle_s * RATE / FRAME) * FRAME
    # Nobody paused: cut where a fifth of a second is quietest.
    last = level_db[round(first_s * RATE / FRAME) :]
    quiet = np.convolve(last, np.ones(20) / 20, "valid")
    return (level_db.size - last.size + int(np.argmin(quiet)) + 10) * FRAME
