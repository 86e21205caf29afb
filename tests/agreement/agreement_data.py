"""Ratings and scores that never were: raters of known bias and noise, and a tool of known bias and noise."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ("recording", "rater", "criterion", "score", "session")


def write_ratings(
    path: Path, rows: list[tuple[object, ...]], *, encoding: str = "utf-8", header: tuple[str, ...] = HEADER
) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_scores(path: Path, columns: dict[str, list[object]]) -> Path:
    """A table with the columns that `liyi.cohort.tables` writes and agreement reads."""
    count = len(next(iter(columns.values())))
    head = {
        "file": [f"/videos/窗口_{i:03d}.mp4" for i in range(count)],
        "sha256": [f"{i:064x}" for i in range(count)],
        "key": [f"key{i:03d}" for i in range(count)],
        "profile": ["seated"] * count,
        "pack": ["counter"] * count,
        "pack_version": ["1.1.0"] * count,
        "total": [80.0] * count,
    }
    pq.write_table(pa.table(head | columns), path)
    return path


def simulate(
    folder: Path,
    *,
    n: int = 60,
    raters: int = 3,
    bias: float = 8.0,
    noise: float = 5.0,
    spread: float = 12.0,
    seed: int = 1,
) -> tuple[Path, Path]:
    """Simulated people with noise of 4 points around a true total, and a tool ``bias`` points above with ``noise``."""
    rng = np.random.default_rng(1)
    truth = rng.normal(70, 12, n)
    tool = np.clip(truth + bias + rng.normal(0, noise, n), 0, 100)
    rows = [
        (f"窗口_{i:03d}.mp4", f"rater{j}", "total", round(float(np.clip(truth[i] + rng.normal(0, 4), 0, 100)), 1), "")
        for i in range(n)
        for j in range(raters)
    ]
    return (
        write_ratings(folder / "ratings.csv", rows),
        write_scores(folder / "scores.parquet", {"total": tool.tolist()}),
    )
