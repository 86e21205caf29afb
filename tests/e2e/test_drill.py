"""A drill as a trainee goes through it: consent, the outline, 3-2-1, its result and worst moment, again by a key."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from liyi.core.words import translate

pytestmark = [pytest.mark.browser, pytest.mark.models]
LISTEN = "window.results = []; document.addEventListener('liyi:result', (event) => window.results.push(event.detail));"
STATE = ".drill[data-state={}]"


def zh(sentence: str) -> str:
    return translate(sentence, "zh")


def test_a_drill_from_consent_to_its_result(player, server):
    context = player.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(LISTEN)
    try:
        page.goto(f"{server}/drill?id=short")
        page.locator("[data-testid=stCheckbox] label").first.click(timeout=30_000)
        page.get_by_role("button", name=zh("To the drill")).click()
        page.locator(STATE.format("ready")).wait_for(timeout=30_000)
        for _ in range(5):  # the player crosses the arms for a while, which is no reference: once more then
            page.keyboard.press("Space")
            page.locator(f"{STATE.format('take')}, {STATE.format('ready')}").wait_for(timeout=20_000)
            if page.locator(STATE.format("take")).count():
                break
        page.locator(STATE.format("result")).wait_for(timeout=15_000)
        (result,) = page.evaluate("window.results")
        assert result["late_ms"] < 8000  # within 3 s on two cores that are free: benchmarks/drill_latency.py
        expect(page.get_by_role("button", name=zh("Once more (space)"))).to_be_focused()
        expect(page.locator(".worst canvas")).to_be_visible()
        expect(page.locator(".tries text:not(.edge)")).to_have_count(1)
        page.keyboard.press("Space")  # again on the same key; the own reference still holds
        page.locator(STATE.format("count")).wait_for(timeout=5_000)
        page.keyboard.press("Escape")
        page.locator(STATE.format("ready")).wait_for(timeout=5_000)
        assert {urlsplit(url).netloc for url in asked if url.startswith("http")} == {urlsplit(server).netloc}
        assert not [url for url in asked if url.endswith("/chunk") or "/keep" in url]
    finally:
        context.close()
