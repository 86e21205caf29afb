"""What a total may claim: qualities less faults, needs, red lines, errors, and the calibration outside of it all."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, Interval, Scalar, Trace
from liyi.core.words import translate
from liyi.etiquette.aggregate import too_uncertain
from liyi.etiquette.assess import _unseen, assess, signals_of
from liyi.etiquette.calibration import checked, named, outside
from liyi.etiquette.judge import Circumstances, judge
from liyi.etiquette.pack import Criterion, Needs, NormPack
from posture.measures.standing import sway

PLAIN = {"confidence": "L", "source": {"doc": "a test"}}
TILT = {
    "measure": "shoulder_tilt", "dimension": "posture", "aggregate": "median", "good": (-3, 3), "tolerable": (-6, 6),
    "fail": (-12, 12), "advice": {"low": {"en": "right up"}, "high": {"en": "left up"}},
    "says": {"low": {"en": "right lower by {value}"}, "high": {"en": "left lower by {value}"}},
}  # fmt: skip
ARMS = {
    "measure": "crossed_arms", "dimension": "posture", "aggregate": "time_share", "kind": "fault", "points": 3.0,
    "most": 30.0, "good": (0, 0), "tolerable": (0, 2), "fail": (0, 10), "advice": {"en": "down"},
}  # fmt: skip
PACE = {
    "measure": "pace", "dimension": "voice", "aggregate": "value", "good": (120, 180), "tolerable": (90, 220),
    "fail": (60, 280), "advice": {"low": {"en": "faster"}, "high": {"en": "slower"}},
}  # fmt: skip
SNR = {
    "measure": "snr", "dimension": "voice", "aggregate": "value", "kind": "condition", "good": (20, math.inf),
    "tolerable": (12, math.inf), "fail": (8, math.inf), "advice": {"en": "nearer"},
}  # fmt: skip
RUN = {"liyi_version": "0", "created_at": "2026-01-01T00:00:00Z", "elapsed_s": 1.0}


def pack(**changes) -> NormPack:
    plain = {
        "id": "test", "version": "1.0.0", "coverage_floor": 0.6, "sha256": "",
        "criteria": {
            id: Criterion.model_validate({**PLAIN, **about})
            for id, about in {"shoulder_tilt": TILT, "crossed_arms": ARMS, "pace": PACE, "snr": SNR}.items()
        },
        "profiles": {
            "seated": {
                "camera": "front",
                "dimensions": {"posture": 25, "voice": 20, "face": 15},
                "weights": {"shoulder_tilt": 1, "crossed_arms": 0, "pace": 1, "snr": 0},
                "needs": {"bearing_s": 20, "speech_s": 15, "syllables": 50, "hands_s": 15, "position": "sitting"},
            }
        },
        "caps": [{"criteria": ["crossed_arms"], "when": "above", "value": 50, "total": 69}],
    }  # fmt: skip
    return NormPack.model_validate({**plain, **changes})


def signals(*, tilt=0.0, error=1.0, crossed_s=0.0, undecided_s=0.0, pace=150.0, snr=30.0, seconds=40.0):
    t = np.arange(round(seconds * 10)) / 10
    arms = (Event(0.0, crossed_s),) if crossed_s else ()
    unsure = (Event(crossed_s, crossed_s + undecided_s),) if undecided_s else ()
    return {
        "shoulder_tilt": Trace("shoulder_tilt", "deg", t, np.full(t.size, tilt), error),
        "crossed_arms": Events("crossed_arms", "s", arms, seconds, undecided=unsure),
        "pace": Scalar("pace", "字/分", pace, 25.0, 5.0),
        "snr": Scalar("snr", "dB", snr, 25.0, 0.5),
    }


SEATED = Circumstances(40.0, 25.0, "front", "zh", syllables=80, position="sitting")


def done(about=SEATED, rules=None, **changes):
    return judge(signals(**changes), rules or pack(), "seated", about)


def by_id(judgement):
    return {v.criterion: v for v in judgement.verdicts}


def test_what_is_not_done_wrong_earns_nothing():
    """Two of four criteria are qualities: half of each one's loss is lost, whatever the fault and the condition say."""
    lost = done(pace=220.0)
    assert [v.weight for v in lost.verdicts] == [25, 0, 20, 0]
    assert lost.total == pytest.approx(100 - 100 * 20 * 0.4 / 45, abs=0.01)


