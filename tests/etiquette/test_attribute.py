"""A pack judges a number that each event of a measure carries: a made-up bow, from a made-up pack to a verdict."""

from __future__ import annotations

import math

import pytest

from liyi.core.measure import Attribute, Happened, Measure
from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events
from liyi.etiquette.aggregate import read
from liyi.etiquette.judge import Circumstances, judge
from liyi.etiquette.norms import check_pack, load_pack
from liyi.etiquette.performance import measure, measures

PACK = """\
id = "bows"
version = "1.0.0"
coverage_floor = 0.5
[profiles.counter]
camera = "front"
weights = { bow_angle = 1 }
[criteria.bow_angle]
measure = "bow"
aggregate = "median"
attribute = "angle"
dimension = "posture"
good = [25, 35]
tolerable = [15, 45]
fail = [5, 60]
confidence = "M"
source = { doc = "a rule" }
advice = { zh = "鞠躬三十度。", en = "Bow by thirty degrees." }
"""
ANGLES = (12.0, 30.0, 40.0)


def bows(*angles, undecided=()):
    """One bow every ten seconds, each a second long."""
    items = [Event(10.0 * k, 10.0 * k + 1, {"angle": angle}) for k, angle in enumerate((*angles, *undecided))]
    return Events("bow", "s", tuple(items[: len(angles)]), 60.0, undecided=tuple(items[len(angles) :]))


def of(aggregate, **changes):
    share = {"good": 90, "tolerable": 60, "fail": 30} if aggregate == "share_in_band" else None
    bands = {"good": (25, 35), "tolerable": (15, 45), "fail": (5, 60)}
    return {"measure": "bow", "aggregate": aggregate, "attribute": "angle", "share": share, **bands, **changes}


@pytest.fixture
def bow(monkeypatch):
    """A measure of events that no module declares: whoever stands before the camera has bowed three times."""
    made = Measure(
        "bow",
        "s",
        "events",
        "performance",
        lambda performance, params: Happened(bows(*ANGLES).items, performance.duration_s, 0.2),
        frozenset({"front"}),
        attributes={"angle": Attribute("deg", 2.0), "hold": Attribute("s")},
        module=__name__,
    )
    known = {**measures(), "bow": made}
    for module in ("performance", "aggregate", "judge", "pack_faults", "weighing", "red_lines"):
        monkeypatch.setattr(f"liyi.etiquette.{module}.measures", lambda: known)
    return made


@pytest.mark.usefixtures("bow")
class TestReading:
    def test_median(self, build):
        reading = read(bows(*ANGLES), build.criterion(**of("median")))
        assert (reading.value, reading.unit, reading.error, reading.score) == (30.0, "deg", 2.0, 1.0)
        assert [moment.label for moment in reading.evidence] == ["12 deg", "40 deg", "30 deg"]  # furthest outside first
        assert reading.evidence[0].start_s == 0.0

    def test_worst(self, build):
        reading = read(bows(*ANGLES), build.criterion(**of("worst")))
        assert (reading.value, reading.side) == (12.0, "low")
        assert reading.score == pytest.approx(0.6 * (12 - 5) / (15 - 5))

    def test_share_in_band_counts_every_event_the_same(self, build):
        reading = read(bows(*ANGLES, 36.0), build.criterion(**of("share_in_band")))  # 36 is inside good widened by 2
        assert (reading.value, reading.unit) == (pytest.approx(50.0), "%")
        assert (reading.typical, reading.typical_unit, reading.typical_error) == (33.0, "deg", 2.0)
        held = {0.5: 0.6 * (50 - 30) / 30, 0.75: 0.6 + 0.4 * (75 - 60) / 30}
        most = max(held[0.5], (1 - 0.4 * (40 - 37) / (45 - 37)) * held[0.75])
        assert reading.score == pytest.approx(most)

    @pytest.mark.parametrize("aggregate", ["median", "worst", "share_in_band"])
    def test_one_event_is_enough(self, build, aggregate):
        reading = read(bows(30.0), build.criterion(**of(aggregate)))
        assert reading.score == 1
        assert reading.value == (100.0 if aggregate == "share_in_band" else 30.0)

    @pytest.mark.parametrize("angles", [(), (math.nan,)])
    def test_without_a_number_there_is_nothing(self, build, angles):
        assert read(bows(*angles), build.criterion(**of("median"))) is None

    def test_undecided_events_tell_what_the_value_might_be(self, build):
        reading = read(bows(30.0, undecided=(10.0, 10.0)), build.criterion(**of("median")))
        assert (reading.value, reading.value_decided) == (30.0, 10.0)
        assert len(reading.undecided) == 2

    def test_a_share_that_undecided_events_do_not_change_is_decided(self, build):
        reading = read(bows(30.0, undecided=(31.0, 29.0)), build.criterion(**of("share_in_band")))
        assert (reading.value, reading.value_decided) == (100.0, 100.0)
        assert (reading.score, reading.score_decided) == (1.0, 1.0)


