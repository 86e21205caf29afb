"""How long the review of a long recording takes: ``python -m benchmarks.review [--minutes 20] [--seeks 20]``.

The front sample is repeated, its film without decoding it (``ffmpeg -c copy``), what was measured in it by writing it
again and again; a trainer of a made-up class opens its review in Chromium. Told are seconds from the request until the
page is ready (its findings listed and the film's first picture there), the first time that anybody opens this one and
later; from there until its joints, captions and level have come; from a click on the seek bar until the picture of that
moment is there; from the key that confirms a finding until it is kept; and how large the page is. A short recording was
opened on that server before. Exits with 1 when one of them is over what is promised.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.serving import serving
from liyi.etiquette.store import load_performance, save_performance
from liyi.records.engine import open_records
from tests.ui.review.submitted import FILM, MEASURES, found_hall, judged

if TYPE_CHECKING:
    from liyi.etiquette.performance import Performance

READY_S, SEEK_S, ACT_S = 2.0, 0.3, 1.0  # what is promised
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
_READY = """() => document.body.dataset.ready === "" && document.querySelector("#player video").readyState >= 2"""
_MEASURED = "() => document.body.dataset.measured === ''"
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


def film_of(times: int, folder: Path) -> Path:
    """The sample's film so many times."""
    path = folder / "long.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-stream_loop", str(times - 1), "-i", str(FILM), "-c", "copy",
         "-movflags", "faststart", str(path)],
        check=True,
    )  # fmt: skip
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seeks", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liyi-review-") as room:
        folder = Path(room)
        sample = load_performance(MEASURES)
        times = max(1, round(60 * given.minutes / sample.duration_s))
        film = film_of(times, folder)
        performance = repeated(sample, times, hashlib.sha256(film.read_bytes()).hexdigest())
        measured = folder / "long.parquet"
        save_performance(measured, performance, {})
        records = open_records(folder / "data")
        hall = found_hall(records)
        ids = [hall.submit(film, judged(performance), measured).hex, hall.submit(FILM, judged(sample), MEASURES).hex]
        records.close()
        who = (str(hall.trainer.person_id), str(hall.trainer.organisation_id))
        with serving(_PROGRAM, str(folder / "data"), *who) as (port, _):
            long, short = (f"http://127.0.0.1:{port}/review/{id}/page?lang=zh" for id in ids)
            return tell(measure(long, short, given.seeks))


@dataclass(frozen=True)
class Measured:
    """Seconds of each opening, from there until what was measured has come, of each seek and act; bytes of the page."""

    opened: list[float]
    measured: list[float]
    sought: list[float]
    kept: list[float]
    size: int


def measure(address: str, another: str, seeks: int) -> Measured:
    """How long the review at ``address`` takes, after ``another`` was opened."""
    from playwright.sync_api import sync_playwright

    opened, measured = [], []
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_page()
        page.goto(another)
        page.wait_for_function(_READY, timeout=60_000)
        page.close()
        for _ in range(4):
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            began = time.perf_counter()
            answer = page.goto(address, wait_until="commit")
            page.wait_for_function(_READY, timeout=60_000)
            opened.append(time.perf_counter() - began)
            page.wait_for_function(_MEASURED, timeout=60_000)
            measured.append(time.perf_counter() - began - opened[-1])
            size = len(answer.body()) if answer else 0
        rng = np.random.default_rng(1)
        sought = [float(page.evaluate(_SEEK, float(share))) for share in rng.uniform(0, 0.99, seeks)]
        kept = [float(page.evaluate(_KEPT)) for _ in range(5)]
        browser.close()
    return Measured(opened, measured, sought, kept, size)


def tell(found: Measured) -> int:
    """Say it; 1 where it is over what is promised."""
    opened, sought, kept = found.opened, found.sought, found.kept
    print(f"ready: first {opened[0]:.2f} s, then {statistics.median(opened[1:]):.2f} s (promised {READY_S} s)")
    later = statistics.median(found.measured[1:])
    print(f"joints, captions and level: first {found.measured[0]:.2f} s after that, then {later:.2f} s")
    print(f"seek: median {statistics.median(sought):.3f} s, worst {max(sought):.3f} s (promised {SEEK_S} s)")
    print(f"act: first {kept[0]:.3f} s, worst {max(kept):.3f} s (promised {ACT_S} s)")
    print(f"page: {found.size / 1000:.0f} kB")
    return int(max(opened) > READY_S or max(sought) > SEEK_S or max(kept) > ACT_S)


if __name__ == "__main__":
    sys.exit(main())
