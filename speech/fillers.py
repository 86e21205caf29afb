"""Filled pauses (嗯, 呃, 啊, um, uh) from sound alone: long, steady, flat voiced sounds. A hint, never a verdict.

The features, gates and weights are those of the project's study of fillers, fitted on synthetic fillers and tried on 25
real ones: recall about 0.5 to 0.7 at a precision of 0.8, and about none in fluent reading. What sound cannot tell
apart is listed in docs/measures-voice.md (嗯 as an answer, a vowel lengthened while thinking).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.smoothing import runs
from liyi.core.timeline import join_close, join_runs
from liyi.core.trace import Event
from speech.errors import published, published_weights
from speech.frames import FRAME_S, background_db, recorded
from speech.syllables import nuclei

if TYPE_CHECKING:
    from liyi.core.trace import BoolArray, FloatArray
    from speech.frames import Frames

THRESHOLD = 0.5  # the study's careful setting

_VOICED = 0.5  # as the study had it
_LENGTH_S = (0.20, 1.6)
_SLOPE_MAX = 14.0  # st/s
_PITCH_SD_MAX = 1.2  # st
_LEVEL_MIN = -9.5  # dB below the voice's usual level
_LEVEL_SLOPE_MIN = -45.0  # dB/s: a steeper fall is the tail of a phrase
_CREAK = (4.0, 0.5, -1.0)  # slope, SD and pitch put in where no pitch is found
_STEADY = 0.75  # share of the usual spectral change
_CHANGE_IN_CLEAN = 30.0  # usual spectral change of clean speech, so that a clip full of fillers cannot hide them
_PAUSE_CAP = 50  # frames
_ONE_SOUND = 9  # frames: candidates with no more between them are one filler (u-um)
# Syllables per second of sound, fillers left out. Fluent clips slowed to below this gave false alarms, above it none.
_SLOWEST = 2.5
# A voice on one note: each vowel in it is as flat as a filler. Of vowels of 0.12 s and more in 19 recordings of people
# at most 40 % (of five) are flatter than this; of the same voices driven on one note 75 to 100 %, but for two.
_ONE_NOTE_SLOPE, _ONE_NOTE_SD, _ONE_NOTE_SHARE, _VOWELS = 2.0, 0.3, 0.6, 4
_VOWEL = 12  # frames
_CUT = 3  # frames after the sound: a pause ends in room, or in a gate that holds for longer; before, it was cut off


@dataclass(frozen=True)
class _Scene:
    """The recording as the detector sees it: masks and levels of shape (m,), and what is usual in them."""

    level: FloatArray
    change: FloatArray
    semitones: FloatArray
    active: BoolArray
    sonorant: BoolArray
    voiced: BoolArray
    cut: BoolArray
    usual_change: float
    usual_pitch: float
    usual_level: float


def filled_pauses(frames: Frames) -> tuple[Event, ...] | None:
    """Find the filled pauses of a recording.

    Parameters
    ----------
    frames : Frames
        Of the whole recording.

    Returns
    -------
    tuple of Event or None
        In time order, apart from each other, each with its ``probability`` (0.5 to 1). None where there is nothing to
        look at, or where speech is so slow or so flat that every vowel would pass for one: then nothing is known.
    """
    if not frames.speech.any():
        return ()
    scene = _scene(frames)
    if scene is None or _on_one_note(frames, scene):
        return None
    found = _joined(_best(scene, frames.speech))
    if _drawn_out(frames, scene, found):
        return None
    return tuple(Event(round(a * FRAME_S, 2), round(b * FRAME_S, 2), {"probability": round(p, 2)}) for a, b, p in found)


def _best(scene: _Scene, speech: BoolArray) -> list[tuple[int, int, float]]:
    """Candidates over the threshold as (first, last, probability); of two that overlap, the likelier.

    One must touch a stretch of speech, no more: the detector of speech gives up within a long steady sound.
    """
    scored = [(_probability(scene, a, b), a, b) for a, b in _candidates(scene) if speech[a:b].any()]
    kept: list[tuple[int, int, float]] = []
    for probability, first, last in sorted(scored, reverse=True):
        apart = all(min(last, b) - max(first, a) <= 0.2 * min(last - first, b - a) for a, b, _ in kept)
        if probability >= THRESHOLD and apart:
            kept.append((first, last, probability))
    return sorted(kept)


def _joined(found: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Fillers so close to each other that they are one sound, with the highest of their probabilities."""
    groups = [found[a:b] for a, b in join_close(((first, last) for first, last, _ in found), _ONE_SOUND)]
    return [(group[0][0], group[-1][1], max(probability for *_, probability in group)) for group in groups]


