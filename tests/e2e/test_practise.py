"""A rehearsal as a trainee goes through it, looked at step by step, and what happens to it: cut off, restarted, left.

The camera plays the front sample and the microphone its sound. The server's calibration takes 3 s (`tests.e2e.door`);
where nothing is said of the assessment, the rehearsal waits for it.
"""

from __future__ import annotations

import ast
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from liyi.core.words import translate
from liyi.records import sign_in
from liyi.records.engine import open_records
from liyi.records.operations import assessments, recordings
from tests.e2e.looking import look
from tests.e2e.whole_app import ROOT, App

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.models]

MOST_LOST_S = 5.0
RECONNECTING = "The connection is interrupted. The recording goes on and will be sent when it is back."


@pytest.fixture
def calls(tmp_path) -> Path:
    """Where the app's system calls are written down."""
    if shutil.which("strace") is None:
        pytest.fail("CI must have strace") if os.environ.get("CI") == "true" else pytest.skip("no strace here")
    return tmp_path / "calls.txt"


@contextmanager
def running(folder: Path, trace: Path | None = None) -> Iterator[App]:
    """An app with an empty store; it assesses only where its calls are written down."""
    app = App(folder, quick=True, assessing=trace is not None)
    app.data.mkdir()
    try:
        app.start(trace=trace)
        yield app
    finally:
        app.close()


@pytest.fixture(scope="module")
def waiting(player, tmp_path_factory):
    """One app for all tests in which nothing is assessed."""
    with running(tmp_path_factory.mktemp("waiting") / "data") as app:
        yield app


@pytest.fixture
def app(tmp_path, request):
    """The app that a test's trainee comes to."""
    if "calls" not in request.fixturenames:
        yield request.getfixturevalue("waiting")
        return
    with running(tmp_path / "data", request.getfixturevalue("calls")) as app:
        yield app


@dataclass(frozen=True)
class Kept:
    """The one rehearsal in the store: its recording in the vault, and its assessment."""

    recording: Path
    assessment: dict[str, Any]

    @property
    def calibration(self) -> tuple[float, float]:
        start_s, end_s = self.assessment["options"]["calibration"]
        return start_s, end_s

    @property
    def seconds(self) -> float:
        return self.assessment["recording"]["duration_s"]


def kept(app: App) -> Kept:
    """What the records of a running app hold."""
    store = open_records(app.data)
    who = sign_in.local(store)
    (row,) = recordings.recordings(store, who)
    (found,) = assessments.assessments(store, who, recording_id=row.id)
    file = assessments.assessment_file(store, who, found.id, "assessment.json")
    made = Kept(recordings.watch(store, who, row.id), json.loads(file.read_text(encoding="utf-8")))
    assert made.recording.is_file()
    store.close()
    return made


