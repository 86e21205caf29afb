"""The last seconds of a rehearsal as the measures take them: a rolling pose track and a rolling voice.

Messages are added by the server's event loop, which must never wait; reading and hearing is done by a worker thread.
What is new is analysed once; only the sum is kept.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.errors import LiyiError
from liyi.core.smoothing import runs
from liyi.core.trace import Interval
from liyi.media.sampling import slot
from posture.reading import read_body
from posture.track import LANDMARKS, PoseTrack
from speech import fillers, frames, stretches, syllables
from speech.frames import FRAME_S, HOP, SAMPLE_RATE, Frames
from speech.voice import Voice

if TYPE_CHECKING:
    from typing import Literal

    import numpy.typing as npt

    from liyi.core.trace import FloatArray
    from liyi.ui.live.messages import Poses, Sound
    from posture.body import Body
    from posture.track import FloatFrames

RATE_HZ = 10.0  # as recordings are sampled
POSTURE_S = 10.0
_KEEP_S = 20.0  # poses: a calibration stretch of 10 s must still be there when the page says that it is over
VOICE_S = 20.0  # long enough for five phrases, which the level and the melody need
# What is counted in syllables or samples is steady after so long, and must not lag behind. Over 4 s the ordinary speech
# of six voices reached 5.8 syllables a second; at 1.6 times its tempo it was over the counter's limit within 3 s.
BRISK_S = 4.0

_CONTEXT = round(4.0 / FRAME_S)  # Silero sets its gain by the loudest sound it is shown: a phrase or two
_EDGE = round(0.3 / FRAME_S)  # pitch looks 0.18 s each way: the newest frames are heard again with what follows
_NEW = round(0.8 / FRAME_S)  # analysed at once; less costs more per second
_JITTER_S = 0.25  # the browser's time stamps of sound are no steadier than its blocks
_LONGEST_HOLE_S = 2.0  # lost sound counts as silence; more is a pause of the rehearsal, and the window begins anew


@dataclass(frozen=True)
class Seen:
    """What the last `POSTURE_S` seconds showed; seconds count from ``start_s`` on the recording's clock.

    ``body`` holds the window alone, with its own time from 0. ``compared`` holds the calibration stretch before it,
    in the recording's time, for what is measured against that; None before there is one.
    """

    start_s: float
    duration_s: float
    body: Body
    compared: Body | None
    lite: bool


class PoseWindow:
    """Poses of the last ``keep_s`` seconds, ten a second, and those of the calibration stretch."""

    def __init__(self, keep_s: float = _KEEP_S) -> None:
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._t = np.empty(0)
        self._landmarks = np.empty((0, *LANDMARKS), dtype=np.float32)
        self._size = (0, 0)
        self._lite = False
        self._calibration: tuple[Interval, FloatArray, FloatFrames] | None = None

    @property
    def now_s(self) -> float:
        """Time of the newest pose; NaN without one."""
        return float(self._t[-1]) if self._t.size else float("nan")

    def add(self, poses: Poses) -> None:
        """Take poses that follow those before; an earlier time or another picture size begins anew."""
        if not poses.t_s.size:
            return
        with self._lock:
            if poses.size != self._size or (self._t.size and poses.t_s[0] < self._t[-1]):
                self._t, self._landmarks = self._t[:0], self._landmarks[:0]
                self._size = poses.size
            self._lite = poses.lite
            slots = np.concatenate((slot(self._t[-1:], RATE_HZ), slot(poses.t_s, RATE_HZ)))
            taken = np.diff(slots) > 0 if self._t.size else np.concatenate(([True], np.diff(slots) > 0))
            t = np.concatenate((self._t, poses.t_s[taken]))
            landmarks = np.concatenate((self._landmarks, poses.landmarks[taken]))
            kept = t > t[-1] - self._keep_s if t.size else slice(None)
            self._t, self._landmarks = t[kept], landmarks[kept]

    def calibrate(self, stretch: Interval) -> None:
        """Keep the poses of ``stretch`` for as long as the rehearsal lasts."""
        with self._lock:
            within = (self._t >= stretch.start_s) & (self._t <= stretch.end_s)
            self._calibration = (stretch, self._t[within], self._landmarks[within])

    def within(self, stretch: Interval, camera: Literal["front", "side"]) -> Body | None:
        """Read ``stretch`` alone, in its own time; None with less than two poses in it."""
        with self._lock:
            inside = (self._t >= stretch.start_s) & (self._t <= stretch.end_s)
            t, landmarks, size = self._t[inside], self._landmarks[inside], self._size
        if t.size < 2:
            return None
        return read_body(PoseTrack.of_landmarks(t - t[0], landmarks, size), camera=camera)

    def seen(self, camera: Literal["front", "side"], *, take: Interval | None = None) -> Seen | None:
        """Read the last `POSTURE_S` seconds, or ``take``; None where it has less than two poses."""
        with self._lock:
            t, landmarks, size, lite = self._t, self._landmarks, self._size, self._lite
            calibration = self._calibration
        if t.size:
            inside = t > t[-1] - POSTURE_S if take is None else take.covers(t)
            t, landmarks = t[inside], landmarks[inside]
        if t.size < 2:
            return None
        start_s = float(t[0])
        body = read_body(PoseTrack.of_landmarks(t - start_s, landmarks, size), camera=camera)
        compared = _compared(calibration, t, landmarks, size, camera) if calibration else None
        return Seen(start_s, float(t[-1]) - start_s + 1 / RATE_HZ, body, compared, lite)


def _compared(
    calibration: tuple[Interval, FloatArray, FloatFrames],
    t: FloatArray,
    landmarks: FloatFrames,
    size: tuple[int, int],
    camera: Literal["front", "side"],
) -> Body | None:
    stretch, calm_t, calm = calibration
    before = calm_t < t[0]
    every_t, every = np.concatenate((calm_t[before], t)), np.concatenate((calm[before], landmarks))
    track = PoseTrack.of_landmarks(every_t, every, size)
    try:
        return read_body(track, camera=camera, calibration=stretch)
    except LiyiError:  # the shoulders were not seen in it: nothing to compare with
        return None


@dataclass(frozen=True)
class Heard:
    """The voice of the last `VOICE_S` seconds and, of it, the last `BRISK_S`; each with its own time from 0."""

    end_s: float
    voice: Voice
    brisk: Voice


class SoundWindow:
    """Sound of the last ``keep_s`` seconds, heard as it comes; words are left to the report."""

    def __init__(self, keep_s: float = VOICE_S) -> None:
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._new: list[npt.NDArray[np.int16]] = []
        self._next_s = float("nan")  # time of the sample that is expected next
        self._fresh = True  # begin anew with what is in _new
        self._sound = np.empty(0, dtype=np.float32)
        self._frames = frames.join([])
        self._end_s = float("nan")  # of what was analysed
        self._heard: Heard | None = None

    def add(self, sound: Sound) -> None:
        """Take sound that follows the sound before; a short hole is filled with silence."""
        with self._lock:
            hole_s = sound.t_s - self._next_s
            if not -_JITTER_S <= hole_s <= _LONGEST_HOLE_S:  # also the first time, when it is NaN
                self._new, self._fresh, self._next_s, hole_s = [], True, sound.t_s, 0.0
            if hole_s > _JITTER_S:
                silence = np.zeros(round(hole_s * SAMPLE_RATE), dtype=np.int16)
                self._new.append(silence)
                self._next_s += silence.size / SAMPLE_RATE
            self._new.append(sound.samples)
            self._next_s += sound.samples.size / SAMPLE_RATE

    def heard(self) -> Heard | None:
        """Hear what is new; None before there is anything. For one thread at a time."""
        if self.hear(_NEW):
            brisk = _part(self._frames, max(0, len(self._frames) - round(BRISK_S / FRAME_S)), len(self._frames))
            self._heard = Heard(self._end_s, voice_of(self._frames), voice_of(brisk))
        return self._heard

    def take(self, stretch: Interval) -> Voice | None:
        """What was heard within ``stretch``, in seconds of the recording's clock; None where nothing was.

        Heard as a whole, as the report hears a file (0.3 s of a core for 20 s of speech), so that both find the same
        pauses; with what hints leave out, filled pauses and how bright the voice is. For one thread at a time.
        """
        self.hear(1)
        sound = self.sound(stretch)
        if sound.size < HOP:
            return None
        heard = frames.join([frames.analyse(piece.samples, speech=piece.speech) for piece in stretches.cut([sound])])
        return replace(voice_of(heard), filled=fillers.filled_pauses(heard), high_db=heard.high_db)

    def sound(self, stretch: Interval) -> npt.NDArray[np.float32]:
        """The sound of what `take` heard within ``stretch``, at 16 kHz. For one thread at a time."""
        first, last = self._frames_of(stretch)
        return self._sound[first * HOP : last * HOP]

    def _frames_of(self, stretch: Interval) -> tuple[int, int]:
        start_s = self._end_s - self._sound.size / SAMPLE_RATE if len(self._frames) else 0.0
        first, last = (round((at - start_s) / FRAME_S) for at in (stretch.start_s, stretch.end_s))
        return max(0, first), max(0, last)

    def hear(self, least: int = _NEW) -> bool:
        """Analyse what is new, at least ``least`` frames of it; returns whether there was as much."""
        with self._lock:
            fresh, new, end_s = self._fresh, self._new, self._next_s
            if sum(block.size for block in new) < least * HOP:
                return False
            self._new, self._fresh = [], False
        if fresh:
            self._sound, self._frames, self._heard = self._sound[:0], _part(self._frames, 0, 0), None
        self._sound = np.concatenate((self._sound, *(block.astype(np.float32) / 32768 for block in new)))
        spare = max(0, self._sound.size // HOP - round(self._keep_s / FRAME_S))
        self._sound = self._sound[spare * HOP :]
        self._frames = _continued(_part(self._frames, spare, len(self._frames)), self._sound)
        self._end_s = end_s
        return True


def _continued(known: Frames, sound: npt.NDArray[np.float32]) -> Frames:
    """Frames of ``sound``, of which ``known`` are the first; only what follows them, and their end, is analysed."""
    count = sound.size // HOP
    settled = max(0, len(known) - _EDGE)
    first = max(0, settled - _CONTEXT)
    speech = [
        Interval(piece.start_s + s.start_s, piece.start_s + s.end_s)
        for piece in stretches.cut([sound[first * HOP : count * HOP]])
        for s in piece.speech
    ]
    begin = max(0, settled - _EDGE)
    ahead_s = (begin - first) * FRAME_S
    inside = tuple(Interval(max(0.0, s.start_s - ahead_s), s.end_s - ahead_s) for s in speech if s.end_s > ahead_s)
    heard = frames.analyse(sound[begin * HOP : count * HOP], speech=inside)
    return frames.join([_part(known, 0, settled), _part(heard, settled - begin, len(heard))])


def _part(whole: Frames, first: int, last: int) -> Frames:
    return Frames(**{f.name: getattr(whole, f.name)[first:last] for f in fields(Frames)})


def voice_of(heard: Frames) -> Voice:
    """`Voice` without words and without filled pauses, which never become hints."""
    return Voice(
        duration_s=len(heard) * FRAME_S,
        stretches=tuple(Interval(first * FRAME_S, last * FRAME_S) for first, last in runs(heard.speech)),
        t=heard.t,
        level_db=heard.level_db,
        pitch_hz=heard.pitch_hz,
        nuclei_s=syllables.nuclei(heard),
        filled=None,
        clipped_share=frames.clipped_share(heard),
        snr_db=frames.snr_db(heard),
        transcript=None,
    )
