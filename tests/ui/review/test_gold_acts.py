"""Gold clips in the review: proposed by an act, rated as any blind rating, and nothing on the page says which are."""

from __future__ import annotations

from liyi.records.gold_tables import GoldRating, GoldValue
from liyi.records.operations import blind, cohorts, gold, people
from liyi.records.schema import Rating, Role
from liyi.records.unit_of_work import id_of
from liyi.records.viewer import Viewer
from tests.ui.review.test_review_routes import act, data_of

SCORES = {"pace": 75, "shoulder_tilt": 100, "head_roll": 50, "facing": 75}


def rater(hall, name) -> Viewer:
    row = people.add_person(hall.records, hall.admin, name=name, account=name)
    people.grant_role(hall.records, hall.admin, row.id, Role.trainer)
    cohorts.add_member(hall.records, hall.admin, hall.cohort, row.id, Role.trainer)
    return Viewer(row.id, row.organisation_id)


def rows(hall, entity):
    with hall.records.reading() as session:
        return session.query(entity).all()


def test_from_the_proposal_to_a_rating_that_is_not_known_for_gold(store, asking, monkeypatch):
    hall, ids = store
    id, raters = ids["submitted"], [rater(hall, name) for name in ("甲", "乙")]
    with asking(hall.trainer) as client:
        told = act(client, id, {"do": "propose_gold"}).json()
        assert "已提议用作校准样片" in told["state"]["gold"]
        assert told["made"] is None
        assert act(client, id, {"do": "propose_gold"}).status_code == 409
    gold.answer_gold(hall.records, hall.trainee, id, consented=True)
    monkeypatch.undo()  # of the fixture: by now a rating is due
    monkeypatch.setenv("LIYI_DATA", str(hall.records.folder))
    monkeypatch.setenv("LIYI_HOST_NAMES", "testserver")
    monkeypatch.setattr(blind, "wants_rating", lambda *_: False)
    for who in raters:
        with asking(who) as client:
            page = client.get(f"/review/{id}/page?lang=zh").text
            for tells in ("校准", "李学员", "counter_front_zh.mp4", "2026-"):
                assert tells not in page, "neither whose it is nor how old"
            asked = [each["id"] for each in data_of(page)["state"]["rating"]["criteria"]]
            assert act(client, id, {"do": "propose_gold"}).status_code == 409, "before it is rated nothing is told"
            assert act(client, id, {"do": "rate", "scores": dict.fromkeys(asked) | SCORES}).json() == {}
            state = data_of(client.get(f"/review/{id}/page?lang=zh").text)["state"]
            assert (state["rating"], state["gold"]) == (None, "")
    assert {row.criterion: row.score for row in rows(hall, GoldValue)} == SCORES
    ratings = len(rows(hall, Rating))
    monkeypatch.setattr(blind, "mixed_in", lambda unit: {id_of(id)})
    with asking(raters[0]) as client:
        page = client.get(f"/review/{id}/page?lang=zh").text
        assert "校准" not in page
        assert data_of(page)["state"]["rating"] is not None
        scores = dict.fromkeys(asked) | {"pace": 50, "head_roll": 50}
        assert act(client, id, {"do": "rate", "scores": scores}).json() == {}
    assert len(rows(hall, Rating)) == ratings
    assert {(row.criterion, row.score) for row in rows(hall, GoldRating)} == {("pace", 50), ("head_roll", 50)}
