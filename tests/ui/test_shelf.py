"""The shelf: what is listed, that nothing is kept without consent, what filing, deleting and undoing come to."""

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

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.trace import Interval
from liyi.etiquette.assessment import Assessment, RecordingWarning
from liyi.etiquette.norms import load_pack
from liyi.records.operations import assessments, consent, recordings
from liyi.records.schema import Exemption
from liyi.scoring import child, folder
from liyi.scoring.sandbox import close_shared
from liyi.ui import filing, jobs, people, shelf, slots, space, worker
from liyi.ui.live import session
from tests.exempting import clip, require_left_out
from tests.records.world import judged

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
    id, _ = shelf.rehearse(**CHOICE)
    for n in range(pieces):
        session.chunk_path(id, n).write_bytes(b"piece")
    return id


def uploaded(name="窗口.mp4", content=FILM):
    return shelf.upload(io.BytesIO(content), name, "counter", Options(), lang="zh")


def found(id, *, total=82.5):
    """As the child would have left it: joined, assessed, and its process gone."""
    if jobs.media(id) is None:
        (jobs.folder_of(id) / "recording.webm").write_bytes(FILM)
        shutil.rmtree(jobs.folder_of(id) / "chunks")
    out = jobs.outputs(id)
    out.mkdir()
    digest = hashlib.sha256(jobs.media(id).read_bytes()).hexdigest()
    (out / "measures.parquet").write_bytes(b"measures")
    (out / "report.html").write_text("report")
    (out / "assessment.json").write_text(judged(digest, total=total).model_dump_json())


def died(id):
    old = time.time() - jobs.STALE_S - 1
    for file in jobs.folder_of(id).glob("*.json"):
        os.utime(file, (old, old))


def finished(id):
    found(id)
    died(id)


def media(data):
    return sorted(path.read_bytes() for path in (data / "media").glob("??/*"))


@pytest.mark.parametrize("begin", [rehearsed, uploaded])
def test_without_consent_nothing_is_kept(started, data, begin):
    consent.withdraw_consent(people.records(), people.viewer())
    with pytest.raises(LiyiError, match="no consent"):
        begin()
    assert not jobs.workrooms().exists()
    assert shelf.entries() == []


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
    assert shelf.entries() == []
    assert shelf.find(id).state == "open"
    session.chunk_path(id, 0).write_bytes(b"piece")
    assert [each.state for each in shelf.entries()] == ["open"]
    session.end(id)
    assert shelf.find(id).state == "ended"
    shelf.assess(id)
    assert shelf.find(id).state == "running"
    found(id)
    assert shelf.find(id).state == "running"  # its process is about to file it
    died(id)
    (entry,) = shelf.entries()
    assert (entry.id, entry.state, entry.total, entry.coverage, entry.profile) == (id, "done", 82.5, 0.8, "seated")
    assert not jobs.folder_of(id).exists()
    assert shelf.recording(entry).read_bytes() == FILM
    assert shelf.results(entry, "report.html").read_text() == "report"
    assert json.loads(shelf.results(entry, "assessment.json").read_text())["total"] == 82.5
    assert shelf.results(entry, "measures.parquet").read_bytes() == b"measures"


def test_the_job_has_the_choices_of_the_rehearsal(started):
    id = rehearsed()
    session.calibrate(id, Interval(2.0, 10.0))
    shelf.assess(id)
    assert jobs.options(id) == jobs.order("counter", "zh", Options("seated", "front", Interval(2.0, 10.0)))


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
    shelf.assess(id)
    exempt("spine" if "spine" in load_pack("counter").exemptions else "pace")
    jobs.write_json(jobs.folder_of(upload) / "error.json", {"sentence": "Nothing.", "fields": {}})
    shelf.assess(upload)
    assert jobs.options(id)["exemptions"] == ["head_roll"]
    assert len(jobs.options(upload)["exemptions"]) == 2  # as the records know it when it is assessed once more


def test_an_exempt_persons_item_leaves_the_denominator(models_ready, started, tmp_path):
    exempt("head_roll")
    with clip(tmp_path / "clip.mp4", 4).open("rb") as content:
        id = shelf.upload(content, "clip.mp4", "counter", Options(recogniser=None), lang="en")
    worker.work(jobs.folder_of(id))
    entry = shelf.find(id)
    assert entry.error is None
    folder = tmp_path / "measured"
    folder.mkdir()
    for name in ("assessment.json", "measures.parquet"):
        shutil.copyfile(shelf.results(entry, name), folder / name)
    require_left_out(folder, "head_roll")
    shelf.judge_by(entry, "standing", "en")
    again = shelf.find(id)
    judged_again = Assessment.model_validate_json(shelf.results(again, "assessment.json").read_bytes())
    assert (again.profile, judged_again.options["exemptions"]) == ("standing", ["head_roll"])
    assert shelf.report(again).startswith("<!doctype html>")
    close_shared()


