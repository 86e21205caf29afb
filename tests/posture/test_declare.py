"""A declaration opens the gate and adds what the function does not say: id, unit, error, the reason for nothing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from liyi.core.measure import Attribute, Happened, Single
from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, Interval, Scalar, Trace
from posture.errors import published
from posture.measures.declare import measure
from posture.measures.front import shoulder_tilt
from posture.measures.gating import gated
from posture.skeleton import SHOULDERS
from posture.track import Joint
from tests.posture.skeletons import body_of, skeleton


@measure("height", kind="trace", unit="ratio", cameras={"front"}, joints=SHOULDERS, error=0.5, params={"times": 2.0})
def height(body, gate, params):
    """Made up. Not this."""
    return gated(body, np.full(body.t.size, params["times"]), gate)


@measure("greeting_bow", kind="events", unit="s", cameras={"front"}, of="performance", joints=SHOULDERS, error=0.2,
         attributes={"angle": Attribute("deg", 3.0)})  # fmt: skip
def greeting_bow(performance, gate, params):
    """A bow while something is said: made up."""
    spoken = performance.voice.stretches if performance.voice else ()
    items = tuple(Event(s.start_s, s.end_s, {"angle": 30.0}) for s in spoken if gate.open.any())
    return Happened(items, 10.0, reason=gate.reason)


def test_joints_and_cameras_open_the_gate():
    body = body_of([skeleton()] * 5, unusable=(Joint.LEFT_SHOULDER,))
    assert np.isnan(height(body).value).all()
    assert height(body).reason == Reason.SHOULDERS_OUT_OF_FRAME
    assert height(body_of([skeleton()] * 5)).value.tolist() == [2.0] * 5
    aside = body_of([skeleton(yaw_deg=90)] * 5, camera="side")
    assert height(aside).reason == Reason.CAMERA_SIDE


def test_what_the_function_leaves_out_is_declared():
    trace = height(body_of([skeleton()] * 5), {"times": 3.0})
    assert isinstance(trace, Trace)
    assert (trace.id, trace.unit, trace.error, trace.value[0]) == ("height", "ratio", 0.5, 3.0)
    assert (height.about, height.module, height.of, height.by_picture) == ("Made up", __name__, "body", True)


@pytest.mark.parametrize("kind", ["trace", "events", "scalar"])
def test_a_reason_alone_is_nothing_measured(kind):
    empty = measure("empty", kind=kind, unit="s", cameras={"front"}, error=1.0)(
        lambda body, gate, params: Reason.NOT_STILL
    )
    signal = empty(body_of([skeleton()]))
    assert isinstance(signal, {"trace": Trace, "events": Events, "scalar": Scalar}[kind])
    assert (signal.id, signal.reason, signal.error) == ("empty", Reason.NOT_STILL, 0.0)


def test_a_scalar_may_have_another_unit():
    of = measure("either", kind="scalar", unit="st", cameras={"front"}, error=1.0)(
        lambda *_: Single(2.0, 1.0, unit="s")
    )
    assert of(body_of([skeleton()])).unit == "s"


def test_an_error_that_is_not_named_is_published_under_the_own_id():
    assert shoulder_tilt.error == published("shoulder_tilt")
    unknown = measure("nowhere", kind="scalar", unit="s", cameras={"front"})(lambda *_: Single(0.0, 0.0))
    with pytest.raises((KeyError, ModuleNotFoundError, FileNotFoundError)):
        unknown(body_of([skeleton()]))


def test_events_of_pictures_far_apart_are_no_more_exact_than_these():
    made = measure("rare", kind="events", unit="s", cameras={"front"}, error=0.2)
    assert made(lambda *_: Happened((), 1.0, least_error=0.5))(body_of([skeleton()])).error == 0.5
    assert made(lambda *_: Happened((), 1.0, least_error=0.1))(body_of([skeleton()])).error == 0.2


def test_who_bows_while_greeting_is_seen_and_heard():
    performance = SimpleNamespace(
        body=body_of([skeleton()] * 5), voice=SimpleNamespace(stretches=(Interval(1.0, 2.0),))
    )
    (event,) = greeting_bow(performance).items
    assert (event.start_s, event.attributes["angle"]) == (1.0, 30.0)
    away = SimpleNamespace(body=body_of([skeleton()] * 5, unusable=SHOULDERS), voice=performance.voice)
    assert greeting_bow(away).items == ()
    assert greeting_bow(away).reason == Reason.SHOULDERS_OUT_OF_FRAME
