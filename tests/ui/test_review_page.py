"""The page Review: the queue with its words, narrowed, empty, and one recording opened from it."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest

from liyi.core.words import translate
from liyi.etiquette.assessment import CapFound
from liyi.records.engine import open_records
from liyi.records.operations import assessments, blind, confirmations, recordings, submission
from liyi.records.operations.queue import Waiting, Why
from liyi.records.schema import Kind, now
from liyi.ui import people
from liyi.ui.review import waiting_list
from tests.records import world as worlds
from tests.ui.drawing import page

UNDECIDED = {"status": "needs_review", "reason": "undecided", "sub_score": None}


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hall")
    store = open_records(folder / "data")
    world = worlds.build(store, folder)
    owner = world.viewers["owner"]
    row = recordings.keep_recording(store, owner, io.BytesIO(b"veto"), name="<veto>.mp4", kind=Kind.upload)
    verdicts = worlds.judged().verdicts
    judged = worlds.judged(row.sha256).model_copy(update={
        "verdicts": (verdicts[0].model_copy(update=UNDECIDED), *verdicts[1:]), "total_error": 3.0,
        "caps": (CapFound(criteria=("pace",), total=59, status="needs_review"),),
    })  # fmt: skip
    world.ids["vetoed"] = assessments.file_assessment(store, owner, row.id, judged, {}).recording_id
    submission.submit_recording(store, owner, row.id)
    yield store, world
    store.close()


@pytest.fixture
def drawn(hall, monkeypatch):
    """The page as somebody sees it; what its list was given."""
    store, world = hall

    def draw(who: str, lang: str = "zh", **query: str):
        given = []
        monkeypatch.setattr(people, "records", lambda: store)
        monkeypatch.setattr(people, "viewer", lambda: world.viewers[who])
        monkeypatch.setattr(people, "roles", lambda: frozenset({"trainer"}))
        monkeypatch.setattr(blind, "wants_rating", lambda *_: False)
        monkeypatch.setattr(waiting_list, "_component", lambda **named: given.append(named["data"]))
        shown = page("review", lang=lang, **query).run()
        assert not shown.exception
        return shown, given[-1]["groups"] if given else None

    return draw


def test_what_needs_a_person_stands_first_with_its_reasons(drawn, hall):
    shown, groups = drawn("trainer")
    assert shown.header[0].value == "复核"
    assert [group["title"] for group in groups] == ["请先看这些"]  # against the other one stands an appeal
    [row] = [row for group in groups for row in group["rows"] if row["name"] == "<veto>.mp4"]
    assert row["why"] == ["红线待确认：语速", "拿不准，待复核：肩线倾斜"]
    assert (row["came"], row["person"], row["shape"]) == ("80 ±3 分", "owner", "▲")
    assert row["address"] == f"/review?recording={hall[1].vetoed.hex}&lang=zh"
    _, groups = drawn("trainer", "en")
    [row] = [row for group in groups for row in group["rows"] if row["name"] == "<veto>.mp4"]
    assert row["why"][0].startswith("A red line waits for a decision: ")


def test_who_has_nothing_to_review_reads_what_there_will_be(drawn):
    shown, groups = drawn("other_trainer")
    assert groups is None
    text = " ".join(each.value for each in (*shown.markdown, *shown.caption))
    assert "提交之前只有本人可见" in text
    assert "Autumn" in text


def test_it_is_narrowed_by_what_was_chosen(drawn, hall):
    shown, _ = drawn("trainer")
    labels = [each.label for each in shown.selectbox]
    assert labels == [translate(word, "zh") for word in ("Cohort", "Scene", "When", "Weakest criterion")]
    [of] = assessments.assessments(hall[0], hall[1].viewers["trainer"], recording_id=hall[1].vetoed)
    assert confirmations.confirmations(hall[0], hall[1].viewers["trainer"], of.id) == []
    narrowed = shown.selectbox[3].select_index(1).run()
    assert not narrowed.exception


def test_a_recording_in_the_address_is_opened(drawn, hall):
    shown, groups = drawn("trainer", recording=hall[1].vetoed.hex)
    assert groups is None
    assert not shown.header
    assert f"/review/{hall[1].vetoed.hex}/page" in json.dumps([str(each.proto) for each in shown.get("iframe")])


def waits(**changes) -> Waiting:
    about = {
        "recording_id": worlds.UUID(int=1), "person": "王", "name": "a", "kind": "upload",
        "submitted_at": now() - timedelta(days=1), "duration_s": 61.0, "assessment_id": None, "pack_id": "counter",
        "pack_sha256": "", "profile": "seated", "total": None, "total_error": None, "coverage": 0.4,
        "progress": "submitted", "by": (), "why": (), "weakest": None, "blind": False,
        "place": (1, 7, 0.0),
    }  # fmt: skip
    return Waiting(**{**about, **changes})


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (Why("unusual", usual=81.6), "与本人平时（约 82 分）相差较大"),
        (Why("coverage"), "看清、听清的内容太少，没有总分：覆盖率 40%"),
        (Why("appeal", ("pace", "facing", "shoulder_tilt", "head_roll")), "有申诉待答复：语速、"),
        (Why("not_assessed"), "尚未评估"),
    ],
)
def test_reasons_in_words(monkeypatch, why, told):
    monkeypatch.setattr(waiting_list, "lang", lambda: "zh")
    monkeypatch.setattr(waiting_list, "_", lambda sentence, **fields: translate(sentence, "zh", **fields))
    said = waiting_list.reason(waits(), why)
    assert said.startswith(told)
    if why.cause == "appeal":
        assert said.endswith("另有 1 项")


def test_a_total_is_kept_back_until_it_is_rated(monkeypatch):
    monkeypatch.setattr(waiting_list, "_", lambda sentence, **fields: translate(sentence, "zh", **fields))
    assert waiting_list.came(waits(blind=True, total=90.0)) == "先评分，再看结果"
    assert waiting_list.came(waits(total=90.4, total_error=2.0)) == "90 ±2 分"
    assert waiting_list.came(waits()) == ""
