"""Charts as SVG text: pure functions from arrays to markup, in the page's own colours (classes of ``report.css``).

Drawn by hand because a chart library costs seconds and hundreds of megabytes per report. Every curve is reduced
to one point per column of pixels, so an hour is drawn as cheaply as a minute.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.smoothing import runs
from liyi.core.timeline import join_close
from liyi.core.trace import FloatArray, Interval
from liyi.core.words import clock, number

if TYPE_CHECKING:
    from collections.abc import Sequence

GUTTER = 140.0  # units of the row's own coordinate system for the lane names: about 1.2 px on a desktop
PLOT = 820.0  # units for the time axis
_COLUMN = 1.5  # px per point of a curve: finer than a screen shows at this size
_AXIS, _LANE, _THIN, _LINE, _GAP = 22.0, 20.0, 15.0, 16.0, 8.0
_ROW_LENGTHS_S = (20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0)
_MOST_ROWS = 12
_WORDS_UP_TO_S = 60.0  # a row longer than this has no room for words
_CLOSING = tuple("，。！？、；：”’）》,.!?;:)")
_TICK_STEPS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


@dataclass(frozen=True)
class Span(Interval):
    """A stretch on a lane; ``style`` is a colour class, ``title`` what it says when pointed at, ``criterion`` whose."""

    style: str = "open"
    title: str = ""
    criterion: str = ""


@dataclass(frozen=True)
class Lane:
    """A named line of spans; a thin one is background (nobody seen, too dark, calibration), not a finding."""

    name: str
    spans: tuple[Span, ...]
    thin: bool = False


@dataclass(frozen=True)
class Curve:
    """A quantity over the whole recording, drawn from ``low`` to ``high`` with the given ticks.

    ``peak`` draws the largest value of each column as an area (levels); otherwise the mean is drawn as a line.
    """

    name: str
    unit: str
    t: FloatArray
    value: FloatArray
    low: float
    high: float
    ticks: tuple[float, ...]
    height: float = 64.0
    peak: bool = False


@dataclass(frozen=True)
class Caption(Interval):
    """A word under the curves."""

    text: str = ""


@dataclass(frozen=True)
class Timeline:
    """Everything that is drawn on the one time axis."""

    duration_s: float
    lanes: tuple[Lane, ...]
    curves: tuple[Curve, ...] = ()
    captions: tuple[Caption, ...] = ()
    speech: tuple[Interval, ...] = ()
    speech_name: str = ""


@dataclass(frozen=True)
class _Axis:
    """Seconds of one row to its pixels; ``end_s`` may lie before the row's full length."""

    start_s: float
    end_s: float
    length_s: float

    def x(self, seconds: float) -> float:
        return (seconds - self.start_s) / self.length_s * PLOT

    def clip(self, stretch: Interval) -> tuple[float, float] | None:
        """Pixels of the visible part of ``stretch``; None when it lies outside."""
        first, last = max(stretch.start_s, self.start_s), min(stretch.end_s, self.end_s)
        inside = first < last or (first == last and self.start_s <= first < self.end_s)
        return (self.x(first), self.x(last)) if inside else None


def shows_words(duration_s: float) -> bool:
    """Whether the rows of a recording this long have room for its words."""
    return row_length_s(duration_s) <= _WORDS_UP_TO_S


def row_length_s(duration_s: float) -> float:
    """Seconds per row, so that a recording of any length has at most a dozen rows."""
    return next((s for s in _ROW_LENGTHS_S if duration_s <= s * _MOST_ROWS), math.ceil(duration_s / _MOST_ROWS))


def rows(duration_s: float) -> list[Interval]:
    """The stretches into which a recording of ``duration_s`` is folded."""
    length = row_length_s(duration_s)
    if duration_s <= length:
        return [Interval(0.0, duration_s)]
    starts = np.arange(0.0, duration_s - 1e-6, length)
    return [Interval(float(s), min(float(s) + length, duration_s)) for s in starts]


