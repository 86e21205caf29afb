"""Every page of every role, photographed and judged: ``python -m benchmarks.looks [OUT] [--only NAME ...]``.

The demo class with every state (`benchmarks.looks_class`) is served by `liyi app --team`, an empty folder by
`liyi app`; Chromium opens each of `benchmarks.looks_states` in Chinese and English, at 1280 x 800 and 390 x 844, light
and dark. In OUT (``out/looks``) stand the pictures and ``found.json``; printed is what was found, each with where: what
axe-core holds for serious, texts that are cut, lie over another, or are of the other language, controls below 24 px,
what is wider than the page, what the console said, and requests to another host. Exits with 1 where a request left this
machine, axe found something, a page is wider than its window, or a state could not be reached.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from benchmarks import looks_class, looks_states
from liyi.ui import people
from tests.e2e.fake_media import launch_playing, write_camera, write_microphone
from tests.e2e.looking import RUN_AXE, axe_source
from tests.e2e.whole_app import free_port

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from playwright.sync_api import Browser, BrowserContext, Frame, Page

    from benchmarks.looks_class import There
    from benchmarks.looks_states import State

ROOT = Path(__file__).resolve().parents[1]
JUDGE = (Path(__file__).parent / "looks_judge.js").read_text(encoding="utf-8")
SIZES = {1280: 800, 390: 844}
LANGS = {"zh": "zh-CN", "en": "en-GB"}
SCHEMES = ("light", "dark")
TALLEST = 3600  # of a picture
BAD = ("host", "axe", "wide", "broken")
_STILL = """() => {
  const moves = document.getAnimations().some((each) => {
    const { iterations, endTime } = each.effect.getComputedTiming();
    return each.playState === "running" && Number.isFinite(iterations) && Number.isFinite(endTime);
  });
  const app = document.querySelector("[data-testid=stApp]");
  const runs = app && app.dataset.testScriptState && app.dataset.testScriptState !== "notRunning";
  return !moves && !runs && !document.querySelector("[data-testid=stSkeleton], [data-testid=stSpinner]");
}"""
_HEIGHT = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  return Math.ceil((main || document.documentElement).scrollHeight);
}"""


class Found:
    """What was found, by kind and text, with where."""

    def __init__(self) -> None:
        self.by_kind: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def add(self, kind: str, text: str, where: str) -> None:
        """Note one thing; where it is found again, once."""
        places = self.by_kind[kind][re.sub(r"[0-9a-f]{32}|[0-9a-f-]{36}|:\d{4,5}", "…", text)]
        if where not in places:
            places.append(where)

    def tell(self) -> int:
        """Print it; 1 where any of it is of a kind that must not be."""
        for kind, texts in sorted(self.by_kind.items()):
            print(f"\n{kind}: {len(texts)}")
            for text, places in texts.items():
                print(f"  {text}\n      {', '.join(places[:6])}{' …' if len(places) > 6 else ''}")
        return int(any(self.by_kind.get(kind) for kind in BAD))


@contextmanager
def served(data: Path, *options: str) -> Iterator[str]:
    """The app over a folder of data; its address."""
    data.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with (data / "server.txt").open("wb") as log:
        command = [sys.executable, "-P", "-m", "liyi", "app", "--port", str(port), *options]
        server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "LIYI_DATA": str(data)}, stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


