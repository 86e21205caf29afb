"""Every page opens by its own address, at the first request to a server that has just started."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from liyi.core.words import translate
from liyi.ui import people
from liyi.ui.pages import in_bar, pages_of
from tests.e2e.whole_app import App

pytestmark = pytest.mark.browser
MINE = pages_of(people._SOLO)  # of who is alone on a machine
TITLES = {page.address: translate(page.title, "zh") for page in MINE}
BAR = dict(list(TITLES.items())[: in_bar(len(MINE))])  # the others are under More
HEADINGS = {**TITLES, "": translate(MINE[0].title, "zh")}
FIRST = "recordings"  # a page that does not stand at the server's own address


def test_pages_open_by_their_address_at_the_first_request(browser, models_ready, tmp_path):
    """The first one is asked of a server that has drawn nothing yet."""
    app = App(tmp_path)
    app.start()
    context = browser.new_context(locale="zh-CN")
    try:
        page = context.new_page()
        for address in sorted(HEADINGS, key=lambda address: address != FIRST):
            page.goto(f"{app.address}/{address}")
            expect(page.get_by_role("heading", name=HEADINGS[address], exact=True)).to_be_visible(timeout=30_000)
            for title in BAR.values():
                expect(page.get_by_role("link", name=title, exact=True).first).to_be_visible()
            expect(page.get_by_text("English", exact=True)).to_be_visible()
            if address in BAR or not address:
                current = page.get_by_role("navigation").locator("[aria-current=page]")
                expect(current).to_have_text([HEADINGS[address]])
            else:
                expect(
                    page.get_by_role("button", name=translate("More: {title}", "zh", title=HEADINGS[address]))
                ).to_be_visible()
            expect(page.get_by_text("Page not found")).to_have_count(0)
            assert page.url.split("?")[0] == f"{app.address}/{address}"
    finally:
        context.close()
        app.close()