def _drawn_out(frames: Frames, scene: _Scene, found: list[tuple[int, int, float]]) -> bool:
    """Whether what is left beside the fillers is slower than speech: song, chant, drawn-out calls."""
    rest = scene.active & frames.speech
    for first, last, _ in found:
        rest[first:last] = False
    at = (nuclei(frames) / FRAME_S).astype(np.int64)
    return bool(np.count_nonzero(rest[at]) < _SLOWEST * FRAME_S * np.count_nonzero(rest))


def _on_one_note(frames: Frames, scene: _Scene) -> bool:
    """Whether most vowels are as flat as a filler: a voice without melody, or one that a machine made."""
    vowels = [part for part in runs(_closed(scene.sonorant, 2) & frames.speech) if part[1] - part[0] >= _VOWEL]
    melodies = [_melody(scene, first, last) for first, last in vowels]
    flat = [slope < _ONE_NOTE_SLOPE and sd < _ONE_NOTE_SD for slope, sd, _ in melodies]
    return len(flat) >= _VOWELS and sum(flat) > _ONE_NOTE_SHARE * len(flat)


def _scene(frames: Frames) -> _Scene | None:
    """What the detector looks at; None when hardly anything sounds like a vowel."""
    level = frames.level_db.astype(np.float64)
    if not recorded(frames.level_db).any():
        return None
    loud, quiet = np.percentile(level[recorded(frames.level_db)], 95), background_db(frames.level_db)
    active = level > max(loud - 30, min(quiet + 10, loud - 12))
    sonorant = active & (frames.sonorant_db > frames.frication_db + 3)
    if np.count_nonzero(sonorant) < 10:
        return None
    change = frames.change.astype(np.float64)
    usual_change = float(np.median(change[sonorant]))
    clean = float(np.interp(loud - quiet, [22, 32], [usual_change, _CHANGE_IN_CLEAN]))
    voiced = active & (frames.voicing >= _VOICED) & np.isfinite(frames.pitch_hz)
    semitones = 12 * np.log2(np.where(voiced, frames.pitch_hz, 100.0) / 100.0)
    pitched = voiced if np.count_nonzero(voiced) > 20 else sonorant
    return _Scene(
        level=level,
        change=change,
        semitones=semitones.astype(np.float64),
        active=active,
        sonorant=sonorant,
        voiced=voiced,
        cut=~recorded(frames.level_db),
        usual_change=max(usual_change, clean),
        usual_pitch=float(np.median(semitones[pitched])),
        usual_level=float(np.percentile(level[sonorant], 60)),
    )


def _closed(mask: BoolArray, gap: int) -> BoolArray:
    """``mask`` with inner holes of up to ``gap`` frames filled."""
    out = mask.copy()
    for first, last in join_runs(runs(mask), gap):
        out[first:last] = True
    return out


