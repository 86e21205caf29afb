"""From decoded sound to mono 16 kHz samples whose index is the time on the recording's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt

from liyi.media.container import sound_form, two_channels
from liyi.media.limits import current_limits

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

# Channels are of opposite polarity when over a second their sum has this much less power than their difference
# (-13 dB): a voice that loses less is still heard. Of one voice at two microphones 0.3 to 2.7 m apart in depth no
# second came below 0.14, of two voices none below 0.8.
OPPOSITE = 0.05
# Variance of a difference too quiet to tell: -60 dB of full scale.
QUIET = 1e-6

# A hole in the time stamps that may be taken for a pause of the speaker.
GAP_S = 0.3
# A longer one is sound that was lost. Coders that send nothing in silence still send something every 0.4 s (Opus).
LOST_S = 1.0


@dataclass
class Changes:
    """What one pass had to do to the sound.

    Attributes
    ----------
    inverted_s : float or None
        Second from which the channels are of opposite polarity.
    gaps : int
        How many holes longer than GAP_S were filled.
    longest_s : (float, float)
        The seconds between which the longest of them lies.
    lost_s : float
        Seconds of those holes in which sound was lost.
    """

    inverted_s: float | None = None
    gaps: int = 0
    longest_s: tuple[float, float] = (0.0, 0.0)
    lost_s: float = 0.0

    def inverted(self, t_s: float) -> None:
        """Note that from ``t_s`` seconds a channel is inverted."""
        self.inverted_s = t_s if self.inverted_s is None else self.inverted_s

    def filled(self, from_s: float, until_s: float) -> None:
        """Note a hole that is filled with silence."""
        if until_s - from_s > GAP_S:
            self.gaps += 1
            self.lost_s += until_s - from_s if until_s - from_s > LOST_S else 0.0
            self.longest_s = max(self.longest_s, (from_s, until_s), key=lambda gap: gap[1] - gap[0])


def pieces(timed: Iterable[tuple[float, Any]], broken: Callable[[], None], changes: Changes) -> Iterator[Piece]:
    """Resample sound frames and say where each stretch begins.

    Channels are added up; while two are of opposite polarity, the second is inverted.

    Parameters
    ----------
    timed
        ``(t_s, frame)``: second on the clock, and the decoded frame.
    broken
        Called for sound that cannot be resampled, or is beyond the limits (damage can pretend twenty channels).
    changes
        Told when a channel is inverted.

    Yields
    ------
    (start, samples)
        As `laid_out` takes them; samples in [-1, 1].
    """
    resampler, opposite = None, False
    for t_s, follows, frame in _joined(timed, broken):
        before, opposite = opposite, _are_opposite(frame, before=opposite)
        if opposite and not before:
            changes.inverted(t_s)
        if not follows or opposite != before:
            yield from _resampled(resampler, None, broken)
            resampler = av.AudioResampler("fltp", "stereo" if opposite else "mono", SAMPLE_RATE_HZ, options=_LEVEL)
            yield round(t_s * SAMPLE_RATE_HZ), np.zeros(0, dtype=np.float32)
        yield from _resampled(resampler, frame, broken)
    yield from _resampled(resampler, None, broken)


def _joined(timed: Iterable[tuple[float, Any]], broken: Callable[[], None]) -> Iterator[tuple[float, bool, Any]]:
    """Join frames to about a second at a time: one by one they cost three times as much.

    Yields
    ------
    (t_s, follows, frame)
        ``follows``: it goes on where the one before it ended, in the same form.
    """
    most = current_limits()
    queue, form = av.AudioFifo(), None
    at_s, follows = 0.0, False  # of what waits in the queue
    for t_s, frame in timed:
        if frame.sample_rate > most.sample_rate_hz or frame.layout.nb_channels > most.channels:
            broken()
            continue
        this = sound_form(frame)
        if this is None:
            broken()
            continue
        waiting_s = queue.samples / frame.sample_rate
        begins = this != form or abs(t_s - at_s - waiting_s) > DRIFT_S
        if queue.samples and (begins or waiting_s >= 1.0):
            yield at_s, follows, queue.read()
            at_s, follows = at_s + waiting_s, True
        if begins:
            queue, form, at_s, follows = av.AudioFifo(), this, t_s, False
        frame.pts = None  # the clock is kept here; the queue must not
        queue.write(frame)
    if queue.samples:
        yield at_s, follows, queue.read()


def _are_opposite(frame: Any, *, before: bool) -> bool:
    """Whether the two channels of ``frame`` cancel each other; as ``before`` where it cannot be told.

    The other way of mixing must be clearly the louder one to be taken, so that a pause changes nothing.
    """
    channels = two_channels(frame)
    if channels is None:
        return False
    first, second = _clean(channels)
    added, subtracted = float(np.var((first + second) / 2)), float(np.var((first - second) / 2))
    if max(added, subtracted) < QUIET:
        return before
    return added < OPPOSITE * subtracted or (before and not subtracted < OPPOSITE * added)


def laid_out(parts: Iterable[Piece], changes: Changes, *, block: int) -> Iterator[Samples]:
    """Lay pieces of sound on the clock and cut them into blocks of ``block`` samples; the last may be shorter.

    Parameters
    ----------
    parts
        ``(start, samples)``: ``start`` is the index on the clock at which a new stretch begins, None where the piece
        follows the one before it. A gap becomes silence; what lies before index 0, or overlaps what was already laid
        out, is left out.
    changes
        Told of each gap after the first sound.
    """
    held: list[Samples] = []
    count = 0  # samples in `held`
    end = 0  # index on the clock of the next sample to lay out
    surplus = 0  # samples of this stretch that still lie before `end`
    for start, samples in parts:
        silence = 0
        if start is not None:
            silence, surplus = max(0, start - end), max(0, end - start)
            if end and silence:
                changes.filled(end / SAMPLE_RATE_HZ, start / SAMPLE_RATE_HZ)
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


def _resampled(resampler: Any, frame: Any, broken: Callable[[], None]) -> Iterator[Piece]:
    """Resample ``frame``; None: give what the resampler still holds."""
    if resampler is None:
        return
    try:
        for out in resampler.resample(frame):
            if out is not None:
                channels = _clean(out.to_ndarray())
                yield None, channels[0] if len(channels) == 1 else (channels[0] - channels[1]) / 2
    except (av.error.FFmpegError, ValueError):
        broken()


def _clean(samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(np.clip(np.nan_to_num(samples), -1.0, 1.0))
