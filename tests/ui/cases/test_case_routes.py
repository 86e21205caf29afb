"""Every person x every route and page of cases: shown to whom their owner agreed, until the day, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from liyi.records.case_tables import CaseRow
from liyi.records.engine import open_records
from liyi.records.operations import cases
from liyi.records.schema import AuditLine, now
from liyi.ui import pages, people
from liyi.ui.cases import case_page, case_routes
from liyi.ui.live import routes
from tests.records.world import CAPTIONS, CONTENT, JOINTS, build, practise
from tests.ui.test_roles_and_pages import client, drawn

MEMBERS = {"owner", "peer", "trainer"}
SHOWN_TO = {
    "case": MEMBERS, "asked_case": set(), "offered_case": {"owner", "trainer"},
    "secret_case": set(), "secret_asked_case": set(), "secret_offered_case": set(),
}  # fmt: skip
FILES = ("page", "media", "files/case.mjs", "files/skeleton.mjs", "files/report.css", "files/case.css")
ELSEWHERE = ("recording", "report", "preview", "captions", "files/review.mjs", "files/..%2Fcase_page.py", "")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIYI_DATA", str(folder))
        patch.setenv("LIYI_TEAM", "1")
        store = open_records(folder)
        made = build(store, folder)
        practise(store, made, folder)
        store.close()
        people._opened.cache_clear()
        yield made
        people.records().close()
        people._opened.cache_clear()


def statuses(world, who, path):
    with client(who, answers=routes.routes()) as asked:
        answer = asked.get(path)
        if answer.status_code != 200:
            assert (answer.status_code, answer.content) == (404, b""), path
        return answer.status_code


@pytest.mark.parametrize("which", SHOWN_TO)
def test_every_person_and_nobody_by_every_route(world, which):
    id = world.ids[which]
    for name, who in [*world.viewers.items(), ("signed out", None)]:
        wanted = 200 if name in SHOWN_TO[which] else 404
        for file in FILES:
            assert statuses(world, who, f"/cases/{id}/{file}") == wanted, (name, file)
        for file in ELSEWHERE:
            assert statuses(world, who, f"/cases/{id}/{file}") == 404, (name, file)


def test_a_skeleton_is_its_joints_and_never_picture_or_sound(world):
    with client(world.viewers["peer"], answers=routes.routes()) as asked:
        page = asked.get(f"/cases/{world.case}/page?lang=zh")
        assert page.headers.get_list("content-security-policy") == [case_page.POLICY]
        assert "<video" not in page.text
        assert CAPTIONS[0]["text"] in page.text
        for secret in (world.recording.hex, str(world.recording), "a.mp4", "owner_id", str(world.owner_id)):
            assert secret not in page.text
        for query in ("", "?form=as_is", "?from=0&to=60"):
            media = asked.get(f"/cases/{world.case}/media{query}")
            assert (media.content, media.headers["content-type"]) == (JOINTS, "application/json")
            assert media.headers["x-content-type-options"] == "nosniff"
        part = asked.get(f"/cases/{world.case}/media", headers={"range": "bytes=0-4"})
        assert (part.status_code, part.content) == (206, JOINTS[:5])


@pytest.mark.parametrize("name", ["stranger", "peer", "trainer", "admin", "granted_admin", None])
def test_what_an_owner_looks_at_beforehand_is_for_them_alone(world, name):
    asked = f"/cases/of/{world.recording}/media?form=as_is&of=pace&from=1&to=5"
    with client(world.viewers["owner"], answers=routes.routes()) as own:
        assert own.get(asked).content == CONTENT
        for wrong in ("form=film", "form=as_is&of=..%2F", "form=as_is&of=pace&from=nan", "form=as_is&of=pace&from=9&to=1"):
            assert own.get(f"/cases/of/{world.recording}/media?{wrong}").status_code == 404
    who = world.viewers[name] if name else None
    for path in (asked, asked.replace("media", "page"), f"/cases/of/{world.recording}/files/case.mjs"):
        assert statuses(world, who, path) == 404


def test_watching_is_noted_once_however_often_its_file_is_asked_for(world):
    def lines():
        with people.records().reading() as session:
            return session.query(AuditLine).filter_by(action="watch_case", person_id=world.trainer_id).count()

    case_routes._noted.clear()
    before = lines()
    with client(world.viewers["trainer"], answers=routes.routes()) as asked:
        for _ in range(3):
            asked.get(f"/cases/{world.case}/media", headers={"range": "bytes=0-4"})
        assert lines() == before + 1
        asked.get(f"/cases/{world.case}/page")
        assert lines() == before + 2


def test_pages_name_nobody_and_are_for_members_alone(world):
    cases_page = pages.at("cases")
    told = drawn(cases_page, world.viewers["peer"], {"case": world.case.hex})
    assert "An even pace" in told
    assert "I would breathe first" in told
    for secret in (world.recording.hex, world.owner_id.hex, "a.mp4"):
        assert secret not in told
    for name in ("stranger", "other_trainer"):
        for query in ({"case": world.case.hex}, {"propose": world.recording.hex}, {}):
            assert "An even pace" not in drawn(cases_page, world.viewers[name], query)
    assert "declined" not in (asked := drawn(cases_page, world.viewers["peer"], {}))
    assert asked.count("An even pace") == drawn(cases_page, world.viewers["peer"], {"x": "y"}).count("An even pace")
    assert "secret" not in asked


def test_after_its_last_day_there_is_nothing(world):
    with people.records().writing() as session:
        session.execute(update(CaseRow).where(CaseRow.id == world.case).values(until=now() - timedelta(seconds=1)))
    for name in MEMBERS:
        for file in FILES:
            assert statuses(world, world.viewers[name], f"/cases/{world.case}/{file}") == 404
    with people.records().writing() as session:
        session.execute(update(CaseRow).where(CaseRow.id == world.case).values(until=now() + timedelta(days=1)))
    assert statuses(world, world.viewers["peer"], f"/cases/{world.case}/media") == 200
    cases.withdraw_case(people.records(), world.viewers["owner"], world.case)
    for name in MEMBERS:
        assert statuses(world, world.viewers[name], f"/cases/{world.case}/media") == 404
