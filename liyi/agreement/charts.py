"""Two charts of Liyi against people, as SVG text in the report's own colours: scatter, and Bland and Altman's plot."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from liyi.core.words import number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from liyi.agreement.concordance import Estimate, Limits
    from liyi.core.trace import FloatArray

    Place = Callable[[float], float]

WIDTH, HEIGHT = 420.0, 320.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 12.0, 12.0, 40.0
_EDGES = (60.0, 80.0)  # of the report's bands, in points
_RADIUS = 3.4


def scatter(human: FloatArray, tool: FloatArray, titles: Sequence[str], *, across: str, up: str, label: str) -> str:
    """People's mean across, Liyi upwards, both in points, with the line of equality.

    Parameters
    ----------
    human, tool : array, shape (n,)
        Points from 0 to 100.
    titles : sequence of str
        What each dot says when pointed at.
    across, up, label : str
        Titles of the axes, and what a screen reader says.
    """
    x, y = _scale(0, 100, _LEFT, WIDTH - _RIGHT), _scale(0, 100, HEIGHT - _BOTTOM, _TOP)
    parts = [_axes(x, y, (0, 20, 40, 60, 80, 100), (0, 20, 40, 60, 80, 100), across, up)]
    for edge in _EDGES:
        parts.append(
            f'<path class="edge" d="M{x(edge):.1f} {y(0):.1f}V{y(100):.1f}M{x(0):.1f} {y(edge):.1f}H{x(100):.1f}"/>'
        )
    parts.append(f'<path class="equal" d="M{x(0):.1f} {y(0):.1f}L{x(100):.1f} {y(100):.1f}"/>')
    parts.append(_dots(human, tool, titles, x, y))
    return _svg(parts, label)


def bland_altman(
    human: FloatArray, tool: FloatArray, limits: Limits, titles: Sequence[str], *, across: str, up: str, label: str
) -> str:
    """Mean of both across, Liyi less people upwards, with bias and limits and their intervals shaded; as `scatter`."""
    difference, middle = tool - human, (tool + human) / 2
    furthest = [abs(float(d)) for d in difference]
    furthest += [abs(edge) for e in (limits.lower, limits.upper) for edge in (e.low, e.high) if math.isfinite(edge)]
    reach = max(10.0, math.ceil(max(furthest, default=10.0) / 10) * 10)
    x, y = _scale(0, 100, _LEFT, WIDTH - _RIGHT), _scale(-reach, reach, HEIGHT - _BOTTOM, _TOP)
    parts = [_axes(x, y, (0, 20, 40, 60, 80, 100), (-reach, -reach / 2, 0, reach / 2, reach), across, up)]
    parts.append(f'<path class="axis" d="M{x(0):.1f} {y(0):.1f}H{x(100):.1f}"/>')
    for estimate, style in ((limits.lower, "limit"), (limits.upper, "limit"), (limits.bias, "bias")):
        parts.append(_level(estimate, style, x, y))
    parts.append(_dots(middle, difference, titles, x, y))
    return _svg(parts, label)


def _scale(low: float, high: float, first: float, last: float) -> Place:
    return lambda value: first + (value - low) / (high - low) * (last - first)


def _axes(x: Place, y: Place, across: Sequence[float], up: Sequence[float], title: str, side: str) -> str:
    bottom = HEIGHT - _BOTTOM
    parts = [f'<path class="grid" d="M{x(tick):.1f} {_TOP:.0f}V{bottom:.0f}"/>' for tick in across]
    parts += [f'<path class="grid" d="M{_LEFT:.0f} {y(tick):.1f}H{WIDTH - _RIGHT:.0f}"/>' for tick in up]
    parts += [_text("tick mid", x(tick), bottom + 15, number(tick, 0)) for tick in across]
    parts += [_text("tick end", _LEFT - 6, y(tick) + 4, number(tick, 0)) for tick in up]
    parts.append(_text("mid", (_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 6, title))
    middle = (_TOP + bottom) / 2
    parts.append(f'<text class="mid" transform="translate(12 {middle:.1f}) rotate(-90)">{escape(side)}</text>')
    return "".join(parts)


def _level(estimate: Estimate, style: str, x: Place, y: Place) -> str:
    if not math.isfinite(estimate.value):
        return ""
    top, bottom = y(estimate.high), y(estimate.low)
    return (
        f'<rect class="band" x="{x(0):.1f}" y="{top:.1f}" width="{x(100) - x(0):.1f}" height="{bottom - top:.1f}"/>'
        f'<path class="{style}" d="M{x(0):.1f} {y(estimate.value):.1f}H{x(100):.1f}"/>'
        f"{_text('tick end', x(100) - 2, y(estimate.value) - 4, number(estimate.value, 1))}"
    )


def _text(style: str, x: float, y: float, text: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _dots(across: FloatArray, up: FloatArray, titles: Sequence[str], x: Place, y: Place) -> str:
    dots = (
        f'<circle cx="{x(float(a)):.1f}" cy="{y(float(b)):.1f}" r="{_RADIUS}"><title>{escape(title)}</title></circle>'
        for a, b, title in zip(across, up, titles, strict=True)
    )
    return f'<g class="dots">{"".join(dots)}</g>'


def _svg(parts: Sequence[str], label: str) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
