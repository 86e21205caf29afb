"""The routes of a review: for whoever judges the recording alone; every act is read strictly, kept at once, undone."""

from __future__ import annotations

import base64
import json
import re

import pytest

from liyi.core.errors import LiyiError
from liyi.core.words import translate
from liyi.records.operations import appeals, assessments, confirmations, feedback, recordings
from liyi.records.store_tables import AuditLine
from liyi.records.viewer import Viewer
from liyi.ui import entries, people, replay, reports
from liyi.ui.review import review_page
from tests.ui.drawing import page as drawn_page

CONFIRM = {"do": "confirm", "criterion": "pace", "decision": "confirmed"}
ASKED = ("page", "files/review.mjs", "recording", "measured", "after")


def data_of(text: str, name: str = "review-data"):
    return json.loads(re.search(rf'id="{name}">(.*?)</script>', text, re.DOTALL)[1])


def act(client, id, body, lang="zh", **named):
    return client.post(
        f"/review/{id}/act?lang={lang}", **({"json": body} if isinstance(body, dict) else {"content": body}), **named
    )


def test_a_trainer_gets_the_player_with_the_findings_under_a_strict_policy(store, asking):
    hall, ids = store
    with asking(hall.trainer) as client:
        got = client.get(f"/review/{ids['submitted']}/page?lang=zh&tz=Asia/Shanghai")
        assert got.status_code == 200
        assert got.headers.get_list("content-security-policy") == [review_page.POLICY]
        assert "unsafe" not in review_page.POLICY
        assert got.headers["cache-control"] == "no-store"
        assert "李学员" in got.text
        outline = data_of(got.text, "player-data")
        assert (set(outline), outline["size"]) == ({"duration", "media", "clock", "size"}, [640, 480])
        measured = client.get(f"/review/{ids['submitted']}/measured?lang=zh").json()
        assert {"captions", "t", "xy", "lines", "level"} <= set(measured)
        assert "shoulder_tilt" in measured["lines"]
        assert measured["level"]["strip"].startswith("<svg")
        told = data_of(got.text)
        first = [item for item in told["state"]["findings"] if not item["rest"]]
        assert [item["criterion"] for item in first] == [
            "courtesy_coverage", "nin_ratio", "crossed_arms", "crossed_arms", "crossed_arms", "pace", "head_roll",
        ]  # fmt: skip
        assert [item["needs"] for item in first] == [True, True, *[False] * 5]
        english = client.get(f"/review/{ids['submitted']}/page?lang=en").text
        assert '<html lang="en">' in english
        assert data_of(english)["words"]["saved"] == "Saved"
        script = client.get(f"/review/{ids['submitted']}/files/player.mjs")
        assert script.headers["content-type"].startswith("text/javascript")
        part = client.get(f"/review/{ids['submitted']}/recording", headers={"range": "bytes=0-99"})
        assert (part.status_code, part.headers["content-type"], len(part.content)) == (206, "video/mp4", 100)


def test_opening_it_is_in_the_audit_trail_once_and_playing_it_is_not(store, asking):
    hall, ids = store

    def lines():
        with hall.records.reading() as session:
            rows = session.query(AuditLine).filter(AuditLine.person_id == hall.trainer.person_id)
            return sorted(row.action for row in rows)

    with asking(hall.trainer) as client:
        client.get(f"/review/{ids['submitted']}/page")
        assert lines() == ["open", "open_file", "watch"]
        for _ in range(3):
            client.get(f"/review/{ids['submitted']}/recording", headers={"range": "bytes=0-9"})
        assert lines() == ["open", "open_file", "watch"]
    assert recordings.recording(hall.records, hall.trainer, ids["submitted"]).opened_at is not None


def test_the_recording_asked_for_without_its_page_is_opened_and_in_the_audit_trail(store, asking):
    hall, ids = store
    with asking(hall.trainer) as client:
        for _ in range(2):
            part = client.get(f"/review/{ids['submitted']}/recording", headers={"range": "bytes=0-9"})
            assert part.status_code == 206
    assert recordings.recording(hall.records, hall.trainer, ids["submitted"]).opened_at is not None
    with hall.records.reading() as session:
        rows = session.query(AuditLine).filter(AuditLine.person_id == hall.trainer.person_id)
        assert sorted(row.action for row in rows) == ["open", "open_file", "watch"]


