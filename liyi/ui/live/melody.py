"""The melody of a voice, to be drawn: pitch about its own median, and pauses; of a take, and of the drill's example."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.etiquette.drill import demonstration
from liyi.etiquette.drill_example import LONGEST_S
from liyi.etiquette.performance import measures
from liyi.media.recording import open_media
from liyi.ui.live.window import voice_of
from speech import frames, stretches
from speech.measures.phrasing import phrases

if TYPE_CHECKING:
    from liyi.core.trace import FloatArray
    from liyi.etiquette.drill import Drill
    from liyi.etiquette.pack import NormPack
    from speech.voice import Voice

_DRAWN_S = 0.05  # a point of the drawn melody: finer is not seen on the width of a page
_BLOCK_S = 10.0


def melody(voice: Voice) -> dict[str, Any]:
    """Pitch about the voice's own median (semitones; None where unvoiced), and the pauses, to be drawn."""
    step = max(1, round(_DRAWN_S / frames.FRAME_S))
    pitch = voice.pitch_hz.astype(np.float64)
    usual = float(np.nanmedian(pitch)) if np.isfinite(pitch).any() else 1.0
    semitones = 12 * np.log2(pitch / usual)
    points = [_mean(semitones[at : at + step]) for at in range(0, semitones.size, step)]
    silent = phrases(voice).gaps() if voice.stretches else ()
    return {
        "step_s": _DRAWN_S,
        "seconds": round(voice.duration_s, 2),
        "begins_s": round(voice.stretches[0].start_s, 2) if voice.stretches else 0.0,
        "pitch": points,
        "pauses": [[round(pause.start_s, 2), round(pause.end_s, 2)] for pause in silent],
    }


def melody_of_example(drill: Drill) -> dict[str, Any] | None:
    """The melody of the drill's example, of its first three minutes; None without one, and where no voice is in it.

    Heard once for each file, until it changes: some 0.3 s of a core for 20 s of speech.
    """
    path = demonstration(drill)
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:  # removed meanwhile
        return None
    return _heard(str(path), status.st_size, status.st_mtime_ns)


def make_ready(drill: Drill, pack: NormPack) -> None:
    """Hear the example before a take ends, so that no result waits for it; nothing where no voice is judged."""
    if any(measures()[criterion.measure].of == "voice" for criterion in pack.criteria.values()):
        melody_of_example(drill)


def is_voiced(drawn: dict[str, Any]) -> bool:
    """Whether a melody has anything to be drawn."""
    return any(point is not None for point in drawn["pitch"])


@lru_cache(maxsize=64)
def _heard(path: str, _size: int, _mtime_ns: int) -> dict[str, Any] | None:
    try:
        sound = list(islice(open_media(path).samples(block_s=_BLOCK_S), round(LONGEST_S / _BLOCK_S)))
    except (LiyiError, OSError) as error:
        logs.event("example_not_heard", key=Path(path).name, error=error)
        return None
    pieces = stretches.cut(sound)
    drawn = melody(voice_of(frames.join([frames.analyse(each.samples, speech=each.speech) for each in pieces])))
    return drawn if is_voiced(drawn) else None


def _mean(piece: FloatArray) -> float | None:
    known = piece[np.isfinite(piece)]
    return round(float(known.mean()), 2) if 2 * known.size >= piece.size else None
