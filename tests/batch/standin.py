"""Stand-ins for recordings and for their assessment: quick, and with any fault that a batch must survive.

A stand-in recording begins like a video file and goes on with what shall happen when it is assessed.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from liyi.core.errors import MediaError
from liyi.etiquette.assessment import Assessment, RecordingInfo, SideInfo

if TYPE_CHECKING:
    from liyi.batch.unit import Unit

HEAD = b"\x00\x00\x00\x18ftypmp42"


def recording(path: Path, do: str = "", **details: object) -> Path:
    """A stand-in recording; what differs in its details differs in its content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(HEAD + json.dumps({"do": do, "name": path.name, **details}).encode())
    return path


def recordings(folder: Path, count: int, do: str = "", **details: object) -> list[Path]:
    return [recording(folder / f"{at:03d}.mp4", do, at=at, **details) for at in range(count)]


def assess(path: Path, out: Path, unit: Unit, side: Path | None = None) -> None:
    """What stands in for `liyi.batch.unit.score_unit`."""
    begun_s = time.monotonic()
    order = json.loads(path.read_bytes().removeprefix(HEAD))
    if "log" in order:
        with Path(order["log"]).open("a") as log:
            log.write(f"{order['name']}\n")
    act(order, path)
    out.mkdir()
    info = RecordingInfo(name=path.name, sha256=unit.sha256, duration_s=1.0, camera="front", framing="upper",
                         position="seated", people=1, side=side and beside(side))  # fmt: skip
    assessment = Assessment(
        liyi_version=unit.fingerprint["liyi"], created_at="2026-01-01T00:00:00Z", elapsed_s=time.monotonic() - begun_s,
        recording=info, pack=unit.pack.ref, profile=unit.options.profile, options=unit.options.as_json(), models=(),
        verdicts=(), coverage=1.0, coverage_floor=0.6, total=float(int(unit.sha256[:4], 16) % 101), dimensions={},
        deductions=(), transcript=(),
    )  # fmt: skip
    pq.write_table(pa.table({"series": ["none"]}), out / "measures.parquet")
    (out / "report.html").write_text(f"<html lang='{unit.lang}'></html>")
    (out / "assessment.json").write_text(assessment.model_dump_json())


def beside(side: Path) -> SideInfo:
    return SideInfo(name=side.name, sha256=hashlib.sha256(side.read_bytes()).hexdigest(), duration_s=1.0,
                    framing="upper", people=1, alignment=None)  # fmt: skip


def act(order: dict[str, object], path: Path) -> None:
    if order["do"] == "kill the worker":
        os.kill(os.getpid(), signal.SIGKILL)
    if order["do"] == "be damaged":
        raise MediaError(path, "{file} is empty (0 bytes): record or copy it again.")
    if order["do"] == "stumble":
        raise ZeroDivisionError
    if order["do"] == "stumble once" and not Path(str(order["mark"])).exists():
        Path(str(order["mark"])).touch()
        raise ZeroDivisionError
    time.sleep(float(str(order.get("seconds", 0))))


def results_of(out: Path) -> dict[str, dict[str, object]]:
    """Every assessment of a batch by the name of its recording, without what may differ between two runs."""
    found: dict[str, dict[str, object]] = {}
    for path in out.glob("recordings/*/assessment.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        del content["created_at"], content["elapsed_s"]
        name = content["recording"]["name"]
        assert name not in found, f"{name} stands twice"
        found[name] = content
    return found
