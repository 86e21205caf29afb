"""What is kept: what is listed, that nothing is kept without consent, what filing, deleting and undoing come to."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import time
from contextlib import suppress
from datetime import date

import pytest

from liyi.core.atomic import make_scratch_folder
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.trace import Interval
from liyi.core.words import translate
from liyi.etiquette.assessment import Assessment, RecordingWarning
from liyi.etiquette.causes import CAUSES
from liyi.etiquette.norms import list_packs, load_pack
from liyi.media.joined import Joined
from liyi.records.consent_tables import Exemption
from liyi.records.operations import assessments, consent, deletion, recordings
from liyi.scoring import child, folder
from liyi.scoring.limited import close_shared
from liyi.ui import (
    beginning,
    deleting,
    entries,
    exempting,
    filing,
    jobs,
    outcomes,
    people,
    slots,
    space,
    upkeep,
    worker,
    workroom,
)
from liyi.ui.live import session
from tests.exempting import clip, require_left_out
from tests.records.world import judged
from tests.ui.drawing import page

CHOICE = {"pack": "counter", "options": Options("seated", "front"), "exam": False, "lang": "zh"}
FILM = b"\x1aE\xdf\xa3 film"
TEXT = "I agree."
DAY_S = 86400.0


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    people.agree(TEXT, version="1")
    return tmp_path


@pytest.fixture
def started(monkeypatch):
    """What would have been started as child processes: the folders of the jobs."""
    folders = []
    monkeypatch.setattr(jobs, "_launch", lambda folder, slot: folders.append(folder))
    return folders


def rehearsed(*, pieces=1):
    id, _ = beginning.rehearse(**CHOICE)
    for n in range(pieces):
        session.chunk_path(id, n).write_bytes(b"piece")
    return id


def uploaded(name="窗口.mp4", content=FILM):
    return beginning.upload(io.BytesIO(content), name, "counter", Options(), lang="zh")


def found(id, *, total=82.5):
    """As the child would have left it: joined, assessed, and its process gone."""
    if workroom.media(id) is None:
        (workroom.folder_of(id) / "recording.webm").write_bytes(FILM)
        shutil.rmtree(workroom.folder_of(id) / "chunks")
    out = workroom.outputs(id)
    out.mkdir()
    digest = hashlib.sha256(workroom.media(id).read_bytes()).hexdigest()
    (out / "measures.parquet").write_bytes(b"measures")
    (out / "report.html").write_text("report")
    (out / "assessment.json").write_text(judged(digest, total=total).model_dump_json())


def died(id):
    old = time.time() - jobs.STALE_S - 1
    for file in workroom.folder_of(id).glob("*.json"):
        os.utime(file, (old, old))


def left(id):
    """Assessed by a process that ended before it was filed."""
    found(id)
    died(id)


def finished(id):
    left(id)
    upkeep.mend()


def media(data):
    return sorted(path.read_bytes() for path in (data / "media").glob("??/*"))


@pytest.mark.parametrize("begin", [rehearsed, uploaded])
def test_without_consent_nothing_is_kept(started, data, begin):
    consent.withdraw_consent(people.records(), people.viewer())
    with pytest.raises(LiyiError, match="no consent"):
        begin()
    assert not workroom.workrooms().exists()
    assert entries.entries() == []


def test_a_consent_is_noted_once_as_long_as_it_stands_and_by_the_text_that_was_shown():
    who = people.viewer()
    for text in (TEXT, "我同意。", TEXT):
        people.agree(text, version="1")
    rows = consent.consents(people.records(), who, who.person_id)
    digests = {hashlib.sha256(text.encode()).hexdigest() for text in (TEXT, "我同意。")}
    assert {row.text_sha256 for row in rows} == digests
    assert len(rows) == 2
    consent.withdraw_consent(people.records(), who)
    people.agree(TEXT, version="1")
    assert len(consent.consents(people.records(), who, who.person_id)) == 3


def test_a_rehearsal_from_its_first_piece_to_the_records(started, data):
    id = rehearsed(pieces=0)
    assert entries.entries() == []
    assert entries.find(id).state == "open"
    session.chunk_path(id, 0).write_bytes(b"piece")
    assert [each.state for each in entries.entries()] == ["open"]
    session.end(id)
    assert entries.find(id).state == "ended"
    beginning.assess(id)
    assert entries.find(id).state == "running"
    found(id)
    upkeep.mend()
    assert entries.find(id).state == "running"  # its process is about to file it
    died(id)
    assert entries.find(id).state == "running"
    upkeep.mend()
    (entry,) = entries.entries()
    assert (entry.id, entry.state, entry.total, entry.coverage, entry.profile) == (id, "done", 82.5, 0.8, "seated")
    assert not workroom.folder_of(id).exists()
    assert entries.recording_of(entry).read_bytes() == FILM
    assert outcomes.result(entry, "report.html").read_text() == "report"
    assert json.loads(outcomes.result(entry, "assessment.json").read_text())["total"] == 82.5
    assert outcomes.result(entry, "measures.parquet").read_bytes() == b"measures"


def test_the_job_has_the_choices_of_the_rehearsal(started):
    id = rehearsed()
    session.calibrate(id, Interval(2.0, 10.0))
    beginning.assess(id)
    assert jobs.options(id) == jobs.order("counter", "zh", Options("seated", "front", Interval(2.0, 10.0)))


def leave_out(name, item):
    """As the viewer enters it on a page."""
    shown = page(name).run()
    shown.selectbox(key="exempt-item").set_value(item)
    shown.text_input(key="exempt-reason").set_value("颈部扭伤")
    shown.run()
    next(button for button in shown.button if button.label == translate("Leave it out", "zh")).click().run()
    assert not shown.exception
    return shown


@pytest.mark.parametrize("name", ["practise", "assess"])
def test_the_viewer_says_what_is_not_to_be_judged_and_takes_it_back(started, name):
    shown = leave_out(name, "head_roll")
    (row,) = exempting.mine()
    assert (row.flag, row.from_day, row.until_day, row.reason) == ("head_roll", date.today(), None, "颈部扭伤")
    assert "头部侧倾 · 长期 · 颈部扭伤" in [each.value for each in shown.text]
    assert "头部侧倾" not in shown.selectbox(key="exempt-item").options  # nor entered once more
    assert not [each for each in shown.button if each.label == translate("Leave it out", "zh")]
    id = uploaded()
    assert jobs.options(id)["exemptions"] == ["head_roll"]
    shown.button(key=f"unexempt-{row.id}").click().run()
    assert exempting.mine() == []
    assert jobs.options(uploaded())["exemptions"] == []


def test_a_last_day_that_is_past_is_told_and_nothing_is_entered(started):
    shown = page("practise").run()
    shown.selectbox(key="exempt-item").set_value("pregnancy")
    shown.date_input(key="exempt-until").set_value(date(2020, 1, 1))
    shown.run()
    next(button for button in shown.button if button.label == translate("Leave it out", "zh")).click().run()
    assert [error.value[:10] for error in shown.error] == ["豁免的结束日期不能早"]
    assert exempting.mine() == []


def test_every_flag_of_the_packs_that_ship_is_said_in_words():
    flags = {flag for ref in list_packs() for flag in load_pack(ref.id).exemptions - set(load_pack(ref.id).criteria)}
    assert flags == set(CAUSES)


def exempt(flag, *, from_day=date(2020, 1, 1), until_day=None):
    """As somebody who administers the machine's one person would have entered it."""
    store, who = people.records(), people.viewer()
    with store.writing() as at:
        at.add(Exemption(person_id=who.person_id, flag=flag, from_day=from_day, until_day=until_day))


