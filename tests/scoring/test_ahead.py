"""A rehearsal assessed while it is recorded: nothing is seen twice, and nothing of another recording is believed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import posture.pose
from liyi.core.options import Options
from liyi.media.recording import Frame
from liyi.scoring import ahead
from liyi.scoring.ahead import Ahead


class Tracking:
    """Stands for the landmarkers: it notes what it is shown."""

    made: list[Tracking] = []  # noqa: RUF012

    def __init__(self) -> None:
        self.seen: list[float] = []
        self.closed = False
        self.made.append(self)

    def see(self, frames: Any, *, progress: Any = None) -> None:
        self.seen += [frame.t_s for frame in frames]

    def result(self) -> list[float]:
        return self.seen

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def tracking(monkeypatch: pytest.MonkeyPatch) -> list[Tracking]:
    monkeypatch.setattr(posture.pose, "PoseTracking", Tracking)
    monkeypatch.setattr(posture.pose, "track_pose", lambda frames, progress: [f.t_s for f in frames])
    monkeypatch.setattr(ahead, "check_models", lambda media, recogniser: None)
    monkeypatch.setattr(Tracking, "made", [])
    return Tracking.made


def media(count: int, *, shade: int = 0) -> Any:
    frames = [Frame(k / 10, np.full((4, 6, 3), k + shade, np.uint8)) for k in range(count)]
    info = SimpleNamespace(duration_s=count / 10, has_sound=False, has_picture=True)
    return SimpleNamespace(info=info, frames=lambda: iter(frames))


def go_on(known: Ahead, part: Any) -> None:
    known.go_on(part, options=Options(recogniser=None), languages=(), tell=lambda stage, done: None)


def test_every_frame_is_shown_once(tracking: list[Tracking]) -> None:
    known = Ahead(None)
    go_on(known, media(20))
    assert tracking[0].seen == [k / 10 for k in range(15)]  # the last half second may be torn off
    go_on(known, media(30))
    assert known.track(media(40), lambda second: None) == [k / 10 for k in range(40)]
    assert len(tracking) == 1
    assert tracking[0].closed


@pytest.mark.parametrize("whole", [media(40, shade=1), media(10)], ids=["another picture", "shorter"])
def test_another_recording_is_watched_from_its_beginning(tracking: list[Tracking], whole: Any) -> None:
    known = Ahead(None)
    go_on(known, media(20))
    assert known.track(whole, lambda second: None) == [frame.t_s for frame in whole.frames()]
    assert tracking[0].closed


def test_another_calibration_begins_anew(tracking: list[Tracking]) -> None:
    known = Ahead(None)
    go_on(known, media(20))
    go_on(known, media(30, shade=1))
    go_on(known, media(30, shade=1))
    assert known.track(media(30, shade=1), lambda second: None) == [k / 10 for k in range(30)]
    assert [each.closed for each in tracking] == [True, True]
