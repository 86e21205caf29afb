"""A person's own copy: all of it, nobody else's, under names that lead nowhere, and readable."""

from __future__ import annotations

import html.parser
import io
import json
import re
import tracemalloc
from zipfile import ZipFile

import pytest

from liyi.core.errors import LiyiError
from liyi.records import sign_in, vault
from liyi.records.engine import open_records
from liyi.records.operations import assessments, consent, feedback, people, recordings
from liyi.records.operations.personal_copy import personal_copy
from liyi.records.schema import Kind, Recording
from tests.records.world import TEXT_SHA256, judged


@pytest.fixture
def records(inhabited):
    return inhabited[0]


@pytest.fixture
def world(inhabited):
    return inhabited[1]


@pytest.fixture
def copied(records, world, tmp_path) -> ZipFile:
    personal_copy(records, world.viewers["owner"], tmp_path / "copy.zip")
    assert (tmp_path / "copy.zip").stat().st_mode & 0o777 == 0o600
    return ZipFile(tmp_path / "copy.zip")


class Page(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("href", "src")]


def test_everything_is_in_it(copied):
    assert copied.read("recordings/0001/recording.mp4") == b"moving picture and sound"
    for name in ("assessment.json", "measures.parquet", "report.html"):
        assert copied.read(f"recordings/0001/assessment_1/{name}").decode() == f"{name} of the owner"
    recording = json.loads(copied.read("recordings/0001/recording.json"))
    assert recording["name"] == "a.mp4"
    assert [(each["text"], each["author"], each["at_s"]) for each in recording["comments"]] == [
        ("Shoulders level", "trainer", 3.0)
    ]
    [first, later] = recording["assessments"]
    assert (first["pack_version"], later["pack_version"]) == ("1.0.0", "1.1.0")
    assert [(each["criterion"], each["decision"], each["new"], each["why"]) for each in first["confirmations"]] == [
        ("pace", "changed", 0.75, "noise in the hall")
    ]
    assert [each["author"] for each in recording["reviews"]] == ["trainer"]
    assert recording["shared_with"] == ["Spring"]
    person = json.loads(copied.read("person.json"))
    assert (person["name"], person["roles"], person["organisation"]) == ("owner", ["trainee"], "Hall A")
    assert {"name": "Spring", "role": "trainee"} in person["cohorts"]
    assert [each["flag"] for each in person["exemptions"]] == ["toe_angle"]
    assert [(each["version"], each["withdrawn_at"]) for each in person["consents"]] == [("1", None)]


def test_nothing_of_others_is_in_it(copied):
    everything = b"".join(copied.read(name) for name in copied.namelist())
    everything = everything.replace(b'"author": "peer"', b"")  # who has spoken to a case of the owner's
    everything = everything.replace(b'"author": "evaluator"', b"")  # who has confirmed a mark
    for other in (b"peer", b"stranger", b"evaluator", b"thrown away"):  # raters stay unnamed; the trash stays out
        assert other not in everything
    assert b'"score": 70' not in everything


def test_the_page_leads_to_every_file_in_both_languages(copied):
    page = copied.read("index.html").decode()
    assert "留存资料" in page
    assert "What is kept of owner" in page
    links = Page(page).links
    assert set(links) == set(copied.namelist()) - {"index.html"}
    assert "<script" not in page


def test_ids_are_said_in_words_of_the_pages_language(copied, tmp_path):
    zh, en = copied.read("index.html").decode().split('<section lang="en">')
    assert "坐席窗口" in zh
    assert "Seated counter" in en
    assert "· counter 1.0.0" not in zh + en
    own = open_records(tmp_path / "own")
    personal_copy(own, sign_in.local(own), tmp_path / "own.zip")
    page = ZipFile(tmp_path / "own.zip").read("index.html").decode()
    assert "local" not in page
    own.close()


def test_names_lead_nowhere(records, world, tmp_path):
    owner = world.viewers["owner"]
    hostile = [
        "../../../etc/passwd",
        "C:\\boot.ini",
        "/etc/cron.d/x",
        "x.mp4/../../y",
        "<img src=x onerror=alert(1)>.mp4",
    ]
    for number, name in enumerate(hostile):
        row = recordings.keep_recording(records, owner, io.BytesIO(b"%d" % number), name=name, kind=Kind.upload)
        (tmp_path / "still").write_bytes(b"%d!" % number)
        files = {name: tmp_path / "still"}
        assessments.file_assessment(records, owner, row.id, judged(row.sha256), files)
        feedback.comment(records, owner, row.id, f"{name} & more")
    personal_copy(records, owner, tmp_path / "copy.zip")
    with ZipFile(tmp_path / "copy.zip") as archive:
        for name in archive.namelist():
            assert re.fullmatch(r"(index\.html|(person|tries)\.(json|csv)|recordings/\d{4}/[a-z0-9_/.]+)", name), name
            assert ".." not in name
        page = archive.read("index.html").decode()
    assert "<img" not in page
    assert set(Page(page).links) == set(archive.namelist()) - {"index.html"}


def test_a_rehearsal_has_the_suffix_of_its_content(records, world, tmp_path):
    owner = world.viewers["owner"]
    webm = io.BytesIO(b"\x1aE\xdf\xa3 a rehearsal")
    recordings.keep_recording(records, owner, webm, name="Counter 2026-11-29 18-05", kind=Kind.rehearsal)
    personal_copy(records, owner, tmp_path / "copy.zip")
    with ZipFile(tmp_path / "copy.zip") as archive:
        assert any(name.endswith("/recording.webm") for name in archive.namelist())


def recordings_in(file) -> int:
    with ZipFile(file) as archive:
        return sum(name.endswith("/recording.json") for name in archive.namelist())


def test_an_administrator_on_request_leaves_a_line(records, world, tmp_path):
    admin, owner = world.viewers["admin"], world.viewers["owner"]
    personal_copy(records, admin, tmp_path / "copy.zip", person_id=owner.person_id)
    assert recordings_in(tmp_path / "copy.zip") == 2
    [line] = [line for line in people.audit_trail(records, admin, size=500) if line.action == "export"]
    assert (line.person_id, line.entity_id) == (admin.person_id, owner.person_id)


def test_who_has_left_still_has_a_copy(records, world, tmp_path):
    admin = world.viewers["admin"]
    people.end_person(records, admin, world.owner_id)
    personal_copy(records, admin, tmp_path / "copy.zip", person_id=world.owner_id)
    assert recordings_in(tmp_path / "copy.zip") == 2


def test_a_lacking_file_is_told_and_no_half_copy_left(records, world, tmp_path):
    with records.reading() as session:
        vault.path_of(records, session.get(Recording, world.recording).sha256).unlink()
    with pytest.raises(LiyiError, match="deleted while it was copied"):
        personal_copy(records, world.viewers["owner"], tmp_path / "copy.zip")
    assert not list(tmp_path.glob("*copy*"))


def test_media_are_never_whole_in_memory(records, world, tmp_path):
    peer = world.viewers["peer"]
    consent.give_consent(records, peer, version="1", text_sha256=TEXT_SHA256)
    (tmp_path / "big").write_bytes(b"\0" * 40_000_000)
    recordings.keep_recording(records, peer, tmp_path / "big", name="big.mp4", kind=Kind.upload)
    tracemalloc.start()
    personal_copy(records, peer, tmp_path / "copy.zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "copy.zip").stat().st_size > 40_000_000
    assert peak < 12_000_000
