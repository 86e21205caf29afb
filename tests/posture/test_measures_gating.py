"""What every measure of bearing keeps to: it declares what it returns, never raises, and measures only what is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Events, Interval, Scalar, Trace
from posture.measures import MEASURES
from posture.measures.gating import from_front, from_side, person_seen, seconds
from posture.track import Joint
from tests.posture.skeletons import body_of, skeleton

KINDS = {"trace": Trace, "events": Events, "scalar": Scalar}
IDS = [measure.id for measure in MEASURES]
SEATED = {"hip_deg": 95, "knee_deg": 90, "yaw_deg": 90}


def assessed(signal):
    """Seconds or samples on which a signal rests."""
    return np.isfinite(signal.value).sum() if isinstance(signal, Trace) else signal.watched_s


@pytest.mark.parametrize("measure", MEASURES, ids=IDS)
class TestEveryMeasure:
    def test_returns_what_it_declares(self, measure):
        signal = measure(body_of([skeleton()] * 20, face=True))
        assert isinstance(signal, KINDS[measure.kind])
        assert (signal.id, signal.unit) == (measure.id, measure.unit)
        assert signal.error > 0

    @pytest.mark.parametrize("samples", [0, 1, 20])
    def test_nobody_seen_is_nothing_measured(self, measure, samples):
        body = body_of(np.full((samples, 33, 3), np.nan), unusable=tuple(Joint), yaw_deg=np.nan, view=0, camera="none")
        signal = measure(body)
        assert assessed(signal) == 0
        assert signal.reason in ((Reason.NO_PERSON,) if samples else (None, Reason.TOO_SHORT))

    def test_in_the_dark_nothing_is_measured_though_somebody_was_found(self, measure):
        for camera, pose in (("front", skeleton()), ("side", skeleton(**SEATED))):
            body = body_of([pose] * 60, camera=camera, position="sitting", calibration=Interval(0, 3), face=True)
            signal = measure(replace(body, track=replace(body.track, luma=np.full(60, 0.05))))
            assert assessed(signal) == 0
            assert signal.reason == Reason.TOO_DARK

    def test_joints_all_on_one_point_are_no_posture_and_nothing_infinite(self, measure):
        for camera, view in (("front", 1), ("side", 3)):
            signal = measure(body_of(np.zeros((20, 33, 3)), camera=camera, view=view, position="sitting"))
            if isinstance(signal, Events):
                assert signal.items == ()
            else:
                assert not np.isinf(signal.value).any()

    @pytest.mark.parametrize("camera", ["front", "oblique", "side"])
    def test_measures_only_from_the_cameras_it_declares(self, measure, camera):
        pose = {"front": skeleton(), "oblique": skeleton(yaw_deg=45), "side": skeleton(**SEATED)}[camera]
        position = "sitting" if camera == "side" else "standing"
        signal = measure(body_of([pose] * 90, camera=camera, position=position, calibration=Interval(0, 3), face=True))
        assert (assessed(signal) > 0) == (camera in measure.cameras)
        if camera not in measure.cameras:
            assert signal.reason == Reason(f"camera_{camera}")

    def test_unusable_joints_are_never_measured(self, measure):
        for camera, pose in (("front", skeleton()), ("side", skeleton(**SEATED))):
            body = body_of([pose] * 20, camera=camera, position="sitting", unusable=tuple(Joint))
            if measure.id != "facing":  # rests on the yaw, which the reading has gated
                assert assessed(measure(body)) == 0


@pytest.mark.parametrize(
    ("joint", "reason"),
    [
        (Joint.NOSE, Reason.HEAD_OUT_OF_FRAME),
        (Joint.LEFT_SHOULDER, Reason.SHOULDERS_OUT_OF_FRAME),
        (Joint.RIGHT_WRIST, Reason.ARMS_OUT_OF_FRAME),
        (Joint.LEFT_HIP, Reason.HIPS_OUT_OF_FRAME),
        (Joint.RIGHT_KNEE, Reason.LEGS_OUT_OF_FRAME),
        (Joint.LEFT_ANKLE, Reason.FEET_OUT_OF_FRAME),
    ],
)
def test_reason_names_the_part_that_is_missing(joint, reason):
    assert from_front(body_of([skeleton()] * 5, unusable=(joint,)), joint).reason == reason


def test_a_joint_the_model_is_sure_of_but_the_gate_refused_is_implausible():
    body = body_of([skeleton()] * 5)
    usable = body.usable.copy()
    usable[:, Joint.LEFT_WRIST] = False
    assert from_front(replace(body, usable=usable), Joint.LEFT_WRIST).reason == Reason.IMPLAUSIBLE


def test_reason_is_the_commonest():
    gate = person_seen(body_of([skeleton()] * 10))
    gate = gate.need(np.arange(10) >= 3, Reason.NOT_STILL).need(np.arange(10) < 8, Reason.TURNED_AWAY)
    assert gate.open.sum() == 5
    assert gate.reason == Reason.NOT_STILL


def test_turned_away_moments_of_a_front_recording_are_left_out():
    body = body_of([skeleton()] * 10 + [skeleton(yaw_deg=80)] * 5)
    gate = from_front(body, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
    assert gate.open.tolist() == [True] * 10 + [False] * 5
    assert gate.reason == Reason.TURNED_AWAY


def test_seconds_count_each_sample_up_to_the_next():
    t = np.arange(20) / 10
    assert seconds(t, t < 1) == pytest.approx(1.0)
    assert seconds(t, np.ones(20, dtype=bool)) == pytest.approx(2.0)


def test_a_shoulder_that_is_cut_off_is_not_turning_away():
    body = body_of([skeleton()] * 5, yaw_deg=np.nan, view=0, unusable=(Joint.LEFT_SHOULDER,))
    assert from_front(body, Joint.NOSE).reason == Reason.SHOULDERS_OUT_OF_FRAME
    assert from_side(replace(body, camera="front")).reason == Reason.SHOULDERS_OUT_OF_FRAME
