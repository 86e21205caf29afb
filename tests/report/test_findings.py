"""What a report says first: the most important, on the right side, for the right reason."""

from __future__ import annotations

import pytest

from liyi.core.bilingual import Bilingual
from liyi.etiquette.assessment import CapFound, Deduction, DimensionScore, Evidence, NeedMissing, Verdict
from liyi.report import findings, priorities, totals
from liyi.report.findings import Mark


def verdict(criterion: str, **more: object) -> Verdict:
    base = {"measure": criterion, "dimension": "voice", "status": "assessed", "name": Bilingual(en=criterion),
            "advice": Bilingual(zh=criterion, en=criterion), "sub_score": 0.3, "value": 1.0}  # fmt: skip
    return Verdict(criterion=criterion, **{**base, **more})


def lost(criterion: str, charged: float, group: str = "") -> Deduction:
    return Deduction(criterion=criterion, dimension="voice", points=max(charged, 1.0), charged=charged, group=group)


def line(total: float, *criteria: str, status: str = "applied") -> CapFound:
    return CapFound(criteria=criteria, total=total, status=status)


@pytest.fixture
def with_(assessment):
    def with_(*verdicts: Verdict, **more: object):
        return assessment.model_copy(update={"verdicts": verdicts, "deductions": (), "caps": (), **more})

    return with_


def first(assessment) -> list[str]:
    return [v.criterion for v in priorities.priorities(assessment)]


class TestFirst:
    def test_a_red_line_comes_before_what_costs_more_points(self, with_):
        told = with_(verdict("pitch_range"), verdict("weak_voice", kind="fault"),
                     deductions=(lost("pitch_range", 9), lost("weak_voice", 1)),
                     caps=(line(79, "weak_voice"), line(89, "pitch_range", "weak_voice")))  # fmt: skip
        assert first(told) == ["weak_voice", "pitch_range"]

    def test_what_waits_for_a_person_is_told_though_it_costs_nothing(self, with_):
        strained = verdict("strained_voice", kind="fault", status="needs_review", sub_score=None)
        assert first(with_(strained, caps=(line(69, "strained_voice"),))) == ["strained_voice"]

    def test_a_condition_that_kept_the_rest_from_being_assessed_comes_first(self, with_):
        told = with_(verdict("weak_voice", kind="fault"), verdict("brightness", kind="condition", sub_score=0.0),
                     verdict("pace", status="not_assessed", reason="condition"),
                     deductions=(lost("weak_voice", 1),), caps=(line(79, "weak_voice"),))  # fmt: skip
        assert first(told) == ["brightness", "weak_voice"]

    def test_a_poor_condition_comes_before_a_quality_within_its_tolerable_band(self, with_):
        told = with_(verdict("pause_share", sub_score=0.9), verdict("snr", kind="condition", sub_score=0.1),
                     verdict("clipping", kind="condition", sub_score=0.9),
                     deductions=(lost("pause_share", 0.5),))  # fmt: skip
        assert first(told) == ["snr", "pause_share"]

    def test_one_fault_is_told_once(self, with_):
        same = Bilingual(zh="放低", en="lower")
        told = with_(verdict("raised_voice", advice=same), verdict("outburst", advice=same), verdict("pace"),
                     verdict("articulation_rate"),
                     deductions=(lost("raised_voice", 2), lost("outburst", 1), lost("pace", 5, "tempo"),
                                 lost("articulation_rate", 0, "tempo")),
                     caps=(line(79, "outburst"), line(89, "raised_voice", "pace", "articulation_rate")))  # fmt: skip
        assert first(told) == ["outburst", "pace"]

    @pytest.mark.parametrize(
        ("lean", "hip", "told"),
        [
            ("low", "high", ["lean", "head"]),  # lies back: the hip angle says it in other words
            ("high", "low", ["lean", "head"]),  # bent over
            ("low", "low", ["lean", "hip", "head"]),  # lies back with the knees drawn up: two faults
        ],
    )
    def test_one_posture_that_two_measures_read_is_told_once(self, with_, lean, hip, told):
        assessment = with_(
            verdict("lean", measure="trunk_forward_lean", side=lean), verdict("hip", measure="hip_angle", side=hip),
            verdict("head", measure="head_forward", side="high"),
            deductions=(lost("lean", 9), lost("hip", 7, "legs"), lost("head", 5)),
        )  # fmt: skip
        assert first(assessment) == told

    def test_a_rocking_trunk_is_not_told_again_as_standing_unsteadily(self, with_):
        rocks = verdict("side", measure="trunk_side_lean", side="both"), verdict("sway", side="high")
        assert first(with_(*rocks, deductions=(lost("side", 3), lost("sway", 9)))) == ["sway"]
        leans = verdict("side", measure="trunk_side_lean", side="low"), rocks[1]
        assert first(with_(*leans, deductions=(lost("side", 3), lost("sway", 9)))) == ["sway", "side"]


