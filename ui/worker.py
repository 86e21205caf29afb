"""The process of one job: ``python -m ui.worker FOLDER`` has the recording in it assessed and keeps a heartbeat.

It decodes nothing itself: that is done in the child of `report.sandbox`, within the limits.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report.sandbox import close_shared, join_limited, run_limited
from report.words import N_
from signals import logs
from signals.errors import LiyiError
from ui.jobs import write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

BEAT_S = 2.0
JOINING = N_("Joining the recording")


class Heartbeat:
    """Writes the newest progress every `BEAT_S` seconds and at each new stage, until closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stage, self._done = "", 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def __call__(self, stage: str, done: float) -> None:
        """Take the newest progress."""
        changed = stage != self._stage or done - self._done > 0.02
        self._stage, self._done = stage, done
        if changed:
            self._write()

    def _write(self) -> None:
        write_json(self._path, {"stage": self._stage, "done": self._done})

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_S):
            try:
                self._path.touch()
            except FileNotFoundError:
                close_shared()
                os._exit(1)  # the job was deleted: nobody waits for this work

    def close(self) -> None:
        """Stop the heart."""
        self._stop.set()
        self._thread.join()


def recording(folder: Path, job: Mapping[str, Any], beat: Heartbeat) -> Path:
    """The file to assess; for a rehearsal it is joined from its pieces, which are not needed afterwards."""
    if "rehearsal" not in job:
        return folder / "recording" / str(job["recording"])
    home = (folder / job["rehearsal"]).resolve()
    joined = next(home.glob("recording.*"), None)
    if joined is None:
        beat(JOINING, 0.0)
        joined = join_limited(sorted((home / "chunks").glob("*.part")), home / "recording")
        shutil.rmtree(home / "chunks")
    return joined


def work(folder: Path) -> None:
    """Assess the job in ``folder``; a fault ends in ``error.json``, never in silence."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    options = job["options"]
    begun_s, beat = time.monotonic(), Heartbeat(folder / "progress.json")
    try:
        from etiquette.norms import load_pack
        from signals.trace import Interval

        stretch = options.get("calibration")
        run_limited(recording(folder, job, beat), folder / "out", {
            "pack": load_pack(options["pack"]), "profile": options["profile"], "camera": options["camera"],
            "calibration": Interval(*stretch) if stretch else None,
            "language": options["language"], "lang": options["lang"],
        }, progress=beat)  # fmt: skip
        logs.event("assessed", key=folder.name, seconds=time.monotonic() - begun_s)
    except LiyiError as error:
        logs.event("refused", key=folder.name, seconds=time.monotonic() - begun_s, error=error)
        write_json(folder / "error.json", {"sentence": error.sentence, "fields": _plain(error)})
    except BaseException as error:
        logs.event("failed", key=folder.name, seconds=time.monotonic() - begun_s, error=error)
        write_json(folder / "error.json", {"sentence": "The assessment stopped unexpectedly. Start it again.",
                                           "fields": {}})  # fmt: skip
        raise SystemExit(1) from None
    finally:
        beat.close()


def _plain(error: LiyiError) -> dict[str, object]:
    return {k: v if isinstance(v, int | float) else str(v) for k, v in error.fields.items()}


if __name__ == "__main__":
    logs.start()
    work(Path(sys.argv[1]))
