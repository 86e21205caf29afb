"""A recording watched and listened to: what the judge needs of it, and nothing of how it is judged."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.errors import Notice
from liyi.core.options import Options
from liyi.core.words import N_
from liyi.scoring.notices import about

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from liyi.etiquette.assessment import ModelRef
    from liyi.etiquette.performance import Performance
    from liyi.media.recording import Media
    from liyi.media.sound import Samples
    from liyi.scoring.ahead import Ahead
    from posture.body import Body
    from speech.voice import Voice

    Progress = Callable[[str, float], None]

WATCHING, LISTENING = N_("Watching the picture"), N_("Listening to the voice")

NO_STRETCH_OF_PHOTO = N_("A photo has no calibration stretch: the one that was named was not used.")

_DEFAULT = Options()
STILLS_OF_EACH = 5  # looked at of each of several pictures
MOVES = 0.5  # of 255, mean difference of two stills: coding alone differs by less, any person by more


def perform(
    media: Media,
    *,
    options: Options = _DEFAULT,
    languages: tuple[str, ...] = (),
    phrases: tuple[str, ...] = (),
    progress: Progress | None = None,
    ahead: Ahead | None = None,
    side: Media | None = None,
) -> Performance:
    """Watch and listen to an opened recording; parameters as in `score` and `examine`, ``side`` opened as well.

    ``languages`` are those that ``auto`` chooses among: the norm pack's; every known one when empty. ``phrases`` are
    the wordings that the second recogniser listens for.
    """
    from liyi.core.memory import keep_apart
    from liyi.etiquette.performance import Performance
    from liyi.media.aligning import Modulation
    from liyi.scoring.two_views import see_side

    unused = media.kind == "photo" and options.calibration is not None
    if unused:
        options = replace(options, calibration=None)
    check_models(media, options.recogniser)
    keep_apart()
    tell = progress or silent
    heard = Modulation()
    if side is not None and options.camera == "auto":
        options = replace(options, camera="front")
    with _compiled_apart():
        # Sound first: hearing needs the most memory, and what was seen, which grows with the length, comes on top.
        samples = media.samples() if side is None else heard.passing(media.samples())
        voice = _listen(media, samples, options, languages, phrases, tell, ahead) if media.info.has_sound else None
        body = _watch(media, options, tell, ahead) if media.info.has_picture else None
    seen, told = see_side(media, side, heard, options=options, progress=tell) if side is not None else (None, ())
    read_by = options.reading()
    read_by["recogniser"] = Path(options.recogniser).name if options.recogniser else None  # a folder is the machine's
    return Performance(
        name=media.info.name,
        sha256=media.info.sha256,
        duration_s=media.info.duration_s,
        body=body,
        voice=voice,
        notices=(
            *media.notices,
            *((Notice(NO_STRETCH_OF_PHOTO),) if unused else ()),
            *about(body, voice, phrases),
            *told,
        ),
        options=read_by,
        models=_models(body, voice, options.recogniser),
        kind=media.kind,
        clock=media.clock,
        side=seen,
    )


def check_models(media: Media, recogniser: str | None) -> None:
    """Raise at once, not after minutes of watching, when a model file that ``media`` needs is missing or damaged.

    The second recogniser is none that is needed: where it is damaged, the first one hears the phrases alone.
    """
    from liyi.modelfiles.registry import path, registry

    needed = ["pose_landmarker_full", "face_mesh"] if media.info.has_picture else []
    if media.info.has_sound:
        needed += ["silero_vad", "swift_f0"] + ([recogniser] if recogniser in registry() else [])
    for name in needed:
        path(name)


def person_shown(media: Media) -> float:
    """How well one of several pictures shows a person: the share of a few stills with one, half of it if none moves."""
    import numpy as np

    from posture.pose import share_with_person

    times_s = [media.info.duration_s * (k + 0.5) / STILLS_OF_EACH for k in range(STILLS_OF_EACH)]
    images = [frame.image for frame in media.frames_at(times_s, max_side=640) if frame is not None]
    moves = any(float(np.abs(one.astype(np.int16) - other).mean()) > MOVES for one, other in pairwise(images))
    return share_with_person(images) * (1.0 if moves else 0.5)


@contextmanager
def _compiled_apart() -> Iterator[None]:
    """Have Numba, which comes with librosa, look for its cache in a folder that can be written: it insists on one.

    An installation or a home may be one that cannot. It asks for it once, when it is loaded, and of what is used here
    it compiles nothing.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="liyi-numba-") as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder
        try:
            yield
        finally:
            os.environ.pop("NUMBA_CACHE_DIR", None)


def silent(stage: str, done: float) -> None:
    """Tell nobody how far it is."""


def _watch(media: Media, options: Options, tell: Progress, ahead: Ahead | None = None) -> Body | None:
    """What was seen; None when the picture holds no frame that can be read."""
    from liyi.core.memory import give_back
    from posture.pose import track_pose
    from posture.reading import read_body

    tell(WATCHING, 0.0)
    length_s = max(media.info.duration_s, 1e-3)

    def progress(second: float) -> None:
        tell(WATCHING, min(1.0, second / length_s))

    track = track_pose(media.frames(), progress=progress) if ahead is None else ahead.track(media, progress)
    tell(WATCHING, 1.0)
    give_back()
    body = read_body(track, camera=options.camera, calibration=options.calibration) if track.t.size else None
    give_back()  # writing comes next, and would stand on what reading has freed
    return body


def _listen(
    media: Media,
    samples: Iterator[Samples],
    options: Options,
    languages: tuple[str, ...],
    phrases: tuple[str, ...],
    tell: Progress,
    ahead: Ahead | None = None,
) -> Voice:
    from speech.listening import listen
    from speech.transcript import LANGUAGES

    tell(LISTENING, 0.0)
    length_s = max(media.info.duration_s, 1e-3)
    voice = listen(
        samples,
        language=options.language,
        languages=languages or LANGUAGES,
        recogniser=options.recogniser if ahead is None else ahead.recogniser,
        phrases=phrases,
        progress=lambda second: tell(LISTENING, min(1.0, second / length_s)),
    )
    tell(LISTENING, 1.0)
    return replace(voice, calibration=options.calibration, missing_s=media.unheard_s)


def _models(body: Body | None, voice: Voice | None, recogniser: str | None) -> tuple[ModelRef, ...]:
    """The model files that were used, by the checksum of what is on this machine."""
    from liyi.etiquette.assessment import ModelRef
    from liyi.modelfiles.registry import registry, sha256

    used = (["pose_landmarker_full", "face_mesh"] if body else []) + (["silero_vad", "swift_f0"] if voice else [])
    found = [ModelRef(id=name, sha256=sha256(name)) for name in used]
    if voice and recogniser in registry():
        found.append(ModelRef(id=recogniser, sha256=sha256(recogniser)))
    elif voice and recogniser:
        from liyi.modelfiles.registry import content_sha256

        folder = Path(recogniser).expanduser()
        found.append(ModelRef(id=folder.name, sha256=content_sha256(folder / "model.bin")))
    if voice and voice.second:
        from speech import second

        found.append(ModelRef(id=second.MODEL, sha256=sha256(second.MODEL)))
    return tuple(found)
