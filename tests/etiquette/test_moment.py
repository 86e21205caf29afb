"""A photo is one moment: what it shows is held against the bands as it stands, what takes time is not, no total."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from liyi.core.trace import Event, Events
from liyi.etiquette.assess import assess, signals_of
from liyi.etiquette.moment import read_at_once
from liyi.etiquette.norms import load_pack
from liyi.etiquette.performance import Performance, measures
from liyi.etiquette.store import load_performance, save_performance
from liyi.report.findings import value_text
from liyi.report.priorities import priorities
from posture.errors import published
from posture.reading import read_body
from posture.track import Joint

PACK = load_pack("counter")
ABOUT = {"liyi_version": "", "created_at": "", "elapsed_s": 0.0}


@pytest.fixture
def photo(build):
    """One picture of somebody upright before the camera; ``arms`` are other places of some joints."""

    def made(tilt_deg: float = 0.0, arms=None) -> Performance:
        body = build.body(seconds=0.1, tilt_deg=tilt_deg, calibration=None)
        if arms:
            points = body.track.points.copy()
            for joint, place in arms.items():
                points[:, joint] = place
            body = read_body(replace(body.track, points=points))
        return Performance("a.jpg", "0" * 64, 0.0, body, None, kind="photo")

    return made


def judged(performance: Performance):
    found = assess(performance, PACK, profile="standing", **ABOUT)
    return found, {verdict.criterion: verdict for verdict in found.verdicts}


def test_an_angle_is_the_verdicts_value_with_the_error_of_one_picture(photo):
    performance = photo(tilt_deg=20.0)
    found, verdicts = judged(performance)
    tilt, signal = verdicts["shoulder_tilt"], signals_of(performance, PACK)["shoulder_tilt"]
    assert (tilt.status, tilt.unit, tilt.coverage) == ("assessed", "deg", 1.0)
    assert tilt.value == pytest.approx(20.0, abs=0.5)
    assert tilt.error == pytest.approx(math.hypot(signal.error, published("shoulder_tilt.picture")), abs=1e-3)
    assert (tilt.good, tilt.good_share, tilt.sub_score) == ((-3.0, 3.0), None, 0.0)
    assert [verdict.criterion for verdict in priorities(found)] == ["shoulder_tilt"]


def test_there_is_no_total_no_deduction_and_no_score_of_a_dimension(photo):
    found, _ = judged(photo(tilt_deg=20.0))
    assert (found.recording.kind, found.recording.duration_s, found.is_photo) == ("photo", 0.0, True)
    assert (found.total, found.deductions, found.caps, found.total_of) == (None, (), (), ())
    assert {dimension.score for dimension in found.dimensions.values()} == {None}
    assert [missing.need for missing in found.needs_missing] == ["one_picture"]


def test_what_takes_time_says_so(photo):
    _, verdicts = judged(photo())
    assert {verdicts[id].reason for id in ("sway", "chin_prop", "upright_ratio")} == {"one_picture"}
    assert {verdicts[id].reason for id in ("pace", "long_pauses")} == {"no_sound"}
    assert verdicts["trunk_forward_lean_standing"].reason == "camera_front"


def test_a_posture_is_held_or_not(photo):
    crossed = {Joint.LEFT_WRIST: (430, 560), Joint.RIGHT_WRIST: (570, 560), Joint.LEFT_ELBOW: (620, 570),
               Joint.RIGHT_ELBOW: (380, 570)}  # fmt: skip
    _, free = judged(photo())
    _, held = judged(photo(arms=crossed))
    both = [each["crossed_arms"] for each in (free, held)]
    told = [(v.value, v.unit, v.sub_score, v.good, value_text(v, "zh")) for v in both]
    assert told == [(0.0, "count", 1.0, None, "无"), (1.0, "count", 0.0, None, "有")]


def test_between_the_limits_a_person_decides_and_nothing_is_asked_in_time():
    unsure = Events("crossed_arms", "s", (), 0.0, undecided=(Event(0.0, 1.0),))
    reading = read_at_once(unsure, PACK.criteria["crossed_arms"])
    assert reading is not None
    assert (reading.value, reading.score, reading.score_decided, reading.undecided) == (0.0, 1.0, 0.0, ())


def test_shares_of_time_and_attributes_are_not_read_from_one_moment():
    crossed = PACK.criteria["crossed_arms"]
    seen = Events("crossed_arms", "s", (), 0.0)
    assert read_at_once(seen, crossed) is not None
    of_an_event = {"attribute": "wrist_drop", "aggregate": "median"}
    for change in ({"aggregate": "worst"}, {"aggregate": "per_minute"}, of_an_event):
        assert read_at_once(seen, crossed.model_copy(update=change)) is None


def test_every_quantity_over_time_that_a_body_shows_says_what_one_picture_adds():
    shown = {id for id, measure in measures().items() if measure.picture is not None}
    traces = {id for id, measure in measures().items() if measure.kind == "trace" and measure.of == "body"}
    assert shown == (traces - {"upright_ratio"}) | {"crossed_arms", "hands_on_hips", "hands_folded_low"}
    assert all(measures()[id].picture_error > 0 for id in shown & traces)


def test_stored_measures_know_that_it_was_a_photo(photo, tmp_path):
    performance = photo(tilt_deg=7.0)
    save_performance(tmp_path / "m.parquet", performance, signals_of(performance, PACK))
    again = load_performance(tmp_path / "m.parquet")
    assert again.kind == "photo"
    assert judged(again)[0].verdicts == judged(performance)[0].verdicts