def draw_row(timeline: Timeline, row: Interval, label: str) -> str:
    """One row of the timeline: lane names and plot as two SVGs of equal scale, side by side.

    Parameters
    ----------
    timeline
        What is drawn.
    row
        One of `rows`.
    label
        What a screen reader says in place of the picture.
    """
    length = row_length_s(timeline.duration_s)
    # A recording shorter than one row fills it.
    axis = _Axis(row.start_s, row.end_s, max(row.duration_s, 1.0) if timeline.duration_s <= length else length)
    names: list[str] = []
    marks: list[str] = []
    y = _AXIS
    for lane in timeline.lanes:
        if any(axis.clip(span) for span in lane.spans):  # a lane with nothing in this row is left out
            y = _draw_lane(lane, axis, y, names, marks)
    shading = y + _GAP / 2
    for curve in timeline.curves:
        y = _draw_curve(curve, axis, y + _GAP, names, marks)
    if timeline.curves:
        marks.insert(0, _shade(timeline, axis, shading, y))
    if shows_words(timeline.duration_s):
        y = _draw_captions(timeline.captions, axis, y + _GAP / 2, marks)
    height = y + _GAP
    grid = _draw_grid(axis, height)
    return (
        f'<svg class="names" viewBox="0 0 {GUTTER:.0f} {height:.0f}" aria-hidden="true">{"".join(names)}</svg>'
        f'<svg class="plot" viewBox="0 0 {PLOT:.0f} {height:.0f}" role="img" aria-label="{escape(label)}"'
        f' data-from="{axis.start_s:.3f}" data-to="{axis.start_s + axis.length_s:.3f}">'
        f"{grid}{''.join(marks)}</svg>"
    )


def _draw_grid(axis: _Axis, height: float) -> str:
    step = next((s for s in _TICK_STEPS_S if axis.x(axis.start_s + s) >= 60), _TICK_STEPS_S[-1])
    parts = []
    for k in range(math.floor((axis.end_s - axis.start_s) / step + 1e-9) + 1):
        seconds = axis.start_s + k * step
        x = axis.x(seconds)
        if x > PLOT - 24:  # its label would be cut
            break
        text = clock(seconds) if step >= 1 or seconds == int(seconds) else ""
        parts.append(f'<path class="grid" d="M{x:.1f} 0V{height:.0f}"/>{_text("tick", x + 4, 12, text)}')
    end = axis.x(axis.end_s)
    parts.append(f'<path class="axis" d="M0 {_AXIS - 4:.0f}H{end:.1f}"/>')
    return "".join(parts)


def _draw_lane(lane: Lane, axis: _Axis, y: float, names: list[str], marks: list[str]) -> float:
    height = _THIN if lane.thin else _LANE
    middle = y + height / 2
    names.append(_name(lane.name, middle + 4))
    end = axis.x(axis.end_s)
    marks.append(f'<path class="lane" d="M0 {middle:.1f}H{end:.1f}"/>')
    for span in lane.spans:
        pixels = axis.clip(span)
        if pixels is not None:
            marks.append(_draw_span(span, *pixels, middle, thin=lane.thin))
    return y + height


def _draw_span(span: Span, x0: float, x1: float, middle: float, *, thin: bool) -> str:
    title = f"<title>{escape(span.title)}</title>" if span.title else ""
    about = _clip_of(span)
    if thin:
        return f'<g class="{span.style}">{title}{_bar(x0, x1, middle, 4)}</g>'
    if x1 - x0 < 16:  # no room for a bar: the shape alone, in the colour
        return f'<g class="{span.style}"{about}>{title}{_shape(span.style, (x0 + x1) / 2, middle, 5.5)}</g>'
    bar = _bar(x0, x1, middle, 14)
    return f'<g class="{span.style}"{about}>{title}{bar}<g class="on">{_shape(span.style, x0 + 9, middle, 4)}</g></g>'


def _clip_of(span: Span) -> str:
    """Attributes by which the player knows what to play when the span is chosen."""
    if not span.criterion:
        return ""
    return f' data-clip="{span.start_s:.3f} {span.end_s:.3f}" data-of="{escape(span.criterion)}"'


_WIDE = 1000.0  # units for the whole recording in a strip, which is stretched to the width it is given
# So that no strip tells by colour alone; what people said is a mark of its own.
_HEIGHTS = {"people": 4.0, "good": 4.0, "open": 6.0, "attention": 10.0, "fault": 16.0}


def draw_strip(spans: Sequence[Span], duration_s: float) -> str:
    """The moments of a whole recording in one strip of 1000 x 16 units; the worse, the higher."""
    marks = []
    for span in sorted(spans, key=lambda each: _HEIGHTS[each.style]):
        x0, x1 = (min(max(s, 0.0), duration_s) / duration_s * _WIDE for s in (span.start_s, span.end_s))
        height = _HEIGHTS[span.style]
        marks.append(
            f'<g class="{span.style}"{_clip_of(span)}><title>{escape(span.title)}</title>'
            f'<rect x="{x0:.1f}" y="{8 - height / 2:.0f}" width="{max(x1 - x0, 4.0):.1f}" height="{height:.0f}"/></g>'
        )
    return _strip(16.0, f'<path class="lane" d="M0 8H{_WIDE:.0f}"/>{"".join(marks)}')


