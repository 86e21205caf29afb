"""What every test may use: the models on this machine, and the development media when they lie beside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

import liyi  # noqa: F401 (before NumPy: it sets how many threads NumPy's libraries use)

ROOT = Path(__file__).resolve().parent.parent
os.environ["LIYI_FREE_GB"] = "0"  # how much room a disk has, a test says for itself
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


CALLS = "calls.txt"  # every connection that was asked of the system while the sample was scored

CAMERA = {"player", "playing", "live_models_ready"}  # fixtures of tests in which a browser's camera plays
# What `make check` leaves out: models, media, browsers, databases and clusters, and what takes long without them.
SLOW_FIXTURES = {"models_ready", "phrases_ready", "shared", "browser", "cluster"}
SLOW = (
    "agreement/test_bands.py", "batch/test_cluster.py", "batch/test_command.py", "batch/test_run.py", "cli", "e2e",
    "media/test_media.py", "media/test_remux.py", "modelfiles", "records", "scoring/test_confine.py",
    "scoring/test_mutations.py", "scoring/test_sandbox.py", "ui/test_jobs.py",
    "ui/test_owner_only.py", "ui/test_queue.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and what needs a camera."""
    slow = {ROOT / "tests" / place for place in SLOW}
    for item in items:
        if CAMERA & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.camera)
        if {item.path, *item.path.parents} & slow or SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def ordinary_priority():
    """A worker ends each test with an ordinary priority: what it starts would inherit another and starve the machine.

    For root FFmpeg's libsvtav1, the one encoder of AV1 in PyAV, sets SCHED_FIFO 99 for the thread that encodes.
    """
    yield
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


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
def phrases_ready() -> None:
    """Skip without the second recogniser, except in CI, where it must be there."""
    from speech.second import lacking

    if names := lacking():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have the second recogniser; missing: {', '.join(names)}. Run `liyi models fetch`.")
        pytest.skip(f"the second recogniser is missing: {', '.join(names)}; run `liyi models fetch`")


@pytest.fixture(scope="session")
def scored_sample(models_ready: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``liyi score`` made of the front sample, in a process of its own: once for all workers. Never changed.

    Beside it stands `CALLS`, where there is a tracer.
    """
    shared_by_all = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared_by_all = shared_by_all.parent
    out = shared_by_all / "scored_sample" / "counter_front_zh.liyi"
    with FileLock(shared_by_all / "scored_sample.lock"):
        if not out.exists():
            out.parent.mkdir(exist_ok=True)
            sample = ROOT / "sample_media" / "counter_front_zh.mp4"
            tracer = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg,bind",
                      "-o", CALLS] if shutil.which("strace") else []  # fmt: skip
            command = [*tracer, sys.executable, "-P", "-m", "liyi", "score", str(sample), "--lang", "en"]
            done = subprocess.run(command, cwd=out.parent, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stderr
    return out


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