def test_exemptions_of_the_records_reach_rehearsals_and_jobs(started):
    exempt("head_roll")
    exempt("shoulder_tilt", until_day=date(2020, 2, 1))  # over
    exempt("of_another_pack")
    id, upload = rehearsed(), uploaded()
    assert session.open_session(id).options.exemptions == ("head_roll",)
    beginning.assess(id)
    exempt("spine" if "spine" in load_pack("counter").exemptions else "pace")
    workroom.write_json(workroom.folder_of(upload) / "error.json", {"sentence": "Nothing.", "fields": {}})
    beginning.assess(upload)
    assert jobs.options(id)["exemptions"] == ["head_roll"]
    assert len(jobs.options(upload)["exemptions"]) == 2  # as the records know it when it is assessed once more


def test_an_exempt_persons_item_leaves_the_denominator(models_ready, started, tmp_path):
    leave_out("assess", "head_roll")
    with clip(tmp_path / "clip.mp4", 4).open("rb") as content:
        id = beginning.upload(content, "clip.mp4", "counter", Options(recogniser=None), lang="en")
    worker.work(workroom.folder_of(id))
    entry = entries.find(id)
    assert entry.error is None
    folder = tmp_path / "measured"
    folder.mkdir()
    for name in ("assessment.json", "measures.parquet"):
        shutil.copyfile(outcomes.result(entry, name), folder / name)
    require_left_out(folder, "head_roll")
    outcomes.judge_by(entry, "standing", "en")
    again = entries.find(id)
    judged_again = Assessment.model_validate_json(outcomes.result(again, "assessment.json").read_bytes())
    assert (again.profile, judged_again.options["exemptions"]) == ("standing", ["head_roll"])
    assert outcomes.result(again, "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    close_shared()


def test_asking_twice_starts_once_and_a_failure_may_be_tried_again(started):
    id = rehearsed()
    beginning.assess(id)
    beginning.assess(id)
    assert started == [workroom.folder_of(id)]
    workroom.write_json(workroom.folder_of(id) / "error.json", {"sentence": "Nothing.", "fields": {}})
    failed = entries.find(id)
    assert (failed.state, str(failed.error), failed.pack) == ("failed", "Nothing.", "counter")
    beginning.assess(id, calibrated=False)
    assert entries.find(id).state == "running"
    assert jobs.options(id)["calibration"] is None
    upload = uploaded()
    workroom.write_json(workroom.folder_of(upload) / "error.json", {"sentence": "Nothing.", "fields": {}})
    beginning.assess(upload)
    assert (len(started), entries.find(upload).state) == (4, "running")


def test_two_that_find_it_ended_at_once_launch_it_once(started, monkeypatch):
    id = rehearsed()
    session.end(id)
    ended = entries.find(id)
    beginning.assess(id)
    launched = jobs.asked(workroom.folder_of(id))
    monkeypatch.setattr(beginning, "find", lambda id: ended)  # as another server has found it a moment before
    beginning.assess(id, calibrated=False)
    assert jobs.asked(workroom.folder_of(id)) == launched
    assert len(started) == 1


def test_uploads_and_rehearsals_newest_first_and_a_page_at_a_time(started):
    upload, id = uploaded(), rehearsed()
    beginning.assess(id)
    assert [(e.kind, e.id) for e in entries.entries()] == [("rehearsal", id), ("upload", upload)]
    assert [e.id for e in entries.entries(size=1)] == [id]
    assert entries.find(upload).name == "窗口.mp4"
    assert entries.recording_of(entries.find(upload)).read_bytes() == FILM
    assert entries.recording_of(entries.find(id)) is None


def test_the_process_files_what_it_found_and_leaves_no_workroom(started, data, monkeypatch):
    id = uploaded()
    monkeypatch.setattr(worker, "run_limited", lambda path, out, **asked: found(id))
    worker.work(workroom.folder_of(id))
    assert not workroom.folder_of(id).exists()
    assert entries.find(id).state == "done"
    assert media(data) == sorted(path.read_bytes() for path in map(vault_file, (None, *FILES)))


@pytest.mark.parametrize("lost_s", [0.0, 3.0])
def test_pieces_stay_as_long_as_the_joined_file_gives_back_less(started, monkeypatch, lost_s):
    id = rehearsed(pieces=2)
    beginning.assess(id)

    def joined(pieces, stem):
        stem.with_suffix(".webm").write_bytes(FILM)
        return Joined(stem.with_suffix(".webm"), lost_s)

    told = []

    def assessed(path, out, *, lost_s, **asked):
        told.append(lost_s)
        if len(told) == 1:
            raise LiyiError("Tried once more.")
        found(id)

    monkeypatch.setattr(worker, "join_limited", joined)
    monkeypatch.setattr(worker, "run_limited", assessed)
    worker.work(workroom.folder_of(id))
    (workroom.folder_of(id) / "error.json").unlink()
    worker.work(workroom.folder_of(id))
    assert told == [lost_s, lost_s]
    assert entries.find(id).state == "done"
    kept = sorted(
        path.relative_to(workroom.folder_of(id)).as_posix() for path in workroom.folder_of(id).rglob("*.part")
    )
    assert kept == (["chunks/000000.part", "chunks/000001.part"] if lost_s else [])
    assert [path.name for path in workroom.workrooms().iterdir()] == ([id] if lost_s else [])
    upkeep.purge_old(now=time.time() + 2 * upkeep.GIVEN_UP_S)
    assert workroom.folder_of(id).exists() == bool(lost_s)
    deletion.delete_recording(people.records(), people.viewer(), id)
    assert not workroom.folder_of(id).exists()


@pytest.mark.parametrize("sentence", [folder.FULL, child.FULL])
def test_a_full_disk_is_told_without_the_servers_folders(started, monkeypatch, sentence):
    id = uploaded()

    def full(*_, **__):
        raise LiyiError(sentence, folder="/srv/liyi/work")

    monkeypatch.setattr(worker, "run_limited", full)
    worker.work(workroom.folder_of(id))
    error = entries.find(id).error
    assert error.sentence == space.FULL
    assert "/srv" not in str(error)
    assert entries.anything_recorded(id)


FILES = ("assessment.json", "measures.parquet", "report.html")


def vault_file(name):
    (entry,) = entries.entries()
    return outcomes.result(entry, name) if name else entries.recording_of(entry)


@pytest.mark.parametrize("step", ["close_recording", "file_assessment", "clear"])
def test_filing_that_was_cut_off_is_done_by_the_server(started, data, monkeypatch, step):
    id = uploaded()
    left(id)
    place = {"close_recording": recordings, "file_assessment": assessments, "clear": workroom}[step]

    def cut(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, step, cut)
        with pytest.raises(KeyboardInterrupt):
            upkeep.mend()
    upkeep.mend()
    assert entries.find(id).state == "done"
    assert not workroom.folder_of(id).exists()
    assert len(assessments.assessments(people.records(), people.viewer(), recording_id=id)) == 1
    assert len(media(data)) == 4


def test_filing_twice_at_once_files_once(started, monkeypatch):
    id = uploaded()
    left(id)
    close = recordings.close_recording

    def beaten(*args, **kwargs):
        monkeypatch.setattr(recordings, "close_recording", close)
        filing.file(id)
        return close(*args, **kwargs)

    monkeypatch.setattr(recordings, "close_recording", beaten)
    filing.file(id)
    assert entries.find(id).state == "done"
    assert len(assessments.assessments(people.records(), people.viewer(), recording_id=id)) == 1


def test_what_cannot_be_filed_says_why_stays_and_is_filed_once_it_can(started):
    id = uploaded()
    left(id)
    consent.withdraw_consent(people.records(), people.viewer())
    upkeep.mend()
    entry = entries.find(id)
    assert entry.state == "failed"
    assert "no consent" in str(entry.error)
    assert entries.recording_of(entry).read_bytes() == FILM
    people.agree(TEXT, version="1")
    upkeep.mend()
    assert entries.find(id).state == "failed"  # what is large is not copied again every other second
    old = time.time() - upkeep.FILE_AGAIN_S
    os.utime(workroom.folder_of(id) / "error.json", (old, old))
    upkeep.mend()
    assert entries.find(id).state == "done"


def test_what_lies_in_the_trash_is_not_filed(started, data):
    id = uploaded()
    left(id)
    deleting.discard(entries.find(id))
    before = sorted(path.name for path in workroom.folder_of(id).iterdir())
    upkeep.mend()
    assert sorted(path.name for path in workroom.folder_of(id).iterdir()) == before
    assert media(data) == []


def test_a_rehearsal_that_ended_without_its_page_is_assessed_by_the_server(started):
    """Its page asks for that itself; only when it has had the time for it does the server."""
    ended, empty, going = rehearsed(), rehearsed(pieces=0), rehearsed()
    for id in (ended, empty):
        session.end(id)
    upkeep.mend()
    assert started == []
    old = time.time() - upkeep.LEFT_S
    for id in (ended, empty, going):
        os.utime(session.folder(id) / "session.json", (old, old))
    upkeep.mend()
    upkeep.mend()
    assert started == [workroom.folder_of(ended)]
    assert entries.find(ended).state == "running"
    assert entries.find(going).state == "open"


def test_a_file_changed_behind_its_assessment_is_not_filed(started):
    id = uploaded()
    left(id)
    workroom.media(id).write_bytes(FILM + b"changed")
    upkeep.mend()
    entry = entries.find(id)
    assert (entry.state, entry.total) == ("failed", None)
    assert "belongs to another recording" in str(entry.error)


@pytest.mark.parametrize("filed", [True, False])
@pytest.mark.parametrize("begin", [rehearsed, uploaded])
def test_deleting_is_undone(started, begin, filed):
    id = begin()
    beginning.assess(id)
    if filed:
        finished(id)
    before = entries.find(id)
    deleting.discard(before)
    assert entries.entries() == []
    with pytest.raises(LiyiError):
        entries.find(id)
    with pytest.raises(LiyiError):
        entries.recording_of(before)
    (gone,) = entries.trash()
    assert (gone.id, gone.name, gone.kind) == (id, before.name, before.kind)
    deleting.restore(gone)
    assert entries.trash() == []
    if filed:
        assert entries.find(id) == before
    else:  # its work was stopped
        assert (entries.find(id).state, str(entries.find(id).error)) == ("failed", jobs.CANCELLED)
        beginning.assess(id)
        assert entries.find(id).state == "running"


@pytest.mark.parametrize("filed", [True, False])
def test_purging_leaves_nothing(started, data, filed):
    id = rehearsed()
    beginning.assess(id)
    if filed:
        finished(id)
    deleting.discard(entries.find(id))
    deleting.purge(entries.trash()[0])
    assert entries.trash() == []
    assert media(data) == []
    assert not workroom.folder_of(id).exists()


def test_the_trash_is_emptied_after_a_week_and_not_before(started, data):
    id = uploaded()
    finished(id)
    deleting.discard(entries.find(id))
    upkeep.purge_old(now=time.time() + 6.9 * DAY_S)
    assert [entry.id for entry in entries.trash()] == [id]
    upkeep.purge_old(now=time.time() + 7.1 * DAY_S)
    assert entries.trash() == []
    assert media(data) == []


def test_what_never_began_is_cleared_away_and_what_did_is_not(started):
    empty, begun = rehearsed(pieces=0), rehearsed(pieces=1)
    (workroom.workrooms() / "notes").mkdir()  # not ours
    upkeep.purge_old(now=time.time() + 0.9 * DAY_S)
    assert entries.find(empty).state == "open"
    upkeep.purge_old(now=time.time() + 2 * DAY_S)
    assert not session.folder(empty).exists()
    with pytest.raises(LiyiError):
        entries.find(empty)
    assert entries.find(begun).state == "open"


def test_an_upload_that_cannot_be_written_leaves_nothing(started, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(LiyiError, match="No space left"):
        uploaded()
    assert (entries.entries(), entries.trash()) == ([], [])
    assert list(workroom.workrooms().iterdir()) == []


def test_deleting_an_open_rehearsal_closes_its_line(started):
    id, token = beginning.rehearse(**CHOICE)
    session.chunk_path(id, 0).write_bytes(b"piece")
    assert session.by_token(token) is not None
    deleting.discard(entries.find(id))
    assert session.by_token(token) is None


def test_what_a_killed_process_left_half_written_goes_at_the_next_start(started):
    id = rehearsed()
    gone = subprocess.Popen(["true"])
    gone.wait()
    places = (slots.folder(), workroom.folder_of(id), workroom.folder_of(id) / "chunks")
    for place in places:
        make_scratch_folder(place).rename(place / f".liyi-{gone.pid}-left")
        make_scratch_folder(place)  # of this process, which goes on
    upkeep.sweep_scratch()
    for place in places:
        assert [each.name.split("-")[1] for each in place.glob(".liyi-*")] == [str(os.getpid())]


def test_folders_of_earlier_versions_are_left_alone(started, data):
    old = {data / "jobs" / ("A" * 22) / "job.json", data / "rehearsals" / ("B" * 22) / "session.json"}
    for file in old:
        file.parent.mkdir(parents=True)
        file.write_text("{}")
    upkeep.purge_old(now=time.time() + 30 * DAY_S)
    assert entries.entries() == []
    assert all(file.exists() for file in old)


@pytest.mark.parametrize("id", ["", "../../etc/passwd", "0" * 32])
def test_what_is_no_id_finds_nothing(id):
    with pytest.raises(LiyiError, match="no such recording"):
        entries.find(id)


def test_the_fitting_profile_is_judged_from_the_measures_and_is_the_newest(started, monkeypatch):
    """Standing in a profile for sitting: one tap judges what was measured by the profile that fits."""
    asked = {}

    def rejudged(folder, *, pack, profile, out, lang, exemptions, report):
        asked.update(measures=(folder / "measures.parquet").read_bytes(), pack=pack.id, profile=profile, lang=lang)
        out.mkdir()
        told = Assessment.model_validate_json((folder / "assessment.json").read_bytes())
        again = told.model_copy(update={
            "profile": profile, "total": 91.0, "created_at": "2026-12-31T00:00:00Z",
            "recording": told.recording.model_copy(update={"warnings": ()}),
        })  # fmt: skip
        (out / "assessment.json").write_text(again.model_dump_json())
        (out / "measures.parquet").write_bytes(b"measures")
        (out / "report.html").write_text("<html></html>")
        return again

    monkeypatch.setattr("liyi.scoring.rejudge.rejudge", rejudged)
    id = uploaded()
    found(id)
    path = workroom.outputs(id) / "assessment.json"
    told = Assessment.model_validate_json(path.read_bytes())
    warning = RecordingWarning(
        code="profile_mismatch", text="stands", sentence="stands", fields={"profile": "seated", "fitting": "standing"}
    )
    stands = told.recording.model_copy(update={"warnings": (warning,)})
    path.write_text(told.model_copy(update={"recording": stands}).model_dump_json())
    filing.file(id)
    entry = entries.find(id)
    assert outcomes.fitting_profile(entry) == "standing"
    outcomes.judge_by(entry, "standing", "zh")
    after = entries.find(id)
    assert asked["profile"] == "standing"
    assert asked["pack"] == "counter"
    assert (after.profile, after.total, outcomes.fitting_profile(after)) == ("standing", 91.0, None)


@pytest.mark.parametrize("minutes", [(0, 1, 2, 3), (0, 0, 0, 0)])  # assessments tell whole seconds
def test_judged_by_one_profile_by_another_and_by_the_first_again_the_first_counts(started, minutes):
    id = uploaded()
    finished(id)
    entry = entries.find(id)
    first = outcomes.judged(entry)
    out = workroom.folder_of(id).parent
    for minute, profile in zip(minutes, ("standing", "seated", "standing", "seated"), strict=True):
        anew = first.model_copy(update={"profile": profile, "created_at": f"2026-12-31T00:0{minute}:00Z"})
        (out / "assessment.json").write_text(anew.model_dump_json())
        files = {"assessment.json": out / "assessment.json"}
        assessments.file_assessment(people.records(), people.viewer(), id, anew, files)
        assert entries.find(id).profile == profile
    kept = assessments.assessments(people.records(), people.viewer(), recording_id=id)
    assert len(kept) == 2  # the same work is filed once
    late = first.model_copy(update={"profile": "standing"})  # filed again after a crash: made before the newest
    (out / "assessment.json").write_text(late.model_dump_json())
    assessments.file_assessment(people.records(), people.viewer(), id, late, files)
    assert entries.find(id).profile == "seated"


def test_a_report_is_shown_though_its_assessment_is_gone(started):
    id = uploaded()
    finished(id)
    outcomes.result(entries.find(id), "assessment.json").unlink()
    shown = page("assess", job=id).run()
    assert not shown.error
    assert outcomes.fitting_profile(entries.find(id)) is None
    with pytest.raises(LiyiError, match=r"measures.parquet is damaged"):  # what only looks like measures
        outcomes.judge_by(entries.find(id), "standing", "zh")
    outcomes.result(entries.find(id), "measures.parquet").unlink()
    with pytest.raises(LiyiError, match=r"measures.parquet is not there"):
        outcomes.judge_by(entries.find(id), "standing", "zh")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_one_that_waits_is_cancelled_on_a_full_disk(monkeypatch, tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], check=False).returncode:
        pytest.skip("no right to mount")
    try:
        monkeypatch.setenv("LIYI_DATA", str(place / "data"))
        monkeypatch.setenv(space.FREE_GB, "0.001")
        monkeypatch.setattr(slots, "may_begin", lambda running, fresh: False)
        people.agree("I agree.", version="1")
        id = uploaded()
        with (place / "fill").open("wb", buffering=0) as fill, suppress(OSError):
            while fill.write(bytes(4096)):
                pass
        assert shutil.disk_usage(place).free == 0
        deleting.discard(entries.find(id))
        assert [entry.id for entry in entries.trash()] == [id]
        assert str(jobs.status(id).error) == jobs.CANCELLED
        deleting.purge(entries.trash()[0])
        assert not workroom.folder_of(id).exists()
        people.records().close()
    finally:
        subprocess.run(["umount", "-l", place], check=False)
