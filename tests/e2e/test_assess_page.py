"""The page of uploads, driven as a user would: sample -> progress -> report; a bad file -> one sentence."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from liyi.core.words import translate
from liyi.ui.shell import TAGS
from liyi.ui.wording import LANGUAGES

pytestmark = pytest.mark.browser
# What Streamlit would say itself: any of it that is still on the page.
STREAMLITS = """() => {
    const said = JSON.parse(document.getElementById("liyi-words").textContent).said.map(([said]) => new RegExp(said));
    const lang = document.documentElement.lang.slice(0, 2);
    const told = [...document.querySelectorAll("#root *")].flatMap((element) => [
        ...["aria-label", "title", "placeholder"].map((name) => element.getAttribute(name) ?? ""),
        ...[...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.nodeValue.trim()),
    ]);
    return told.some((text) => lang === "zh" && said.some((pattern) => pattern.test(text)) && /[a-z]{4}/.test(text));
}"""

# Each clip is chosen once: where it should begin, where the recording then stands, and whose line is drawn.
_PLAY_EVERYTHING = """async () => {
  const video = document.querySelector("video"), canvas = document.querySelector("canvas"), found = [];
  if (video.readyState < 1) await new Promise((done) => video.addEventListener("loadedmetadata", done, {once: true}));
  for (const clip of document.querySelectorAll("a.play")) {
    const at = Number(clip.dataset.clip.split(" ")[0]);
    const seeked = new Promise((done) => video.addEventListener("seeked", done, {once: true}));
    clip.click();
    await Promise.race([seeked, new Promise((done) => setTimeout(done, 3000))]);
    video.pause();
    found.push({ at, now: video.currentTime, line: canvas.dataset.line });
  }
  return found;
}"""


def test_sample_to_report(browser, server, artefacts):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda r: None if r.url.startswith((server, "data:", "blob:", "ws://127.0.0.1")) else outside.append(r.url),
    )
    page.goto(f"{server}/nowhere")
    page.get_by_text(
        translate("There is no page at this address. The pages that there are stand above.", "zh")
    ).wait_for()
    page.get_by_role("link", name=translate("Assess", "zh"), exact=True).click()
    sample = page.get_by_role("button", name=translate("Assess this sample", "zh")).last  # the shorter one
    sample.wait_for()
    page.screenshot(path=artefacts / "assess-zh-1280.png", full_page=True)
    sample.click()
    page.get_by_role("progressbar").first.wait_for(timeout=30_000)
    page.reload()  # the work survives a reload
    frame = page.frame_locator("iframe").first
    frame.locator("main").wait_for(timeout=180_000)
    page.goto(server)
    page.get_by_role("button", name=translate("See a sample report", "zh")).click(timeout=30_000)
    page.wait_for_url("**/assess?job=*", timeout=30_000)
    frame.get_by_text(translate("Do these three things first", "zh")).wait_for(timeout=30_000)
    html = frame.locator("html")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function("e => e.scrollWidth <= e.clientWidth", arg=html.element_handle(), timeout=5_000)
        page.screenshot(path=artefacts / f"report-zh-{width}.png", full_page=True)
        assert html.evaluate("e => e.scrollHeight") <= 4 * 844
    inside = next(each for each in page.frames if "/report?" in each.url)
    policy = page.request.get(inside.url).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    played = inside.evaluate(_PLAY_EVERYTHING)
    assert len(played) > 8
    assert [each for each in played if not each["at"] - 0.1 <= each["now"] <= each["at"] + 1.5] == []
    assert {each["line"] for each in played} >= {"crossed_arms", "head_roll"}
    frame.locator(".seek").click(position={"x": 100, "y": 5})  # the lanes are the seek bar
    frame.locator(".seek").focus()
    page.keyboard.press("End")
    inside.wait_for_function("() => document.querySelector('.seek').ariaValueNow > 19")
    frame.locator("a[href='#open']").click()  # what a link leads to unfolds, and stays in its frame
    frame.locator("#open[open] table").wait_for()
    assert (len(page.frames), frame.locator("main").count()) == (2, 1)
    page.get_by_text("English", exact=True).click()
    frame.get_by_role("heading", name="Do these three things first").wait_for()
    assert page.get_by_text("Page not found").count() == 0
    page.get_by_role("link", name="Assess", exact=True).click()  # from the page to itself
    expect(page).to_have_url(f"{server}/assess?lang=en")
    page.get_by_text("中文", exact=True).click()  # what is pressed next does not bring it back
    expect(page.get_by_role("heading", name=translate("Assess", "zh"), exact=True)).to_be_visible()
    expect(page).to_have_url(f"{server}/assess")
    assert outside == []
    context.close()


def test_bad_file_is_one_sentence(browser, server, tmp_path):
    bad = tmp_path / "假录像.mp4"
    bad.write_text("只是文字")
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{server}/assess")
    page.get_by_role("heading", name=translate("Assess", "zh")).wait_for(timeout=30_000)
    page.locator("input[type=file]").first.set_input_files(str(bad))
    start = page.get_by_role("button", name=translate("Begin the assessment", "zh"), exact=True)
    page.get_by_text(bad.name).first.wait_for()
    expect(start).to_be_disabled()  # nothing without consent
    page.locator("[data-testid=stCheckbox] label").first.click()
    start.click()
    alert = page.get_by_role("alert")
    alert.wait_for(timeout=60_000)
    assert "假录像.mp4" in alert.inner_text()
    context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_of_another_kind_is_refused_in_the_language_of_the_page(browser, server, tmp_path, lang):
    bad = tmp_path / "说明.txt"
    bad.write_text("只是文字")
    context = browser.new_context(locale={"zh": "zh-CN", "en": "en-GB"}[lang], viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{server}/assess")
    page.get_by_role("heading", name=translate("Assess", lang)).wait_for(timeout=30_000)
    page.locator("input[type=file]").first.set_input_files(str(bad))
    page.get_by_text(bad.name).first.wait_for()
    page.wait_for_function(  # the list of files is drawn before its refusal is
        """told => {
            const zone = document.querySelector('[data-testid=stFileUploaderDropzone]');
            return getComputedStyle(zone, '::after').content === JSON.stringify(told);
        }""",
        arg=translate("This file cannot be taken: choose a video, a photo or a sound of at most 1 GB.", lang),
    )
    expect(page.get_by_text("not allowed")).to_be_hidden()  # Streamlit's own sentence, in English only
    page.get_by_test_id("stFileChip").hover()
    expect(page.get_by_test_id("stTooltipErrorContent")).to_be_hidden()
    for here in (lang, {"zh": "en", "en": "zh"}[lang]):  # the second time without a new document
        page.get_by_text(LANGUAGES[here], exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", TAGS[here])
        expect(page).to_have_title(f"{translate('Assess', here)} – {translate('Liyi', here)}")
        expect(page.get_by_role("heading", name=translate("Assess", here), exact=True)).to_be_visible()
        expect(page.get_by_role("button", name=translate("Remove {name}", here, name=bad.name))).to_be_visible()
        assert bool(page.evaluate(STREAMLITS)) is False, here
    context.close()
