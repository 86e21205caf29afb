"""Two attempts side by side: for whoever judges both alone, each time anew; values with errors, and what changed."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import update

from liyi.core.words import is_known
from liyi.records.operations import deletion, feedback
from liyi.records.schema import Recording
from liyi.records.store_tables import AuditLine
from liyi.ui.comparing import beside, beside_page
from liyi.ui.review import actions, review_page

STATIC = beside_page.HERE / "static"
SCRIPT = (STATIC / "beside.mjs").read_text(encoding="utf-8")


def asked(id, other):
    below = f"/review/{id}/beside/{other}"
    return [f"{below}/page?lang=zh", f"{below}/files/beside.mjs", f"{below}/recording/0", f"{below}/recording/1"]


def data_of(text):
    return json.loads(re.search(r'id="beside-data">(.*?)</script>', text, re.DOTALL)[1])


def test_a_trainer_gets_both_players_their_map_and_the_values(store, asking):
    hall, ids = store
    with asking(hall.trainer) as client:
        led = client.get(f"/review/{ids['submitted']}/beside?lang=zh&tz=Asia/Shanghai")
        assert led.status_code == 200
        assert led.url.path == f"/review/{ids['submitted']}/beside/{ids['another']}/page"
        assert led.headers.get_list("content-security-policy") == [review_page.POLICY]
        told = data_of(led.text)
        assert told["begin"] == "phrase"
        assert [text for _, _, text in told["phrases"]], "the same film says the same"
        assert told["alignments"]["speech"] == [[0, 0, 1]]
        assert [side["duration"] for side in told["sides"]] == [20.0, 20.0]
        assert "李学员" in led.text
        rows = re.findall(r'<th scope="row">(.*?)</tr>', led.text, re.DOTALL)
        pace = next(row for row in rows if row.startswith("语速"))
        assert len(re.findall(r"206 ± 6", pace)) == 2
        assert "无明显变化" in pace
        for which in ("0", "1"):
            part = client.get(f"/review/{ids['submitted']}/beside/{ids['another']}/recording/{which}",
                              headers={"range": "bytes=0-9"})  # fmt: skip
            assert (part.status_code, part.headers["content-type"]) == (206, "video/mp4")
    with hall.records.reading() as session:
        lines = session.query(AuditLine).filter(AuditLine.person_id == hall.trainer.person_id)
        watched = [line.entity_id.hex for line in lines if line.action == "watch"]
    assert sorted(watched) == sorted([ids["submitted"], ids["another"]])


def test_nobody_else_and_nothing_that_is_private_or_gone(store, asking):
    hall, ids = store
    both = ids["submitted"], ids["another"]
    for who in (hall.trainee, hall.stranger, hall.admin, None):
        with asking(who) as client:
            for path in (*asked(*both), f"/review/{both[0]}/beside"):
                answer = client.get(path)
                assert (answer.status_code, answer.content) == (404, b""), path
    with asking(hall.trainer) as client:
        for pair in ((ids["submitted"], ids["private"]), (ids["private"], ids["submitted"]), (both[0], both[0])):
            assert [client.get(path).status_code for path in asked(*pair)] == [404] * 4
        assert [client.get(path).status_code for path in asked(*both)] == [200] * 4
        assert client.get(asked(*both)[2].replace("recording/0", "recording/2")).status_code == 404
        deletion.discard(hall.records, hall.trainee, both[1])
        assert [client.get(path).status_code for path in asked(*both)] == [404] * 4
        assert "没有可以对比的另一次" in client.get(f"/review/{both[0]}/beside?lang=zh").text


@pytest.mark.parametrize("which", ["submitted", "another"])
def test_what_is_still_to_be_rated_blind_stands_beside_nothing(store, asking, monkeypatch, which):
    hall, ids = store
    monkeypatch.setattr(feedback, "blind_due", lambda records, viewer, id: str(id).replace("-", "") == ids[which])
    with asking(hall.trainer) as client:
        assert [client.get(path).status_code for path in asked(ids["submitted"], ids["another"])] == [404] * 4
        assert beside_page.HERE.name == "comparing"
        assert "beside-data" not in client.get(f"/review/{ids['submitted']}/beside").text


def test_a_change_is_told_only_beyond_the_errors_of_both(store):
    from liyi.ui.review import reviewing

    hall, ids = store
    pair = beside.open_pair(hall.trainer, ids["submitted"], ids["another"])
    one = pair.before.assessment

    def slower(by):
        verdicts = [each.model_copy(update={"value": each.value - by}) if each.criterion == "pace" else each
                    for each in one.verdicts]  # fmt: skip
        return one.model_copy(update={"verdicts": tuple(verdicts)})

    def told(other):
        return next(row["word"] for row in beside_page._rows(one, other, "en") if row["name"] == "Pace")

    error = next(each.error for each in one.verdicts if each.criterion == "pace")
    limit = 2 * 2**0.5 * error
    high = next(each.good[1] for each in one.verdicts if each.criterion == "pace")
    assert 206.154 - limit > high, "the slower one stays outside the good band, so that all of it counts"
    assert told(slower(0.95 * limit)) == "no clear change"
    assert told(slower(1.05 * limit)) == "better"
    assert reviewing.open_review(hall.trainer, ids["submitted"]).row.id == pair.before.row.id


def test_the_table_is_what_the_browser_half_does_and_every_word_is_there():
    table = re.search(r"const DOES = \{(.*?)\n\};", SCRIPT, re.DOTALL)[1]
    assert re.findall(r"^  (\w+):", table, re.MULTILINE) == [action.id for action in actions.BESIDE]
    keys = [key for action in actions.BESIDE for key in action.keys]
    assert len(keys) == len(set(keys))
    assert set(re.findall(r"\bwords\.(\w+)", SCRIPT)) == set(beside_page.SENTENCES)
    every = [*beside_page.SENTENCES.values(), *beside_page.ALIGNMENTS.values()]
    assert [sentence for sentence in every if not is_known(sentence)] == []


def test_the_camera_from_the_side_plays_where_both_have_one_that_is_aligned(store, asking, monkeypatch):
    hall, ids = store
    below = f"/review/{ids['submitted']}/beside/{ids['another']}"
    with asking(hall.trainer) as client:
        assert [client.get(f"{below}/recording/{which}?camera=side").status_code for which in (0, 1)] == [404, 404]
        assert 'data-act="camera"' not in client.get(f"{below}/page?lang=zh").text
        with hall.records.writing() as session:
            session.execute(update(Recording).values(side_sha256=Recording.sha256))
        try:
            assert client.get(f"{below}/recording/1?camera=side", headers={"range": "bytes=0-3"}).status_code == 206
            assert 'data-act="camera"' not in client.get(f"{below}/page?lang=zh").text, "nobody knows how they run"
            monkeypatch.setattr(beside_page, "_from_the_side", lambda on: {"offset": 0.4, "rate": 1.0})
            page = client.get(f"{below}/page?lang=zh").text
            assert 'data-act="camera"' in page
            assert [side["side"]["offset"] for side in data_of(page)["sides"]] == [0.4, 0.4]
        finally:
            with hall.records.writing() as session:
                session.execute(update(Recording).values(side_sha256=None))