class TestWords:
    def test_a_fault_of_some_of_the_time_tells_how_it_was_then(self):
        tilt = verdict("shoulder_tilt", unit="%", value=66.0, good=(-3, 3), good_share=90, typical=0.2, outside=-6.2,
                       typical_unit="deg", typical_error=1.3, side="low",
                       says=Bilingual(en="right shoulder lower by about {value}"))  # fmt: skip
        assert findings.side_text(tilt, "en") == "right shoulder lower by about 6.2° ± 1.3°"
        unsided = tilt.model_copy(update={"says": Bilingual()})
        assert findings.side_text(unsided, "en") == "then typically −6.2° ± 1.3°"
        assert findings.side_text(unsided.model_copy(update={"outside": None}), "en") == "typically 0.2° ± 1.3°"

    @pytest.mark.parametrize("stray", ["{", "{0}", "{val}", "{value.__class__}", "{value:99999}"])
    def test_a_brace_of_a_units_pack_is_shown_as_it_stands(self, stray):
        odd = verdict("pace", value=311.0, error=9.0, unit="wpm", says=Bilingual(en=f"fast, {stray}, {{value}}"))
        for plain in (True, False):
            assert findings.side_text(odd, "en", plain=plain).startswith(f"fast, {stray}, 31")

    @pytest.mark.parametrize(("error", "says"), [(35.5, "uncertain"), (4.0, "off all the time")])
    def test_no_share_is_told_that_nobody_knows(self, error, says):
        lean = verdict("trunk_forward_lean", unit="%", value=0.5, error=error, good=(-3, 10), good_share=90, side="low")
        assert says in findings.value_text(lean, "en")

    @pytest.mark.parametrize(
        ("share", "said"),
        [(0.0, "never"), (0.3, "for a moment"), (33.3, "for 33 % of the time"), (99.8, "all the time")],
    )
    def test_a_fault_says_for_how_long(self, share, said):
        crossed = verdict("crossed_arms", kind="fault", unit="%", value=share, error=0.5, good=(0, 0))
        assert findings.value_text(crossed, "en").replace("\N{NO-BREAK SPACE}", " ") == said
        assert findings.band_text(crossed, "en") == "never"

    def test_a_share_of_events_is_no_share_of_time(self):
        pauses = verdict("long_pauses", unit="%", value=60.0, error=4.0, good=(0, 2), good_share=90, typical=1.5,
                         typical_unit="s", side="high")  # fmt: skip
        unsure = pauses.model_copy(update={"error": 30.0})
        said = [findings.value_text(each, "en").replace("\N{NO-BREAK SPACE}", " ") for each in (pauses, unsure)]
        assert said == ["off in 40 % of the cases", "off; in how many cases is uncertain"]
        assert findings.value_text(pauses.model_copy(update={"value": 0.0}), "en") == "off every time"
        assert findings.value_text(pauses.model_copy(update={"value": 100.0}), "en") == "good every time"
        band = findings.band_text(pauses, "en").replace("\N{NO-BREAK SPACE}", " ")
        assert band == "0 to 2 s in at least 90 % of the cases"

    @pytest.mark.parametrize(
        ("times", "watched_s", "status", "said", "zh"),
        [
            (3, 8.2, "needs_review", "about 3 times in 0:08 of speech", "约 3 次（讲话时长 0:08）"),
            (1, 8.2, "needs_review", "about once in 0:08 of speech", "约 1 次（讲话时长 0:08）"),
            (
                6,
                90.0,
                "needs_review",
                "about 6 times in 1:30 of speech, 4 per min",
                "约 6 次（讲话时长 1:30），4 次/分",
            ),
            (2, 30.0, "assessed", "2 times in 0:30 of speech", "2 次（讲话时长 0:30）"),
            (0, 30.0, "assessed", "0 per min", "0 次/分"),
        ],
    )
    def test_a_rate_of_little_speech_says_how_often_in_how_much(self, times, watched_s, status, said, zh):
        rate = verdict("filled_pauses", unit="/min", value=60 * times / max(watched_s, 60), error=0.0, status=status,
                       times=times, watched_s=watched_s)  # fmt: skip
        assert findings.value_text(rate, "en").replace("\N{NO-BREAK SPACE}", " ") == said
        assert findings.value_text(rate, "zh").replace("\N{NO-BREAK SPACE}", " ") == zh
        if times:
            assert findings.sentence_text(rate, "zh").replace("\N{NO-BREAK SPACE}", " ") == f"{zh}。"

    def test_nothing_is_said_twice(self):
        fast = verdict(
            "pace", value=311.0, error=9.0, unit="wpm", side="high", says=Bilingual(en="fast, about {value}")
        )
        assert findings.measured_texts(fast, "en") == ("fast, about 311 ± 9\N{NO-BREAK SPACE}words/min", "")
        plain = fast.model_copy(update={"says": Bilingual()})
        assert findings.measured_texts(plain, "en") == ("311 ± 9\N{NO-BREAK SPACE}words/min", "")

    def test_a_share_of_syllables_is_no_share_of_time(self):
        assert "time" not in findings.value_text(verdict("short_runs", kind="fault", unit="%", value=60.0), "en")

    def test_what_cannot_be_told_shows_no_value(self):
        unsure = verdict("crossed_arms", kind="fault", unit="%", value=0.0, status="needs_review", reason="undecided",
                         sub_score=None, undecided=(Evidence(start_s=1, end_s=9),))  # fmt: skip
        assert findings.value_text(unsure, "en").startswith("It cannot be told for certain")
        assert findings.sentence_text(unsure, "zh") == "不能确定：请看片段后判断。"
        assert findings.sentence_text(unsure, "en").count(".") == 1

    def test_outside_the_band_is_no_praise_and_its_sign_is_none(self, with_):
        fast = verdict("pace", sub_score=1.0, value=184.0, error=6.0, good=(120, 180))
        lean = verdict("trunk_side_lean", sub_score=1.0, value=100.0, unit="%", good=(-4, 4), good_share=90,
                       typical=-0.9, typical_unit="deg", typical_error=0.8)  # fmt: skip
        assert priorities.well_done(with_(fast, lean)) == [lean]
        assert priorities.praise_text(lean, "en") == "trunk_side_lean 0.9° ± 0.8°"
        level = lean.model_copy(update={"typical": 0.2, "typical_error": 1.3})
        assert priorities.praise_text(level, "en") == "trunk_side_lean under 1.3°"
        assert priorities.praise_text(level, "zh").endswith("不到 1.3°")


