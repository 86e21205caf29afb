"""Quiet standing: sways of known size, feet of known distance."""

from __future__ import annotations

import numpy as np
import pytest

from liyi.core.reasons import Reason
from posture.measures.standing import stance_width, sway
from posture.track import Joint
from tests.posture.skeletons import SHOULDER_WIDTH, TRUNK, body_of, skeleton

T = np.arange(300) / 10


def moving(x, **options):
    """Somebody whose whole body is at ``x`` (n,) metres to the side."""
    return body_of([skeleton(at=(at, 0, 0)) for at in x], **options)


class TestSway:
    @pytest.mark.parametrize("amplitude", [0.0, 0.01, 0.03])
    @pytest.mark.parametrize("period_s", [2.0, 4.0])
    def test_is_the_root_mean_square_in_shoulder_widths(self, amplitude, period_s):
        scalar = sway(moving(amplitude * np.sin(2 * np.pi * T / period_s)), {})
        expected = 100 * amplitude / np.sqrt(2) / SHOULDER_WIDTH
        assert scalar.value == pytest.approx(expected, rel=0.1, abs=1e-3)
        assert scalar.watched_s == pytest.approx(30)

    @pytest.mark.parametrize("deg", [2.0, 6.5])
    def test_a_trunk_that_rocks_about_still_hips_sways(self, deg):
        leans = deg * np.sin(2 * np.pi * T / 3)
        value = sway(body_of([skeleton(side_lean_deg=lean) for lean in leans]), {}).value
        assert value == pytest.approx(100 * TRUNK * np.radians(deg) / np.sqrt(2) / SHOULDER_WIDTH, rel=0.1)

    def test_hips_that_swing_under_still_shoulders_sway(self):
        leans = np.degrees(np.arcsin(0.03 / TRUNK * np.sin(2 * np.pi * T / 3)))
        moments = [skeleton(side_lean_deg=lean, at=(-TRUNK * np.sin(np.radians(lean)), 0, 0)) for lean in leans]
        value = sway(body_of(moments), {}).value
        assert value == pytest.approx(100 * 0.03 / np.sqrt(2) / SHOULDER_WIDTH, rel=0.1)

    def test_drifting_to_another_place_is_not_swaying(self):
        assert sway(moving(0.2 * T / T[-1]), {}).value < 0.5

    def test_a_slow_drift_beside_a_sway_does_not_count(self):
        drift, swing = 0.1 * np.sin(2 * np.pi * T / 60), 0.02 * np.sin(2 * np.pi * T / 2.5)
        expected = 100 * 0.02 / np.sqrt(2) / SHOULDER_WIDTH
        assert sway(moving(drift + swing), {}).value == pytest.approx(expected, rel=0.1)

    def test_evidence_is_the_unsteadiest_five_seconds(self):
        x = np.where((T >= 12) & (T < 17), 0.03 * np.sin(2 * np.pi * T / 2.5), 0)
        (event,) = sway(moving(x), {}).evidence
        assert event.start_s == pytest.approx(12, abs=0.5)
        assert event.end_s == pytest.approx(17, abs=0.5)

    @pytest.mark.parametrize("frames", [1, 2])
    def test_frames_ten_seconds_apart_show_no_sway(self, frames):
        scalar = sway(moving(np.zeros(frames), fps=0.1), {})
        assert np.isnan(scalar.value)
        assert scalar.reason is not None

    def test_is_the_same_from_further_away(self):
        x = 0.02 * np.sin(2 * np.pi * T / 3)
        assert sway(moving(x, distance=8), {}).value == pytest.approx(sway(moving(x), {}).value, rel=1e-3)

    def test_walking_is_left_out(self):
        x = np.where(T < 20, 0, np.minimum(T - 20, 1.5))
        scalar = sway(moving(x), {})
        assert scalar.reason == Reason.NOT_STILL
        assert scalar.value < 0.5
        assert 25 < scalar.watched_s < 29

    def test_too_short_a_recording(self):
        scalar = sway(body_of([skeleton()] * 30), {})
        assert np.isnan(scalar.value)
        assert scalar.reason == Reason.TOO_SHORT

    @pytest.mark.parametrize(("position", "reason"), [("sitting", "not_standing"), ("unknown", "position_unknown")])
    def test_only_standing(self, position, reason):
        scalar = sway(moving(np.zeros(100), position=position), {})
        assert np.isnan(scalar.value)
        assert scalar.reason == Reason(reason)


class TestStanceWidth:
    @pytest.mark.parametrize("stance", [0.08, 0.2, 0.5])
    @pytest.mark.parametrize("distance", [3, 8])
    def test_is_the_distance_of_the_ankles(self, stance, distance):
        body = body_of([skeleton(stance=stance)] * 20, distance=distance)
        assert stance_width(body, {}).value == pytest.approx(stance / SHOULDER_WIDTH, abs=1e-3)

    def test_not_while_stepping(self):
        stances = [0.1] * 20 + list(np.linspace(0.1, 0.5, 4)) + [0.5] * 20
        trace = stance_width(body_of([skeleton(stance=s) for s in stances]), {})
        assert np.isnan(trace.value[20:24]).all()
        assert trace.value[[0, -1]] == pytest.approx(np.array([0.1, 0.5]) / SHOULDER_WIDTH, abs=1e-3)
        assert trace.reason == Reason.NOT_STILL

    def test_needs_the_feet(self):
        trace = stance_width(body_of([skeleton()] * 20, unusable=(Joint.LEFT_ANKLE,)), {})
        assert trace.reason == Reason.FEET_OUT_OF_FRAME