def test_a_fault_costs_its_points_per_tenth_of_the_time_up_to_most():
    assert done(crossed_s=8.0).total == pytest.approx(100 - 3 * 2)
    far = done(crossed_s=40.0)
    assert far.total_before_caps == 70
    assert {d.criterion: d.charged for d in far.deductions} == {"crossed_arms": 30}


def test_a_red_line_caps_what_a_mean_forgives():
    crossed = done(crossed_s=24.0)
    assert (crossed.total_before_caps, crossed.total) == (82, 69)
    assert [(cap.criteria, cap.total, cap.status) for cap in crossed.caps] == [(("crossed_arms",), 69, "applied")]
    assert crossed.caps[0].evidence
    assert done(crossed_s=18.0).caps == ()


def test_what_is_undecided_caps_nothing_and_leaves_no_total():
    unsure = done(undecided_s=30.0)
    assert by_id(unsure)["crossed_arms"].status == "needs_review"
    assert by_id(unsure)["crossed_arms"].reason == Reason.UNDECIDED
    assert (unsure.total, unsure.caps[0].status) == (None, "needs_review")
    assert [missing.need for missing in unsure.needs_missing] == ["review"]


def test_a_line_that_only_asks_leaves_the_total_beside_the_open_question():
    """A third of the time undecided: told, and the total stands; more than half: only a person can say."""
    arms = {"criteria": ["crossed_arms"], "when": "above"}
    rules = pack(caps=[{**arms, "value": 50, "total": 69}, {**arms, "value": 10, "total": 79, "undecided": "ask"}])
    asked = done(rules=rules, undecided_s=13.0)
    assert (asked.total, asked.needs_missing) == (100, ())
    assert [(cap.total, cap.status) for cap in asked.caps] == [(79, "needs_review")]
    held = done(rules=rules, undecided_s=26.0)
    assert held.total is None
    assert [(cap.total, cap.status) for cap in held.caps] == [(69, "needs_review")]
    assert done(rules=rules, crossed_s=8.0).total == 79


def test_what_is_undecided_changes_nothing_where_the_verdict_stands_anyway():
    sure = by_id(done(crossed_s=8.0, undecided_s=4.0))["crossed_arms"]
    assert (sure.status, sure.value) == ("assessed", 20)
    assert sure.undecided


def test_a_veto_waits_for_a_person_and_the_total_stays():
    rules = pack(caps=[{"criteria": ["crossed_arms"], "when": "count", "value": 1, "total": 59, "confirm": True}])
    waiting = done(rules=rules, crossed_s=4.0)
    assert (waiting.total, waiting.caps[0].status) == (97, "needs_review")


@pytest.mark.parametrize(
    ("about", "changes", "need"),
    [
        (Circumstances(40.0, 3.0, "front", "zh", syllables=80, position="sitting"), {}, "speech_s"),
        (Circumstances(40.0, 25.0, "front", "zh", syllables=9, position="sitting"), {}, "syllables"),
        (Circumstances(40.0, 25.0, "front", "zh", syllables=80, position="standing"), {}, "position"),
        (Circumstances(2.0, 25.0, "front", "zh", syllables=80, position="sitting"), {"seconds": 2.0}, "bearing_s"),
    ],
)
def test_without_what_is_needed_there_is_no_total(about, changes, need):
    missing = done(about, **changes)
    assert missing.total is None
    assert missing.total_error is None
    assert need in [each.need for each in missing.needs_missing]
    assert missing.dimensions["posture"].score is not None  # a dimension's own score is always told


@pytest.mark.parametrize(
    ("unseen", "unheard", "coverage", "given"),
    [(0.0, 0.0, 1.0, True), (0.5, 0.0, 0.722, True), (0.0, 0.5, 0.778, True), (0.5, 0.5, 0.5, False)],
)
def test_what_was_never_read_costs_coverage(unseen, unheard, coverage, given):
    found = done(replace(SEATED, unseen=unseen, unheard=unheard))
    assert found.coverage == pytest.approx(coverage, abs=0.001)
    assert (found.total is not None) is given
    assert found.dimensions["posture"].coverage == pytest.approx(1 - unseen)
    assert by_id(found)["pace"].coverage == pytest.approx(1 - unheard)


