"""Charts of a cohort as SVG text, in the colours of the report's style sheet, small enough for a table's cell."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from liyi.report import findings
from liyi.report.findings import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH, _BARS, _HEIGHT = 300.0, 30.0, 46.0
_BIN = 5  # points
_STACK, _THICK = 180.0, 14.0


def histogram(scores: Sequence[float], label: str) -> str:
    """How many scores lie in each 5 points of 0..100, with the median and the middle half below.

    Parameters
    ----------
    scores
        At least one, 0..100.
    label
        What a screen reader says.
    """
    edges = np.arange(0, 100 + _BIN, _BIN)
    counts, _ = np.histogram(scores, bins=edges)
    per_point, most = _WIDTH / 100, max(int(counts.max()), 1)
    parts = []
    for start, count in zip(edges[:-1], counts, strict=True):
        if count:
            height = max(_BARS * count / most, 1.5)
            style = findings.mark_of_score(start / 100).style
            parts.append(
                f'<rect class="{style}" x="{start * per_point + 1:.1f}" y="{_BARS - height:.1f}" '
                f'width="{_BIN * per_point - 2:.1f}" height="{height:.1f}">'
                f"<title>{start}–{start + _BIN}: {count}</title></rect>"
            )
    low, middle, high = (float(q) * per_point for q in np.percentile(scores, (25, 50, 75)))
    parts.append(f'<path class="axis" d="M0 {_BARS + 0.5}H{_WIDTH:.0f}"/>')
    for border in (100 * edge for edge in findings.BORDERS):
        x = border * per_point
        parts.append(
            f'<path class="axis" d="M{x:.1f} {_BARS}v5"/><text class="tick" x="{x + 3:.1f}" y="{_HEIGHT - 3}">'
        )
        parts.append(f"{border:.0f}</text>")
    parts.append(f'<path class="middle" d="M{low:.1f} {_BARS + 2.5}H{max(high, low + 1):.1f}"/>')
    parts.append(f'<path class="median" d="M{middle:.1f} 0V{_BARS + 5}"/>')
    return _svg("dist", _WIDTH, _HEIGHT, label, parts)


def stack(counts: Mapping[Mark, int], label: str) -> str:
    """How many recordings have each mark, as one bar: ■ ▲ ● ○ from left to right."""
    whole = max(sum(counts.values()), 1)
    parts, x = [], 0.0
    for mark in (Mark.FAULT, Mark.ATTENTION, Mark.GOOD, Mark.OPEN, Mark.REVIEW):
        width = _STACK * counts.get(mark, 0) / whole
        if width:
            parts.append(
                f'<rect class="{mark.style}" x="{x:.1f}" y="0" width="{max(width - 1, 0.5):.1f}" '
                f'height="{_THICK:.0f}"/>'
            )
        x += width
    return _svg("stack", _STACK, _THICK, label, parts)


def _svg(style: str, width: float, height: float, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="{style}" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
