"""The report's route: for whoever may see the recording, under its own policy; an answer is kept and judged by."""

from __future__ import annotations

import hashlib
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest

from liyi.etiquette.assess import assess, signals_of
from liyi.etiquette.assessment import Assessment, Evidence, TranscriptLine, TranscriptWord
from liyi.etiquette.drill import drill_named
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance, save_performance
from liyi.records.operations import appeals, assessments, deletion, feedback, recordings, submission
from liyi.records.review_schema import Review
from liyi.records.schema import Kind
from liyi.report.html import content_security_policy, write_report
from liyi.scoring import rejudge
from liyi.scoring.confirming import answer_from, answers_in
from liyi.ui import people, replay, reports, takes
from posture.track import Joint
from tests.report.conftest import make_performance
from tests.ui.drawing import page

FILM = b"\x1aE\xdf\xa3 film"
ASKED = {"criterion": "chin_prop", "start_s": 20.1, "end_s": 24.0}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What is found in somebody whose hand is at the ear for four seconds: whether it props the chin is undecided."""
    folder = tmp_path_factory.mktemp("found")
    made = make_performance()
    track = made.body.track
    points = track.points.copy()
    points[:, Joint.MOUTH_LEFT], points[:, Joint.MOUTH_RIGHT] = (328, 160), (312, 160)
    points[(track.t > 20) & (track.t < 24), Joint.RIGHT_WRIST] = (290, 128)
    points[(track.t > 20) & (track.t < 24), Joint.RIGHT_INDEX] = (290, 128)
    seen = np.isfinite(points[:, :, 0]).astype(np.float32)
    body = replace(made.body, track=replace(track, points=points, visibility=seen, presence=seen))
    # Without a voice: phrases that one recogniser heard would be asked about before the hand.
    performance = replace(made, body=body, voice=None, sha256=hashlib.sha256(FILM).hexdigest())
    pack = load_pack("counter")
    save_performance(folder / "measures.parquet", performance, {})
    performance = load_performance(folder / "measures.parquet")
    signals = signals_of(performance, pack)
    told = assess(performance, pack, liyi_version="0.1.0", created_at=datetime.now(UTC).isoformat(), elapsed_s=1.0,
                  signals=signals)  # fmt: skip
    (folder / "assessment.json").write_text(told.model_dump_json())
    page = write_report(told, performance, signals, pack=pack, lang="zh", stills={})
    (folder / "report.html").write_text(page, encoding="utf-8")
    return {name: folder / name for name in ("assessment.json", "measures.parquet", "report.html")}


@pytest.fixture
def kept(files):
    """A recording with its assessment in the records, and a token for it."""
    people.agree("I agree.", version="1")
    store, who = people.records(), people.viewer()
    id = recordings.keep_recording(store, who, io.BytesIO(FILM), name="窗口.mp4", kind=Kind.upload).id.hex
    told = Assessment.model_validate_json(files["assessment.json"].read_bytes())
    assessments.file_assessment(store, who, id, told, files)
    return id, replay.grant(id)


def test_it_is_rendered_in_any_language_under_its_own_policy(client, kept):
    _, token = kept
    page = client.get(f"/live/{token}/report?lang=zh&tz=Asia/Shanghai")
    assert page.status_code == 200
    assert page.headers.get_list("content-security-policy") == [content_security_policy()]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert 'src="recording"' in page.text
    assert "先做" in page.text
    assert "能在本服务器打开礼仪的人都能看到" in page.text
    english = client.get(f"/live/{token}/report?lang=en&tz=No/Where").text
    assert '<html lang="en">' in english
    assert client.get(f"/live/{token}/report?lang=%3Cscript%3E").text.count('<html lang="zh-CN">') == 1
    assert "unsafe-inline" in client.get(f"/live/{token}/nothing").headers["content-security-policy"]


def test_whoever_may_not_see_the_recording_gets_nothing(client, kept, begun):
    id, token = kept
    for wrong in ("A" * 43, begun[1], token[:-1]):
        assert client.get(f"/live/{wrong}/report").status_code == 404
        assert client.post(f"/live/{wrong}/answer", json={**ASKED, "said": "yes"}).status_code == 404
    elsewhere = {"origin": "http://elsewhere", "sec-fetch-site": "cross-site"}
    assert client.get(f"/live/{token}/report", headers=elsewhere).status_code == 404
    assert client.post(f"/live/{token}/answer", json={**ASKED, "said": "yes"}, headers=elsewhere).status_code == 404
    deletion.discard(people.records(), people.viewer(), id)
    assert "先做" not in client.get(f"/live/{token}/report").text


@pytest.mark.parametrize(("said", "status", "value"), [("yes", "assessed", 6.1), ("unclear", "needs_review", 0.0)])
def test_an_answer_is_kept_shown_and_judged_by_without_measuring(client, kept, said, status, value):
    id, token = kept
    assert "这里是“托腮”吗？" in client.get(f"/live/{token}/report").text
    assert client.post(f"/live/{token}/answer", json={**ASKED, "said": said}).status_code == 204
    told = newest(id)
    verdict = next(v for v in told.verdicts if v.criterion == "chin_prop")
    assert (verdict.status, [a.said for a in answers_in(told.options)]) == (status, [said])
    assert verdict.value == pytest.approx(value, abs=0.2)
    page = client.get(f"/live/{token}/report").text
    assert "这里是“托腮”吗？" not in page  # asked once
    assert ("本人确认" in page) == (said != "unclear")
    assert client.post(f"/live/{token}/answer", json={**ASKED, "said": "no"}).status_code == 409


def test_what_is_submitted_asks_its_person_no_more_and_forgets_the_answers(client, kept):
    id, token = kept
    assert client.post(f"/live/{token}/answer", json={**ASKED, "said": "yes"}).status_code == 204
    submission.submit_recording(people.records(), people.viewer(), id)
    assert answers_in(newest(id).options) == ()
    page = client.get(f"/live/{token}/report").text
    assert "本人确认" not in page
    assert "这里是“托腮”吗？" not in page
    assert client.post(f"/live/{token}/answer", json={**ASKED, "said": "yes"}).status_code == 409


def test_nonsense_is_refused(client, kept):
    id, token = kept
    before = newest(id)
    for body in (
        b"",
        b"[]",
        b"{",
        b'{"said": "yes"}',
        b"\xff\xfe",
        b"[" * 4000,
        b'{"criterion": "chin_prop", "start_s": 1%s, "end_s": 24, "said": "yes"}' % (b"0" * 400),
    ):
        assert client.post(f"/live/{token}/answer", content=body).status_code == 400
    assert client.post(f"/live/{token}/answer", content=b" " * 5000).status_code == 413
    other = {"criterion": "chin_prop", "start_s": 40.0, "end_s": 42.0, "said": "yes"}
    assert client.post(f"/live/{token}/answer", json=other).status_code == 409  # of which nobody asked
    assert newest(id) == before


def test_damaged_measures_are_one_sentence(client, kept):
    id, token = kept
    path = file_of(id, "measures.parquet")
    path.chmod(0o600)
    path.write_bytes(b"nothing")
    page = client.get(f"/live/{token}/report")
    assert (page.status_code, page.text.count('role="alert"')) == (200, 1)
    assert "缺失或已损坏" in page.text


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("assessment.json", b"chin_prop", b"chin_drop"), ("measures.parquet", b"parquet-cpp", b"parquet-cqq")],
)
def test_a_file_that_reads_well_but_is_not_what_was_filed_is_damaged(client, kept, name, old, new):
    id, token = kept
    path = file_of(id, name)
    path.chmod(0o600)
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    assert "缺失或已损坏" in client.get(f"/live/{token}/report").text
    assert client.post(f"/live/{token}/answer", json={**ASKED, "said": "yes"}).status_code == 409


def test_the_same_answer_of_two_pages_at_once_is_judged_once(kept, monkeypatch):
    id, _ = kept
    judged = rejudge.rejudge
    monkeypatch.setattr(rejudge, "rejudge", lambda *about, **more: (time.sleep(0.2), judged(*about, **more))[1])
    store, who, said = people.records(), people.viewer(), answer_from({**ASKED, "said": "yes"})
    with ThreadPoolExecutor(2) as pages:
        asked = [pages.submit(reports.answer, who, id, said, lang="zh") for _ in range(2)]
    assert [each.exception() is None for each in asked].count(True) == 1
    assert len(assessments.assessments(store, who, recording_id=id)) == 2


def test_a_report_outlives_its_profile_but_is_not_judged_by_another(client, kept, monkeypatch):
    _, token = kept
    pack = load_pack("counter")
    profiles = {("sitting" if name == "seated" else name): each for name, each in pack.profiles.items()}
    newer = pack.model_copy(update={"profiles": profiles, "default_profile": None, "caps": ()})
    monkeypatch.setattr(reports, "load_pack", lambda _: newer)
    assert "先做" in client.get(f"/live/{token}/report").text
    assert client.post(f"/live/{token}/answer", json={**ASKED, "said": "yes"}).status_code == 409


def test_what_is_taken_away_is_named_by_scene_and_date_and_plays_the_file_beside_it(kept):
    id, _ = kept
    who = people.viewer()
    name = reports.file_name(who, id, "报告", ".html", lang="zh", zone="Asia/Shanghai")
    day = recordings.recording(people.records(), who, id).created_at
    assert name.startswith("报告_坐席窗口_")
    assert name.removesuffix(".html")[-10:-6] in (str(day.year), str(day.year + 1))
    page = reports.standalone(who, id, lang="en", zone="", media="录像_a b.mp4").decode()
    assert 'src="./%E5%BD%95%E5%83%8F_a%20b.mp4"' in page
    assert "http-equiv" in page
    assert "<form" not in page
    assert reports.captions(who, id) == "WEBVTT\n"  # nothing was said


def test_captions_that_are_taken_away_mark_the_listed_phrases(files, kept, tmp_path):
    store, who = people.records(), people.viewer()
    id = recordings.keep_recording(store, who, io.BytesIO(FILM), name="rude.mp4", kind=Kind.upload).id.hex
    told = Assessment.model_validate_json(files["assessment.json"].read_bytes())
    moment = Evidence(start_s=1.0, end_s=2.0, label="不归我管。")
    verdicts = [each.model_copy(update={"status": "assessed", "evidence": (moment,)})
                if each.criterion == "forbidden_phrases_major" else each for each in told.verdicts]  # fmt: skip
    words = [
        TranscriptWord(start_s=k, end_s=k + 1.0, text=text, probability=0.9) for k, text in ((0, "这"), (1, "不归我管"))
    ]
    line = TranscriptLine(start_s=0.0, end_s=2.0, text="这不归我管。", words=tuple(words))
    rude = told.model_copy(update={"verdicts": tuple(verdicts), "transcript": (line,)})
    (tmp_path / "assessment.json").write_text(rude.model_dump_json(), encoding="utf-8")
    written = {**files, "assessment.json": tmp_path / "assessment.json"}
    assessments.file_assessment(store, who, id, rude, written)
    vtt = reports.captions(who, id)
    assert "STYLE\n" in vtt
    assert vtt.endswith("\n这<c.fault>不归我管。</c>\n")


def test_a_kept_takes_report_names_its_drill_and_by_what_it_is_judged(files, kept):
    store, who = people.records(), people.viewer()
    drill = drill_named("level_shoulders")
    id = recordings.keep_recording(store, who, io.BytesIO(FILM), name=takes.take_name(drill, "zh"),
                                   kind=Kind.upload).id.hex  # fmt: skip
    told = Assessment.model_validate_json(files["assessment.json"].read_bytes())
    assessments.file_assessment(store, who, id, told, files)
    report = reports.document(who, id, lang="zh")
    assert "<h1>双肩放平</h1>" in report
    assert "科目练习，按“坐席窗口”评" in report
    assert "<h1>Level shoulders</h1>" in reports.document(who, id, lang="en")
    assert reports.file_name(who, id, "报告", ".html", lang="zh", zone="").startswith("报告_双肩放平_")
    shown = page("assess", job=id).run()
    assert shown.button[0].label == "再练一次"
    assert "<h1>坐席窗口</h1>" in reports.document(who, kept[0], lang="zh")


def file_of(id, name):
    store, who = people.records(), people.viewer()
    (row,) = assessments.assessments(store, who, recording_id=id, size=1)
    return assessments.assessment_file(store, who, row.id, name)


def newest(id):
    return Assessment.model_validate_json(file_of(id, "assessment.json").read_bytes())


APPEAL = {"criterion": "chin_prop", "sentence": "I held the <b>phone</b>", "start_s": None, "end_s": None}


def test_a_finding_is_appealed_from_the_report_and_taken_back(client, kept):
    id, token = kept
    assert "我不同意" not in client.get(f"/live/{token}/report").text, "of what is private nobody else has judged"
    refused = client.post(f"/live/{token}/appeal?lang=zh", json=APPEAL)
    assert (refused.status_code, "未提交" in refused.json()["sentence"]) == (409, True)
    submission.submit_recording(people.records(), people.viewer(), id)
    page = client.get(f"/live/{token}/report").text
    assert 'data-criterion="chin_prop" data-name="托腮">我不同意</button>' in page
    assert client.post(f"/live/{token}/appeal", json=APPEAL).status_code == 204
    page = client.get(f"/live/{token}/report").text
    assert page.count("I held the &lt;b&gt;phone&lt;/b&gt;") == 1
    assert "已申诉，等待答复" in page
    assert 'data-criterion="chin_prop" data-name' not in page, "one open appeal a finding"
    for lang, told in (("zh", "您已提出申诉"), ("en", "appealed this finding already"), ("xx", "您已提出申诉")):
        again = client.post(f"/live/{token}/appeal?lang={lang}", json=APPEAL)
        assert (again.status_code, told in again.json()["sentence"]) == (409, True)
    [made] = appeals.appeals(people.records(), people.viewer())
    assert client.post(f"/live/{token}/appeal", json={"take_back": made.id.hex}).status_code == 204
    assert appeals.appeals(people.records(), people.viewer()) == []
    assert client.post(f"/live/{token}/appeal", json={"take_back": made.id.hex}).status_code == 409


def test_what_is_no_appeal_is_refused(client, kept):
    wrong = ({"sentence": 1}, {"start_s": 1.0}, {"more": 1}, {"start_s": True, "end_s": 2}, {"sentence": "x" * 501},
             {"start_s": 10**400, "end_s": 10**400})  # fmt: skip
    for body in ({"take_back": 1}, [], *({**APPEAL, **each} for each in wrong)):
        assert client.post(f"/live/{kept[1]}/appeal", json=body).status_code == 400
    for content in (b"", b"null", b"[" * 3000):
        assert client.post(f"/live/{kept[1]}/appeal", content=content).status_code == 400


def test_nobody_else_appeals(client, kept, begun):
    id, token = kept
    submission.submit_recording(people.records(), people.viewer(), id)
    for wrong in ("A" * 43, begun[1], token[:-1]):
        assert client.post(f"/live/{wrong}/appeal", json=APPEAL).status_code == 404
    elsewhere = {"origin": "http://elsewhere", "sec-fetch-site": "cross-site"}
    assert client.post(f"/live/{token}/appeal", json=APPEAL, headers=elsewhere).status_code == 404
    assert client.post(f"/live/{token}/appeal", content=b" " * 5000).status_code == 413
    assert client.get(f"/live/{token}/appeal").status_code in (404, 405)
    assert appeals.appeals(people.records(), people.viewer()) == []


def test_what_is_taken_away_names_nobody_unless_asked(client, kept):
    id, token = kept
    store, who = people.records(), people.viewer()
    assert not reports.anything_said(who, id)
    submission.submit_recording(store, who, id)
    feedback.comment(store, who, id, "双肩放平一些", at_s=3.0)
    assert reports.anything_said(who, id)
    assert "双肩放平一些" in client.get(f"/live/{token}/report").text
    bare, whole = (
        reports.standalone(who, id, lang="zh", zone="", media="a.mp4", remarks=asked).decode()
        for asked in (False, True)
    )
    assert ("双肩放平一些" in bare, "双肩放平一些" in whole) == (False, True)
    assert "我不同意" not in whole


def test_a_review_that_changes_nothing_is_told(client, kept):
    id, token = kept
    store, who = people.records(), people.viewer()
    submission.submit_recording(store, who, id)
    with store.writing() as session:  # alone on a machine nobody else reviews
        session.add(Review(recording_id=UUID(id), author_id=who.person_id))
    page = client.get(f"/live/{token}/report").text
    assert '<details id="people">' in page
    assert re.search(r'<a href="#people">\S+复核：', page)
