"""Progress: attempts of one's own against oneself, changes told by their errors, the same moment twice, all of it."""

from __future__ import annotations

import io
import math
import time
from datetime import UTC, timedelta, timezone
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from liyi.etiquette.change import Reading
from liyi.media.clock import CLOCK_LEAPS, CLOCK_LEAPS_OFTEN
from liyi.records.operations import tries
from liyi.ui import clips, copies, deleting, history, people
from liyi.ui.entries import Entry
from liyi.ui.screens import progress
from tests.ui.drawing import page
from tests.ui.practised import assessment, drill, practise, tilt
from tests.ui.test_kept import TEXT

NOW = 1_800_000_000.0
DAY_S = 86400.0


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    people.agree(TEXT, version="1")


def practised() -> None:
    """Nine degrees, then not seen, then two; a try between."""
    values = (9.0, None, 2.0)
    for number, value in enumerate(values):
        score = None if value is None else 1.0 if value < 3 else 0.3
        practise(assessment(tilt(value, score=score, at_s=4.0 + number), number=number), NOW + number * DAY_S,
                 number=number)  # fmt: skip
    drill("level_shoulders", NOW + DAY_S / 2, passed=False)


def words(shown) -> str:
    return "\n".join(str(each.value) for each in (*shown.subheader, *shown.caption, *shown.markdown))


def test_a_criterion_over_time_in_both_languages(monkeypatch):
    monkeypatch.setattr("liyi.ui.screens.progress.here", lambda path: f"http://localhost{path}")
    practised()
    shown = page("progress").run()
    assert not shown.exception
    told = words(shown)
    assert "与第一次相比：1 项变好" in told
    assert "左肩低约 9.0° ± 1.0°" in told
    assert "比第一次好。" in told
    assert "未评估" in told
    assert "练了 1 次，达标 0 次" in told
    [plot] = [each.proto.body for each in shown.get("html") if 'class="attempts"' in each.proto.body]
    assert (plot.count(">◆<"), plot.count(">○<"), plot.count(">●<"), plot.count(">■<")) == (1, 1, 1, 1)
    [toggle] = shown.toggle
    toggle.set_value(True).run()
    assert not shown.exception
    addresses = [each.proto.url for each in shown.get("video")]
    assert len(addresses) == 2
    assert [(each.proto.start_time, each.proto.end_time) for each in shown.get("video")] == [(4, 10), (6, 12)]
    shown.session_state["lang"] = "en"
    shown.run()
    told = words(shown)
    assert "Better than the first time." in told
    assert not [sign for sign in told if "\u4e00" <= sign <= "\u9fff"]


def test_a_point_in_the_band_that_was_off_at_times_is_explained():
    at_times = tilt(70.0, score=0.4).model_copy(update={
        "unit": "%", "good": (-3.0, 3.0), "good_share": 90.0, "typical": 0.5, "typical_error": 0.4,
        "typical_unit": "deg", "outside": 9.0})  # fmt: skip
    practise(assessment(at_times), NOW)
    assert "平时 0.5° ± 0.4°" in words(page("progress").run())
    assert progress.usual(history.Point(NOW, "drill", None), history.series(history.own())[0]) == ""


def test_nothing_yet_teaches_by_an_example():
    shown = page("progress").run()
    assert "示例" in words(shown)
    assert sum('class="attempts"' in each.proto.body for each in shown.get("html")) == 1


def test_all_of_it_is_deleted_and_taken_back():
    practised()
    shown = page("progress").run()
    shown.button("delete-everything").click().run()
    assert history.own() == ()
    assert history.own_tries() == ()
    assert "录像 3 份，科目练习 1 次" in words(shown)
    [restore] = [button for button in shown.button if str(button.key).startswith("restore-")]
    restore.click().run()
    assert not shown.exception
    assert (len(history.own()), len(history.own_tries())) == (3, 1)
    assert deleting.discarded() == ()


def test_the_copy_is_sent_to_its_owner_alone():
    practised()
    client = TestClient(Starlette(routes=copies.copies()), base_url="http://localhost")
    token = copies.grant()
    assert copies.opens(token)
    sent = client.get(f"/live/{token}/copy")
    assert sent.headers["content-disposition"].startswith("attachment")
    with ZipFile(io.BytesIO(sent.content)) as archive:
        assert sum(name.endswith("recording.mp4") for name in archive.namelist()) == 3
        assert "tries.csv" in archive.namelist()
    for wrong in ("x", token[:-1] + "_", ""):
        assert not copies.opens(wrong)
        assert client.get(f"/live/{wrong}/copy").status_code == 404
    assert client.head(f"/live/{token}/copy").status_code == 200
    copies._tickets[copies.access.digest(token)] = (people.viewer(), time.time() - 1)
    assert client.get(f"/live/{token}/copy").status_code == 404


def test_what_is_compared_asks_for_the_same():
    practise(assessment(tilt(9.0), number=0), NOW, number=0)
    other = assessment(tilt(9.0), number=1).model_copy(update={"profile": "standing"})
    practise(other, NOW + DAY_S, number=1)
    practise(assessment(tilt(2.0), number=2), NOW + 2 * DAY_S, number=2)
    groups = history.scenes(history.own())
    assert [[each.assessment.profile for each in group] for group in groups] == [["seated"] * 2, ["standing"]]
    [one] = history.series(groups[0])
    assert [point.reading.value for point in one.points] == [9.0, 2.0]
    assert (history.since_first(one), history.since_last(one)) == ("better", "better")
    [alone] = history.series(groups[1])
    assert history.since_first(alone) is None