def _candidates(scene: _Scene) -> list[tuple[int, int]]:
    """Steady runs, whole sonorant islands, and two neighbouring steady runs (um, 嗯: a vowel and a hum)."""
    count = scene.level.size
    sonorant = _closed(scene.sonorant, 2)
    steady = _closed(sonorant & (scene.change < _STEADY * scene.usual_change), 3) & sonorant
    island = _closed(scene.sonorant, 4)
    steady_runs = runs(steady)
    found = {(max(0, a - 2), min(count, b + 2)) for a, b in steady_runs if b - a >= 12}
    found |= {(a, b) for a, b in runs(island) if 15 <= b - a <= 95}
    parts = [(a, b) for a, b in steady_runs if b - a >= 6]
    for (a, b), (c, d) in pairwise(parts):
        if c - b <= 12 and island[a:d].all() and 15 <= d - a <= 95:
            found.add((a, d))
    return sorted(found)


def _probability(scene: _Scene, first: int, last: int) -> float:
    """Probability that the candidate is a filled pause; 0 where a gate shuts."""
    length_s = (last - first) * FRAME_S
    if not _LENGTH_S[0] <= length_s <= _LENGTH_S[1]:
        return 0.0
    slope, pitch_sd, pitch = _melody(scene, first, last)
    edge = max(2, min(4, (last - first) // 4))
    level = scene.level[first:last]
    core = slice(edge, -edge)
    change = float(np.mean(scene.change[first:last][core])) / scene.usual_change
    level_slope = float(np.polyfit(np.arange(last - first)[core] * FRAME_S, level[core], 1)[0])
    if slope > _SLOPE_MAX or pitch_sd > _PITCH_SD_MAX or change >= 1:
        return 0.0
    if float(np.mean(level)) - scene.usual_level <= _LEVEL_MIN or level_slope <= _LEVEL_SLOPE_MIN:
        return 0.0
    fifth = (last - first) // 5
    level_sd = float(np.std(level[fifth:-fifth]))
    before, after = _pauses(scene, first, last)
    features = np.array([np.log(length_s), slope, pitch_sd, pitch, change, level_sd, before, after])
    return float(1 / (1 + np.exp(-(published("fillers.bias") + features @ published_weights("fillers.weights")))))


def _melody(scene: _Scene, first: int, last: int) -> tuple[float, float, float]:
    """Absolute slope (st/s), SD about the line (st) and height over the usual pitch (st) of the candidate."""
    voiced = np.flatnonzero(scene.voiced[first:last])
    height = scene.semitones[first:last][voiced]
    near = np.abs(height - np.median(height)) < 6 if height.size else np.zeros(0, dtype=np.bool_)  # no octave jumps
    voiced, height = voiced[near], height[near]
    if height.size < 5:
        return _CREAK
    slope, start = np.polyfit(voiced * FRAME_S, height, 1)
    spread = float(np.std(height - (slope * voiced * FRAME_S + start)))
    return min(abs(float(slope)), 20.0), min(spread, 3.0), float(np.median(height)) - scene.usual_pitch


def _pauses(scene: _Scene, first: int, last: int) -> tuple[float, float]:
    """Seconds of silence before and after, 0.5 at most; the edge of the recording counts as silence, a cut does not."""
    before = _silence(scene.active[:first][::-1], scene.cut[:first][::-1])
    after = _silence(scene.active[last:], scene.cut[last:])
    before = _PAUSE_CAP if first <= _PAUSE_CAP and before >= first - 5 else before
    left = scene.active.size - last
    after = _PAUSE_CAP if left < _PAUSE_CAP and after >= left - 5 else after
    return before * FRAME_S, after * FRAME_S


def _silence(active: BoolArray, cut: BoolArray) -> int:
    """Silent frames next to a candidate, up to 4 active ones at its very edge passed over; none at a cut."""
    near = active[: _PAUSE_CAP + 4]
    start = int(np.argmin(near)) if near.size and not near.all() else near.size
    if start > 4 or start == near.size:
        return 0
    if cut[start : start + _CUT].any():
        return 0
    rest = near[start : start + _PAUSE_CAP]
    return int(np.argmax(rest)) if rest.any() else int(rest.size)
