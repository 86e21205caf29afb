"""How long the review of a long recording takes: ``python benchmarks/review.py [--minutes 20] [--seeks 20]``.

The front sample is repeated, its film without decoding it (``ffmpeg -c copy``; ``--keys 2`` encodes it anew with a key
frame every two seconds), what was measured in it by writing it again and again; a trainer of a made-up class opens its
review in Chromium. Told are seconds from the request until the page is whole (findings, the film's first picture,
captions, joints and level), the first time that anybody opens this one and later; from a click on the seek bar until
the picture of that moment is there; from the key that confirms a finding until it is kept; and how large the page is.
Beside elapsed time, which other work on the machine makes longer, stands processor time: of the server, of the page's
own main thread (``Performance.getMetrics``: scripts, styles, layout, parsing) and of all the browser (which decodes).
A short recording was opened on that server before. Exits with 1 when one of them is over what is promised.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import tell as hand_over  # noqa: E402
from benchmarks.serving import serving  # noqa: E402
from liyi.etiquette.store import load_performance, save_performance  # noqa: E402
from liyi.records.engine import open_records  # noqa: E402
from tests.ui.review.submitted import FILM, MEASURES, found_hall, judged  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import psutil

    from liyi.etiquette.performance import Performance

READY_S, SEEK_S, ACT_S = 2.0, 0.3, 1.0  # what is promised
LONGEST_MS = 180_000  # on a machine with other work
_PROGRAM = """
import sys
from uuid import UUID
import uvicorn
from starlette.applications import Starlette
from liyi.records.operations import feedback
from liyi.records.viewer import Viewer
from liyi.ui import people
from liyi.ui.live import policy, routes
who = Viewer(UUID(sys.argv[2]), UUID(sys.argv[3]))
people.of_request = lambda connection: who  # as if the trainer were signed in
feedback.blind_due = lambda records, viewer, id: False  # one in ten would be rated first
app = Starlette(routes=routes.routes(), middleware=policy.middleware())
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
"""
_WHOLE = """() => document.body.dataset.ready === "" && document.body.dataset.measured === ""
  && document.querySelector("#player video").readyState >= 2"""
_JUDGED = '() => document.getElementById("after").textContent !== "…"'
_SEEK = """async (share) => {
  const [video, bar] = [document.querySelector("#player video"), document.querySelector("#player .seek")];
  const { left, width, top } = bar.getBoundingClientRect();
  const done = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
  const began = performance.now();
  bar.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: left + share * width, clientY: top + 2 }));
  await done;
  video.pause();
  return (performance.now() - began) / 1000;
}"""

_KEPT = """async () => {
  const told = document.getElementById("told");
  const saved = JSON.parse(document.getElementById("review-data").textContent).words.saved;
  told.textContent = "";
  const began = performance.now();
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  while (told.textContent !== saved) await new Promise((resolve) => setTimeout(resolve, 5));
  document.querySelector("#player video").pause();
  return (performance.now() - began) / 1000;
}"""


def repeated(performance: Performance, times: int, sha256: str) -> Performance:
    """The performance so many times, one after the other."""
    step = performance.duration_s
    body, voice = performance.body, performance.voice
    assert body is not None
    assert voice is not None
    track = replace(_tiled(body.track, body.track.t.size, times, step), mirrored=None)
    counted = {name: _each(getattr(voice, name), times, step) for name in ("stretches", "filled", "foreign")}
    nuclei_s = np.concatenate([voice.nuclei_s + k * step for k in range(times)])
    transcript = voice.transcript and replace(
        voice.transcript, utterances=_each(voice.transcript.utterances, times, step)
    )
    second = voice.second and replace(voice.second, words=_each(voice.second.words, times, step))
    t = np.arange(voice.t.size * times) * (step / voice.t.size)
    voice = replace(_tiled(voice, voice.t.size, times, step), t=t, duration_s=step * times, nuclei_s=nuclei_s,
                    transcript=transcript, second=second, **counted)  # fmt: skip
    body = replace(_tiled(body, body.track.t.size, times, step), track=track)
    return replace(performance, sha256=sha256, duration_s=step * times, body=body, voice=voice)


def _tiled(part: Any, size: int, times: int, step: float) -> Any:
    """A part whose arrays of ``size`` samples are repeated, its times going on."""
    changes: dict[str, Any] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if is_dataclass(value) and each.name == "face":
            sample = np.concatenate([value.sample + k * size for k in range(times)])
            changes[each.name] = replace(_tiled(value, value.sample.size, times, step), sample=sample)
        elif isinstance(value, np.ndarray) and value.shape[:1] == (size,):
            if each.name == "t":
                changes[each.name] = np.concatenate([value + k * step for k in range(times)])
            else:
                changes[each.name] = np.concatenate([value] * times)
    return replace(part, **changes)


def _each(moments: Any, times: int, step: float) -> Any:
    """Moments with what is in them, so many times."""
    if not moments:
        return moments
    return tuple(_moved(moment, k * step) for k in range(times) for moment in moments)


def _moved(moment: Any, by_s: float) -> Any:
    words = {"words": tuple(_moved(word, by_s) for word in moment.words)} if hasattr(moment, "words") else {}
    return replace(moment, start_s=moment.start_s + by_s, end_s=moment.end_s + by_s, **words)


def film_of(times: int, folder: Path, keys_s: float = 0.0) -> Path:
    """The sample's film so many times; encoded anew with a key frame every ``keys_s`` seconds, if told."""
    path, once = folder / "long.mp4", FILM
    if keys_s:
        once = folder / "keys.mp4"
        _ffmpeg("-i", str(FILM), "-force_key_frames", f"expr:gte(t,n_forced*{keys_s})", "-c:a", "copy", str(once))
    _ffmpeg("-stream_loop", str(times - 1), "-i", str(once), "-c", "copy", "-movflags", "faststart", str(path))
    return path


