"""From decoded sound to mono 16 kHz samples whose index is the time on the recording's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt

from signals.limits import current_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# The same voice on two channels keeps its level; by default FFmpeg adds them up to 3 dB more, which would clip.
_LEVEL = {"rematrix_maxval": "1.0"}

Samples = npt.NDArray[np.float32]
Piece = tuple[int | None, Samples]

SAMPLE_RATE_HZ = 16_000

# Time stamps of live recorders jitter by some tens of ms. Sound is moved only when it is off by more, since every
# move clicks: a viewer notices sound that comes 45 ms early (ITU-R BT.1359-1).
DRIFT_S = 0.045


def pieces(timed: Iterable[tuple[float, Any]], broken: Callable[[], None]) -> Iterator[Piece]:
    """Resample sound frames and say where each stretch begins.

    Parameters
    ----------
    timed
        ``(t_s, frame)``: second on the clock, and the decoded frame.
    broken
        Called for sound that cannot be resampled, or is beyond the limits (damage can pretend twenty channels).

    Yields
    ------
    (start, samples)
        As `laid_out` takes them; samples in [-1, 1].
    """
    resampler, queue, form = None, av.AudioFifo(), None
    most = current_limits()
    start_s, count = 0.0, 0  # of the present stretch: its second, and its samples so far at the recorded rate
    for t_s, frame in timed:
        if frame.sample_rate > most.sample_rate_hz or frame.layout.nb_channels > most.channels:
            broken()
            continue
        this = frame.sample_rate, frame.format.name, frame.layout.name
        if this != form or abs(t_s - start_s - count / frame.sample_rate) > DRIFT_S:
            yield from _resampled(resampler, queue, broken, end=True)
            resampler = av.AudioResampler("fltp", "mono", SAMPLE_RATE_HZ, options=_LEVEL)
            queue, form, start_s, count = av.AudioFifo(), this, t_s, 0
            yield round(t_s * SAMPLE_RATE_HZ), np.zeros(0, dtype=np.float32)
        count += frame.samples
        frame.pts = None  # the clock is kept here; the queue must not
        queue.write(frame)
        if queue.samples >= frame.sample_rate:  # a second at a time: one by one costs three times as much
            yield from _resampled(resampler, queue, broken)
    yield from _resampled(resampler, queue, broken, end=True)


def laid_out(parts: Iterable[Piece], *, block: int) -> Iterator[Samples]:
    """Lay pieces of sound on the clock and cut them into blocks of ``block`` samples; the last may be shorter.

    Parameters
    ----------
    parts
        ``(start, samples)``: ``start`` is the index on the clock at which a new stretch begins, None where the piece
        follows the one before it. A gap becomes silence; what lies before index 0, or overlaps what was already laid
        out, is left out.
    """
    held: list[Samples] = []
    count = 0  # samples in `held`
    end = 0  # index on the clock of the next sample to lay out
    surplus = 0  # samples of this stretch that still lie before `end`
    for start, samples in parts:
        silence = 0
        if start is not None:
            silence, surplus = max(0, start - end), max(0, end - start)
        late = samples[surplus:]
        surplus -= samples.size - late.size
        end += silence + late.size
        for part in (*_silences(silence, block), late):
            held.append(part)
            count += part.size
            while count >= block:
                joined = np.concatenate(held)
                yield joined[:block]
                held, count = [joined[block:]], count - block
    if count:
        yield np.concatenate(held)


def _silences(size: int, block: int) -> Iterator[Samples]:
    """Silence in pieces no longer than a block."""
    for start in range(0, size, block):
        yield np.zeros(min(block, size - start), dtype=np.float32)


def _resampled(resampler: Any, queue: Any, broken: Callable[[], None], *, end: bool = False) -> Iterator[Piece]:
    """Resample what waits in ``queue``; at the ``end`` also what the resampler still holds."""
    if resampler is None:
        return
    waiting = queue.read()
    frames = ([waiting] if waiting is not None else []) + ([None] if end else [])
    try:
        for out in (out for frame in frames for out in resampler.resample(frame) if out is not None):
            yield None, np.clip(np.nan_to_num(out.to_ndarray()[0]), -1.0, 1.0)
    except av.error.FFmpegError:
        broken()