@pytest.mark.parametrize("who", ["nobody", "admin", "trainee", "stranger", "not there any more"])
def test_whoever_does_not_judge_it_gets_nothing(store, asking, who):
    hall, ids = store
    gone = Viewer(hall.cohort, hall.trainer.organisation_id)
    viewer = {"nobody": None, "not there any more": gone}.get(who, getattr(hall, who, None))
    with asking(viewer) as client:
        answers = [client.get(f"/review/{ids['submitted']}/{path}") for path in (*ASKED, "nothing")]
        answers.append(act(client, ids["submitted"], CONFIRM))
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"")}
    assert len(confirmations.confirmations(hall.records, hall.trainer, row_of(hall, ids))) == 0


def test_what_is_not_submitted_and_what_other_pages_ask_is_not_there(store, asking):
    hall, ids = store
    elsewhere = {"origin": "http://elsewhere", "sec-fetch-site": "cross-site"}
    with asking(hall.trainer) as client:
        answers = [client.get(f"/review/{ids['private']}/{path}") for path in ASKED]
        answers += [client.get(f"/review/{ids['submitted']}/{path}", headers=elsewhere) for path in ASKED]
        answers += [act(client, ids["private"], CONFIRM), act(client, ids["submitted"], CONFIRM, headers=elsewhere)]
        del client.headers["origin"]  # what changes something says where it comes from
        answers.append(act(client, ids["submitted"], CONFIRM))
        answers += [client.get(f"/review/{'0' * 32}/page"), client.get(f"/review/{ids['submitted']}/files/../page.py")]
        answers.append(client.get(f"/review/{ids['submitted']}/files/review_page.py"))
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"")}


def row_of(hall, ids):
    return assessments.assessments(hall.records, hall.trainer, recording_id=ids["submitted"], size=1)[0].id


