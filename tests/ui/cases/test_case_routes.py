"""Every person x every route and page of cases: shown to whom their owner agreed, until the day, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from starlette.middleware import Middleware

from liyi.records.case_tables import CaseRow
from liyi.records.operations import cases
from liyi.records.schema import now
from liyi.records.store_tables import AuditLine
from liyi.ui import pages, people
from liyi.ui.cases import case_page, case_routes
from liyi.ui.live import policy, routes
from tests.records.world import CAPTIONS, CONTENT, JOINTS
from tests.ui.test_roles_and_pages import client, drawn

MEMBERS = {"owner", "peer", "trainer"}
SHOWN_TO = {
    "case": MEMBERS, "asked_case": set(), "offered_case": {"owner", "trainer"}, "unmade_case": set(),
    "secret_case": set(), "secret_asked_case": set(), "secret_offered_case": set(),
}  # fmt: skip
FILES = ("page", "media", "files/case.mjs", "files/skeleton.mjs", "files/report.css", "files/case.css")
LOOK = "form=as_is&of=pace&from=1&to=5"
ELSEWHERE = ("recording", "report", "preview", "captions", "files/review.mjs", "files/..%2Fcase_page.py", "")


def refused(asked, path) -> bool:
    """Whether there is nothing at an address, and nothing in the answer."""
    answer = asked.get(path)
    assert (answer.status_code, answer.content) in ((404, b""), (200, answer.content)), path
    return answer.status_code == 404


@pytest.mark.parametrize("name", [
    "owner", "peer", "trainer", "stranger", "other_trainer", "dismissed_trainer", "evaluator", "admin",
    "granted_admin", "foreign_trainer", "nobody", None,
])  # fmt: skip
def test_every_case_by_every_route(world, name):
    with client(world.viewers[name] if name else None, answers=routes.routes()) as asked:
        for which, members in SHOWN_TO.items():
            at = f"/cases/{world.ids[which]}"
            assert {file: not refused(asked, f"{at}/{file}") for file in FILES} == dict.fromkeys(FILES, name in members)
            assert all(refused(asked, f"{at}/{file}") for file in ELSEWHERE), which
        own = f"/cases/of/{world.recording}"
        for path in (f"{own}/media?{LOOK}", f"{own}/page?{LOOK}", f"{own}/files/case.mjs"):
            assert refused(asked, path) == (name != "owner" or "page" in path), path  # its assessment is a line of text


def test_a_skeleton_is_its_joints_and_never_picture_or_sound(world):
    with client(world.viewers["peer"], Middleware(policy.SecurityHeaders), answers=routes.routes()) as asked:
        page = asked.get(f"/cases/{world.case}/page?lang=zh")
        assert (page.status_code, page.headers.get_list("content-security-policy")) == (200, [case_page.POLICY])
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


def test_an_owner_is_shown_their_own_recording_beforehand(world):
    own = f"/cases/of/{world.recording}/media"
    with client(world.viewers["owner"], answers=routes.routes()) as asked:
        assert asked.get(f"{own}?{LOOK}").content == CONTENT
        for wrong in (
            "form=film",
            "form=as_is&of=..%2F",
            "form=as_is&of=pace&from=inf",
            "form=as_is&of=pace&from=9&to=1",
        ):
            assert refused(asked, f"{own}?{wrong}"), wrong


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
    stranger = world.viewers["stranger"]
    for query in ({"case": world.case.hex}, {}):
        assert "An even pace" not in drawn(cases_page, stranger, query)
    form = drawn(cases_page, world.viewers["other_trainer"], {"propose": world.recording.hex})
    assert "number_input" not in form


def test_after_its_last_day_there_is_nothing(world):
    with people.records().writing() as session:
        session.execute(update(CaseRow).where(CaseRow.id == world.case).values(until=now() - timedelta(seconds=1)))
    for name in MEMBERS:
        with client(world.viewers[name], answers=routes.routes()) as asked:
            assert all(refused(asked, f"/cases/{world.case}/{file}") for file in FILES)
    with people.records().writing() as session:
        session.execute(update(CaseRow).where(CaseRow.id == world.case).values(until=now() + timedelta(days=1)))
    with client(world.viewers["peer"], answers=routes.routes()) as asked:
        assert not refused(asked, f"/cases/{world.case}/media")
        cases.withdraw_case(people.records(), world.viewers["owner"], world.case)
        assert all(refused(asked, f"/cases/{world.case}/{file}") for file in FILES)