def judged(pack, signal):
    about = Circumstances(duration_s=60.0, speech_s=0.0, camera="front")
    return judge({"bow_angle": signal}, pack, "counter", about)


@pytest.mark.usefixtures("bow")
class TestThroughAPack:
    @pytest.fixture
    def pack(self, tmp_path):
        path = tmp_path / "bows.toml"
        path.write_text(PACK, encoding="utf-8")
        return load_pack(path)

    def test_a_measure_of_the_performance_is_judged(self, pack, build):
        (verdict,) = judged(pack, measure(build.performance(), "bow")).verdicts
        assert (verdict.status, verdict.value, verdict.unit, verdict.error) == ("assessed", 30.0, "deg", 2.0)
        assert len(verdict.evidence) == 3

    def test_without_a_picture_it_is_not_measured(self, build):
        assert measure(build.performance(body=None), "bow").reason == Reason.NO_PICTURE

    def test_who_never_bows_is_not_assessed_and_not_faulted(self, pack):
        judgement = judged(pack, bows())
        assert (judgement.verdicts[0].status, judgement.verdicts[0].reason) == ("not_assessed", Reason.NO_EVENT)
        assert judgement.total is None

    @pytest.mark.parametrize(("undecided", "status"), [((31.0, 29.0), "assessed"), ((2.0, 2.0), "needs_review")])
    def test_a_share_of_events_waits_for_a_person_only_where_that_could_change_it(self, tmp_path, undecided, status):
        path = tmp_path / "bows.toml"
        share = '"share_in_band"\nshare = { good = 90, tolerable = 60, fail = 30 }'
        path.write_text(PACK.replace('"median"', share), encoding="utf-8")
        (verdict,) = judged(load_pack(path), bows(30.0, undecided=undecided)).verdicts
        assert verdict.status == status

    def test_what_may_have_happened_is_not_said_not_to_have_happened(self, pack):
        (verdict,) = judged(pack, bows(undecided=(30.0,))).verdicts
        assert (verdict.status, verdict.reason) == ("not_assessed", Reason.UNDECIDED)

    def test_what_undecided_events_could_change_waits_for_a_person(self, pack):
        (verdict,) = judged(pack, bows(30.0, undecided=(10.0, 10.0))).verdicts
        assert (verdict.status, verdict.reason) == ("needs_review", Reason.UNDECIDED)

    def test_one_bow_that_was_too_shallow_is_not_wrong_throughout(self, tmp_path):
        lines = '[[caps]]\nwhen = "{}"\n{}total = {}\n'
        caps = lines.format("beyond_tolerable", "", 89) + lines.format("throughout", "value = 90\n", 84)
        path = tmp_path / "bows.toml"
        path.write_text(PACK.replace("[criteria.bow_angle]", caps + "[criteria.bow_angle]"), encoding="utf-8")
        assert [cap.total for cap in judged(load_pack(path), bows(8.0)).caps] == [89]


REFUSED = {
    "unknown": (('"angle"', '"angel"'), "angel is not known here; did you mean angle?"),
    "no error": (('"angle"', '"hold"'), "How exact hold is was never measured, so it cannot be judged."),
    "of a trace": (('measure = "bow"', 'measure = "shoulder_tilt"'), "angle is a number of single events"),
    "aggregate": (('"median"', '"time_share"'), "possible here: share_in_band, median, worst"),
}


@pytest.mark.usefixtures("bow")
@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED)
def test_a_pack_that_cannot_be_judged_is_refused_with_its_line(tmp_path, change, said):
    path = tmp_path / "bows.toml"
    path.write_text(PACK.replace(*change), encoding="utf-8")
    faults = check_pack(path)
    key = "aggregate" if said.startswith("possible") else "attribute"
    line = next(k for k, text in enumerate(path.read_text().splitlines(), 1) if text.startswith(f"{key} ="))
    told = {fault.line: fault.notice.sentence.format(**fault.notice.fields) for fault in faults}
    assert [line] == [*told]
    assert said in told[line]


def test_shipped_attributes_with_an_error_can_be_judged(tmp_path):
    path = tmp_path / "pauses.toml"
    text = PACK.replace('"bow"', '"long_pauses"').replace('"angle"', '"duration_s"')
    path.write_text(text, encoding="utf-8")
    assert check_pack(path) == []
