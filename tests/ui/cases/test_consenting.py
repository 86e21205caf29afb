"""From a trainer's question to what members are shown: the owner's answer on their page, a film and a skeleton."""

from __future__ import annotations

import io
import json
import re
import time
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from liyi.core.errors import MediaError
from liyi.media.recording import open_media
from liyi.records import case_queue
from liyi.records.case_tables import CaseForm, CasePurpose
from liyi.records.engine import open_records
from liyi.records.operations import case_clips, case_views, cases, cohorts
from liyi.records.operations import people as persons
from liyi.records.operations.case_views import CaseState
from liyi.records.schema import Role, now
from liyi.records.viewer import Viewer
from liyi.ui import people
from liyi.ui.cases import clip_making, making
from liyi.ui.live import routes
from tests.ui.review.submitted import FILM, found_hall, judged, performance_of
from tests.ui.test_roles_and_pages import client

_DRAW = """
from uuid import UUID
import streamlit as st
from liyi.records.viewer import Viewer
from liyi.ui import faults, pages, people
from liyi.ui.screens import cases
pages.go = lambda address, **query: st.stop()
with people.acting(Viewer(UUID("{person}"), UUID("{organisation}"))), faults.told():
    cases.PAGE.draw()
"""


ABOUT = {"purpose": CasePurpose.exemplary, "criterion": "crossed_arms", "title": "双手", "look_at": "双手",
         "form": CaseForm.as_is, "until": now() + timedelta(days=7)}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A trainer's proposals of the sample in both forms, waiting for its owner; and a member of the cohort."""
    folder = tmp_path_factory.mktemp("hall")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIYI_DATA", str(folder / "data"))
        patch.setenv("LIYI_TEAM", "1")
        people._opened.cache_clear()
        hall = found_hall(open_records(folder / "data"))
        performance, measured = performance_of(FILM, folder)
        recording = hall.submit(FILM, judged(performance), measured)
        row = persons.add_person(hall.records, hall.admin, name="同学", account="peer")
        cohorts.add_member(hall.records, hall.admin, hall.cohort, row.id, Role.trainee)
        asked = [
            cases.propose_case(hall.records, hall.trainer, recording, hall.cohort, start_s=at, end_s=at + 3, **ABOUT).id
            for at in (2.0, 8.0, 12.0)
        ]
        yield hall, asked, Viewer(row.id, row.organisation_id)
        people.records().close()
        hall.records.close()
        people._opened.cache_clear()


def page(viewer, **query):
    script = _DRAW.format(person=viewer.person_id, organisation=viewer.organisation_id)
    shown = AppTest.from_string(script, default_timeout=90)
    shown.session_state["lang"] = "zh"
    for name, value in query.items():
        shown.query_params[name] = value
    return shown.run()