def draw_strip_curve(curve: Curve | None, duration_s: float) -> str:
    """A curve over a whole recording in one strip of 1000 x 32 units; an empty strip without one."""
    height = 32.0
    if curve is None:
        return _strip(height, "")
    x, value = columns(curve.t, curve.value, Interval(0.0, duration_s), _WIDE / 2, peak=curve.peak)
    share = (np.clip(value, curve.low, curve.high) - curve.low) / (curve.high - curve.low)
    y = height - share * height
    return _strip(height, _area(2 * x, y, height) if curve.peak else _line(2 * x, y, "curve"))


def _strip(height: float, marks: str) -> str:
    return (
        f'<svg class="whole" viewBox="0 0 {_WIDE:.0f} {height:.0f}" preserveAspectRatio="none" aria-hidden="true">'
        f"{marks}</svg>"
    )


def _bar(x0: float, x1: float, middle: float, height: float) -> str:
    top, width = middle - height / 2, max(x1 - x0, 1.0)
    return f'<rect x="{x0:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.0f}" rx="{min(height / 2, 3):.0f}"/>'


def _text(style: str, x: float, y: float, text: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _shape(style: str, x: float, y: float, r: float) -> str:
    """● ▲ ■ ○ as paths, so that no font can change them."""
    if style == "attention":
        return f'<path d="M{x:.1f} {y - r:.1f}l{r * 1.1:.1f} {r * 1.9:.1f}h{-r * 2.2:.1f}z"/>'
    if style == "fault":
        return f'<rect x="{x - r * 0.9:.1f}" y="{y - r * 0.9:.1f}" width="{r * 1.8:.1f}" height="{r * 1.8:.1f}"/>'
    ring = ' class="ring"' if style == "open" else ""
    return f'<circle{ring} cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/>'


def _draw_curve(curve: Curve, axis: _Axis, y: float, names: list[str], marks: list[str]) -> float:
    bottom = y + curve.height

    def place(value: FloatArray) -> FloatArray:
        share = (np.clip(value, curve.low, curve.high) - curve.low) / (curve.high - curve.low)
        return np.asarray(bottom - share * curve.height)

    names.append(_name(curve.name, y + 12) + _name(curve.unit, y + 26, quiet=True))
    for tick in curve.ticks:
        at = float(place(np.array([tick]))[0])
        marks.append(f'<path class="rule" d="M0 {at:.1f}H{axis.x(axis.end_s):.1f}"/>')
        names.append(_text("tick end", GUTTER - 8, at + 4, number(tick, 0)))
    x, value = columns(curve.t, curve.value, Interval(axis.start_s, axis.end_s), axis.x(axis.end_s), peak=curve.peak)
    marks.append(_area(x, place(value), bottom) if curve.peak else _line(x, place(value), "curve"))
    return bottom


def columns(
    t: FloatArray, value: FloatArray, stretch: Interval, width: float, *, peak: bool = False
) -> tuple[FloatArray, FloatArray]:
    """One point per pixel column of a curve: the mean (or largest) finite value of each; NaN where there is none.

    Parameters
    ----------
    t, value : array, shape (n,)
        Increasing seconds and the samples on them.
    stretch : Interval
        What part is drawn, in seconds.
    width : float
        Over how many pixels.
    peak : bool
        Largest value instead of the mean.

    Returns
    -------
    x, value : array, shape (m,)
        Middle of each column in pixels, and its value.
    """
    first, last = np.searchsorted(t, (stretch.start_s, stretch.end_s))
    count = max(1, min(int(width / _COLUMN), int(last - first)))
    x = (np.arange(count) + 0.5) * width / count
    part = value[first:last].astype(np.float64)
    finite = np.isfinite(part)
    share = (t[first:last][finite] - stretch.start_s) / max(stretch.duration_s, 1e-9)
    column = np.minimum((share * count).astype(np.intp), count - 1)
    out = np.full(count, np.nan)
    if peak:
        np.fmax.at(out, column, part[finite])
        return x, out
    hits = np.bincount(column, minlength=count)
    total = np.bincount(column, weights=part[finite], minlength=count)
    np.divide(total, hits, out=out, where=hits > 0)
    return x, out


def _line(x: FloatArray, y: FloatArray, style: str) -> str:
    """A path with a gap wherever there is no value; a lone point becomes a dot."""
    parts = []
    for first, last in runs(np.isfinite(y)):
        points = [f"{a:.1f} {b:.1f}" for a, b in zip(x[first:last], y[first:last], strict=True)]
        parts.append("M" + "L".join(points) + ("h.1" if last - first == 1 else ""))
    return f'<path class="{style}" d="{"".join(parts)}"/>' if parts else ""


def _area(x: FloatArray, y: FloatArray, bottom: float) -> str:
    parts = []
    for first, last in runs(np.isfinite(y)):
        points = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x[first:last], y[first:last], strict=True))
        parts.append(f"M{x[first]:.1f} {bottom:.1f}L{points}V{bottom:.1f}Z")
    return f'<path class="area" d="{"".join(parts)}"/>' if parts else ""


