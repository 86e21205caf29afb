"""One clock for picture and sound: which frames a sampling takes, and sound laid out so that its index is the time.

Pure arithmetic on time stamps; nothing here knows a container or a codec.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 16_000

# A frame may come this part of a slot early and still be its slot's frame: time stamps of WebM are rounded to 1 ms
# and cameras jitter, and without the grace a 10 fps recording sampled at 10 fps would lose frames to rounding.
SLOT_GRACE = 0.25


def slot(t_s: float | npt.NDArray[np.float64], rate_hz: float) -> npt.NDArray[np.int64]:
    """Index of the sampling slot that a frame at ``t_s`` seconds belongs to.

    The sampling takes the first frame of each slot; slot k begins a quarter of a slot before k / ``rate_hz``, and
    a slot without a frame is left out, so slow recordings keep every frame they have.
    """
    return np.floor(np.asarray(t_s, dtype=np.float64) * rate_hz + SLOT_GRACE).astype(np.int64)


def sampled(t_s: npt.NDArray[np.float64], rate_hz: float) -> npt.NDArray[np.bool_]:
    """Which of the frames at ``t_s`` (n,), in increasing seconds, the sampling takes."""
    taken = np.ones(t_s.size, dtype=np.bool_)
    taken[1:] = np.diff(slot(t_s, rate_hz)) > 0
    return taken


def laid_out(
    pieces: Iterable[tuple[int | None, npt.NDArray[np.float32]]], *, block: int
) -> Iterator[npt.NDArray[np.float32]]:
    """Lay pieces of sound on the clock and cut them into blocks.

    Parameters
    ----------
    pieces
        ``(start, samples)``: ``start`` is the sample index on the clock at which a new stretch begins, None where
        the piece follows the one before it. A gap becomes silence; what lies before index 0, or overlaps what was
        already laid out, is left out.
    block
        Samples per block.

    Yields
    ------
    array, shape (block,)
        The last one may be shorter.
    """
    held: list[npt.NDArray[np.float32]] = []
    count = 0  # samples in `held`
    end = 0  # index on the clock of the next sample to lay out
    surplus = 0  # samples of this stretch that still lie before `end`
    for start, samples in pieces:
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


def _silences(size: int, block: int) -> Iterator[npt.NDArray[np.float32]]:
    """Silence of ``size`` samples in pieces no longer than a block: a gap of hours needs no memory."""
    while size > 0:
        yield np.zeros(min(size, block), dtype=np.float32)
        size -= block