def test_asking_twice_starts_once_and_a_failure_may_be_tried_again(started):
    id = rehearsed()
    shelf.assess(id)
    shelf.assess(id)
    assert started == [jobs.folder_of(id)]
    jobs.write_json(jobs.folder_of(id) / "error.json", {"sentence": "Nothing.", "fields": {}})
    failed = shelf.find(id)
    assert (failed.state, str(failed.error), failed.pack) == ("failed", "Nothing.", "counter")
    shelf.assess(id, calibrated=False)
    assert shelf.find(id).state == "running"
    assert jobs.options(id)["calibration"] is None
    upload = uploaded()
    jobs.write_json(jobs.folder_of(upload) / "error.json", {"sentence": "Nothing.", "fields": {}})
    shelf.assess(upload)
    assert (len(started), shelf.find(upload).state) == (4, "running")


def test_uploads_and_rehearsals_newest_first_and_a_page_at_a_time(started):
    upload, id = uploaded(), rehearsed()
    shelf.assess(id)
    assert [(e.kind, e.id) for e in shelf.entries()] == [("rehearsal", id), ("upload", upload)]
    assert [e.id for e in shelf.entries(size=1)] == [id]
    assert shelf.find(upload).name == "窗口.mp4"
    assert shelf.recording(shelf.find(upload)).read_bytes() == FILM
    assert shelf.recording(shelf.find(id)) is None


def test_the_process_files_what_it_found_and_leaves_no_workroom(started, data, monkeypatch):
    id = uploaded()
    monkeypatch.setattr(worker, "run_limited", lambda path, out, **asked: found(id))
    worker.work(jobs.folder_of(id))
    assert not jobs.folder_of(id).exists()
    assert shelf.find(id).state == "done"
    assert media(data) == sorted(path.read_bytes() for path in map(vault_file, (None, *FILES)))


@pytest.mark.parametrize("sentence", [folder.FULL, child.FULL])
def test_a_full_disk_is_told_without_the_servers_folders(started, monkeypatch, sentence):
    id = uploaded()

    def full(*_, **__):
        raise LiyiError(sentence, folder="/srv/liyi/work")

    monkeypatch.setattr(worker, "run_limited", full)
    worker.work(jobs.folder_of(id))
    error = shelf.find(id).error
    assert error.sentence == space.FULL
    assert "/srv" not in str(error)
    assert shelf.anything_recorded(id)


FILES = ("assessment.json", "measures.parquet", "report.html")


def vault_file(name):
    (entry,) = shelf.entries()
    return shelf.results(entry, name) if name else shelf.recording(entry)


@pytest.mark.parametrize("step", ["close_recording", "file_assessment", "clear"])
def test_filing_that_was_cut_off_is_done_at_the_next_look(started, data, monkeypatch, step):
    id = uploaded()
    finished(id)
    place = {"close_recording": recordings, "file_assessment": assessments, "clear": jobs}[step]

    def cut(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, step, cut)
        with pytest.raises(KeyboardInterrupt):
            shelf.find(id)
    assert shelf.find(id).state == "done"
    assert not jobs.folder_of(id).exists()
    assert len(assessments.assessments(people.records(), people.viewer(), recording_id=id)) == 1
    assert len(media(data)) == 4


def test_filing_twice_at_once_files_once(started, monkeypatch):
    id = uploaded()
    finished(id)
    close = recordings.close_recording

    def beaten(*args, **kwargs):
        monkeypatch.setattr(recordings, "close_recording", close)
        filing.file(id)
        return close(*args, **kwargs)

    monkeypatch.setattr(recordings, "close_recording", beaten)
    filing.file(id)
    assert shelf.find(id).state == "done"
    assert len(assessments.assessments(people.records(), people.viewer(), recording_id=id)) == 1


def test_what_cannot_be_filed_says_why_stays_and_is_filed_once_it_can(started):
    id = uploaded()
    finished(id)
    consent.withdraw_consent(people.records(), people.viewer())
    entry = shelf.find(id)
    assert entry.state == "failed"
    assert "no consent" in str(entry.error)
    assert shelf.recording(entry).read_bytes() == FILM
    people.agree(TEXT, version="1")
    assert shelf.find(id).state == "done"


def test_a_file_changed_behind_its_assessment_is_not_filed(started):
    id = uploaded()
    finished(id)
    jobs.media(id).write_bytes(FILM + b"changed")
    entry = shelf.find(id)
    assert (entry.state, entry.total) == ("failed", None)
    assert "belongs to another recording" in str(entry.error)


