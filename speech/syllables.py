"""Syllable nuclei from sound alone: where the vowels are, without a transcript and in any language.

After de Jong & Wempe (2009, Behavior Research Methods 41, 385-390): a nucleus is a voiced peak of intensity with a dip
on either side. Two things differ. Intensity is the loudness of the first two formants, which dips at the consonants
that barely lower the level (l, m, n, w). And the smoothing is tied to the rate of the syllables themselves, so
that fast speech keeps its peaks and slow speech does not gain any: at every tempo the same picture is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liyi.core.smoothing import runs
from speech.frames import FRAME_S

if TYPE_CHECKING:
    from liyi.core.trace import FloatArray
    from speech.frames import Frames

Indices = npt.NDArray[np.int64]

# The two below lie in the middle of a plateau that both halves of the clips share (table in docs/measures-voice.md).
_SMOOTHING = 0.08  # standard deviation of the smoothing, in syllables
_DIP_DB = 0.4  # least dip of the smoothed loudness between two nuclei
_BELOW_LOUDEST_DB = 25.0  # a nucleus is at most so far below the loud syllables of its stretch of speech
_DEPTH_DB = 10.0  # silence is cut off so far below that: how deep it is says nothing about syllables

_VOICING = 0.1  # confidence at a nucleus; far below swift-f0's own 0.5, for creaky and for very fast syllables
_SEGMENT_S = 6.0  # speech over which one rate is assumed: enough syllables for a steady median
_FIRST_SMOOTHING = 4.0  # frames; from 3 to 6 the loop ends at the same place, from 1.5 it can stay on ripples
_SMOOTHING_RANGE = (0.5, 8.0)  # frames: half the grid's own step, and about one syllable a second
_LOOPS = 12
_PAUSE = 20.0  # in units of the smoothing, 1.6 syllables: an interval so long holds a pause and tells no rate


def nuclei(frames: Frames) -> FloatArray:
    """Find the syllable nuclei of a recording.

    Parameters
    ----------
    frames : Frames
        Of the whole recording.

    Returns
    -------
    array, shape (k,)
        Seconds, increasing.
    """
    found = [_nuclei_of_segment(frames, first, last) for first, last in _segments(frames)]
    return np.concatenate(found) * FRAME_S + FRAME_S / 2 if found else np.zeros(0)


def _segments(frames: Frames) -> list[tuple[int, int]]:
    """Frame ranges that hold whole stretches of speech, each at least `_SEGMENT_S` of speech together."""
    segments: list[tuple[int, int]] = []
    spoken = 0
    for first, last in runs(frames.speech):
        if segments and spoken < _SEGMENT_S / FRAME_S:
            segments[-1] = (segments[-1][0], last)
        else:
            segments.append((first, last))
            spoken = 0
        spoken += last - first
    if len(segments) > 1 and spoken < _SEGMENT_S / FRAME_S:  # too little left at the end: with the one before
        (_, last), (first, _) = segments.pop(), segments.pop()
        segments.append((first, last))
    return segments


def _nuclei_of_segment(frames: Frames, first: int, last: int) -> FloatArray:
    """Frame numbers of the nuclei in one segment; smoothing and rate are brought into step with each other."""
    loudness = np.full(last - first, -_BELOW_LOUDEST_DB - _DEPTH_DB)
    for start, end in runs(frames.speech[first:last]):
        stretch = frames.loudness_db[first + start : first + end].astype(np.float64)
        loudness[start:end] = np.maximum(stretch - np.percentile(stretch, 95), loudness[start:end])
    allowed = frames.speech[first:last] & (frames.voicing[first:last] > _VOICING)
    smoothing = _FIRST_SMOOTHING
    for _ in range(_LOOPS):
        peaks = _peaks(loudness, allowed, smoothing)
        gaps = np.diff(peaks)
        gaps = gaps[gaps < _PAUSE * smoothing]
        if gaps.size == 0:
            break
        wanted = float(np.clip(_SMOOTHING * np.median(gaps), *_SMOOTHING_RANGE))
        if abs(wanted - smoothing) < 0.05:
            break
        smoothing = (smoothing + wanted) / 2
    return peaks.astype(np.float64) + first


def _peaks(loudness: FloatArray, allowed: npt.NDArray[np.bool_], smoothing: float) -> Indices:
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks

    # Rising by a hair: of peaks of exactly the same height, find_peaks would give each the depth of all of them.
    smooth = gaussian_filter1d(loudness, smoothing) + 1e-7 * np.arange(loudness.size)
    peaks, _ = find_peaks(smooth, prominence=_DIP_DB, height=-_BELOW_LOUDEST_DB)
    return np.asarray(peaks[allowed[peaks]], dtype=np.int64)