def test_every_act_is_kept_at_once_shown_after_a_reload_and_taken_back(store, asking):
    hall, ids = store
    id = ids["submitted"]
    with asking(hall.trainer) as client:
        state = data_of(client.get(f"/review/{id}/page").text)["state"]
        arms = [item for item in state["findings"] if item["criterion"] == "crossed_arms"]
        rejected = {"do": "confirm", "criterion": "crossed_arms", "decision": "rejected", "why": "办公需要",
                    "start_s": arms[0]["moment"][0], "end_s": arms[0]["moment"][1]}  # fmt: skip
        changed = {"do": "confirm", "criterion": "pace", "decision": "changed", "new": 0.8, "why": "情境"}
        added = {"do": "confirm", "criterion": "head_roll", "decision": "added", "start_s": 3.0, "end_s": 5.5,
                 "why": "看得见"}  # fmt: skip
        comment = {"do": "comment", "text": "双肩放平 <b>", "at_s": 4.0}
        rest = [{**rejected, "start_s": each["moment"][0], "end_s": each["moment"][1]} for each in arms[1:]]
        made = [act(client, id, body).json()["made"] for body in (rejected, changed, added, comment)]
        told = data_of(client.get(f"/review/{id}/page").text)["state"]
        by_key = {item["key"]: item for item in told["findings"]}
        assert by_key[arms[0]["key"]]["decision"]["word"] == "不成立"
        assert by_key[arms[1]["key"]]["decision"] is None
        assert by_key["pace"]["decision"]["text"] == "留意 80"
        assert by_key["head_roll@3.000-5.500"]["added"] is True
        assert told["counts"] == {"confirmed": 0, "rejected": 1, "changed": 1, "added": 1, "comments": 1}
        assert told["comments"][0]["text"] == "双肩放平 <b>"
        assert told["comments"][0]["author"] == "王老师"
        assert client.get(f"/review/{id}/after?lang=zh").json() == {
            "total": told["total"], "note": "1 条人工添加不影响分值：请直接改判该指标。",
        }  # fmt: skip
        made += [act(client, id, body).json()["made"] for body in rest]
        after = client.get(f"/review/{id}/after").json()["total"]
        assert int(after.split()[0]) > int(told["total"].split()[0])  # no red line is left
        [*_, undone] = [act(client, id, body).json()["state"] for body in reversed(made)]
        assert undone == state
        assert client.get(f"/review/{id}/after?lang=en").json() == {
            "total": state["total"], "note": "nothing decided yet",
        }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"\xff", b"[" * 5000, {}, {"do": "delete"}, {**CONFIRM, "more": 1}, {**CONFIRM, "criterion": 1},
        {**CONFIRM, "criterion": "x" * 65}, {**CONFIRM, "decision": "praised"}, {**CONFIRM, "new": "1"},
        {**CONFIRM, "new": 1.5}, {**CONFIRM, "start_s": -1.0}, {**CONFIRM, "start_s": True}, b'{"do":"send","x":NaN}',
        {"do": "take_back", "id": "1"}, {"do": "comment", "text": "a"},
        {"do": "comment", "text": "x" * 5000, "at_s": None}, {"do": "rate", "scores": {"pace": 101}},
        {"do": "rate", "scores": [1]}, {"do": "answer", "id": "1", "upheld": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_the_readers_language(store, asking, body):
    hall, ids = store
    with asking(hall.trainer) as client:
        got = [act(client, ids["submitted"], body, lang=lang) for lang in ("zh", "en")]
    assert [answer.status_code for answer in got] == [400, 400]
    said = [answer.json()["sentence"] for answer in got]
    assert said[1].startswith("The page has sent")
    assert said[0] == translate(said[1], "zh") != said[1]


def test_what_is_too_long_or_refused_by_the_records_is_told_and_not_kept(store, asking):
    hall, ids = store
    id = ids["submitted"]
    with asking(hall.trainer) as client:
        large = act(client, id, b'{"do":"comment","text":"' + b"x" * (70 << 10) + b'"}')
        assert (large.status_code, large.json()["sentence"][:5]) == (413, "内容太长，")
        no_reason = act(client, id, {**CONFIRM, "decision": "rejected"})
        unknown = act(client, id, {**CONFIRM, "criterion": "nothing_like_it"})
        late = act(client, id, {"do": "rate", "scores": {"pace": 50}})  # the result was shown
        nobodys = act(client, id, {"do": "take_back", "id": "0" * 8 + "-0000-4000-8000-" + "0" * 12})
        for answer in (no_reason, unknown, late, nobodys):
            assert answer.status_code == 409
            assert re.search("[\u4e00-\u9fff]", answer.json()["sentence"])
    assert len(confirmations.confirmations(hall.records, hall.trainer, row_of(hall, ids))) == 0


def test_before_a_blind_rating_no_page_of_reports_tells_what_was_found(store, monkeypatch):
    hall, ids = store
    id = ids["submitted"]
    with people.acting(hall.trainer):
        token = replay.grant(id)  # of a page that was open before
    monkeypatch.setattr(feedback, "blind_due", lambda records, viewer, recording_id: viewer == hall.trainer)
    for read in (lambda: entries.find(id), lambda: reports.document(hall.trainer, id, lang="zh")):
        with people.acting(hall.trainer), pytest.raises(LiyiError, match="rated before its result"):
            read()
    assert replay.holder(token, hall.trainer) is not None
    with people.acting(hall.trainee):
        assert entries.find(id).total is not None
        assert reports.document(hall.trainee, id, lang="zh")


def test_before_a_blind_rating_nothing_that_the_tool_found_is_in_the_document(store, asking, monkeypatch):
    hall, ids = store
    id = ids["submitted"]

    def due(records, viewer, recording_id):
        return not feedback.ratings(records, viewer, recording_id)

    monkeypatch.setattr(feedback, "blind_due", due)
    with asking(hall.trainer) as client:
        text = client.get(f"/review/{id}/page?lang=zh").text
        told, playing = data_of(text), data_of(text, "player-data")
        assert set(told["state"]) == {"rating", "phrases"}
        assert "head_roll" in {each["id"] for each in told["state"]["rating"]["criteria"]}
        assert {action["id"] for action in told["actions"]} & {"accept", "reject", "edit"} == set()
        assert set(playing) == {"duration", "media", "clock"}
        measured = client.get(f"/review/{id}/measured?lang=zh").json()
        assert set(measured) == {"captions", "level"}  # no joint, no line
        assert "<c." not in base64.b64decode(measured["captions"]).decode().replace("<c.unsure>", "")  # no marked word
        for found in ("data-of=", 'class="fault"', "79 ±", 'id="after"', "head_roll@", "待复核"):
            assert found not in text.replace(json.dumps(told["words"]), "").replace(id, ""), found
        assert client.get(f"/review/{id}/after").json() == {"total": "", "note": ""}
        for body in (CONFIRM, {"do": "send"}):
            assert act(client, id, body).status_code == 409
        assert act(client, id, {"do": "rate", "scores": {"nothing_like_it": 50}}).status_code == 409
        asked = [each["id"] for each in told["state"]["rating"]["criteria"]]
        one = act(client, id, {"do": "rate", "scores": {"pace": 50}})
        assert (one.status_code, one.json()["sentence"]) == (409, f"还有 {len(asked) - 1} 项未评。")
        assert data_of(client.get(f"/review/{id}/page").text)["state"]["rating"]  # not over after one criterion
        nothing = act(client, id, {"do": "rate", "scores": dict.fromkeys(asked)})
        assert nothing.status_code == 409
        scores = {**dict.fromkeys(asked), "pace": 50, "head_roll": 0}
        assert act(client, id, {"do": "rate", "scores": scores}).status_code == 200
        assert data_of(client.get(f"/review/{id}/page").text)["state"]["findings"]
    assert {row.criterion: row.score for row in feedback.ratings(hall.records, hall.trainer, id)} == {
        "pace": 50.0, "head_roll": 0.0,
    }  # fmt: skip


def test_an_appeal_is_answered_and_decides_the_finding_anew(store, asking):
    hall, ids = store
    id, row = ids["submitted"], row_of(hall, ids)
    appealed = appeals.appeal(hall.records, hall.trainee, row, "pace", "群众听力不好")
    with asking(hall.trainer) as client:
        first = data_of(client.get(f"/review/{id}/page").text)["state"]["findings"][0]
        assert (first["key"], first["appeal"]["sentence"], first["appeal"]["answer"]) == ("pace", "群众听力不好", "")
        answer = {"do": "answer", "id": str(appealed.id), "upheld": True, "sentence": "确实", "decision": "changed",
                  "new": 1.0}  # fmt: skip
        assert act(client, ids["another"], answer).status_code == 409  # it may have to be rated blind first
        assert appeals.appeals(hall.records, hall.trainer, open_only=True)
        told = act(client, id, answer).json()["state"]
        assert act(client, id, answer).status_code == 409
    pace = next(item for item in told["findings"] if item["key"] == "pace")
    assert pace["appeal"]["answer"] == "支持 · 确实 · 王老师"
    assert (pace["decision"]["word"], pace["decision"]["text"], pace["decision"]["back"]) == ("改判", "良好 100", False)


def test_a_comment_may_join_ones_own_phrases(store, asking):
    hall, ids = store
    with asking(hall.trainer) as client:
        told = act(client, ids["submitted"], {"do": "comment", "text": "再慢一拍", "at_s": None, "stock": True}).json()
    assert told["state"]["phrases"] == ["再慢一拍"]
    assert told["state"]["comments"][0]["clip"] is None


def test_sending_notes_the_review_and_what_was_sent_is_not_taken_back(store, asking):
    hall, ids = store
    id = ids["submitted"]
    with asking(hall.trainer) as client:
        made = act(client, id, CONFIRM).json()["made"]
        assert act(client, id, {"do": "send"}).json() == {"next": ids["another"]}
        assert act(client, id, made).status_code == 409
        told = data_of(client.get(f"/review/{id}/page").text)["state"]
        assert act(client, ids["another"], {"do": "send"}).json() == {"next": None}  # the first one was reviewed
    item = next(item for item in told["findings"] if item["key"] == "pace")
    assert item["decision"]["back"] is False
    assert len(confirmations.reviews(hall.records, hall.trainer, id)) == 1


def test_a_page_shows_it_in_one_frame(store, monkeypatch):
    _, ids = store
    script = f"from liyi.ui.review import player\nplayer.draw({ids['submitted']!r})\n"
    shown = drawn_page("recordings").from_string(script, default_timeout=60)
    shown.session_state["lang"] = "zh"
    shown.run()
    assert not shown.exception
    frames = [element.proto.src for element in shown.get("iframe")]
    assert [frame.split("?")[0] for frame in frames] == [f"/review/{ids['submitted']}/page"]
    assert "lang=zh" in frames[0]


def test_the_store_of_the_tests_is_the_one_of_the_pages(store):
    assert people.records() is store[0].records
