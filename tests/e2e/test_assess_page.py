"""The web app's first page, driven as a user would: sample -> progress -> report; a bad file -> one sentence."""

from __future__ import annotations

import pytest

from liyi.core.words import translate

pytestmark = pytest.mark.browser


def said(sentence: str, locale: str) -> str:
    return translate(sentence, locale[:2])


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1280), ("en-US", 390)])
def test_sample_to_report(browser, server, artefacts, locale, width):
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 800})
    page = context.new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda r: None if r.url.startswith((server, "data:", "blob:", "ws://127.0.0.1")) else outside.append(r.url),
    )
    page.goto(f"{server}/assess")
    page.get_by_role("heading", name=said("Assess a recording", locale)).wait_for(timeout=30_000)
    page.get_by_role("button", name=said("Assess this sample", locale)).first.wait_for()
    page.screenshot(path=artefacts / f"assess-{locale}-{width}.png", full_page=True)
    page.get_by_role("button", name=said("Assess this sample", locale)).first.click()
    page.get_by_role("progressbar").first.wait_for(timeout=30_000)
    page.reload()  # the work survives a reload
    frame = page.frame_locator("iframe").first
    frame.locator("main").wait_for(timeout=180_000)
    page.wait_for_timeout(1500)
    page.screenshot(path=artefacts / f"report-{locale}-{width}.png", full_page=True)
    overflow = frame.locator("html").evaluate("e => e.scrollWidth - e.clientWidth")
    assert overflow <= 0
    frame.locator("nav.jump a").first.click()  # a link of the report stays in it
    page.wait_for_timeout(500)
    assert frame.locator("html").evaluate("() => [location.href, location.hash]") == [
        "about:srcdoc#timeline",
        "#timeline",
    ]
    assert frame.locator("main").count() == 1
    assert outside == []
    context.close()


def test_bad_file_is_one_sentence(browser, server, tmp_path):
    bad = tmp_path / "假录像.mp4"
    bad.write_text("只是文字")
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{server}/assess")
    page.get_by_role("heading", name=said("Assess a recording", "zh")).wait_for(timeout=30_000)
    page.locator("input[type=file]").set_input_files(str(bad))
    start = page.get_by_role("button", name=said("Assess", "zh"), exact=True)
    page.get_by_text(bad.name).first.wait_for()
    assert start.is_disabled()  # nothing without consent
    page.locator("[data-testid=stCheckbox] label").first.click()
    start.click()
    alert = page.get_by_role("alert")
    alert.wait_for(timeout=60_000)
    assert "假录像.mp4" in alert.inner_text()
    context.close()
