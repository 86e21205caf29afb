"""From a trainer's question to what members are shown: the owner's answer on their page, a film and a skeleton."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from liyi.media.recording import open_media
from liyi.records.case_tables import CaseForm, CasePurpose
from liyi.records.engine import open_records
from liyi.records.operations import case_views, cases, cohorts
from liyi.records.operations import people as persons
from liyi.records.schema import Role, now
from liyi.records.viewer import Viewer
from liyi.ui import people
from tests.ui.review.submitted import FILM, found_hall, judged, performance_of

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
        about = {"purpose": CasePurpose.exemplary, "criterion": "crossed_arms", "title": "双手", "look_at": "双手",
                 "form": CaseForm.as_is, "until": now() + timedelta(days=7)}  # fmt: skip
        asked = [
            cases.propose_case(hall.records, hall.trainer, recording, hall.cohort, start_s=at, end_s=at + 3, **about).id
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


def test_an_owner_agrees_to_a_film_and_to_less(made):
    hall, (film, joints, _), peer = made
    shown = page(hall.trainee)
    told = " ".join(str(element.value) for element in shown.markdown)
    assert "春季班" in told
    assert "王老师" in told
    assert "目前 2 名学员" in told
    shown.radio(key=f"form-{film}").set_value(CaseForm.as_is)
    shown.run().button(key=f"agree-{film}").click().run()
    assert not shown.exception
    shown = page(hall.trainee)
    assert shown.radio(key=f"form-{joints}").value == CaseForm.skeleton, "the less is what stands there at first"
    shown.checkbox(key=f"captions-{joints}").set_value(False)
    shown.run().button(key=f"agree-{joints}").click().run()
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
    cases.agree_to_case(hall.records, hall.trainee, case, io.BytesIO(b"{}"), form=CaseForm.skeleton,
                        text_sha256="ab" * 32)  # fmt: skip
    shown = page(peer, case=case.hex)
    shown.text_area[0].set_value("手先叠好，再说话。")
    next(each for each in shown.run().button if str(each.key).startswith("send-")).click().run()
    [said] = case_views.case_comments(hall.records, hall.trainer, case)
    assert (said.text, said.author) == ("手先叠好，再说话。", "同学")
    shown = page(hall.trainer, case=case.hex)
    shown.button(key=f"remove-{said.id}").click().run()
    assert case_views.case_comments(hall.records, peer, case) == []
    page(hall.trainee, case=case.hex).button(key="withdraw-case").click().run()
    assert case not in {each.id for each in case_views.cases(hall.records, peer)}
