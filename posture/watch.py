"""One decoding, several observers: every frame is shown to each of them once and kept by none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from liyi.media.recording import Frame
    from posture.subject import Sightings
    from posture.track import FloatFrames, PoseTrack


class Observer(Protocol):
    """Looks at the frames of a recording, in time order, and says at the end what it saw."""

    def see(self, frame: Frame) -> None:
        """Take the next frame; upright, all of one size."""

    def result(self) -> Any:
        """What was seen; asked for once, after the last frame."""


class People(Protocol):
    """The observer of people, as those that look at the people found see it; it comes before them."""

    @property
    def poses(self) -> Sequence[FloatFrames]:
        """Everybody in the newest frame, each (33, 7)."""

    @property
    def sightings(self) -> Sightings:
        """Every pose that was found; asked for after the last frame."""

    @property
    def first(self) -> int:
        """Number of the newest frame's first pose among all sightings."""

    @property
    def sample(self) -> int:
        """Number of the newest frame."""

    def result(self) -> PoseTrack:
        """The subject's track."""


def watch(
    frames: Iterable[Frame], observers: Sequence[Observer], *, progress: Callable[[float], None] | None = None
) -> tuple[Any, ...]:
    """Show every frame to each observer, in their order; what each of them saw.

    Parameters as for `show`.
    """
    show(frames, observers, progress=progress)
    return tuple(observer.result() for observer in observers)


def show(
    frames: Iterable[Frame], observers: Sequence[Observer], *, progress: Callable[[float], None] | None = None
) -> None:
    """Show every frame to each observer; may be called again with the frames that follow.

    Parameters
    ----------
    frames : iterable of Frame
        In time order, upright, all of one size; read once and not kept.
    observers : sequence of Observer
        One that needs what another one finds in the same frame stands after it.
    progress : callable, optional
        Called with the seconds of each frame when all have seen it.
    """
    for frame in frames:
        for observer in observers:
            observer.see(frame)
        if progress is not None:
            progress(frame.t_s)