@pytest.mark.parametrize("filed", [True, False])
@pytest.mark.parametrize("begin", [rehearsed, uploaded])
def test_deleting_is_undone(started, begin, filed):
    id = begin()
    shelf.assess(id)
    if filed:
        finished(id)
    before = shelf.find(id)
    shelf.discard(before)
    assert shelf.entries() == []
    with pytest.raises(LiyiError):
        shelf.find(id)
    with pytest.raises(LiyiError):
        shelf.recording(before)
    (gone,) = shelf.trash()
    assert (gone.id, gone.name, gone.kind) == (id, before.name, before.kind)
    shelf.restore(gone)
    assert shelf.trash() == []
    if filed:
        assert shelf.find(id) == before
    else:  # its work was stopped
        assert (shelf.find(id).state, str(shelf.find(id).error)) == ("failed", jobs.CANCELLED)
        shelf.assess(id)
        assert shelf.find(id).state == "running"


@pytest.mark.parametrize("filed", [True, False])
def test_purging_leaves_nothing(started, data, filed):
    id = rehearsed()
    shelf.assess(id)
    if filed:
        finished(id)
    shelf.discard(shelf.find(id))
    shelf.purge(shelf.trash()[0])
    assert shelf.trash() == []
    assert media(data) == []
    assert not jobs.folder_of(id).exists()


def test_the_trash_is_emptied_after_a_week_and_not_before(started, data):
    id = uploaded()
    finished(id)
    shelf.discard(shelf.find(id))
    shelf.purge_old(now=time.time() + 6.9 * DAY_S)
    assert [entry.id for entry in shelf.trash()] == [id]
    shelf.purge_old(now=time.time() + 7.1 * DAY_S)
    assert shelf.trash() == []
    assert media(data) == []


def test_what_never_began_is_cleared_away_and_what_did_is_not(started):
    empty, begun = rehearsed(pieces=0), rehearsed(pieces=1)
    (jobs.workrooms() / "notes").mkdir()  # not ours
    shelf.purge_old(now=time.time() + 0.9 * DAY_S)
    assert shelf.find(empty).state == "open"
    shelf.purge_old(now=time.time() + 2 * DAY_S)
    assert not session.folder(empty).exists()
    with pytest.raises(LiyiError):
        shelf.find(empty)
    assert shelf.find(begun).state == "open"


def test_an_upload_that_cannot_be_written_leaves_nothing(started, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(LiyiError, match="No space left"):
        uploaded()
    assert (shelf.entries(), shelf.trash()) == ([], [])
    assert list(jobs.workrooms().iterdir()) == []


def test_deleting_an_open_rehearsal_closes_its_line(started):
    id, token = shelf.rehearse(**CHOICE)
    session.chunk_path(id, 0).write_bytes(b"piece")
    assert session.by_token(token) is not None
    shelf.discard(shelf.find(id))
    assert session.by_token(token) is None


def test_folders_of_earlier_versions_are_left_alone(started, data):
    old = {data / "jobs" / ("A" * 22) / "job.json", data / "rehearsals" / ("B" * 22) / "session.json"}
    for file in old:
        file.parent.mkdir(parents=True)
        file.write_text("{}")
    shelf.purge_old(now=time.time() + 30 * DAY_S)
    assert shelf.entries() == []
    assert all(file.exists() for file in old)


@pytest.mark.parametrize("id", ["", "../../etc/passwd", "0" * 32])
def test_what_is_no_id_finds_nothing(id):
    with pytest.raises(LiyiError, match="no such recording"):
        shelf.find(id)


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

    monkeypatch.setattr("liyi.scoring.score.rejudge", rejudged)
    id = uploaded()
    found(id)
    path = jobs.outputs(id) / "assessment.json"
    told = Assessment.model_validate_json(path.read_bytes())
    warning = RecordingWarning(
        code="profile_mismatch", text="stands", sentence="stands", fields={"profile": "seated", "fitting": "standing"}
    )
    stands = told.recording.model_copy(update={"warnings": (warning,)})
    path.write_text(told.model_copy(update={"recording": stands}).model_dump_json())
    filing.file(id)
    entry = shelf.find(id)
    assert shelf.fitting_profile(entry) == "standing"
    shelf.judge_by(entry, "standing", "zh")
    after = shelf.find(id)
    assert asked["profile"] == "standing"
    assert asked["pack"] == "counter"
    assert (after.profile, after.total, shelf.fitting_profile(after)) == ("standing", 91.0, None)


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
        shelf.discard(shelf.find(id))
        assert [entry.id for entry in shelf.trash()] == [id]
        assert str(jobs.status(id).error) == jobs.CANCELLED
        shelf.purge(shelf.trash()[0])
        assert not jobs.folder_of(id).exists()
        people.records().close()
    finally:
        subprocess.run(["umount", "-l", place], check=False)
