"""Assessing a recording that still goes on, so that little is left to do at its end.

What was seen and heard of its first part is remembered in this process, and taken over only where the whole recording
holds the very same frames and the very same sound: so the assessment is the same with and without it.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from liyi.scoring.perform import LISTENING, WATCHING, check_models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from liyi.core.options import Options
    from liyi.media.recording import Frame, Media
    from posture.pose import PoseTracking
    from posture.track import PoseTrack
    from speech.transcript import Recogniser

    Progress = Callable[[str, float], None]

UNSETTLED_S = 0.5  # the end of what has arrived may be torn off, and what is decoded of it another picture


class Ahead:
    """What is known of a recording that goes on; for one recording."""

    def __init__(self, recogniser: str | None) -> None:
        from speech.ahead import remembering
        from speech.transcript import load_recogniser

        self.recogniser: Recogniser | None = remembering(load_recogniser(recogniser)) if recogniser else None
        self._tracking: PoseTracking | None = None
        self._seen: list[bytes] = []  # digests of the frames that it was shown

    def go_on(self, media: Media, *, options: Options, languages: tuple[str, ...], tell: Progress) -> None:
        """Watch and listen to the first part of the recording, as far as it is there.

        Parameters
        ----------
        media
            That part, from its beginning.
        options, languages
            As `liyi.scoring.perform.perform` takes them.
        tell
            Told of the progress; by raising it ends this.
        """
        from speech.ahead import listen_ahead

        check_models(media, options.recogniser)
        length_s = max(media.info.duration_s, 1e-3)
        if self.recogniser is not None and media.info.has_sound:
            listen_ahead(
                media.samples(), language=options.language, languages=languages, recogniser=self.recogniser,
                progress=lambda second: tell(LISTENING, min(1.0, second / length_s)),
            )  # fmt: skip
        if media.info.has_picture:
            until_s = media.info.duration_s - UNSETTLED_S
            settled = (frame for frame in media.frames() if frame.t_s < until_s)
            if not self._see(settled, lambda second: tell(WATCHING, min(1.0, second / length_s))):
                self.close()

    def track(self, media: Media, progress: Callable[[float], None]) -> PoseTrack:
        """The subject's track through the whole recording, as `posture.pose.track_pose` gives it; asked for once."""
        from posture.pose import track_pose

        with closing(self):
            if self._see(media.frames(), progress) and self._tracking is not None:
                return self._tracking.result()
        return track_pose(media.frames(), progress=progress)

    def _see(self, frames: Iterable[Frame], progress: Callable[[float], None]) -> bool:
        """Show the frames that were not seen yet; False where those before are not the ones that were seen."""
        from posture.pose import PoseTracking

        if self._tracking is None:
            self._tracking = PoseTracking()
        known = iter(self._seen[:])
        for frame in frames:
            digest, before = _digest(frame), next(known, None)
            if before is None:
                self._tracking.see([frame], progress=progress)
                self._seen.append(digest)
            elif digest != before:
                return False
        return next(known, None) is None

    def close(self) -> None:
        """Forget what was seen, and give the landmarkers' memory and threads back."""
        if self._tracking is not None:
            self._tracking.close()
        self._tracking, self._seen = None, []


def _digest(frame: Frame) -> bytes:
    digest = hashlib.sha256(repr((frame.t_s, frame.image.shape)).encode())
    digest.update(np.ascontiguousarray(frame.image).data)
    return digest.digest()