def made_by_the_server() -> None:
    """Wait until the server has made all that was agreed to."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        clip_making.advance()
        if case_queue.next_clip(people.records()) is None:
            return
        time.sleep(0.05)
    pytest.fail("not made within a minute")


def test_why_a_clip_could_not_be_made_is_told_to_its_owner(made, monkeypatch):
    hall, asked, _ = made
    recording = case_views.one_case(hall.records, hall.trainee, asked[0]).recording_id
    agreed = cases.propose_case(hall.records, hall.trainer, recording, hall.cohort, start_s=16.0, end_s=18.0, **ABOUT)

    def fails(*_, **__):
        raise MediaError("a.mp4", "{file} is empty (0 bytes): record or copy it again.")

    monkeypatch.setattr(making, "cut_limited", fails)
    cases.agree_to_case(hall.records, hall.trainee, agreed.id, form=CaseForm.as_is, text_sha256="ab" * 32)
    clip_making.make(case_queue.next_clip(hall.records))
    shown = page(hall.trainee, case=agreed.id.hex)
    assert any("是空文件（0 字节）" in str(each.value) for each in shown.markdown), shown.main
    assert "a.mp4" not in str(page(hall.trainer, case=agreed.id.hex).main)
    shown.button(key="retry-clip").click().run()
    assert case_views.one_case(hall.records, hall.trainee, agreed.id).state == CaseState.making
    cases.withdraw_case(hall.records, hall.trainee, agreed.id)


def test_an_owner_agrees_to_a_film_and_to_less(made):
    hall, (film, joints, _), peer = made
    shown = page(hall.trainee)
    told = " ".join(str(element.value) for element in shown.markdown)
    assert "春季班" in told
    assert "王老师" in told
    assert "目前 2 名学员" in told
    shown.radio(key=f"form-{film}").set_value(CaseForm.as_is)
    assert not shown.checkbox(key=f"captions-{film}").value, "what tells more is ticked by its owner"
    shown.checkbox(key=f"captions-{film}").set_value(True)
    shown.run().button(key=f"agree-{film}").click().run()
    assert not shown.exception
    assert case_views.one_case(hall.records, hall.trainee, film).state == CaseState.making, "nobody waits for it"
    shown = page(hall.trainee)
    assert shown.radio(key=f"form-{joints}").value == CaseForm.skeleton, "the less is what stands there at first"
    assert not shown.checkbox(key=f"captions-{joints}").value
    shown.run().button(key=f"agree-{joints}").click().run()
    made_by_the_server()
    clip = case_views.watch_case(hall.records, peer, film)
    cut = open_media(clip.path)
    assert (clip.form, cut.info.has_sound) == (CaseForm.as_is, True)
    assert cut.info.duration_s == pytest.approx(3.0, abs=0.15)
    moving = json.loads(case_views.watch_case(hall.records, peer, joints).path.read_bytes())
    assert (moving["duration"], list(moving["lines"])) == (3.0, ["crossed_arms"])
    found = {each.id: each for each in case_views.cases(hall.records, peer)}
    assert found[film].captions
    assert not found[joints].captions
    assert {each.owner for each in found.values()} == {""}


def test_a_discussion_is_held_under_names_and_tidied_by_a_trainer(made):
    hall, (*_, case), peer = made
    cases.agree_to_case(hall.records, hall.trainee, case, form=CaseForm.skeleton, text_sha256="ab" * 32)
    case_clips.keep_clip(hall.records, hall.trainee, case, io.BytesIO(b"{}"))
    page(peer, case=case.hex).text_area[0].set_value("手先叠好，再说话。").run()
    assert page(hall.trainee, case=case.hex).text_area[0].value == "", "a draft is one's own"
    shown = page(peer, case=case.hex)  # another session
    assert shown.text_area[0].value == "手先叠好，再说话。", "what was typed is there after a reload"
    next(each for each in shown.button if str(each.key).startswith("send-")).click().run()
    [said] = case_views.case_comments(hall.records, hall.trainer, case)
    assert (said.text, said.author) == ("手先叠好，再说话。", "同学")
    assert page(peer, case=case.hex).text_area[0].value == "", "it was sent"
    shown = page(hall.trainer, case=case.hex)
    shown.button(key=f"remove-{said.id}").click().run()
    assert case_views.case_comments(hall.records, peer, case) == []
    page(hall.trainee, case=case.hex).button(key="withdraw-case").click().run()
    assert case not in {each.id for each in case_views.cases(hall.records, peer)}


def test_an_owner_looks_at_the_stretch_by_the_files_own_clock_or_agrees_to_no_film(made, monkeypatch):
    hall, asked, _ = made
    recording = case_views.one_case(hall.records, hall.trainee, asked[0]).recording_id
    preview = f"/cases/of/{recording}/page?form=as_is&of=crossed_arms&from=4&to=6"
    leaping = [[0.0, 0.0], [5.0, 3.0]]  # a second into the stretch the file's clock leaps ahead by 3
    monkeypatch.setattr(making, "clock_in_file", lambda _: leaping)
    with client(hall.trainee, answers=routes.routes()) as browser:
        told = json.loads(re.search(r'id="clip-data">(.*?)</script>', browser.get(preview).text, re.DOTALL)[1])
        assert (told["from"], told["duration"], told["clock"]) == (4.0, 2.0, leaping)
        monkeypatch.setattr(making, "clock_in_file", lambda _: None)
        assert "时间在中途从头计起" in browser.get(preview).text
    assert making.Stretch(hall.trainee, recording, "crossed_arms", 4.0, 6.0).forms == (CaseForm.skeleton,)