def _ffmpeg(*words: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *words], check=True)


def main() -> int:
    """Run and print; 0 when what is promised holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seeks", type=int, default=20)
    parser.add_argument("--keys", type=float, default=0.0, help="seconds from one key frame of the film to the next")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liyi-review-") as room:
        folder = Path(room)
        sample = load_performance(MEASURES)
        times = max(1, round(60 * given.minutes / sample.duration_s))
        film = film_of(times, folder, given.keys)
        performance = repeated(sample, times, hashlib.sha256(film.read_bytes()).hexdigest())
        measured = folder / "long.parquet"
        save_performance(measured, performance, {})
        records = open_records(folder / "data")
        hall = found_hall(records)
        ids = [hall.submit(film, judged(performance), measured).hex, hall.submit(FILM, judged(sample), MEASURES).hex]
        records.close()
        who = (str(hall.trainer.person_id), str(hall.trainer.organisation_id))
        with serving(_PROGRAM, str(folder / "data"), *who) as (port, server):
            long, short = (f"http://127.0.0.1:{port}/review/{id}/page?lang=zh" for id in ids)
            return tell(measure(long, short, given.seeks, server))


@dataclass
class Measured:
    """What was measured of one thing, done again and again: seconds that passed, and of processor time by whose."""

    elapsed: list[float]
    cpu: dict[str, list[float]]

    @classmethod
    def of(cls) -> Measured:
        """Nothing yet."""
        return cls([], {"server": [], "page": [], "browser": []})


class Clocks:
    """Processor time of the server, of a page's main thread, and of the browser with all its processes."""

    def __init__(self, server: psutil.Process, page: Any) -> None:
        self._server, self._page = server, page.context.new_cdp_session(page)
        self._page.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._browser = _browser(os.getpid())

    def read(self) -> dict[str, float]:
        """Seconds until now."""
        metrics = {each["name"]: each["value"] for each in self._page.send("Performance.getMetrics")["metrics"]}
        return {"server": _cpu_s(self._server), "page": metrics["TaskDuration"],
                "browser": sum(map(_cpu_s, self._browser))}  # fmt: skip

    def nodes(self) -> int:
        """Of the document."""
        return int(self._page.send("Runtime.evaluate", {"expression": "document.querySelectorAll('*').length"})
                   ["result"]["value"])  # fmt: skip


