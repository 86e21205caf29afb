"""Filled pauses (嗯, 呃, 啊, um, uh): long, steady, flat voiced sounds, and what a prompted recogniser heard in them.

A hint, never a verdict. The recogniser (`speech.prompted`) is asked where the sound leaves a doubt; what it heard
counts where there is a sound for it. Without a recogniser the sound alone tells.

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
from liyi.core.trace import Event, Interval
from speech.errors import published, published_weights
from speech.frames import FRAME_S, background_db, recorded
from speech.measures.counting import syllables
from speech.syllables import nuclei

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.core.trace import BoolArray, FloatArray
    from speech.frames import Frames
    from speech.voice import Word

THRESHOLD = 0.5  # the study's careful setting
DOUBT = 0.1  # from here on the sound suggests a filler, and agrees with a recogniser that heard one

# A word spoken is no longer than this; the recogniser stretches those beside a filler over it, and leaves it out.
_SYLLABLE_S, _WORD_END_S = 0.32, 0.05
_UNCOVERED, _LEAST_UNCOVERED_S = 0.6, 0.2  # share that no word covers, length: enough to ask with hardly any likelihood

# What the prompt made up in fluent speech had 0.04 at most (22 recordings), 0.17 once beside spliced sounds; real ones
# are under 0.1 mostly at the start of a window.
_SURE_TOKEN, _SURE_ALONE = 0.1, 0.3
_PARTICLES = frozenset("啊欸诶哦喔噢")  # stuck to the word before they belong to the sentence (很冷啊)
_STUCK, _STUCK_SHARE = 15, 0.5  # frames before, and how many of them sound
_NEAR_S, _OVERLAP_S = 0.15, 0.06  # how far a token may lie beside its sound, and the least that both share then
_TOKEN_S = (0.12, 1.5)
_SEARCH_S = 0.3  # on either side of a token without a candidate
_SOUND = 12  # frames: a shorter sonorant stretch carries no filler

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
class Prompted(Interval):
    """A filler that the prompted recogniser wrote; ``trailing`` when nothing was said after it in what it was given."""

    text: str
    probability: float
    trailing: bool


@dataclass(frozen=True)
class _Found:
    """A filled pause in frames: its likelihood by sound, and what the recogniser heard in it, if it did."""

    first: int
    last: int
    by_sound: float
    text: str = ""
    heard: float = 0.0


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


def filled_pauses(frames: Frames, heard: Sequence[Prompted] = ()) -> tuple[Event, ...] | None:
    """Find the filled pauses of a recording.

    Parameters
    ----------
    frames : Frames
        Of the whole recording.
    heard : sequence of Prompted
        What the prompted recogniser wrote, in time order; none where nobody asked it.

    Returns
    -------
    tuple of Event or None
        In time order, apart from each other, each with its ``probability`` (0.5 to 1), its probability by sound alone
        (``by_sound``) and that of the recogniser's word (``heard``, 0 where it heard none), which is the label. None
        where there is nothing to look at, or where speech is so slow or so flat that every vowel would pass for one:
        then nothing is known.
    """
    if not frames.speech.any():
        return ()
    scene = _scene(frames)
    if scene is None or _on_one_note(frames, scene):
        return None
    scored = _scored(scene, frames.speech)
    tokens = [placed for token in heard if (placed := _placed(scene, scored, token))]
    found = _joined([_Found(*each) for each in _best(scored)] + tokens)
    if _drawn_out(frames, scene, found):
        return None
    return tuple(_event(each) for each in found)


def in_doubt(frames: Frames, words: Sequence[Word], language: str) -> tuple[Interval, ...]:
    """Stretches of a piece that may be filled pauses, apart from each other, those first that are best worth asking.

    Parameters
    ----------
    frames : Frames
        Of the piece.
    words : sequence of Word
        What was understood of it without a prompt, in time order, in seconds within the piece.
    language : str
        Of the words.

    Returns
    -------
    tuple of Interval
        What the sound suggests, likely and uncovered by words first; then long sounds that no word covers; last what
        the sound alone is sure of, where the recogniser can only tell which filler it is. Empty where
        `filled_pauses` would tell nothing.
    """
    scene = _scene(frames) if frames.speech.any() else None
    if scene is None or _on_one_note(frames, scene):
        return ()
    uncovered = np.ones(len(frames), dtype=np.bool_)
    for word in words:
        length_s = _SYLLABLE_S * max(1, syllables(word.text, language)) + _WORD_END_S
        uncovered[int(max(word.start_s, word.end_s - length_s) / FRAME_S) : int(word.end_s / FRAME_S)] = False
    scored = _scored(scene, frames.speech)
    sure = _best(scored)
    asked = [(probability - 2, first, last) for first, last, probability in sure]
    for first, last, probability in scored:
        bare = float(np.mean(uncovered[first:last]))
        long = (last - first) * FRAME_S >= _LEAST_UNCOVERED_S
        if any(first < b and a < last for a, b, _ in sure):
            continue
        if probability >= DOUBT:
            asked.append((probability + bare, first, last))
        elif bare >= _UNCOVERED and long:
            asked.append((probability + bare - 1, first, last))
    apart: list[tuple[int, int]] = []
    for _, first, last in sorted(asked, reverse=True):
        if all(last <= a or b <= first for a, b in apart):
            apart.append((first, last))
    return tuple(Interval(first * FRAME_S, last * FRAME_S) for first, last in apart)


def _event(found: _Found) -> Event:
    """The likelihoods of both sources, and theirs together: as if they erred apart."""
    both = 1 - (1 - found.by_sound) * (1 - (published("fillers.heard") if found.text else 0.0))
    about = {"probability": round(both, 2), "by_sound": round(found.by_sound, 2), "heard": round(found.heard, 2)}
    return Event(round(found.first * FRAME_S, 2), round(found.last * FRAME_S, 2), about, found.text)


def _placed(scene: _Scene, scored: Sequence[tuple[int, int, float]], token: Prompted) -> _Found | None:
    """The sound of a token, which is up to half a second beside it; None where it has none or cannot be trusted."""
    start_s = token.start_s
    end_s = min(max(token.end_s, start_s + _TOKEN_S[0]), start_s + _TOKEN_S[1])
    spot = _candidate_at(scored, start_s, end_s) or _sound_at(scene, start_s, end_s)
    if spot is None:
        return None
    first, last, probability = spot
    particle = token.text[:1] in _PARTICLES
    before = scene.active[max(0, first - _STUCK) : first]
    if particle and before.size and float(np.mean(before)) > _STUCK_SHARE:
        return None
    if probability >= DOUBT:
        trusted = token.probability >= _SURE_TOKEN or not token.trailing
    else:
        trusted = token.probability >= _SURE_ALONE and not token.trailing and not particle
    return _Found(first, last, probability, token.text, token.probability) if trusted else None


def _candidate_at(
    scored: Sequence[tuple[int, int, float]], start_s: float, end_s: float
) -> tuple[int, int, float] | None:
    """The likeliest candidate close to a token; nearer and longer common stretches count for a little."""
    near = []
    for first, last, probability in scored:
        a, b = first * FRAME_S, last * FRAME_S
        if _common_s(a, b, start_s - _NEAR_S, end_s + _NEAR_S) > _OVERLAP_S and b - a < _TOKEN_S[1]:
            beside_s = abs((a + b) / 2 - (start_s + end_s) / 2)
            near.append(
                (probability + 0.05 * _common_s(a, b, start_s, end_s) - 0.3 * beside_s, first, last, probability)
            )
    return max(near)[1:] if near else None


def _sound_at(scene: _Scene, start_s: float, end_s: float) -> tuple[int, int, float] | None:
    """The sonorant stretch around a token that shares most with it, as something that the sound does not suggest."""
    low, high = max(0, int((start_s - _SEARCH_S) / FRAME_S)), int((end_s + _SEARCH_S) / FRAME_S)
    sounds = [(low + a, low + b) for a, b in runs(_closed(scene.sonorant[low:high], 3)) if b - a >= _SOUND]
    if not sounds:
        return None
    first, last = max(sounds, key=lambda run: _common_s(run[0] * FRAME_S, run[1] * FRAME_S, start_s, end_s))
    return first, last, 0.0


def _common_s(a: float, b: float, c: float, d: float) -> float:
    return max(0.0, min(b, d) - max(a, c))


def _scored(scene: _Scene, speech: BoolArray) -> list[tuple[int, int, float]]:
    """Candidates as (first, last, probability), in time order.

    One must touch a stretch of speech, no more: the detector of speech gives up within a long steady sound.
    """
    return [(a, b, _probability(scene, a, b)) for a, b in _candidates(scene) if speech[a:b].any()]


def _best(scored: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Candidates over the threshold; of two that overlap, the likelier."""
    kept: list[tuple[int, int, float]] = []
    for first, last, probability in sorted(scored, key=lambda each: (each[2], each[0], each[1]), reverse=True):
        apart = all(min(last, b) - max(first, a) <= 0.2 * min(last - first, b - a) for a, b, _ in kept)
        if probability >= THRESHOLD and apart:
            kept.append((first, last, probability))
    return kept


def _joined(found: list[_Found]) -> list[_Found]:
    """Fillers so close to each other that they are one sound, with the highest of their probabilities."""
    found = sorted(found, key=lambda each: (each.first, each.last))
    groups = [found[a:b] for a, b in join_close(((each.first, each.last) for each in found), _ONE_SOUND)]
    return [_one(group) for group in groups]


def _one(group: list[_Found]) -> _Found:
    """Parts of one sound together; the word is the one that was heard most surely."""
    word = max(group, key=lambda each: each.heard if each.text else -1.0)
    likeliest = max(each.by_sound for each in group)
    return _Found(group[0].first, max(each.last for each in group), likeliest, word.text, word.heard)


def _drawn_out(frames: Frames, scene: _Scene, found: list[_Found]) -> bool:
    """Whether what is left beside the fillers is slower than speech: song, chant, drawn-out calls."""
    rest = scene.active & frames.speech
    for each in found:
        rest[each.first : each.last] = False
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