@pytest.mark.parametrize(
    ("times", "share"),
    [
        (np.arange(0, 20, 0.1), 0.0),
        (np.arange(0, 20, 1.0), 0.0),
        (np.arange(8, 20, 0.1), 0.4),
        (np.arange(0, 5, 0.1), 0.75),
        (np.concatenate((np.arange(0, 5, 0.1), np.arange(15, 20, 0.1))), 0.5),
        (np.arange(0.3, 19.5, 0.1), 0.0),
    ],
)
def test_seconds_without_a_picture_were_not_seen(times, share):
    assert _unseen(SimpleNamespace(t=times), 20.0) == pytest.approx(share, abs=0.01)


def test_a_total_is_named_by_what_it_is_made_of():
    named = done()
    assert named.total_of == ("posture", "voice")
    assert (named.dimensions["face"].ships, named.dimensions["face"].score) == (False, None)


def test_the_error_of_a_total_is_that_of_its_criteria():
    """Tilt 4.5 ± 1: good reaches to 4; between 3.5 and 5.5 the score falls from 1 to 0.7, so 0.15 of 25/45."""
    assert done(tilt=4.5).total_error == math.ceil(100 * 0.15 * 25 / 45)
    assert done(tilt=0.0).total_error == 0


def test_the_side_has_its_own_advice_and_words():
    low, high = (by_id(done(tilt=tilt))["shoulder_tilt"] for tilt in (-8.0, 8.0))
    assert (low.side, low.advice.en, low.says.en) == ("low", "right up", "right lower by {value}")
    assert (high.side, high.advice.en, high.says.en) == ("high", "left up", "left lower by {value}")
    assert by_id(done(pace=100.0))["pace"].advice.en == "faster"
    assert by_id(done(pace=240.0))["pace"].advice.en == "slower"


def test_an_uncertain_value_is_not_assessed():
    """From good to fail are 9 degrees: more than 4.5 of error cannot tell them apart."""
    assert by_id(done(error=4.4))["shoulder_tilt"].status == "assessed"
    assert by_id(done(error=4.6))["shoulder_tilt"].reason == Reason.TOO_UNCERTAIN
    drop = Criterion.model_validate({**PLAIN, **PACE, "good": (-math.inf, 6), "tolerable": (-math.inf, 9),
                                     "fail": (-math.inf, 15)})  # fmt: skip
    assert too_uncertain(12.6, 7.5, drop)
    assert not too_uncertain(12.6, 4.0, drop)


def test_a_fault_far_beyond_its_limit_is_certain_however_roughly_it_is_known():
    """Crossed arms for a third of three seconds: 9 % of error, but two of them less are beyond fail all the same."""
    share = Criterion.model_validate({**PLAIN, **PACE, "good": (0, 0), "tolerable": (0, 2), "fail": (0, 10)})
    assert not too_uncertain(34.0, 9.0, share)
    assert too_uncertain(20.0, 9.0, share)
    low = Criterion.model_validate({**PLAIN, **PACE, "good": (45, math.inf), "tolerable": (35, math.inf),
                                    "fail": (20, math.inf)})  # fmt: skip
    assert not too_uncertain(-10.0, 14.0, low)
    assert too_uncertain(5.0, 14.0, low)
    assert not too_uncertain(75.0, 14.0, low)
    assert too_uncertain(60.0, 14.0, low)


def test_a_condition_gates_and_never_scores():
    noisy = done(snr=5.0)
    assert by_id(noisy)["pace"].reason == Reason.CONDITION
    assert by_id(noisy)["snr"].weight == 0
    assert done(snr=13.0).total == 100


def test_events_that_nobody_watched_are_not_assessed():
    nothing = {**signals(), "crossed_arms": Events("crossed_arms", "s", (), 0.0, reason=Reason.ARMS_OUT_OF_FRAME)}
    verdict = by_id(judge(nothing, pack(), "seated", SEATED))["crossed_arms"]
    assert (verdict.status, verdict.reason) == ("not_assessed", Reason.ARMS_OUT_OF_FRAME)


def test_the_calibration_is_outside_the_verdict():
    stretch = Interval(0.0, 10.0)
    tilt = outside(signals(tilt=9.0)["shoulder_tilt"], stretch)
    assert np.isnan(tilt.value[:100]).all()
    assert np.isfinite(tilt.value[100:]).all()
    watched = (Interval(4.0, 20.0), Interval(30.0, 40.0))
    crossed = Events("crossed_arms", "s", (Event(5.0, 15.0), Event(2.0, 4.0)), 26.0, watched=watched)
    arms = outside(crossed, stretch)
    assert [(e.start_s, e.end_s) for e in arms.items] == [(10.0, 15.0)]
    assert arms.watched_s == 20.0  # of the calibration the arms were in view for six seconds