def test_tries_stand_among_the_attempts_only_by_the_same_band_and_unit():
    """The drill `read_120` has a band of its own."""
    from liyi.etiquette.norms import load_pack

    pace = tries.Result("pace", 200.0, 8.0, "字/分", 0.5, "high")
    tilted = tries.Result("shoulder_tilt", 80.0, 3.0, "%", 0.5, "high")
    kept = [tries.add(people.records(), people.viewer(), drill=drill, results=[result], passed=False)
            for drill, result in (("introduce", pace), ("read_120", pace), ("level_shoulders", tilted))]  # fmt: skip
    found = history._drilled("counter", kept)
    assert {id: [point.reading for point in points] for id, points in found.items()} == {
        "pace": [Reading(200.0, 8.0, "字/分", *load_pack("counter").criteria["pace"].good)],
        "shoulder_tilt": [
            Reading(80.0, 3.0, "%", load_pack("counter").criteria["shoulder_tilt"].share.good, math.inf)
        ],
    }  # fmt: skip


def test_what_is_good_and_unchanged_is_not_telling():
    found = {"good": (1.0, 1.2), "changed": (9.0, 1.2), "poor": (9.0, 9.1), "lost": (1.0, None)}
    telling = {}
    for name, values in found.items():
        assessed = [assessment(tilt(value, score=0.3 if value and value > 3 else 1.0)) for value in values]
        scene = [history.Judged(Entry(str(n), "upload", NOW + n, "a"), each) for n, each in enumerate(assessed)][::-1]
        telling[name] = history.is_telling(history.series(scene)[0])
    assert telling == {"good": False, "changed": True, "poor": True, "lost": True}


@pytest.mark.parametrize(
    ("ago", "expected"),
    [((), (0, 0)), ((0,), (1, 1)), ((1,), (1, 1)), ((2,), (0, 1)), ((0, 1, 2), (3, 3)), ((1, 2, 4), (2, 3)),
     (tuple(range(10)), (10, 7))],
)  # fmt: skip
def test_days_in_a_row_end_only_when_a_day_is_over(ago, expected):
    assert history.days([NOW - n * DAY_S for n in ago], UTC, now_s=NOW) == expected


def test_a_day_is_the_users():
    east = timezone(timedelta(hours=8))
    midnight = history.start_of_day(east, now_s=NOW)
    assert history.start_of_day(UTC, now_s=NOW) != midnight
    assert history.days([midnight - 1, midnight + 1], east, now_s=NOW) == (2, 2)


def test_the_same_sentence_is_found_and_another_is_not():
    said = ["您好，请问您要办理什么业务？", "您好!请问你要办理什么业务", "请稍等一下"]
    pace = tilt(1.0).model_copy(update={"criterion": "pace", "measure": "pace", "dimension": "voice"})
    first, same, other = (assessment(pace, said=text) for text in said)
    assert [clip.said for clip in clips.pair(first, same, "pace")] == said[:2]
    assert [clip.said for clip in clips.pair(first, other, "pace")] == ["", ""]
    assert clips.same_sentence(first, other) is None
    assert clips.pair(first, same, "shoulder_tilt")[0].said == ""


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.2), (4.0, 5.0), (0.0, 59.0), (59.5, 60.0), (10.0, 16.0)])
def test_a_clip_can_be_seen_and_lies_in_the_recording(start, end):
    clip = clips._clip(start, end, 60.0)
    assert 0 <= clip.start_s < clip.end_s <= 60
    assert 3 <= clip.end_s - clip.start_s <= 10


@pytest.mark.parametrize(
    ("sentence", "fields", "second", "expected"),
    [
        ("", {}, 7.0, 7.0),
        (CLOCK_LEAPS, {"leap": 54_000.0, "second": 6.0}, 5.0, 5.0),
        (CLOCK_LEAPS, {"leap": 54_000.0, "second": 6.0}, 7.0, 54_007.0),
        (CLOCK_LEAPS, {"leap": -6.0, "second": 6.0}, 7.0, None),
        (CLOCK_LEAPS_OFTEN, {"count": 3, "second": 6.0}, 5.0, 5.0),
        (CLOCK_LEAPS_OFTEN, {"count": 3, "second": 6.0}, 7.0, None),
    ],
)
def test_a_clip_begins_where_the_clock_of_its_file_has_it(sentence, fields, second, expected):
    told = [SimpleNamespace(sentence=sentence, fields=fields)]
    assessment = SimpleNamespace(recording=SimpleNamespace(warnings=told))
    assert clips.start_in_file(assessment, second) == expected


def test_a_consent_is_withdrawn_by_its_person():
    shown = page("progress").run()
    shown.button("withdraw-consent").click().run()
    assert not shown.exception
    assert not people.has_agreed(TEXT, version="1")
    assert "withdraw-consent" not in [button.key for button in shown.button]