class Visit:
    """One page of a trainee, what it asked for, and how far its rehearsal is."""

    def __init__(self, browser: Browser, app: App) -> None:
        self.app, self.lang = app, "zh"
        self.context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda line: self.asked.append(line.url))

    @property
    def token(self) -> str:
        """The rehearsal's token, as it stands in the addresses that the page asks for."""
        return next(urlsplit(url).path.split("/")[2] for url in reversed(self.asked) if "/live/" in url)

    @property
    def rehearsal(self) -> Path:
        """The rehearsal's workroom; it is gone when the assessment is filed."""
        (id,) = parse_qs(urlsplit(self.page.url).query)["rehearsal"]
        return self.app.data / "work" / id

    def said(self, sentence: str) -> str:
        return translate(sentence, self.lang)

    def speak(self, lang: str) -> None:
        """Switch the language where the page stands."""
        self.page.get_by_text({"zh": "中文", "en": "English"}[lang], exact=True).click()
        self.lang = lang

    def press(self, button: str, *, within_s: float = 30) -> None:
        """Press a button as soon as it can be pressed."""
        self.page.get_by_role("button", name=self.said(button), exact=True).first.click(timeout=within_s * 1000)

    def sees(self, role: str, name: str, *, within_s: float = 30) -> None:
        """Wait until something with this role and name is shown."""
        self.page.get_by_role(role, name=self.said(name), exact=True).first.wait_for(timeout=within_s * 1000)

    def open(self) -> None:
        """Come to the page."""
        self.page.goto(f"{self.app.address}/practise")
        self.sees("heading", "Practise")

    def check(self) -> None:
        """Agree to the recording, leave the rest as it is, and go on to the check."""
        start = self.page.get_by_role("button", name=self.said("Begin"), exact=True)
        expect(start).to_be_disabled()  # nothing without consent
        self.page.locator("[data-testid=stCheckbox] label").last.click()  # before it: switches of the settings
        start.click()
        expect(self.page.get_by_role("button", name=self.said("Go on"), exact=True)).to_be_enabled(timeout=60_000)

    def begin(self) -> None:
        """Choose, check, calibrate: until the practice runs."""
        self.open()
        self.check()
        self.press("Go on")
        self.press("Begin the recording")
        self.page.locator(".rehearsal[data-step=practise]").wait_for(timeout=30_000)

    def practise(self, until_s: int) -> None:
        """Go on until the practice's clock shows so many seconds."""
        self.page.wait_for_function(
            "([timer, seconds]) => timer.textContent.split(':').reduce((all, part) => 60 * all + +part, 0) >= seconds",
            arg=[self.page.get_by_role("timer").element_handle(), until_s], timeout=1000 * (until_s + 30),
        )  # fmt: skip

    def recorded(self) -> tuple[float, float]:
        """Length of what the server holds, joined as the assessment joins it, and the end of its calibration."""
        told = json.loads((self.rehearsal / "session.json").read_text(encoding="utf-8"))
        return stored_seconds(self.rehearsal), told["calibration"][1]

    def end(self) -> tuple[float, float]:
        """End the practice; gives what `recorded` does, once everything has arrived."""
        self.press("End")
        self.sees("button", "Cancel and delete the recording", within_s=60)
        return self.recorded()


@pytest.fixture
def visit(player, app):
    """A trainee who has come to the app."""
    visiting = Visit(player, app)
    yield visiting
    visiting.context.close()


def stored_seconds(rehearsal: Path) -> float:
    """Length of what a rehearsal's folder holds, joined as the assessment joins it."""
    from liyi.media.recording import open_media
    from liyi.media.remux import join_pieces

    pieces = sorted((rehearsal / "chunks").glob("*.part"))
    return open_media(join_pieces(pieces, rehearsal.parent.parent / "joined").path).info.duration_s


def without_the_clock(assessment: dict) -> dict:
    """What two runs on one file agree in."""
    return {key: value for key, value in assessment.items() if key not in ("created_at", "elapsed_s", "options")}


def test_a_trainee_practises_reads_the_report_and_deletes_it(visit, app, calls, axe, artefacts, tmp_path):
    """Nothing leaves this machine meanwhile, and the report is that of the terminal on the same file."""

    def seen(step: str, *, still: bool = True, briefly: bool = False) -> None:
        look(visit.page, f"practise-{step}-{visit.lang}", axe=axe if still else None, folder=artefacts, briefly=briefly)

    page = visit.page
    visit.open()
    seen("1-choose")
    visit.speak("en")
    visit.sees("heading", "Practise")
    seen("1-choose", briefly=True)
    visit.check()
    seen("2-check")
    visit.press("Read aloud")
    expect(page.locator(".reading .aloud")).to_contain_text(
        "政务服务大厅"
    )  # the language that is spoken, not the page's
    visit.press("Stop reading")
    visit.press("Go on")
    seen("3-calibrate")
    visit.press("Begin the recording")
    page.locator(".rehearsal[data-step=practise]").wait_for(timeout=30_000)
    seen("4-practise")
    visit.speak("zh")  # does not interrupt it
    page.get_by_role("link", name="录像", exact=True).wait_for()
    visit.speak("en")
    visit.practise(14)
    practised_s = shown_seconds(page)
    visit.press("End")
    visit.sees("button", "Cancel and delete the recording", within_s=60)
    seen("5-progress", still=False, briefly=True)
    page.reload()  # the work survives it, and so does the language
    page.frame_locator("iframe").first.locator("main").wait_for(timeout=240_000)
    visit.sees("button", "New rehearsal")
    assert list((app.data / "work").iterdir()) == []  # all of it is filed
    seen("5-report")
    watch_a_moment(page)
    shown = kept(app)
    terminal = score_by_terminal(shown, tmp_path)  # while the rest is looked at
    page.get_by_role("link", name=visit.said("Recordings"), exact=True).click()
    visit.sees("button", "Report")
    seen("6-recordings", briefly=True)
    visit.speak("zh")
    visit.sees("button", "Report")
    seen("6-recordings")
    page.get_by_role("button", name=visit.said("More"), exact=True).last.click()  # not that of the bar
    visit.press("Delete")
    visit.sees("button", "Undo")
    seen("7-deleted", briefly=True)
    visit.press("Undo")
    visit.sees("button", "Report")

    require_here(visit.asked, app, calls)
    start_s, end_s = shown.calibration
    assert end_s - start_s == pytest.approx(3)
    assert shown.seconds == pytest.approx(end_s + practised_s, abs=MOST_LOST_S)
    assert terminal.wait(240) == 0
    scored = json.loads((tmp_path / "again" / "assessment.json").read_text(encoding="utf-8"))
    assert without_the_clock(shown.assessment) == without_the_clock(scored)
    assert shown.assessment["transcript"]
    crossed = next(v for v in shown.assessment["verdicts"] if v["criterion"] == "crossed_arms")
    assert crossed["status"] == "assessed"
    assert crossed["evidence"]  # the sample crosses its arms in every loop of 8 s


