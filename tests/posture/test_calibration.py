"""The quiet, upright stretch: found where it is, never on a slouch, a bow or a move; a given one is checked."""

from __future__ import annotations

import numpy as np
import pytest

from posture.calibration import check_calibration
from posture.reading import read_body
from signals.errors import LiyiError
from signals.trace import Interval
from tests.posture.skeletons import body_of, skeleton

UPRIGHT: dict = {}
SLOUCH = {"head_sink": 0.06}


def moving(n, reach_m=0.12, **pose):
    """Swaying from side to side, a breath a second."""
    return [skeleton(at=(reach_m * np.sin(2 * np.pi * k / 10), 0, 0), **pose) for k in range(n)]


def still(n, **pose):
    """Quiet, but for a centimetre's breath."""
    return [skeleton(at=(0.005 * np.sin(k), 0, 0), **pose) for k in range(n)]


def calibration(*parts):
    moments = [moment for part in parts for moment in part]
    return read_body(body_of(moments, distance=5).track).calibration


class TestFinding:
    def test_five_quiet_seconds_among_moves(self):
        found = calibration(moving(100), still(60), moving(100))
        assert found is not None
        assert found.duration_s == 5
        assert 9.8 <= found.start_s <= 11.2

    def test_three_seconds_do_in_a_short_recording(self):
        found = calibration(moving(60), still(40), moving(40))
        assert found is not None
        assert found.duration_s == 3
        assert 5.8 <= found.start_s <= 7.2

    def test_a_slouch_is_not_its_own_norm(self):
        found = calibration(still(150, **SLOUCH), still(60), still(200, **SLOUCH))
        assert found is not None
        assert 14.0 <= found.start_s <= 16.2  # nearly all of it

    def test_the_first_of_equally_upright_stretches(self):
        found = calibration(moving(30), still(300))
        assert found is not None
        assert found.start_s < 4.5

    def test_a_held_slouch_will_not_do_where_one_was_upright_in_passing(self):
        assert calibration(moving(100), still(60, **SLOUCH), moving(60)) is None

    def test_a_held_bow_will_not_do(self):
        for yaw_deg in (0, 90):
            bow = {"forward_lean_deg": 35, "yaw_deg": yaw_deg}
            assert calibration(still(20, yaw_deg=yaw_deg), still(40, **bow)) is None

    @pytest.mark.parametrize("yaw_deg", [90, -90, 75])
    def test_from_the_side_the_straighter_stretch(self, yaw_deg):
        lean = {"forward_lean_deg": 6, "head_forward": 0.1, "yaw_deg": yaw_deg}
        found = calibration(still(120, **lean), still(80, yaw_deg=yaw_deg), still(60, **lean))
        assert found is not None
        assert 11.5 <= found.start_s <= 15.2

    def test_none_while_moving_turned_away_oblique_or_too_short(self):
        assert calibration(moving(300)) is None
        assert calibration(still(300, yaw_deg=180)) is None
        assert calibration(still(300, yaw_deg=47)) is None
        assert calibration(still(25)) is None
        assert calibration(still(1)) is None
        assert read_body(body_of(np.empty((0, 33, 3))).track).calibration is None

    def test_not_across_a_gap(self):
        track = body_of(still(50), distance=5).track
        t = np.concatenate((track.t[:25], track.t[25:] + 4))
        assert read_body(type(track)(t, *list(vars(track).values())[1:])).calibration is None

    def test_size_of_the_picture_does_not_matter(self):
        moments = [*moving(100), *still(60), *moving(100)]
        small = body_of(moments, distance=5, size=(320, 240), focal=350).track
        assert read_body(small).calibration == calibration(moments)


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
