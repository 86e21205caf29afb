"""The calibration stretch: never chosen by the program; one that is named is checked."""

from __future__ import annotations

import numpy as np
import pytest

from liyi.core.errors import LiyiError
from liyi.core.trace import Interval
from posture.calibration import check_calibration
from posture.reading import read_body
from tests.posture.skeletons import body_of, skeleton


def still(n, **pose):
    """Quiet, but for a centimetre's breath."""
    return [skeleton(at=(0.005 * np.sin(k), 0, 0), **pose) for k in range(n)]


def test_none_is_found_by_the_program():
    """Quiet, upright and first: still nobody named it, and a slouch would have been taken as readily."""
    assert read_body(body_of(still(300), distance=5).track).calibration is None


class TestGiven:
    BODY = body_of(still(200))

    def test_is_taken(self):
        given = Interval(2.0, 8.0)
        assert read_body(self.BODY.track, calibration=given).calibration == given

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (Interval(15.0, 25.0), "outside the recording, which has 20.0 s"),
            (Interval(-1.0, 5.0), "outside"),
            (Interval(3.0, 4.0), "too short: name at least 3 seconds"),
            (Interval(8.0, 2.0), "too short"),
        ],
    )
    def test_is_refused_with_the_reason(self, given, words):
        with pytest.raises(LiyiError, match=words):
            check_calibration(given, self.BODY.t, self.BODY.points)

    def test_is_refused_where_nobody_is_seen(self):
        points = self.BODY.points.copy()
        points[:100] = np.nan
        with pytest.raises(LiyiError, match="shoulders are not in the picture"):
            check_calibration(Interval(2.0, 8.0), self.BODY.t, points)
        assert check_calibration(Interval(11.0, 18.0), self.BODY.t, points) == Interval(11.0, 18.0)