class TestRedLines:
    def test_each_criterion_once_in_the_lowest_line(self, with_):
        told = with_(verdict("crossed_arms", kind="fault"), verdict("pace"), verdict("articulation_rate"), total=67.7,
                     total_before_caps=67.7,
                     deductions=(lost("crossed_arms", 18), lost("pace", 5, "tempo"),
                                 lost("articulation_rate", 0, "tempo")),
                     caps=(line(69, "crossed_arms"), line(89, "crossed_arms", "pace", "articulation_rate"),
                           line(84, "pace", "articulation_rate")))  # fmt: skip
        spares = "Red line: crossed_arms. The total is at most 69; it is not above that anyway."
        assert totals.caps_texts(told, "en") == [spares, "Capped: pace."]
        none = told.model_copy(update={"total": None, "total_before_caps": None})
        assert totals.caps_texts(none, "en") == [
            "Red line: crossed_arms.",
            "Not good enough for a high total: pace. If there were one, it would be at most 84.",
        ]
        before = told.model_copy(update={"total": 69.0, "total_before_caps": 71.0})
        assert totals.caps_texts(before, "en")[0].endswith("The total is at most 69; without it 71.")
        assert totals.caps_texts(before, "en")[1] == "Capped: pace."

    def test_a_mark_worse_than_its_score_says_why(self, with_):
        scored = {"voice": DimensionScore(score=86.0, coverage=1.0)}
        told = with_(verdict("crossed_arms", kind="fault"), dimensions=scored, caps=(line(69, "crossed_arms"),))
        assert findings.mark_of_dimension(told, "voice") is Mark.ATTENTION
        assert findings.line_text(told, "voice", "zh") == "红线"
        same = with_(verdict("crossed_arms", kind="fault"), dimensions=scored, caps=(line(89, "crossed_arms"),))
        assert findings.line_text(same, "voice", "zh") == ""
        waits = told.model_copy(update={"caps": (line(69, "crossed_arms", status="needs_review"),)})
        assert findings.line_text(waits, "voice", "zh") == ""

    def test_a_line_that_waits_hides_none_that_caps_the_total(self, with_):
        told = with_(verdict("crossed_arms", kind="fault"), total=89.0, total_before_caps=95.0,
                     caps=(line(79, "crossed_arms", status="needs_review"), line(89, "crossed_arms")))  # fmt: skip
        waiting, capped = totals.caps_texts(told, "en")
        assert "waiting" in waiting
        assert capped == "Red line: crossed_arms. The total is at most 89; without it 95."
        lower = told.model_copy(update={"caps": (line(79, "crossed_arms"), line(89, "crossed_arms"))})
        assert len(totals.caps_texts(lower, "en")) == 1