def test_sound_is_measured_without_the_calibration_once(build, counter):
    """Nine seconds of speech are left of twelve: they are not made fewer again."""
    performance = build.performance(options={"camera": "auto", "calibration": [0.0, 4.0], "language": "auto"})
    raised = signals_of(performance, counter)["raised_voice"]
    assert raised.watched_s == pytest.approx(sum(s.duration_s for s in performance.voice.stretches[1:]))


def test_rocking_in_the_calibration_is_not_swaying(build):
    body = build.body(seconds=30.0)
    points = body.points.copy()
    points[:50, :, 0] += 40 * np.sin(body.t[:50, None] * 5).astype(np.float32)  # the calibration ends at 5 s
    rocked = replace(body, points=points)
    assert sway(rocked, {}).value == pytest.approx(sway(replace(body, points=body.points), {}).value)
    assert sway(replace(rocked, calibration=None), {}).value > 3 * sway(rocked, {}).value


def test_speech_in_the_calibration_is_not_judged(build, counter):
    performance = build.performance(options={"camera": "auto", "calibration": [0.0, 8.0], "language": "auto"})
    short = assess(performance, counter, profile="phone", **RUN)
    unnamed = {"camera": "auto", "calibration": None, "language": "auto"}
    whole = assess(build.performance(options=unnamed), counter, profile="phone", **RUN)
    got = {m.need: m.got for m in short.needs_missing}
    assert got["speech_s"] == pytest.approx(6.0)
    assert {m.need: m.got for m in whole.needs_missing}["speech_s"] == pytest.approx(12.0)


def test_a_forbidden_posture_never_becomes_the_persons_normal(build, counter, monkeypatch):
    crossed = Events("crossed_arms", "s", (Event(1.0, 7.0),), 20.0)
    monkeypatch.setattr("liyi.etiquette.performance.measure", lambda performance, id, params=None: crossed)
    performance = build.performance(options={"camera": "auto", "calibration": [0.0, 8.0], "language": "auto"})
    refused = checked(performance, counter)
    assert refused.body.calibration is None
    assert refused.options == performance.options  # what was asked; another pack checks it anew
    assert checked(refused, counter).notices == refused.notices
    assert named(refused) is None
    assert "refused" in refused.notices[-1].text
    (notice,) = [each for each in refused.notices if "refused" in each.text]
    assert "（双臂抱胸）" in translate(notice.sentence, "zh", **notice.fields)
    monkeypatch.undo()
    assert checked(performance, counter) is performance
    assert signals_of(refused, counter)["upright_ratio"].reason == Reason.NO_CALIBRATION


@pytest.mark.parametrize("profile", ["seated", "standing", "complaint", "phone"])
@pytest.mark.parametrize("missing", ["voice", "seconds"])
def test_silence_and_two_seconds_get_no_total_in_any_profile(build, counter, profile, missing):
    if missing == "voice":
        performance = build.performance(voice=None)
    else:
        body, voice = build.body(seconds=2.0, calibration=None), build.voice(seconds=5.0)
        unnamed = {"camera": "auto", "calibration": None, "language": "auto"}
        performance = build.performance(duration_s=2.0, body=body, voice=voice, options=unnamed)
    assert assess(performance, counter, profile=profile, **RUN).total is None


def test_standing_in_a_seated_profile_is_told_with_the_profile_that_fits(build, counter):
    told = assess(build.performance(), counter, profile="seated", **RUN)
    warning = told.recording.warnings[0]
    assert told.recording.position == "standing"
    assert (warning.code, warning.fields["fitting"], told.total) == ("profile_mismatch", "standing", None)


def test_where_standing_must_be_seen_an_unseen_position_gives_no_total():
    rules = pack()
    asked = {"bearing_s": 20, "position": "standing", "position_seen": True}
    seated = rules.profiles["seated"].model_copy(update={"needs": Needs.model_validate(asked)})
    strict = rules.model_copy(update={"profiles": {"seated": seated}})
    unseen = done(replace(SEATED, position="unknown"), strict)
    assert unseen.total is None
    assert [(m.need, m.wanted, m.got) for m in unseen.needs_missing] == [("position", "standing", "unknown")]
    assert done(replace(SEATED, position="standing"), strict).total == 100
    assert done(replace(SEATED, position="unknown")).total == 100  # a counter hides the legs


EXCELLENT = [{"when": "beyond_tolerable", "total": 89}]


