"""The page Practise without a browser: scenes, names, who is at a rehearsal, and the question while one waits."""

from __future__ import annotations

import json

import pytest

from liyi.core.errors import LiyiError
from liyi.core.words import translate
from liyi.etiquette.assessment import Verdict
from liyi.etiquette.norms import load_pack
from liyi.report.findings import Mark
from liyi.ui import asking, beginning, entries, history, jobs, people, slots, stages, workroom
from liyi.ui.live import component, drill_component, position, rehearsing, session
from liyi.ui.screens import practise
from tests.ui.drawing import page
from tests.ui.test_kept import CHOICE, TEXT, rehearsed


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setattr(jobs, "_launch", lambda folder, slot: None)
    people.agree(TEXT, version="1")
    yield tmp_path
    rehearsing._live.clear()


def verdict(criterion, sub_score):
    return Verdict(criterion=criterion, measure=criterion, dimension="voice", status="assessed", sub_score=sub_score,
                   weight=1.0)  # fmt: skip


def press(shown, label):
    next(button for button in shown.button if button.label == translate(label, "zh")).click().run()


def test_a_link_leads_to_a_scene_whose_name_the_rehearsal_bears(data):
    """By telephone no camera is asked for; what is chosen stands in the rehearsal."""
    shown = page("practise", scene="phone").run()
    assert [each.label for each in shown.segmented_control] == []
    shown.text_input(key="recogniser").set_value("none")
    shown.checkbox[0].check().run()
    press(shown, "Begin")
    (row,) = (data / "work").iterdir()
    now = session.open_session(row.name)
    assert (now.scene, now.pack, now.options.profile) == ("phone", "counter", "phone")
    assert now.options.recogniser is None
    assert entries.find(row.name).name.startswith("电话 咨询预约 2")
    task = practise.task_of(now.scene)
    assert task is not None
    assert task.points[0] == "报单位，问好"
    assert practise.task_of("gone") is None


def test_the_scene_of_ones_post_is_chosen_first(data):
    history.choose_post("standing")
    shown = page("practise").run()
    shown.checkbox[0].check().run()
    press(shown, "Begin")
    (row,) = (data / "work").iterdir()
    assert session.open_session(row.name).options.profile == "standing"


def test_a_rehearsal_that_runs_elsewhere_is_left_there_unless_asked():
    id = rehearsed(pieces=3)
    rehearsing.rehearsing(session.open_session(id)).pages = 1
    shown = page("practise", rehearsal=id).run()
    assert [each.value for each in shown.header] == [translate("This rehearsal runs in another tab", "zh")]
    assert "tokens" not in shown.session_state or id not in shown.session_state["tokens"]
    before = (session.folder(id) / "session.json").read_bytes()
    press(shown, "Go on here instead")
    assert id in shown.session_state["tokens"]
    resume = shown.session_state[f"resume-{id}"]
    assert (resume.piece, resume.recorded_s, resume.start_s) == (3, 3 * jobs.PIECE_S, 0.0)
    assert (session.folder(id) / "session.json").read_bytes() == before  # the other page goes on until this one records


def test_what_was_interrupted_can_be_gone_on_with_or_assessed():
    id = rehearsed()
    shown = page("practise", rehearsal=id).run()
    labels = [button.label for button in shown.button]
    assert labels == [translate(each, "zh") for each in ("Go on practising", "Assess what was recorded",
                                                         "New rehearsal")]  # fmt: skip
    press(shown, "Go on practising")
    assert shown.session_state[f"step-{id}"] == "practise"


def test_pieces_of_a_calibration_that_is_made_again_go():
    id = rehearsed(pieces=4)
    session.discard(id, before=3)
    assert [path.name for path in (session.folder(id) / "chunks").iterdir()] == ["000003.part"]
    assert (session.next_piece(id), session.recorded_s(id)) == (4, jobs.PIECE_S)


def test_whoever_has_no_camera_goes_on_by_voice():
    id, _ = beginning.rehearse(**CHOICE)
    rehearsing.rehearsing(session.open_session(id))
    beginning.by_voice(id)
    assert session.open_session(id).sound_only
    assert rehearsing.rehearsing(session.open_session(id))._blind


def test_the_question_is_put_in_words_of_what_is_weighed():
    counter = load_pack("counter")
    by_profile = {name: [each.id for each in asking.aspects_of(counter, name)] for name in counter.profiles}
    assert by_profile["seated"] == ["bearing", "facing", "wording", "tempo", "pauses"]
    assert "bearing" not in by_profile["phone"]
    known = {id for pack in ("counter", "presentation") for id in load_pack(pack).criteria}
    assert all(aspect.criteria & known for aspect in asking.ASPECTS)