class Looking:
    """Opens the states one after the other, and notes what is found.

    Parameters
    ----------
    browser, axe
        What pages are opened with, and the source of axe-core.
    servers
        Address of the team's server and of the one of a single person.
    there
        The class.
    out
        Folder of the pictures.
    """

    def __init__(self, browser: Browser, axe: str, servers: Mapping[str, str], there: There, out: Path) -> None:
        self._browser, self._axe, self._servers, self._there, self._out = browser, axe, servers, there, out
        self.found = Found()

    def look(self, state: State, lang: str, sizes: Collection[int]) -> None:
        """One state in a language, in every size and scheme."""
        context = self._context(state, lang)
        page = context.new_page()
        where = f"{state.name}-{lang}"
        page.on("request", lambda asked: self._asked(asked.url, where))
        page.on("pageerror", lambda error: self.found.add("console", f"uncaught: {error}", where))
        page.on("console", lambda said: said.type == "error" and self.found.add("console", said.text[:200], where))
        try:
            self._open(page, state, lang)
            for width in sizes:
                page.set_viewport_size({"width": width, "height": SIZES[width]})
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)
                    self._photograph(page, f"{where}-{width}-{scheme}", SIZES[width])
                    self._judge(page, lang, f"{where}-{width}-{scheme}")
        except Exception as error:  # the others are looked at all the same
            self.found.add("broken", str(error).partition("\n")[0][:200], where)
            page.screenshot(path=self._out / f"{where}-broken.png")
        finally:
            context.close()

    def _context(self, state: State, lang: str) -> BrowserContext:
        context = self._browser.new_context(locale=LANGS[lang], viewport={"width": 1280, "height": 800},
                                            timezone_id="Asia/Shanghai")  # fmt: skip
        context.set_default_timeout(20_000)
        if token := self._there.tokens.get(state.who):
            context.add_cookies([{"name": people.COOKIE, "value": token, "url": self._servers["team"]}])
        return context

    def _open(self, page: Page, state: State, lang: str) -> None:
        server = self._servers["solo" if state.who == "solo" else "first" if state.who == "first" else "team"]
        ids = {name.replace("-", "_"): id for name, id in self._there.ids.items()}
        if state.file:
            page.goto(self._there.files[f"{state.file}-{lang}"].as_uri())
        else:
            address = state.address.format(**ids)
            page.goto(f"{server}{address}{'&' if '?' in address else '?'}lang={lang}")
        if state.streamlit:
            there = page.locator("#root .stMain h2, #root .stMain [data-testid=stAlert], #root .steps, #root iframe")
            there.first.wait_for(timeout=60_000)
        self._settle(page)
        for step in state.steps:
            step(page)
            self._settle(page)

    def _settle(self, page: Page) -> None:
        page.wait_for_timeout(300)
        with suppress(PlaywrightError):  # what never rests, such as a rehearsal, is looked at as it is
            page.wait_for_function(_STILL, timeout=15_000)

    def _photograph(self, page: Page, name: str, height: int) -> None:
        self._settle(page)
        whole = min(TALLEST, max(height, page.evaluate(_HEIGHT)))  # what is taller than the window is shown whole
        if whole > height:
            page.set_viewport_size({"width": page.viewport_size["width"], "height": whole})
            page.wait_for_timeout(300)
        page.screenshot(path=self._out / f"{name}.png")
        page.set_viewport_size({"width": page.viewport_size["width"], "height": height})

    def _judge(self, page: Page, lang: str, where: str) -> None:
        for frame in page.frames:
            if frame.url == "about:blank" or frame.is_detached():
                continue
            for kind, texts in frame.evaluate(JUDGE, lang).items():
                for text in texts:
                    self.found.add(kind, text, where)
            if not where.endswith("390-dark"):  # its colours are those of 1280, its size that of light
                self._hold_against_axe(frame, where)

    def _hold_against_axe(self, frame: Frame, where: str) -> None:
        frame.evaluate(self._axe)
        found = frame.evaluate(RUN_AXE)
        if found:  # what is pale for the moment in which it is drawn anew is judged again
            frame.page.wait_for_timeout(1_000)
            found = frame.evaluate(RUN_AXE)
        for rule, nodes in found:
            for node in nodes[:5]:
                self.found.add(
                    "axe", f"{rule}: {re.sub('st-emotion-cache-[a-z0-9]+ [a-z0-9]+', '', node)[:300]}", where
                )

    def _asked(self, url: str, where: str) -> None:
        if not url.startswith((*self._servers.values(), "data:", "blob:", "file:", "about:")):
            self.found.add("host", url, where)


def main() -> int:
    """Look at everything that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "out" / "looks")
    parser.add_argument("--only", nargs="*", default=[], help="names of states, or how they begin")
    parser.add_argument("--langs", nargs="*", default=list(LANGS))
    parser.add_argument("--sizes", nargs="*", type=int, default=list(SIZES))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    wanted = [each for each in looks_states.STATES if not given.only or each.name.startswith(tuple(given.only))]
    with tempfile.TemporaryDirectory(prefix="liyi-looks-") as name:
        room = Path(name)
        there = looks_class.make(room)
        with served(there.folder, "--team") as team, served(room / "solo") as solo, browsing(room) as browser:
            looking = Looking(browser, axe_source(room), {"team": team, "solo": solo}, there, given.out)
            for state in wanted:
                for lang in given.langs:
                    looking.look(state, lang, given.sizes)
                    print(f"{time.strftime('%H:%M:%S')} {state.name} {lang}", file=sys.stderr, flush=True)
    (given.out / "found.json").write_text(json.dumps(looking.found.by_kind, ensure_ascii=False, indent=1), "utf-8")
    print(f"pictures: {given.out}, states: {len(wanted)}")
    return looking.found.tell()


@contextmanager
def browsing(room: Path) -> Iterator[Browser]:
    """Chromium, whose camera and microphone play the front sample."""
    camera, microphone = room / "camera.y4m", room / "microphone.wav"
    write_camera(looks_class.FRONT, camera, start_s=9.0, end_s=15.0)
    write_microphone(looks_class.FRONT, microphone, start_s=0.0, end_s=20.0)
    with sync_playwright() as playing:
        browser = launch_playing(playing.chromium, camera, microphone)
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
