"""A working day by keyboard alone: ``python -m benchmarks.working_day``.

`liyi app --team` over the demo class runs under strace; people of every role sign in, one after the other, and do what
is theirs with keys alone: a trainer reviews from the sign-in to the sent review, a trainee appeals and answers a
question for a case, an administrator enters somebody, an evaluator opens a batch and its table. Told are the keys of
each (what is typed into a field counts as none), where the focus could not be seen, and every request or system call
that wanted another host. Exits with 1 where there was one, where the trainer needed more than 30 keys, or something
could not be reached.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import looks_class
from liyi.records import passwords, sign_in
from liyi.records.engine import open_records
from liyi.ui import people
from tests.e2e.whole_app import App

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

MOST_KEYS, MOST_TABS = 30, 90
PASSWORD = "a-quiet-word-at-noon"
_CONNECT = re.compile(
    r"(connect|sendto|sendmsg|sendmmsg)\(.*?(sin_addr=inet_addr\(\"([^\"]+)\"\)|inet_pton\(AF_INET6, \"([^\"]+)\")"
)
# What has the focus, through frames and shadow roots: its words, and whether it is drawn differently for it.
_FOCUS = """() => {
  let at = document.activeElement, root = document;
  for (;;) {
    if (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    else {
      const inner = at?.tagName === "IFRAME" ? at.contentDocument?.activeElement : null;
      if (!inner || inner === at.contentDocument.body) break;
      at = inner;
    }
  }
  if (!at || at === document.body) return { name: "", seen: true, body: true };
  const drawn = (each) => {
    const style = at.ownerDocument.defaultView.getComputedStyle(each);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  let seen = false;
  for (let each = at, up = 0; each && up < 4; each = each.parentElement, up += 1) seen ||= drawn(each);
  if (at.matches("input, textarea, [role=combobox]")) seen = true; // Streamlit draws the border of its fields
  const name = (at.getAttribute("aria-label") || at.innerText || at.value || at.placeholder || "").trim().slice(0, 60);
  const key = at.closest("[class*=st-key-]")?.className.match(/st-key-[\\w-]+/)?.[0] ?? "";
  const data = Object.entries(at.dataset).map(([k, v]) => `${k}=${v}`).join(" ");
  return { name: name || at.tagName, seen, key, data, tag: at.tagName, id: at.id };
}"""


class Day:
    """Somebody's keys, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys, self.unseen = page, 0, set[str]()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1
            self.page.wait_for_timeout(120)

    def write(self, text: str) -> None:
        """Type into the field that has the focus."""
        self.page.keyboard.type(text)

    def tab_to(self, wanted: str) -> dict[str, str]:
        """Go on with Tab until what has the focus is called so (a regular expression over name, key and data)."""
        passed = []
        for _ in range(MOST_TABS):
            self.press("Tab")
            at = self.page.evaluate(_FOCUS)
            told = f"{at['name']} {at.get('key', '')} {at.get('data', '')} {at.get('id', '')}"
            passed.append(at["name"][:20])
            if not at["seen"]:
                self.unseen.add(told.strip())
            if re.search(wanted, told):
                return at
        raise LookupError(f"{wanted} was not reached; passed: {passed}")

    def settle(self, ms: int = 1500) -> None:
        """Wait until the page has been drawn."""
        self.page.wait_for_timeout(500)
        self.page.wait_for_function(
            "() => !document.querySelector('[data-testid=stApp]') || "
            "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'",
            timeout=60_000,
        )
        self.page.wait_for_timeout(ms)

    def sign_in(self, address: str, account: str) -> None:
        """From the sign-in to the first page."""
        self.page.goto(f"{address}/?lang=zh")
        self.page.locator("input[name=account]").wait_for()
        self.write(account)
        self.press("Tab")
        self.write(PASSWORD)
        self.press("Enter")
        self.page.locator("#root .stMain h2").first.wait_for(timeout=60_000)
        self.settle()

    def tab_to_page(self, name: str) -> None:
        """Open another page by the bar."""
        self.tab_to(f"^({name}) ")
        self.press("Enter")
        self.page.get_by_role("heading", name=name, exact=True).first.wait_for(timeout=60_000)
        self.settle()


def trainer(day: Day) -> None:
    """From the queue to the sent review of six findings and more."""
    page = day.page
    page.locator("a[data-id]").first.wait_for(timeout=60_000)
    day.press("j", "Enter")
    inner = page.frame_locator("iframe")
    inner.locator("body[data-ready]").wait_for(state="attached", timeout=60_000)
    page.wait_for_timeout(1000)
    opened = inner.locator("#tab-findings").inner_text()
    for _ in range(12):
        if re.search(r"\b0\b", inner.locator("#tab-findings").inner_text()):
            break
        day.press("a")
        page.wait_for_timeout(500)
    day.press("Enter")
    inner.locator("#summary[open]").wait_for()
    day.press("Enter")
    page.wait_for_timeout(3000)
    print(f"  {opened} -> {page.url.rpartition('?')[2]}")


def trainee(day: Day) -> None:
    """Appeal against a finding of one's own report."""
    day.tab_to_page("录像")
    day.tab_to("st-key-open-")
    day.tab_to("st-key-open-")  # the newest is private
    day.press("Enter")
    day.settle(4000)
    day.tab_to("criterion=")
    day.press("Enter")
    day.write("我当时在取材料，请再看一下。")
    day.press("Enter")
    day.page.wait_for_timeout(3000)
    inner = next(each for each in day.page.frames if "/report" in each.url)
    inner.get_by_text("我当时在取材料").first.wait_for()


def owner(day: Day) -> None:
    """Agree to what a trainer asks to show."""
    day.tab_to("片段|st-key-cases")
    day.press("Enter")
    day.page.wait_for_url("**/cases*")
    day.settle(3000)
    day.tab_to("st-key-agree-")
    day.press("Enter")
    day.settle(9000)
    day.page.locator("[class*=st-key-open-]").first.wait_for(timeout=90_000)


def admin(day: Day) -> None:
    """Enter somebody new, with an account, and a one-time code."""
    day.tab_to_page("人员")
    day.tab_to("录入|新人员|st-key-new-person")
    day.press("Enter")
    day.page.wait_for_timeout(800)
    day.tab_to("姓名")
    day.write("林静")
    day.tab_to("账号")
    day.write("lin-jing")
    day.press("Enter")
    day.settle(2000)
    day.page.get_by_text("林静").first.wait_for()
    day.tab_to("st-key-code ")
    day.press("Enter")
    day.settle()
    day.page.locator("output.code").first.wait_for()


def evaluator(day: Day) -> None:
    """Open a batch and its table."""
    day.tab_to("st-key-open-")
    day.press("Enter")
    day.settle(2500)
    day.page.locator("#root .stMain h2").first.wait_for()


DAYS = {"trainer": trainer, "trainee": trainee, "owner": owner, "admin": admin, "evaluator": evaluator}
WHO = {"owner": "demo-1", "trainee": "demo-1"} | {
    name: looks_class.ACCOUNTS[name] for name in ("trainer", "admin", "evaluator")
}


def main() -> int:
    """Do it and tell."""
    from playwright.sync_api import sync_playwright

    wanted = sys.argv[1:] or list(DAYS)
    with tempfile.TemporaryDirectory(prefix="liyi-day-") as name, sync_playwright() as playing:
        there = looks_class.make(Path(name))
        _set_passwords(there.folder)
        trace = Path(name) / "calls.txt"
        with _served(there.folder, trace) as app:
            browser = playing.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            asked: set[str] = set()
            bad = sum(_one(browser, app.address, each, asked) for each in wanted)
            browser.close()
        outside = sorted(
            url for url in asked if not url.startswith((app.address, "ws://" + app.address[7:], "data:", "blob:"))
        )
        calls = trace.read_text(errors="replace")
        others = {found.group(1) for found in _CONNECT.finditer(calls)}
        others = {each for each in others if not each.startswith(("127.", "::1", "::ffff:127."))}
        print(f"requests: {len(asked)} addresses, to other hosts: {outside or 0}")
        print(f"system calls that connect or send: {len(calls.splitlines())}, to other hosts: {sorted(others) or 0}")
        return int(bool(bad or outside or others))


def _one(browser: Browser, address: str, who: str, asked: set[str]) -> int:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.on("request", lambda request: asked.add(request.url))
    page.on("websocket", lambda line: asked.add(line.url))
    day, failed = Day(page), ""
    try:
        day.sign_in(address, WHO[who])
        DAYS[who](day)
    except Exception as error:  # the others have their day all the same
        failed = str(error).partition("\n")[0]
        page.screenshot(path=Path(tempfile.gettempdir()) / f"day-{who}.png")
    print(f"{who}: {day.keys} keys{f', not done: {failed}' if failed else ''}", flush=True)
    for each in sorted(day.unseen):
        print(f"  focus not seen: {each}")
    context.close()
    return int(bool(failed) or (who == "trainer" and day.keys > MOST_KEYS))


def _set_passwords(folder: Path) -> None:
    records = open_records(folder, url=f"sqlite:///{folder / 'liyi.sqlite3'}")
    hashed = passwords.hashed(PASSWORD)
    for account in set(WHO.values()):
        viewer = sign_in.signed_in(records, account)
        with records.writing() as session:
            passwords.put(session, viewer.person_id, hashed)
    records.close()


@contextmanager
def _served(folder: Path, trace: Path) -> Iterator[App]:
    os.environ[people.TEAM] = "1"
    app = App(folder)
    app.start(trace=trace)
    yield app
    app.close()


if __name__ == "__main__":
    sys.exit(main())