def watch_a_moment(page: Page) -> None:
    """The player of the report plays from the middle of what was recorded."""
    report = next(each for each in page.frames if "/report?" in each.url)
    report.wait_for_function("() => document.querySelector('video').readyState >= 1")
    report.evaluate("() => { document.querySelector('video').currentTime = 9; }")
    report.wait_for_function(
        "() => { const v = document.querySelector('video'); return v.readyState >= 2 && !v.seeking; }"
    )
    assert report.evaluate("() => document.querySelector('video').currentTime") == pytest.approx(9, abs=0.1)


def require_here(asked: list[str], app: App, calls: Path) -> None:
    """Neither the page nor the server, nor what the server started, turned to another machine."""
    here = urlsplit(app.address).netloc
    assert [url for url in asked if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != here] == []
    addressed = re.findall(r"sin6?_(?:port|addr).*", calls.read_text(encoding="utf-8"))
    assert [line for line in addressed if "127.0.0.1" not in line and '"::1"' not in line] == []


def score_by_terminal(shown: Kept, folder: Path) -> subprocess.Popen[bytes]:
    """``liyi score`` on the recording, begun; its results go into ``again``."""
    judged, (start_s, end_s) = shown.assessment, shown.calibration
    recording = folder / judged["recording"]["name"]
    shutil.copy(shown.recording, recording)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "liyi", "score", recording, "--norms", judged["pack"]["id"],
         "--profile", judged["profile"], "--camera", judged["options"]["camera"], "--calibration", f"{start_s}-{end_s}",
         "--out", folder / "again", "--lang", "en"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_cut_of_ten_seconds_loses_nothing_and_a_killed_server_takes_it_up_again(visit, app):
    visit.begin()
    visit.practise(2)
    app.wire.cut()
    visit.practise(12)  # that is how long it is cut
    app.wire.mend()
    visit.page.get_by_text(visit.said(RECONNECTING)).wait_for(state="hidden")
    for _ in range(40):  # what was held back arrives, up to the piece that is being recorded
        stored_s, end_s = visit.recorded()
        if stored_s >= end_s + 12 - 0.5:
            break
        visit.page.wait_for_timeout(500)
    else:
        pytest.fail(f"{stored_s} s of {end_s + 12} s")
    app.kill()
    app.start()
    visit.page.get_by_text(visit.said(RECONNECTING)).wait_for(state="hidden")
    visit.practise(shown_seconds(visit.page) + 4)
    practised_s = shown_seconds(visit.page)
    stored_s, end_s = visit.end()
    assert stored_s >= end_s + practised_s - MOST_LOST_S


