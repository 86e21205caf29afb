"""A first visit on a telephone: two taps to a drill, and a sample report at one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
# What stands below the report is not drawn over it.
REPORT_IN_ITS_BOX = """() => {
  const report = document.querySelector(".st-key-report iframe");
  const foot = (part) => part.getBoundingClientRect().bottom;
  return report && foot(report) <= foot(report.closest(".st-key-report")) + 1;
}"""


def test_two_taps_to_a_drill_and_one_to_a_sample_report(browser, server):
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        page.goto(server)
        page.get_by_role("button", name="坐席窗口").click(timeout=30_000)
        begin = page.get_by_role("button", name=re.compile("^开始："))
        expect(begin).to_be_in_viewport()  # without scrolling
        begin.click()
        expect(page).to_have_url(re.compile(r"/drill\?id=\w+"))
        page.get_by_role("link", name="去练今天的科目").click()
        page.get_by_role("button", name="看一份样例报告").click()
        expect(page).to_have_url(re.compile(r"/assess\?job=[0-9a-f]{32}"), timeout=30_000)
        page.wait_for_function(REPORT_IN_ITS_BOX)
        page.get_by_role("button", name="菜单").click()
        page.get_by_role("link", name="进步", exact=True).first.click()
        expect(page.get_by_role("heading", name="我的资料")).to_be_visible()
        expect(page.get_by_text("肩线倾斜")).to_have_count(0)  # the sample is none of one's own
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    finally:
        context.close()