def test_the_answer_is_held_against_what_was_measured():
    tempo = next(each for each in asking.ASPECTS if each.id == "tempo")
    fine, bad = verdict("pace", 1.0), verdict("articulation_rate", 0.2)
    assert asking.mark_of_aspect(tempo, [fine]) is Mark.GOOD
    assert asking.mark_of_aspect(tempo, [fine, bad]) is Mark.FAULT
    assert asking.mark_of_aspect(tempo, []) is Mark.OPEN


def test_a_wait_shows_its_stages_its_time_and_one_question(data):
    id = rehearsed(pieces=30)
    beginning.assess(id)
    (data / "queue").mkdir(exist_ok=True)
    spent = {jobs.JOINING: 2.0, stages.LISTENING: 18.0, stages.WATCHING: 18.0, stages.WRITING: 2.0}
    took = {"recorded_s": 60.0, "size": 1000, "work_s": 40.0, "stages": spent}
    (data / "queue" / "took.json").write_text(json.dumps([took, {"recorded_s": 60.0, "size": 1000, "work_s": 99.0}]))
    workroom.write_json(
        workroom.folder_of(id) / "progress.json", {"stage": stages.LISTENING, "done": 0.5, "begun_at": 1.0}
    )
    assert jobs.status(id).left_s == pytest.approx(9 + 18 + 2)
    shown = page("practise", rehearsal=id).run()
    (question,) = shown.button_group
    assert question.label == translate("Meanwhile: what went best this time?", "zh")
    assert len(question.options) == 5
    question.set_value("tempo").run()
    assert shown.session_state["best"] == {id: "tempo"}


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, ""), (2.0, "马上就好"), (31.0, "大约还要 35 秒"), (100.0, "大约还要 2 分钟")]
)
def test_time_left_is_said_as_people_say_it(seconds, said, monkeypatch):
    monkeypatch.setattr(stages, "_", lambda sentence, **fields: translate(sentence, "zh", **fields))
    assert stages.left(seconds) == said


def test_without_measured_stages_no_time_is_told():
    assert slots.left_s(stages.LISTENING, 0.5, 60.0, 1000) is None


def test_a_rehearsal_that_never_began_to_record_leaves_nothing(data):
    """The camera was refused: back to the choice, and nothing stays in the records or on the disk."""
    shown = page("practise").run()
    shown.checkbox[0].check().run()
    press(shown, "Begin")
    (first,) = (data / "work").iterdir()
    shown.session_state[f"failed-{first.name}"] = True
    shown.run()
    press(shown, "Back to the choice")
    assert list((data / "work").iterdir()) == []
    with pytest.raises(LiyiError):
        entries.find(first.name)
    id = rehearsed()
    beginning.abandon(id)
    assert entries.find(id).state == "open"  # something was recorded


def test_each_is_asked_to_sit_or_to_stand_as_the_post_does():
    assert component.words("zh", "sitting")["how_front"].startswith("坐直，")
    assert component.words("zh", "standing")["how_side"].startswith("站直，")
    for pack in (load_pack("counter"), load_pack("presentation")):
        for id in pack.profiles:
            where = position.position_of(pack, id)
            said = [component.words("zh", where)["how_front"], drill_component.words("zh", where)["stand_reference"]]
            assert ("站" in "".join(said)) is (where != "sitting"), id
            assert ("坐" in "".join(said)) is (where != "standing"), id
    assert position.position_of(None, "seated") == ""


def test_where_nothing_is_seen_the_picture_is_no_stage(data, monkeypatch):
    id = rehearsed(pieces=0)
    session.chunk_path(id, 0).write_bytes(b"\x1aE\xdf\xa3 ... A_OPUS ...")
    beginning.assess(id)
    assert workroom.is_sound_alone(id)
    workroom.write_json(
        workroom.folder_of(id) / "progress.json", {"stage": stages.LISTENING, "done": 0.5, "begun_at": 1.0}
    )
    drawn = "".join(each.proto.body for each in page("practise", rehearsal=id).run().get("html"))
    assert translate(stages.NAMES[stages.WRITING], "zh") in drawn
    assert translate(stages.NAMES[stages.WATCHING], "zh") not in drawn
    session.chunk_path(id, 0).write_bytes(b"\x1aE\xdf\xa3 ... A_OPUS ... V_VP9 ...")
    assert not workroom.is_sound_alone(id)