def test_what_must_be_corrected_for_certain_is_not_excellent():
    """Half of the weight at 0.55 of the pace's score would leave more than 89 in a pack with many qualities."""
    rules = pack(caps=EXCELLENT)
    many = rules.profiles["seated"].model_copy(update={"weights": {"shoulder_tilt": 19, "crossed_arms": 0, "pace": 1}})
    rules = rules.model_copy(update={"profiles": {"seated": many.model_copy(update={"dimensions": {}})}})
    assert done(rules=rules, pace=250).total == 89
    assert done(rules=rules, pace=250).total_before_caps > 95
    assert done(rules=rules, pace=250).caps[0].criteria == ("pace",)
    assert done(rules=rules, pace=215).total > 95  # tolerable
    assert done(rules=rules, pace=222).total > 95  # beyond it by less than its error
    assert done(rules=rules, crossed_s=4.0).total == 89
    assert done(rules=rules, snr=9.0).caps == ()  # a condition of the recording is nobody's to correct
    assert done(rules=rules, undecided_s=4.0).caps == ()


def test_what_was_never_right_is_worse_than_what_went_wrong_at_times():
    """Both are to be corrected, and in a mean of many qualities both would leave the same."""
    rules = pack(caps=[*EXCELLENT, {"when": "throughout", "value": 90, "total": 84}])
    held = {"aggregate": "share_in_band", "share": {"good": 90, "tolerable": 75, "fail": 50}}
    tilt = Criterion.model_validate({**PLAIN, **TILT, **held})
    few = {"shoulder_tilt": 1, "crossed_arms": 0, "pace": 19}
    seated = rules.profiles["seated"].model_copy(update={"weights": few, "dimensions": {}})
    rules = rules.model_copy(
        update={"criteria": {**rules.criteria, "shoulder_tilt": tilt}, "profiles": {"seated": seated}}
    )
    third = np.where(np.arange(400) < 266, 0.0, 9.0)
    assert done(rules=rules, tilt=third).total == 89
    assert done(rules=rules, tilt=9.0).total == 84
    assert done(rules=rules, tilt=9.0).total_before_caps > 90
    assert [cap.total for cap in done(rules=rules, pace=250).caps] == [84]  # the pace of the whole recording
    assert done(rules=rules, crossed_s=4.0).total == 89  # a fault has lines of its own
    assert done(rules=rules, tilt=5.0).caps == ()  # never quite right, and always tolerable


def test_a_hint_that_is_undecided_holds_no_total_back():
    rules = pack(caps=[{"criteria": ["crossed_arms"], "when": "above", "value": 50, "total": 69}])
    hint = rules.criteria["crossed_arms"].model_copy(update={"review": True})
    told = done(rules=rules.model_copy(update={"criteria": {**rules.criteria, "crossed_arms": hint}}), undecided_s=30.0)
    assert (told.total, told.needs_missing) == (100, ())
    assert by_id(told)["crossed_arms"].status == "needs_review"
    assert done(rules=rules, undecided_s=30.0).total is None


def test_of_several_lines_that_one_fault_crosses_the_strictest_is_told():
    arms = {"criteria": ["crossed_arms"], "when": "above"}
    rules = pack(caps=[{**arms, "value": 50, "total": 69}, {**arms, "value": 10, "total": 79}, *EXCELLENT])
    assert [(c.criteria, c.total) for c in done(rules=rules, crossed_s=30.0).caps] == [(("crossed_arms",), 69)]
    assert [(c.criteria, c.total) for c in done(rules=rules, crossed_s=10.0).caps] == [(("crossed_arms",), 79)]
    both = done(rules=rules, crossed_s=10.0, pace=250).caps
    assert [(c.criteria, c.total) for c in both] == [(("crossed_arms",), 79), (("crossed_arms", "pace"), 89)]


def test_the_shipped_pack_lets_nobody_with_crossed_arms_for_a_third_be_good(counter):
    """Fourteen of forty-two seconds: forbidden by name, and beyond the pack's own edge of fail."""
    lines = {c.value: c.total for c in counter.caps if "crossed_arms" in c.criteria}
    assert lines == {50: 69, 10: 79}
    asks = {c.value: c.undecided for c in counter.caps if "crossed_arms" in c.criteria}
    assert asks == {50: "withhold", 10: "ask"}
    assert counter.profiles["standing"].needs.position_seen
    assert not counter.profiles["seated"].needs.position_seen