def _shade(timeline: Timeline, axis: _Axis, top: float, bottom: float) -> str:
    """Where speech was heard, behind the curves."""
    parts = []
    for stretch in timeline.speech:
        pixels = axis.clip(stretch)
        if pixels is not None:
            parts.append(f"M{pixels[0]:.1f} {top:.0f}H{pixels[1]:.1f}V{bottom:.0f}H{pixels[0]:.1f}Z")
    title = f"<title>{escape(timeline.speech_name)}</title>" if timeline.speech_name else ""
    return f'<path class="speech" d="{"".join(parts)}">{title}</path>' if parts else ""


def _draw_captions(captions: Sequence[Caption], axis: _Axis, y: float, marks: list[str]) -> float:
    """Words in blocks that begin where they were said and wrap before the next block begins."""
    blocks = _blocks([c for c in captions if axis.start_s <= c.start_s < axis.end_s])
    lines_used = 0
    for index, block in enumerate(blocks):
        x = axis.x(block[0].start_s)
        limit = axis.x(blocks[index + 1][0].start_s) - 6 if index + 1 < len(blocks) else PLOT
        lines = wrap([c.text for c in block], max(limit - x, 12.0))
        for row_of_words, line in enumerate(lines):
            marks.append(_text("word", x, y + _LINE * (row_of_words + 1) - 3, line))
        lines_used = max(lines_used, len(lines))
    return y + lines_used * _LINE


def _blocks(captions: Sequence[Caption], pause_s: float = 0.3) -> list[list[Caption]]:
    """Words that follow each other without a pause belong to one block."""
    groups = join_close(((caption.start_s, caption.end_s) for caption in captions), pause_s)
    return [list(captions[first:last]) for first, last in groups]


def text_width(text: str, size: float = 12.0) -> float:
    """Estimated width in pixels: a CJK character is one em wide, others a little over half."""
    return sum(size if ord(c) >= 0x2E80 else size * 0.56 for c in text)


def wrap(words: Sequence[str], width: float) -> list[str]:
    """Words joined into lines of at most ``width`` pixels; no word is broken, no line begins with a closing mark."""
    lines: list[str] = []
    for word in (w.strip() for w in words):
        joint = "" if not lines or _is_cjk(lines[-1][-1:]) or _is_cjk(word[:1]) else " "
        if lines and (word[:1] in _CLOSING or text_width(lines[-1] + joint + word) <= width):
            lines[-1] += joint + word
        else:
            lines.append(word)
    return lines


def _is_cjk(character: str) -> bool:
    return bool(character) and ord(character) >= 0x2E80


def _name(text: str, y: float, *, quiet: bool = False) -> str:
    """A lane's name, shortened to the gutter with its full text as title."""
    room, size = (GUTTER - 28, 10.5) if quiet else (GUTTER - 8, 12.0)
    short = text
    while text_width(short, size) > room and len(short) > 1:
        short = short[:-1]
    if short != text:
        short = short[:-1].rstrip() + "…"
    style = "name quiet" if quiet else "name"
    return f'<text class="{style}" x="0" y="{y:.1f}"><title>{escape(text)}</title>{escape(short)}</text>'


def sparkline(t: FloatArray, value: FloatArray, duration_s: float, good: tuple[float, float], label: str) -> str:
    """A trace over the whole recording in 144 x 32 pixels, its good band shaded.

    Parameters
    ----------
    t, value : array, shape (n,)
        Seconds and samples; NaN leaves a gap.
    duration_s : float
        Length of the recording.
    good : (float, float)
        Edges of the band in the trace's unit; infinite when open.
    label : str
        What a screen reader says.
    """
    width, height = 144.0, 32.0
    x, drawn = columns(t, value, Interval(0.0, max(duration_s, 1e-6)), width)
    finite = [float(v) for v in drawn[np.isfinite(drawn)]] + [edge for edge in good if math.isfinite(edge)]
    if not np.isfinite(drawn).any():
        return ""
    low, high = min(finite), max(finite)
    margin = max((high - low) * 0.1, 1e-6)
    low, high = low - margin, high + margin

    def place(v: FloatArray) -> FloatArray:
        return np.asarray(height * (high - np.clip(v, low, high)) / (high - low))

    top, bottom = place(np.array([good[1], good[0]]))
    return (
        f'<svg class="spark" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(label)}"'
        f' data-from="0" data-to="{duration_s:.3f}">'
        f'<rect class="band" x="0" y="{top:.1f}" width="{width:.0f}" height="{max(bottom - top, 1):.1f}"/>'
        f"{_line(x, place(drawn), 'curve')}</svg>"
    )
