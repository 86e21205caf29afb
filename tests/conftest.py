"""What every test may use: the models on this machine, and the development media when they lie beside the checkout."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import liyi  # noqa: F401 (before NumPy: it sets how many threads NumPy's libraries use)

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all tests that drive a browser in one worker: they wait most of the time, and the other worker computes."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of development media (``LIYI_SHARED``, else ``shared`` beside the checkout); skips when absent."""
    folder = Path(os.environ.get("LIYI_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("development media are not on this machine")
    return folder


@pytest.fixture(scope="session")
def models_ready() -> None:
    """Skip without model files, except in CI, where they must be there."""
    from liyi.modelfiles.registry import missing

    names = missing()
    if names and os.environ.get("CI") == "true":
        pytest.fail(f"CI must have the model files; missing: {', '.join(names)}. Run `liyi models fetch`.")
    if names:
        pytest.skip(f"model files missing: {', '.join(names)}; run `liyi models fetch`")


@pytest.fixture(scope="session")
def browser():
    """One real browser (Debian's chromium) for the whole run: Playwright starts only once in a process."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have chromium")
        pytest.skip("chromium is not on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield instance
        instance.close()


@pytest.fixture
def hostile_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in whose files are named like modules and leave ``OWNED`` beside them when they are run."""
    folder = tmp_path / "submitted"
    folder.mkdir()
    code = "open(__import__('os').path.dirname(__file__) + '/OWNED', 'a').write(__file__)\nraise SystemExit(3)\n"
    for name in ("json", "liyi", "av", "app", "random", "posture", "pip", "queue"):
        (folder / f"{name}.py").write_text(code)
    monkeypatch.chdir(folder)
    return folder
