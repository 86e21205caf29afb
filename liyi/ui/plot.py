"""Attempts on one axis, as HTML: no script, no picture, in the page's own colours and type, as wide as there is room.

What belongs here: pure functions from values to markup. The good band is shaded, each value has its error, and what was
not assessed is a grey gap with its reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from liyi.core.words import number, unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST = 12  # attempts on the axis: the first, and the newest
_LEAST_TICKS = 3
_MARGIN = 0.12  # of what is spanned, above and below

STYLE = """<style>
.attempts {position: relative; height: 132px; margin: 4px 8px 28px 52px; font-size: 12px; line-height: 16px;
  font-variant-numeric: tabular-nums; border-left: 1px solid var(--border);
  border-bottom: 1px solid var(--border)}
.attempts > * {position: absolute}
.attempts .band {left: 0; right: 0; background: color-mix(in srgb, var(--good-fill) 20%, transparent); min-height: 2px}
.attempts .tick {right: calc(100% + 6px); transform: translateY(-50%); white-space: nowrap;
  color: var(--soft)}
.attempts .date {top: calc(100% + 6px); transform: translateX(-50%); white-space: nowrap;
  color: var(--soft)}
.attempts .error {width: 2px; margin-left: -1px; background: currentColor; opacity: .55}
.attempts .dot {transform: translate(-50%, -50%); font-size: 15px; line-height: 15px}
.attempts .gap {top: 0; bottom: 0; width: 18px; margin-left: -9px; background: var(--second)}
.attempts .missing {bottom: 2px; transform: translateX(-50%); font-size: 15px}
.attempts .good, .dots .good {color: var(--good)}
.attempts .attention, .dots .attention {color: var(--attention)}
.attempts .fault, .dots .fault {color: var(--fault)}
.attempts .open, .dots .open {color: var(--open)}
.attempts .accent {color: var(--accent)}
.dots {font-size: 18px; line-height: 24px; letter-spacing: 3px}
</style>"""


@dataclass(frozen=True)
class Attempt:
    """A value with its error in the axis's unit, None where it was not assessed.

    ``date`` stands under the axis, ``title`` is what it says when pointed at, ``style`` its colour, ``shape`` its sign.
    """

    date: str
    value: float | None
    error: float
    title: str
    style: str = "accent"
    shape: str = "●"


def shown(count: int) -> list[int]:
    """Which attempts of so many have room: all, or the first and the newest."""
    return list(range(count)) if count <= MOST else [0, *range(count - MOST + 1, count)]


def attempts(found: Sequence[Attempt], code: str, low: float, high: float, *, lang: str, label: str) -> str:
    """The attempts in their order, evenly spaced.

    Parameters
    ----------
    found
        Oldest first.
    code
        The unit.
    low, high
        Edges of the good band, infinite where open.
    lang
        ``zh`` or ``en``.
    label
        What a screen reader says of all of it.
    """
    kept = [found[k] for k in shown(len(found))]
    bottom, top = _range(kept, low, high, share=code == "%")

    def up(value: float) -> float:
        return 100 * (min(max(value, bottom), top) - bottom) / (top - bottom)

    band = f'<i class="band" style="bottom:{up(low):.1f}%;top:{100 - up(high):.1f}%"></i>'
    numbers = [value for value in _ticks(bottom, top) if code != "%" or 0 <= value <= 100]
    marks = "".join(_tick(value, up(value), code, lang) for value in numbers)
    points = "".join(_drawn(each, 100 * (k + 0.5) / len(kept), up) for k, each in enumerate(kept))
    ends = {0: kept[0].date, len(kept) - 1: kept[-1].date}
    dates = "".join(
        f'<span class="date" style="left:{100 * (k + 0.5) / len(kept):.1f}%">{escape(date)}</span>'
        for k, date in ends.items()
    )
    return f'<div class="attempts" role="img" aria-label="{escape(label)}">{band}{marks}{points}{dates}</div>'


def dots(found: Sequence[tuple[str, str, str]], label: str) -> str:
    """Signs in a row, each ``(shape, style, title)``; ``label`` is what a screen reader says."""
    signs = "".join(f'<span class="{style}" title="{escape(title)}">{shape}</span>' for shape, style, title in found)
    return f'<div class="dots" role="img" aria-label="{escape(label)}">{signs}</div>'


def _drawn(each: Attempt, left: float, up: Callable[[float], float]) -> str:
    title = escape(each.title)
    if each.value is None:
        return (f'<i class="gap" style="left:{left:.1f}%" title="{title}"></i>'
                f'<span class="missing open" style="left:{left:.1f}%" title="{title}">○</span>')  # fmt: skip
    high, low = up(each.value + each.error), up(each.value - each.error)
    return (f'<i class="error {each.style}" style="left:{left:.1f}%;bottom:{low:.1f}%;height:{high - low:.1f}%"></i>'
            f'<span class="dot {each.style}" style="left:{left:.1f}%;top:{100 - up(each.value):.1f}%" '
            f'title="{title}">{each.shape}</span>')  # fmt: skip


def _tick(value: float, up: float, code: str, lang: str) -> str:
    name = unit(code, lang)
    places = 0 if abs(value - round(value)) < 1e-9 else 1 if abs(10 * value - round(10 * value)) < 1e-6 else 2
    text = number(value, places) + (name if name in ("°", "%") else "")
    return f'<span class="tick" style="top:{100 - up:.1f}%">{escape(text)}</span>'


def _range(found: Sequence[Attempt], low: float, high: float, *, share: bool) -> tuple[float, float]:
    """What the axis spans: every value with its error and the finite edges of the band; little past 0 and 100 %."""
    spanned = [edge for edge in (low, high) if math.isfinite(edge)]
    for each in found:
        if each.value is not None:
            spanned += [each.value - each.error, each.value + each.error]
    bottom, top = (min(spanned), max(spanned)) if spanned else (0.0, 1.0)
    margin = _MARGIN * (top - bottom) or max(1.0, 0.1 * abs(top))
    bottom, top = bottom - margin, top + margin
    return (max(-5.0, bottom), min(105.0, top)) if share else (bottom, top)


def _ticks(bottom: float, top: float) -> list[float]:
    """Three to seven round numbers on the axis: those of the largest step that gives as many."""
    power = 10.0 ** math.floor(math.log10(top - bottom))
    for step in (5 * power, 2 * power, power, power / 2, power / 5):
        numbers = range(math.ceil(bottom / step), math.floor(top / step) + 1)
        if len(numbers) >= _LEAST_TICKS:
            break
    return [round(k * step, 10) for k in numbers]