def _browser(parent: int) -> list[psutil.Process]:
    import psutil

    return [each for each in psutil.Process(parent).children(recursive=True) if "chrom" in each.name()]


def _cpu_s(process: psutil.Process) -> float:
    import psutil

    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _noted(clocks: Clocks, into: Measured, what: Callable[[], float]) -> None:
    before = clocks.read()
    into.elapsed.append(what())
    for whose, now in clocks.read().items():
        into.cpu[whose].append(now - before[whose])


@dataclass(frozen=True)
class Found:
    """What was measured of openings, of jumps and of decisions; bytes and elements of the page."""

    opened: Measured
    sought: Measured
    kept: Measured
    size: int
    nodes: int


def measure(address: str, another: str, seeks: int, server: psutil.Process) -> Found:
    """How long the review at ``address`` takes, after ``another`` was opened."""
    from playwright.sync_api import sync_playwright

    opened, sought, kept = Measured.of(), Measured.of(), Measured.of()
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_page()
        page.goto(another, timeout=LONGEST_MS)
        page.wait_for_function(_WHOLE, timeout=LONGEST_MS)
        for _ in range(4):
            page.context.close()
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            clocks, size = Clocks(server, page), 0

            def visit(page: Any = page) -> float:
                nonlocal size
                began = time.perf_counter()
                answer = page.goto(address, wait_until="commit", timeout=LONGEST_MS)
                page.wait_for_function(_WHOLE, timeout=LONGEST_MS)
                took_s = time.perf_counter() - began
                size = len(answer.body()) if answer else 0
                return took_s

            _noted(clocks, opened, visit)
            page.wait_for_function(_JUDGED, timeout=LONGEST_MS)
        for share in np.random.default_rng(1).uniform(0, 0.99, seeks):
            _noted(clocks, sought, partial(page.evaluate, _SEEK, float(share)))
        for _ in range(5):
            _noted(clocks, kept, partial(page.evaluate, _KEPT))
        nodes = clocks.nodes()
        browser.close()
    return Found(opened, sought, kept, size, nodes)


def tell(found: Found) -> int:
    """Say it; 1 where it is over what is promised."""
    first, later = ({whose: values[k] for whose, values in found.opened.cpu.items()} for k in (0, -1))
    opened, sought, kept = found.opened.elapsed, found.sought.elapsed, found.kept.elapsed
    load = os.getloadavg()[0]
    print(f"whole page: first {opened[0]:.2f} s ({_by(first)}), then {statistics.median(opened[1:]):.2f} s "
          f"({_by(later)}); promised {READY_S} s")  # fmt: skip
    print(f"seek: median {statistics.median(sought):.3f} s, worst {max(sought):.3f} s ({_by(_medians(found.sought))}); "
          f"promised {SEEK_S} s")  # fmt: skip
    print(f"act: first {kept[0]:.3f} s, worst {max(kept):.3f} s ({_by(_medians(found.kept))}); promised {ACT_S} s")
    print(f"page: {found.size / 1000:.0f} kB, {found.nodes} elements; load {load:.1f}")
    hand_over(
        first_s=round(opened[0], 2), later_s=round(statistics.median(opened[1:]), 2),
        seek_worst_s=round(max(sought), 3), act_worst_s=round(max(kept), 3),
        first_server_cpu_s=round(first["server"], 2),
        first_page_cpu_s=round(first["page"], 2), load=round(load, 1),
    )  # fmt: skip
    return int(max(opened) > READY_S or max(sought) > SEEK_S or max(kept) > ACT_S)


def _medians(of: Measured) -> dict[str, float]:
    return {whose: statistics.median(values) for whose, values in of.cpu.items()}


def _by(cpu: Mapping[str, float]) -> str:
    return "processor: " + ", ".join(f"{whose} {seconds:.2f} s" for whose, seconds in cpu.items())


if __name__ == "__main__":
    sys.exit(main())
