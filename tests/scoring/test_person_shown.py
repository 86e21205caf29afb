"""Of several pictures of a file the one is assessed that shows somebody who moves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from liyi.scoring.perform import STILLS_OF_EACH, person_shown


def showing(brightness: list[int | None]) -> Any:
    """A recording of ten seconds whose stills are plain; None for one that cannot be decoded."""
    stills = [None if b is None else SimpleNamespace(image=np.full((9, 16, 3), b, np.uint8)) for b in brightness]
    return SimpleNamespace(info=SimpleNamespace(duration_s=10.0), frames_at=lambda times_s, max_side: stills)


@pytest.mark.parametrize(
    ("brightness", "expected"),
    [
        ([10, 20, 30, 40, 50], 1.0),
        ([10, 10, 10, 10, 10], 0.5),  # a slide with somebody's photograph
        ([200, 210, 220, 230, 240], 0.0),  # slides that change
        ([None] * 5, 0.0),
        ([10, None, 20, None, None], 1.0),
    ],
)
def test_somebody_who_moves_counts_twice(
    brightness: list[int | None], expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def share(images: list[np.ndarray]) -> float:
        return sum(image.mean() < 100 for image in images) / len(images) if images else 0.0

    monkeypatch.setattr("posture.pose.share_with_person", share)
    assert person_shown(showing(brightness)) == pytest.approx(expected)


def test_stills_are_spread_over_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    media = showing([10])
    media.frames_at = lambda times_s, max_side: asked.extend(times_s) or []
    assert person_shown(media) == 0.0
    assert asked == pytest.approx([1.0, 3.0, 5.0, 7.0, 9.0])
    assert len(asked) == STILLS_OF_EACH