class TestNoTotal:
    @pytest.mark.parametrize(
        ("reason", "says"),
        [("turned_away", "turned away"), ("picture_frozen", "stood still"), ("arms_out_of_frame", "step back until")],
    )
    def test_the_reason_is_the_one_that_helps(self, with_, reason, says):
        arms = verdict("crossed_arms", kind="fault", dimension="posture", status="not_assessed", reason=reason)
        need = NeedMissing(need="hands_s", wanted=15.0, got=0.0)
        told = totals.total_text(with_(arms, total=None, needs_missing=(need,)), "en")
        assert told.startswith("No total")
        assert says in told
        assert ("0 s" in told) == (reason == "arms_out_of_frame")

    def test_a_whisper_is_not_answered_by_speaking_for_longer(self, with_):
        pace = verdict("pace", status="not_assessed", reason="whispered")
        needs = (NeedMissing(need="speech_s", wanted=15.0, got=4.0), NeedMissing(need="syllables", wanted=50, got=9),
                 NeedMissing(need="position", wanted="sitting", got="standing"))  # fmt: skip
        told = totals.total_text(with_(pace, total=None, needs_missing=needs), "en")
        assert told == (
            "No total. It sounds like whispering, without a voice: speak aloud. "
            "The person is standing, the profile is for sitting: choose the profile that fits."
        )

    def test_little_is_never_good(self, with_):
        scores = {"voice": DimensionScore(score=100.0, coverage=0.11, weight=45.0, error=0.0)}
        little = with_(verdict("long_pauses", sub_score=1.0), dimensions=scores, coverage_floor=0.6)
        assert findings.mark_of_dimension(little, "voice") is Mark.OPEN
        assert findings.dimension_points(little, "voice") == "–"
        assert findings.dimension_word(little, "voice", "zh") == "仅部分评估"  # it counts in the total all the same
        none = with_(dimensions={"voice": DimensionScore(score=None, coverage=0.0)}, coverage_floor=0.6)
        assert findings.dimension_word(none, "voice", "zh") == "未评估"
        scores = {"voice": scores["voice"].model_copy(update={"score": 20.0})}
        bad = little.model_copy(update={"dimensions": scores})
        assert findings.mark_of_dimension(bad, "voice") is Mark.FAULT
        assert findings.dimension_points(bad, "voice") == "20"


@pytest.mark.parametrize(
    ("score", "shown"),
    [(79.7, "79"), (79.4, "79"), (80.0, "80"), (79.9999999999, "80"), (81.6, "82"), (59.6, "59"), (64.6, "65"),
     (99.7, "100"), (0.2, "0")],
)  # fmt: skip
def test_a_number_of_points_has_the_mark_that_it_is_shown_with(score, shown):
    assert findings.whole_points(score) == shown
    assert findings.mark_of_score(float(shown) / 100) is findings.mark_of_score(score / 100)
