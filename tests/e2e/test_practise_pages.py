"""Practise and recordings, looked at step by step: axe-core finds nothing serious, nothing is wider than the page.

Each step is photographed in both languages, at two widths, light and dark (``out/screens``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile

import pytest

from liyi.core.words import translate
from tests.e2e.fake_media import launch_playing, write_camera, write_microphone
from tests.e2e.whole_app import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.models]

AXE = "axe-core@4.14.1"
SAMPLE = ROOT / "sample_media" / "counter_front_zh.mp4"
RUN_AXE = """async () => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "best-practice"]})).violations
    .filter(v => ["serious", "critical"].includes(v.impact))
    .map(v => [v.id, v.nodes.map(n => n.html + " " + n.failureSummary)])"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The source of axe-core, from the npm registry."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    done = npm and subprocess.run([npm, "pack", AXE, "--silent"], cwd=folder, capture_output=True, check=False)
    if not done or done.returncode:
        pytest.fail("CI must have npm") if os.environ.get("CI") == "true" else pytest.skip("no npm here")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode("utf-8")


@pytest.fixture(scope="module")
def player(browser, models_ready, tmp_path_factory):
    """A browser whose camera and microphone play the sample."""
    from liyi.modelfiles.registry import missing

    if names := missing("live"):
        text = f"files of the live page are missing: {', '.join(names)}; run `liyi models fetch`"
        pytest.fail(text) if os.environ.get("CI") == "true" else pytest.skip(text)
    folder = tmp_path_factory.mktemp("devices")
    camera, microphone = folder / "camera.y4m", folder / "microphone.wav"
    write_camera(SAMPLE, camera, start_s=0.0, end_s=8.0)
    write_microphone(SAMPLE, microphone, start_s=0.0, end_s=20.0)
    playing = launch_playing(browser.browser_type, camera, microphone)
    yield playing
    playing.close()


class Visitor:
    """A page in one language, and the eye that looks at it."""

    def __init__(self, browser, server, locale, axe, artefacts) -> None:
        self.context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 800})
        self.context.grant_permissions(["camera", "microphone"], origin=server)
        self.page = self.context.new_page()
        self.lang, self._axe, self._artefacts = locale[:2], axe, artefacts

    def said(self, sentence: str) -> str:
        return translate(sentence, self.lang)

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=self.said(label), exact=True).first.click()

    def sees(self, role: str, label: str, timeout_s: float = 60) -> None:
        self.page.get_by_role(role, name=self.said(label), exact=True).first.wait_for(timeout=1000 * timeout_s)

    def look(self, step: str, *, still: bool = True) -> None:
        """Photograph the page in all its shapes; when it is still, let axe-core judge it in both themes.

        What is replaced every moment is pale for as long as that takes, and cannot be judged.
        """
        page = self.page
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                page.wait_for_timeout(600)
                page.screenshot(
                    path=self._artefacts / f"practise-{step}-{self.lang}-{width}-{scheme}.png", full_page=True
                )
                wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wider <= 0, f"{step} at {width}"
            if not still:
                continue
            page.evaluate(self._axe)
            assert page.evaluate(RUN_AXE) == [], f"{step}, {scheme}"
        page.emulate_media(color_scheme="light")


@pytest.fixture(params=["zh-CN", "en-US"])
def visitor(request, player, server, axe, artefacts):
    made = Visitor(player, server, request.param, axe, artefacts)
    made.page.goto(server)
    made.sees("heading", "Practise")
    yield made
    made.context.close()


def to_the_check(visitor: Visitor) -> None:
    start = visitor.page.get_by_role("button", name=visitor.said("To the check"))
    assert start.is_disabled()  # nothing without consent
    visitor.page.locator("[data-testid=stCheckbox] label").first.click()
    start.click()
    visitor.sees("button", "Go on")


def test_every_step_and_the_list(visitor):
    page = visitor.page
    visitor.look("1-choose")
    to_the_check(visitor)
    page.wait_for_timeout(5000)  # the checks are filled
    visitor.look("2-check")
    visitor.press("Go on")
    visitor.look("3-calibrate")
    visitor.press("Begin the recording")
    visitor.sees("button", "End")
    page.wait_for_timeout(8000)  # something to assess
    visitor.look("4-practise")
    visitor.press("End")
    visitor.sees("button", "Cancel and delete the recording")
    visitor.look("5-progress", still=False)
    page.reload()  # the work survives it
    page.frame_locator("iframe").first.locator("main").wait_for(timeout=240_000)
    visitor.look("5-report")
    page.get_by_text(visitor.said("Replay"), exact=True).click()
    page.locator("video").wait_for()
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    page.evaluate("document.querySelector('video').currentTime = 9")
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(9, abs=0.1)
    page.get_by_role("link", name=visitor.said("Recordings"), exact=True).click()
    visitor.sees("heading", "Recordings")
    visitor.sees("button", "Report")
    visitor.look("6-recordings")
    before = page.get_by_role("button", name=visitor.said("More"), exact=True).count()
    visitor.press("More")
    visitor.press("Delete")
    visitor.sees("button", "Undo")
    visitor.look("7-deleted")
    visitor.press("Undo")
    page.get_by_role("button", name=visitor.said("Undo")).wait_for(state="detached")
    assert page.get_by_role("button", name=visitor.said("More"), exact=True).count() == before


def test_a_reload_before_recording_goes_on_with_the_check(player, server, axe, artefacts):
    visitor = Visitor(player, server, "en-US", axe, artefacts)
    visitor.page.goto(server)
    visitor.sees("heading", "Practise")
    to_the_check(visitor)
    visitor.page.reload()
    visitor.sees("button", "Go on")
    visitor.context.close()


def test_a_reload_while_recording_keeps_what_was_recorded(player, server, axe, artefacts):
    visitor = Visitor(player, server, "en-US", axe, artefacts)
    visitor.page.goto(server)
    visitor.sees("heading", "Practise")
    to_the_check(visitor)
    visitor.press("Go on")
    visitor.press("Begin the recording")
    visitor.sees("button", "End")
    visitor.page.wait_for_timeout(3000)
    visitor.page.reload()
    visitor.sees("heading", "This rehearsal was interrupted")
    visitor.look("4-interrupted")
    visitor.press("Assess what was recorded")
    visitor.page.frame_locator("iframe").first.locator("main").wait_for(timeout=240_000)
    visitor.context.close()


def test_a_chosen_language_survives_pages_and_reloads(browser, server):
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(server)
    page.get_by_role("heading", name="Practise").wait_for()
    page.get_by_text("中文", exact=True).click()
    page.get_by_role("heading", name="练习").wait_for()
    page.get_by_role("link", name="录像", exact=True).click()
    page.get_by_role("heading", name="录像").wait_for()
    page.reload()
    page.get_by_role("heading", name="录像").wait_for()
    page.get_by_role("link", name="练习", exact=True).first.click()
    page.get_by_role("heading", name="练习").wait_for()
    context.close()