def test_a_reload_goes_on_with_the_check_and_while_it_records_keeps_what_was_recorded(visit, axe, artefacts):
    visit.open()
    visit.check()
    before = visit.token
    visit.page.reload()
    expect(visit.page.get_by_role("button", name=visit.said("Go on"), exact=True)).to_be_enabled(timeout=60_000)
    assert visit.token != before
    visit.press("Go on")
    visit.press("Begin the recording")
    visit.page.locator(".rehearsal[data-step=practise]").wait_for(timeout=30_000)
    visit.practise(5)
    practised_s = shown_seconds(visit.page)
    visit.page.reload()
    visit.sees("heading", "This rehearsal was interrupted")
    stored_s, end_s = visit.recorded()
    assert stored_s >= end_s + practised_s - MOST_LOST_S
    look(visit.page, "practise-4-interrupted-zh", axe=axe, folder=artefacts, briefly=True)
    visit.press("Go on practising")
    go_on = visit.page.locator(".rehearsal").get_by_role("button", name=visit.said("Go on practising"), exact=True)
    go_on.click(timeout=30_000)
    visit.page.locator(".rehearsal[data-step=practise]").wait_for(timeout=30_000)
    before_s = shown_seconds(visit.page)
    visit.practise(before_s + 3)
    other = visit.context.new_page()
    other.goto(visit.page.url)
    other.get_by_role("heading", name=visit.said("This rehearsal runs in another tab")).wait_for(timeout=30_000)
    other.close()
    together_s, _ = visit.end()
    assert together_s >= stored_s + 2  # one recording of both parts


def shown_seconds(page: Page) -> int:
    """The practice's clock as the page shows it."""
    minutes, seconds = page.get_by_role("timer").inner_text().split(":")
    return 60 * int(minutes) + int(seconds)


def test_without_its_token_nothing_is_served(visit, app):
    visit.open()
    visit.check()
    token, host = visit.token, urlsplit(app.address).netloc

    def answer(method: str, path: str, **headers: str) -> tuple[int, bytes]:
        line = http.client.HTTPConnection(host, timeout=10)
        line.request(method, path, body=b"piece" if method == "POST" else None,
                     headers={name.replace("_", "-"): value for name, value in headers.items()})  # fmt: skip
        got = line.getresponse()
        return got.status, got.read()

    nothing = (404, b"")
    mine = app.address
    assert answer("GET", f"/live/{token}/files/rehearsal.mjs")[0] == 200
    wrong = "A" * len(token)
    for path in (
        f"/live/{wrong}/files/rehearsal.mjs",
        "/live//files/rehearsal.mjs",
        "/live/files/rehearsal.mjs",
        f"/live/{token}/files/session.json",
        f"/live/{token}/recording",
        f"/live/{wrong}/recording",
    ):
        assert answer("GET", path) == nothing, path
    for path in (f"/live/{token}/files/..%2fsession.py", f"/live/{token}/files/..%2f..%2f..%2fpyproject.toml"):
        status, body = answer("GET", path)
        assert status in (400, 404)
        assert len(body) < 100, path
    assert answer("GET", f"/live/{token}/files/rehearsal.mjs", Sec_Fetch_Site="cross-site") == nothing
    assert answer("GET", f"/live/{token}/files/rehearsal.mjs", Origin="https://elsewhere.example") == nothing
    chunk = f"/live/{token}/chunk?n=0&type=video/webm"
    assert answer("POST", chunk) == nothing
    assert answer("POST", chunk, Origin="https://elsewhere.example") == nothing
    assert answer("POST", chunk.replace(token, wrong), Origin=mine) == nothing
    assert answer("POST", f"/live/{token}/end", Origin=mine)[0] == 204
    assert answer("POST", chunk, Origin=mine) == nothing  # an old one: the rehearsal is over
    assert list((visit.rehearsal / "chunks").iterdir()) == []


def test_the_door_of_tests_is_that_of_the_app():
    doors = [ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in ("app.py", "tests/e2e/door.py")]
    (app, tests) = ([ast.dump(node) for node in ast.walk(door) if isinstance(node, ast.Assign)
                     and ast.unparse(node.targets[0]) == "app"] for door in doors)  # fmt: skip
    assert app == tests != []
