"""A page looked at as people see it: photographed in its shapes, held against axe-core, nothing wider than the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

AXE = "axe-core@4.14.1"
RUN_AXE = """async () => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "best-practice"]})).violations
    .filter(v => ["serious", "critical"].includes(v.impact))
    .map(v => [v.id, v.nodes.map(n => n.html + " " + n.failureSummary)])"""
# Streamlit's page scrolls within the document, which is therefore never too wide itself: each part is looked at. What
# scrolls sideways by itself, such as a table, may hold more than it shows.
_TOO_WIDE = """() => {
  const scrolls = (element) => {
    for (let at = element.parentElement; at && !at.matches("[data-testid=stMain]"); at = at.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };
  return [...document.querySelectorAll("[data-testid=stMain] *")].filter((element) => {
    const { right, width, height } = element.getBoundingClientRect();
    return width > 1 && height > 1 && right > innerWidth + 1 && !scrolls(element);
  }).map((element) => element.outerHTML.slice(0, 120));
}"""
# The scheme has arrived everywhere (the rehearsal looks once a second), and what fades has faded.
_SETTLED = """(dark) => {
  const light = (element) => {
    const [red, green, blue] = getComputedStyle(element).backgroundColor.match(/\\d+/g).map(Number);
    return 0.299 * red + 0.587 * green + 0.114 * blue > 128;
  };
  const found = [];
  const search = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.classList.contains("rehearsal")) found.push(element);
      if (element.shadowRoot) search(element.shadowRoot);
    }
  };
  search(document);
  const moves = document.getAnimations().some((each) => {
    const { iterations, endTime } = each.effect.getComputedTiming();
    return each.playState === "running" && Number.isFinite(iterations) && Number.isFinite(endTime);
  });
  const waits = document.querySelector("[data-testid=stSkeleton]"); // parts that are not drawn yet
  return !moves && !waits && light(document.querySelector("[data-testid=stApp]")) !== dark
    && found.every((each) => (each.dataset.theme === "dark") === dark);
}"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The source of axe-core, from the npm registry."""
    try:
        return axe_source(tmp_path_factory.mktemp("axe"))
    except OSError:
        pytest.fail("CI must have npm") if os.environ.get("CI") == "true" else pytest.skip("no npm here")


def axe_source(folder: Path) -> str:
    """Fetch axe-core from the npm registry into ``folder``; raises OSError where that cannot be."""
    npm = shutil.which("npm")
    done = npm and subprocess.run([npm, "pack", AXE, "--silent"], cwd=folder, capture_output=True, check=False)
    if not done or done.returncode:
        raise OSError(f"{AXE} cannot be fetched")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode("utf-8")


def look(page: Page, name: str, *, axe: str | None, folder: Path, briefly: bool = False) -> None:
    """Photograph the page in two widths, the wider one dark as well, and let axe-core judge it light and dark.

    Parameters
    ----------
    page
        What is shown.
    name
        Of the pictures, in ``folder``.
    axe
        Source of axe-core; None for a page that is replaced every moment: it is pale for as long as that takes, and
        cannot be judged.
    folder
        Of the pictures.
    briefly
        Only narrow and light, as for a page that was looked at in another language.
    """
    before = page.viewport_size
    for scheme in ("light",) if briefly else ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (390,) if briefly else (1280,) if scheme == "dark" else (390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_function(_SETTLED, arg=scheme == "dark", timeout=15_000)
            page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            assert page.evaluate(_TOO_WIDE) == [], f"{name} at {width}"
        if axe is not None:
            page.evaluate(axe)
            for _ in range(3):  # what is pale for the moment in which it is drawn anew is judged again
                if not (found := page.evaluate(RUN_AXE)):
                    break
                page.wait_for_timeout(1_000)
            assert found == [], f"{name}, {scheme}: {found}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)
