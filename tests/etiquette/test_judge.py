"""The judge on signals of known content: weights, groups, exemptions, coverage, floors, cameras."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.core.errors import LiyiError
from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, Scalar, Trace
from liyi.etiquette.judge import Circumstances, judge, judge_criteria
from liyi.etiquette.pack import Criterion, NormPack, Profile

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Verdict

PLAIN = {"dimension": "posture", "confidence": "L", "source": {"doc": "a test"}, "advice": {"en": "do so"}}
SHARE = {"good": 90, "tolerable": 75, "fail": 50}


def bands(good, tolerable, fail):
    return {"good": (-good, good), "tolerable": (-tolerable, tolerable), "fail": (-fail, fail)}


CRITERIA = {
    "shoulder_tilt": {"aggregate": "share_in_band", "share": SHARE, **bands(3, 6, 12), "group": "lean"},
    "trunk_side_lean": {"aggregate": "median", **bands(4, 8, 15), "group": "lean", "exempt": ("spine",)},
    "head_roll": {"aggregate": "median", **bands(5, 10, 20)},
    "trunk_forward_lean": {"aggregate": "median", **bands(10, 18, 30)},
    "crossed_arms": {"aggregate": "time_share", "good": (0, 0), "tolerable": (0, 2), "fail": (0, 10)},
    "pace": {"aggregate": "value", "good": (120, 180), "tolerable": (90, 220), "fail": (60, 280), "dimension": "voice",
             "language": ("zh",)},
    "filled_pauses": {"aggregate": "per_minute", "good": (0, 1), "tolerable": (0, 2), "fail": (0, 5), "review": True,
                      "dimension": "voice"},
}  # fmt: skip
WEIGHTS = {"shoulder_tilt": 4, "trunk_side_lean": 2, "head_roll": 4, "trunk_forward_lean": 10, "crossed_arms": 5,
           "pace": 5, "filled_pauses": 0}  # fmt: skip


def pack(weights=WEIGHTS, camera="both", **header) -> NormPack:
    criteria = {id: Criterion.model_validate({"measure": id, **PLAIN, **about}) for id, about in CRITERIA.items()}
    plain = {"id": "test", "version": "1.0.0", "coverage_floor": 0.6, "criterion_floor": 0.3, "min_assessed_s": 2.0}
    profile = Profile(camera=camera, weights=weights)
    return NormPack(**{**plain, **header}, sha256="", criteria=criteria, profiles={"seated": profile})


def steady(id, value, *, seconds=20.0, error=0.0, reason=None, unit="deg"):
    n = round(seconds * 10)
    return Trace(id, unit, np.arange(n) / 10, np.full(n, float(value)), error, reason)


def signals(**changes):
    front = {
        "shoulder_tilt": steady("shoulder_tilt", 0),
        "trunk_side_lean": steady("trunk_side_lean", 0),
        "head_roll": steady("head_roll", 0),
        "trunk_forward_lean": steady("trunk_forward_lean", math.nan, reason=Reason.CAMERA_FRONT),
        "crossed_arms": Events("crossed_arms", "s", (), 20.0),
        "pace": Scalar("pace", "字/分", 150.0, 12.0, 5.0),
        "filled_pauses": Events("filled_pauses", "s", (), 12.0),
    }
    return {**front, **changes}


FRONT = Circumstances(duration_s=20.0, speech_s=12.0, camera="front", language="zh")


def verdicts(judgement) -> dict[str, Verdict]:
    return {v.criterion: v for v in judgement.verdicts}


def test_all_well_is_a_hundred():
    done = judge(signals(), pack(), "seated", FRONT)
    assert (done.total, done.coverage, done.deductions) == (100, 1, ())
    assert {name: (d.score, d.coverage) for name, d in done.dimensions.items()} == {
        "posture": (100, 1),
        "voice": (100, 1),
    }
    assert [v.criterion for v in done.verdicts] == list(WEIGHTS)


def test_deduction_is_the_weighted_loss():
    # head roll of 10 degrees: at the edge of tolerable, 0.6; its weight is 4 of 20
    done = judge(signals(head_roll=steady("head_roll", 10)), pack(), "seated", FRONT)
    assert verdicts(done)["head_roll"].sub_score == pytest.approx(0.6)
    assert [(d.criterion, d.points, d.charged) for d in done.deductions] == [("head_roll", 8.0, 8.0)]
    assert done.total == 92
    # 8 of 100 points are 8 of the 75 of bearing
    assert done.dimensions["posture"].score == pytest.approx(100 - 8 * 20 / 15, abs=0.05)
    assert done.dimensions["voice"].score == 100


def test_some_criteria_are_judged_as_they_are_among_all():
    found = signals(head_roll=steady("head_roll", 10))
    every = judge(found, pack(), "seated", FRONT).verdicts
    part = {id: found[id] for id in ("pace", "head_roll")}
    some = judge_criteria(part, part, pack(), "seated", FRONT)
    assert some == tuple(verdict for verdict in every if verdict.criterion in part)
    assert [verdict.criterion for verdict in some] == ["head_roll", "pace"]  # in the profile's order
    with pytest.raises(LiyiError, match="no exemption"):
        judge_criteria(part, part, pack(), "seated", Circumstances(20.0, 12.0, "front", exemptions=("no such",)))


def test_one_fault_is_charged_once():
    leaning = {"shoulder_tilt": steady("shoulder_tilt", 20), "trunk_side_lean": steady("trunk_side_lean", 20)}
    done = judge(signals(**leaning), pack(), "seated", FRONT)
    assert [(d.criterion, d.points, d.charged) for d in done.deductions] == [
        ("shoulder_tilt", 20, 20),
        ("trunk_side_lean", 10, 0),
    ]
    assert done.total == 80


def test_worked_example_of_the_handbook():
    tilt = np.where(np.arange(600) < 480, 1.0, 9.0)
    found = signals(
        shoulder_tilt=Trace("shoulder_tilt", "deg", np.arange(600) / 10, tilt, 1.1),
        trunk_side_lean=steady("trunk_side_lean", 6, seconds=60, error=0.7),
        crossed_arms=Events("crossed_arms", "s", (Event(10, 13),), 60.0, 0.2),
        pace=Scalar("pace", "字/分", math.nan, 0.0, reason=Reason.NO_SPEECH),
    )
    norm = pack({"shoulder_tilt": 4, "trunk_side_lean": 2, "crossed_arms": 0, "pace": 2})
    fault = norm.criteria["crossed_arms"].model_copy(update={"kind": "fault", "points": 3.0, "most": 30.0})
    norm = norm.model_copy(update={"criteria": {**norm.criteria, "crossed_arms": fault}})
    done = judge(found, norm, "seated", Circumstances(60.0, 0.0, "front"))
    assert [v.sub_score for v in done.verdicts] == [0.7333, 0.8424, 0.375, None]
    assert done.coverage == 0.75
    charged = [(d.criterion, d.points, d.charged) for d in done.deductions]
    assert charged == [("shoulder_tilt", 17.78, 17.78), ("trunk_side_lean", 5.25, 0), ("crossed_arms", 1.4, 1.4)]
    assert done.total == 80.82


def test_what_the_camera_cannot_show_costs_no_coverage():
    front = judge(signals(), pack(), "seated", FRONT)
    assert verdicts(front)["trunk_forward_lean"].reason == Reason.CAMERA_FRONT
    assert front.coverage == 1
    from_side = {
        id: steady(id, math.nan, reason=Reason.CAMERA_SIDE) for id in ("shoulder_tilt", "trunk_side_lean", "head_roll")
    }
    from_side["crossed_arms"] = Events("crossed_arms", "s", (), 0.0, reason=Reason.CAMERA_SIDE)
    from_side["trunk_forward_lean"] = steady("trunk_forward_lean", 3)
    side = Circumstances(20.0, 12.0, "side", "zh")
    done = judge(signals(**from_side), pack(), "seated", side)
    assert (done.coverage, done.total) == (1, 100)
    # a profile for the front alone is not satisfied by the side
    weights = {id: weight for id, weight in WEIGHTS.items() if id != "trunk_forward_lean"}
    done = judge(signals(**from_side), pack(weights, camera="front"), "seated", side)
    assert (done.coverage, done.total) == (pytest.approx(5 / 20), None)


def test_no_total_without_a_picture():
    unseen = {
        id: steady(id, math.nan, reason=Reason.NO_PICTURE) for id in WEIGHTS if id not in ("pace", "filled_pauses")
    }
    unseen["crossed_arms"] = Events("crossed_arms", "s", (), 0.0, reason=Reason.NO_PICTURE)
    done = judge(signals(**unseen), pack(), "seated", Circumstances(20.0, 12.0, "none", "zh"))
    assert (done.coverage, done.total) == (0.25, None)
    assert verdicts(done)["pace"].status == "assessed"
    assert verdicts(done)["head_roll"].reason == Reason.NO_PICTURE
    assert (done.dimensions["posture"].score, done.dimensions["posture"].coverage) == (None, 0)


def test_floor_is_reached_exactly():
    weights = {"head_roll": 6, "pace": 4}
    unheard = {"pace": Scalar("pace", "字/分", math.nan, 0.0, reason=Reason.NO_SPEECH)}
    silent = Circumstances(20.0, 0.0, "front")
    assert judge(signals(**unheard), pack(weights), "seated", silent).total == 100
    assert judge(signals(**unheard), pack({"head_roll": 59, "pace": 41}), "seated", silent).total is None


def test_exemption_leaves_numerator_and_denominator():
    leaning = {"trunk_side_lean": steady("trunk_side_lean", 20)}
    exempt = Circumstances(20.0, 12.0, "front", "zh", ("spine",))
    done = judge(signals(**leaning), pack(), "seated", exempt)
    assert verdicts(done)["trunk_side_lean"].reason == Reason.EXEMPT
    assert (done.coverage, done.total) == (1, 100)
    by_id = Circumstances(20.0, 12.0, "front", "zh", ("trunk_side_lean",))
    assert judge(signals(**leaning), pack(), "seated", by_id).total == 100
    with pytest.raises(LiyiError, match="spine"):
        judge(signals(), pack(), "seated", Circumstances(20.0, 12.0, "front", "zh", ("pregnant",)))


def test_a_hint_never_scores():
    found = Events("filled_pauses", "s", tuple(Event(k, k + 0.3) for k in range(12)), 12.0)
    done = judge(signals(filled_pauses=found), pack(), "seated", FRONT)
    hint = verdicts(done)["filled_pauses"]
    assert (hint.status, hint.value, hint.sub_score, hint.reason) == ("needs_review", 12, None, Reason.HUMAN_DECIDES)
    assert len(hint.evidence) == 12  # each is listened to
    assert (hint.times, hint.watched_s) == (12, 12.0)
    assert done.total == 100
    nothing_found = verdicts(judge(signals(), pack(), "seated", FRONT))["filled_pauses"]
    assert (nothing_found.status, nothing_found.value, nothing_found.weight) == ("assessed", 0, 0)


@pytest.mark.parametrize(("language", "reason"), [("en", Reason.LANGUAGE), (None, Reason.NO_TRANSCRIPT)])
def test_language(language, reason):
    done = judge(signals(), pack(), "seated", Circumstances(20.0, 12.0, "front", language))
    assert verdicts(done)["pace"].reason == reason
    assert done.coverage == pytest.approx(15 / 20)


def test_too_short_and_too_little():
    short = judge(signals(head_roll=steady("head_roll", 0, seconds=1.5)), pack(), "seated", FRONT)
    assert verdicts(short)["head_roll"].reason == Reason.TOO_SHORT
    little = judge(signals(head_roll=steady("head_roll", 0, seconds=5)), pack(), "seated", FRONT)
    assert verdicts(little)["head_roll"].reason == Reason.TOO_LITTLE_SEEN
    assert verdicts(little)["head_roll"].coverage == 0.25
    unheard = judge(signals(pace=Scalar("pace", "字/分", 150.0, 3.0, 5.0)), pack(), "seated", FRONT)
    assert verdicts(unheard)["pace"].reason == Reason.TOO_LITTLE_HEARD
    turned = steady("head_roll", 0, seconds=5, reason=Reason.HEAD_TURNED)
    assert verdicts(judge(signals(head_roll=turned), pack(), "seated", FRONT))["head_roll"].reason == Reason.HEAD_TURNED


def test_voice_is_covered_by_speech_picture_by_the_recording():
    done = verdicts(judge(signals(pace=Scalar("pace", "字/分", 150.0, 9.0)), pack(), "seated", FRONT))
    assert done["pace"].coverage == 0.75
    assert done["head_roll"].coverage == 1


def test_verdict_carries_what_a_report_needs():
    tilted = steady("shoulder_tilt", 7, error=1.1)
    v = verdicts(judge(signals(shoulder_tilt=tilted), pack(), "seated", FRONT))["shoulder_tilt"]
    assert (v.value, v.unit, v.typical, v.typical_unit, v.typical_error) == (0, "%", 7, "deg", 1.1)
    assert (v.good, v.good_share, v.weight, v.measure) == ((-3, 3), 90, 4, "shoulder_tilt")
    assert (v.evidence[0].start_s, v.evidence[0].end_s) == (0, 20)


def test_evidence_ends_with_the_recording():
    tilted = steady("shoulder_tilt", 7)  # its last sample, at 19.9 s, stands for the time up to 20 s
    ended = Circumstances(duration_s=19.95, speech_s=12.0, camera="front", language="zh")
    v = verdicts(judge(signals(shoulder_tilt=tilted), pack(), "seated", ended))["shoulder_tilt"]
    assert v.evidence[0].end_s == 19.95


def test_json_holds_no_nan_and_no_infinity():
    criteria = dict(CRITERIA["head_roll"], good=(-math.inf, 5), tolerable=(-math.inf, 10), fail=(-math.inf, 20))
    one = pack({"head_roll": 1})
    one = one.model_copy(
        update={"criteria": {"head_roll": Criterion.model_validate({"measure": "head_roll", **PLAIN, **criteria})}}
    )
    done = judge({"head_roll": steady("head_roll", 1)}, one, "seated", FRONT)
    assert done.verdicts[0].good == (None, 5)
    for verdict in judge(signals(pace=Scalar("pace", "字/分", math.nan, 0.0)), pack(), "seated", FRONT).verdicts:
        json.dumps(verdict.model_dump(), allow_nan=False)


values = st.floats(-40, 40)


@given(values, values, values, st.floats(0, 20), st.floats(50, 300))
def test_charges_are_what_the_total_lacks(tilt, lean, roll, crossed_s, pace):
    found = signals(
        shoulder_tilt=steady("shoulder_tilt", tilt),
        trunk_side_lean=steady("trunk_side_lean", lean),
        head_roll=steady("head_roll", roll),
        crossed_arms=Events("crossed_arms", "s", (Event(0, crossed_s),) if crossed_s else (), 20.0),
        pace=Scalar("pace", "字/分", pace, 12.0),
    )
    done = judge(found, pack(), "seated", FRONT)
    assert 0 <= done.total <= 100
    assert done.total == pytest.approx(max(0, 100 - sum(d.charged for d in done.deductions)), abs=1e-6)
    assert all(0 <= d.charged <= d.points for d in done.deductions)
    assert sum(d.charged > 0 for d in done.deductions if d.group == "lean") <= 1
    assert all(0 <= d.score <= 100 for d in done.dimensions.values())


@pytest.mark.parametrize(
    ("between", "status"), [(None, "assessed"), ((150.0, 155.0), "assessed"), ((150.0, 900.0), "needs_review")]
)
def test_what_a_person_decides_about_a_scalar_waits_where_it_changes_the_mark(between, status):
    found = signals(pace=Scalar("pace", "字/分", 150.0, 12.0, 5.0, between=between))
    assert verdicts(judge(found, pack(), "seated", FRONT))["pace"].status == status


@given(st.floats(0.01, 1000), values, st.floats(50, 300))
def test_scaling_all_weights_changes_nothing(factor, roll, pace):
    found = signals(head_roll=steady("head_roll", roll), pace=Scalar("pace", "字/分", pace, 12.0))
    plain = judge(found, pack(), "seated", FRONT)
    scaled = judge(found, pack({id: w * factor for id, w in WEIGHTS.items()}), "seated", FRONT)
    assert scaled.total == pytest.approx(plain.total, abs=0.02)
    assert scaled.coverage == plain.coverage
    assert [d.criterion for d in scaled.deductions] == [d.criterion for d in plain.deductions]


@given(st.floats(0, 1), values)
def test_more_weight_on_a_fault_never_raises_the_total(more, roll):
    found = signals(head_roll=steady("head_roll", roll))
    plain = judge(found, pack(), "seated", FRONT)
    heavier = judge(found, pack({**WEIGHTS, "head_roll": WEIGHTS["head_roll"] * (1 + more)}), "seated", FRONT)
    assert heavier.total <= plain.total + 0.02
