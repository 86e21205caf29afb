"""A whole rehearsal as a trainee goes through it, and what happens to it: cut off, closed, restarted, spied on.

The camera plays the front sample and the microphone its sound, so the session needs no person and no device.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from liyi.core.words import translate
from liyi.records import sign_in
from liyi.records.engine import open_records
from liyi.records.operations import assessments, recordings
from tests.e2e.fake_media import launch_playing, write_camera, write_microphone
from tests.e2e.whole_app import ROOT, App

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.models]

SAMPLE = ROOT / "sample_media" / "counter_front_zh.mp4"
MOST_LOST_S = 5.0


@pytest.fixture(scope="module")
def live_models_ready(models_ready) -> None:
    """Skip without the browser's model files, except in CI."""
    from liyi.modelfiles.registry import missing

    if names := missing("live"):
        text = f"files of the live page are missing: {', '.join(names)}; run `liyi models fetch`"
        pytest.fail(text) if os.environ.get("CI") == "true" else pytest.skip(text)


@pytest.fixture(scope="module")
def player(browser, live_models_ready, tmp_path_factory):
    """A browser whose camera and microphone play the sample."""
    folder = tmp_path_factory.mktemp("devices")
    camera, microphone = folder / "camera.y4m", folder / "microphone.wav"
    write_camera(SAMPLE, camera, start_s=0.0, end_s=8.0)  # one loop of the picture
    write_microphone(SAMPLE, microphone, start_s=0.0, end_s=20.0)
    playing = launch_playing(browser.browser_type, camera, microphone)
    yield playing
    playing.close()


@pytest.fixture
def calls(tmp_path) -> Path:
    """Where the app's system calls are written down."""
    if shutil.which("strace") is None:
        pytest.fail("CI must have strace") if os.environ.get("CI") == "true" else pytest.skip("no strace here")
    return tmp_path / "calls.txt"


@pytest.fixture
def app(tmp_path, request):
    """A running app with an empty store."""
    running = App(tmp_path)
    try:
        running.start(trace=request.getfixturevalue("calls") if "calls" in request.fixturenames else None)
        yield running
    finally:
        running.close()


def said(sentence: str, **fields: object) -> str:
    return translate(sentence, "en", **fields)


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
        self.app = app
        self.context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
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
        (folder,) = (self.app.data / "work").iterdir()
        return folder

    def choose(self) -> None:
        """Agree to the recording and leave the rest as it is."""
        self.page.goto(f"{self.app.address}/practise")
        self.page.get_by_text("I agree that this rehearsal is recorded").click(timeout=30_000)
        self.press("To the check")

    def begin(self) -> None:
        """Choose, check, calibrate: until the practice runs."""
        self.choose()
        self.press("Go on", within_s=60)
        self.press("Begin the recording")
        self.page.locator(".rehearsal[data-step=practise]").wait_for(timeout=30_000)

    def press(self, button: str, *, within_s: float = 20) -> None:
        """Press a button as soon as it can be pressed."""
        self.page.get_by_role("button", name=said(button), exact=True).click(timeout=within_s * 1000)

    def wait(self, seconds: float) -> None:
        """Let the browser go on."""
        self.page.wait_for_timeout(seconds * 1000)

    def end(self) -> Kept:
        """End the practice and wait for the report; returns what is kept."""
        self.press("End")
        self.page.frame_locator("iframe").first.locator("main").wait_for(timeout=240_000)
        return kept(self.app)


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

    joined = next(rehearsal.glob("recording.*"), None)
    if joined is None:
        joined = join_pieces(sorted((rehearsal / "chunks").glob("*.part")), rehearsal.parent.parent / "joined")
    return open_media(joined).info.duration_s


def without_the_clock(assessment: dict) -> dict:
    """What two runs on one file agree in."""
    return {key: value for key, value in assessment.items() if key not in ("created_at", "elapsed_s", "options")}


def test_the_whole_session_stays_here_and_its_report_is_that_of_the_file(visit, app, calls, tmp_path):
    visit.begin()
    visit.wait(30)
    shown = visit.end()
    here = urlsplit(app.address).netloc
    assert [url for url in visit.asked if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != here] == []

    addressed = re.findall(r"sin6?_(?:port|addr).*", calls.read_text(encoding="utf-8"))
    assert [line for line in addressed if "127.0.0.1" not in line and '"::1"' not in line] == []

    assert list((app.data / "work").iterdir()) == []  # all of it is filed
    start_s, end_s = shown.calibration
    assert 5 <= end_s - start_s <= 10
    assert shown.seconds == pytest.approx(end_s + 30, abs=MOST_LOST_S)

    judged = shown.assessment
    again, recording = tmp_path / "again", tmp_path / judged["recording"]["name"]
    shutil.copy(shown.recording, recording)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "liyi", "score", recording, "--norms", judged["pack"]["id"],
         "--profile", judged["profile"], "--camera", judged["options"]["camera"], "--calibration", f"{start_s}-{end_s}",
         "--out", again, "--lang", "en"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    scored = json.loads((again / "assessment.json").read_text(encoding="utf-8"))
    assert without_the_clock(judged) == without_the_clock(scored)
    assert judged["transcript"]
    crossed = next(v for v in judged["verdicts"] if v["criterion"] == "crossed_arms")
    assert crossed["status"] == "assessed"
    assert len(crossed["evidence"]) >= 3  # the sample crosses its arms in every loop of 8 s


def test_ten_seconds_without_a_connection_lose_nothing(visit, app):
    visit.begin()
    visit.wait(4)
    app.wire.cut()
    visit.wait(10)
    app.wire.mend()
    visit.wait(8)
    practised_s = shown_seconds(visit.page)
    shown = visit.end()
    assert practised_s >= 21
    assert shown.seconds >= shown.calibration[1] + practised_s - 0.5


def test_a_closed_tab_loses_five_seconds_at_most(visit):
    visit.begin()
    visit.wait(9)
    practised_s = shown_seconds(visit.page)
    visit.page.close(run_before_unload=False)
    time.sleep(1)
    end_s = json.loads((visit.rehearsal / "session.json").read_text(encoding="utf-8"))["calibration"][1]
    assert stored_seconds(visit.rehearsal) >= end_s + practised_s - MOST_LOST_S


def test_a_killed_server_takes_the_rehearsal_up_again(visit, app):
    visit.begin()
    visit.wait(4)
    app.kill()
    visit.wait(3)
    app.start()
    visit.wait(8)
    practised_s = shown_seconds(visit.page)
    shown = visit.end()
    assert shown.seconds >= shown.calibration[1] + practised_s - MOST_LOST_S


def shown_seconds(page: Page) -> int:
    """The practice's clock as the page shows it."""
    minutes, seconds = page.get_by_role("timer").inner_text().split(":")
    return 60 * int(minutes) + int(seconds)


def test_without_its_token_nothing_is_served(visit, app):
    visit.choose()
    visit.page.get_by_role("button", name=said("Go on"), exact=True).wait_for(timeout=60_000)
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
