"""Line figures of drills: a person of lines, or the bars of a voice, from one pose to the one that is to be reached.

Drawn from joint angles (`liyi/etiquette/figures.toml`); no picture of anybody is needed. The animated figure moves
back and forth; where the reader wants no motion, the still one is shown: the start faint, the pose to reach strong.
"""

from __future__ import annotations

import base64
import math
from html import escape
from typing import TYPE_CHECKING, Any

from liyi.etiquette.drill_files import figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Point = tuple[float, float]

# Lengths in hundredths of the whole body's height, as in drawing manuals (eight heads), with the head a little larger.
_HEAD, _NECK, _HALF_WIDTH, _TRUNK, _HALF_HIPS = 8.0, 15.0, 14.0, 34.0, 7.0
_UPPER_ARM, _FOREARM, _THIGH, _SHANK = 19.0, 17.0, 24.0, 24.0
_SECONDS = 4.0
_UPPER = "14 0 72 64"  # as far as a desk shows
_WHOLE = "10 0 80 116"
_BARS = "0 0 100 60"


def figure(id: str, label: str, *, moving: bool) -> str:
    """The figure as SVG, coloured by its surroundings.

    Parameters
    ----------
    id
        Of a figure that ships; an unknown one gives nothing.
    label
        What it shows, for screen readers.
    moving
        Whether it moves from one pose to the other, for readers who did not ask for less motion.
    """
    told = figures().get(id)
    if told is None:
        return ""
    box = _BARS if "bars" in told else _UPPER if told.get("framing") == "upper" else _WHOLE
    still = _group("still", _drawn(told, "start", faint=True) + _drawn(told, "target"))
    parts = _group("moving", _moved(told)) + still if moving else still
    return f'<svg class="figure" viewBox="{box}" role="img" aria-label="{escape(label, quote=True)}">{parts}</svg>'


def as_image(id: str, label: str) -> str:
    """The still figure as an ``<img>`` for pages that take no drawing inside their text, in a colour for any ground."""
    drawn = figure(id, label, moving=False).replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" color="#2b8c8c" ', 1
    )
    if not drawn:
        return ""
    content = base64.b64encode(drawn.encode("utf-8")).decode("ascii")
    return f'<img alt="{escape(label, quote=True)}" src="data:image/svg+xml;base64,{content}">'


def _group(name: str, content: str) -> str:
    return (
        f'<g class="{name}" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round">{content}</g>'
    )


def _drawn(told: Mapping[str, Any], which: str, *, faint: bool = False) -> str:
    strength = ' opacity="0.25"' if faint else ""
    if "bars" in told:
        bars = told["start_bars"] if faint else told["bars"]
        return f"<g{strength}>{''.join(_bar(n, height) for n, height in enumerate(bars))}</g>"
    lines, head = _body(told[which])
    drawn = "".join(f'<polyline points="{_points(line)}"/>' for line in lines)
    return f'<g{strength}>{drawn}<circle cx="{head[0]:.1f}" cy="{head[1]:.1f}" r="{_HEAD}"/></g>'


def _moved(told: Mapping[str, Any]) -> str:
    if "bars" in told:
        pairs = zip(told["start_bars"], told["bars"], strict=True)
        return "".join(_bar(n, first, last) for n, (first, last) in enumerate(pairs))
    (first, head), (last, reached) = _body(told["start"]), _body(told["target"])
    drawn = "".join(
        f'<polyline points="{_points(a)}">{_animate("points", _points(a), _points(b))}</polyline>'
        for a, b in zip(first, last, strict=True)
    )
    places = "".join(_animate(name, f"{head[n]:.1f}", f"{reached[n]:.1f}") for n, name in enumerate(("cx", "cy")))
    return drawn + f'<circle cx="{head[0]:.1f}" cy="{head[1]:.1f}" r="{_HEAD}">{places}</circle>'


def _animate(name: str, first: str, last: str) -> str:
    """From the first to the last, a rest there, and back."""
    return (
        f'<animate attributeName="{name}" values="{first};{first};{last};{last};{first}" '
        f'keyTimes="0;0.2;0.45;0.9;1" dur="{_SECONDS}s" repeatCount="indefinite"/>'
    )


def _bar(n: int, height: float, reached: float | None = None) -> str:
    """One syllable's loudness, about the middle line; a pause is a dot."""
    x = 8 + 6 * n
    first, last = (_ends(x, each) for each in (height, height if reached is None else reached))
    moves = "" if reached is None else _animate("d", first, last)
    return f'<path stroke-width="3" d="{first}">{moves}</path>'


def _ends(x: float, height: float) -> str:
    half = max(0.05, 0.26 * height)
    return f"M{x} {30 - half:.1f}V{30 + half:.1f}"


def _body(pose: Mapping[str, Any]) -> tuple[list[list[Point]], Point]:
    """Lines and the middle of the head; the viewer's left is drawn first."""
    upright = 1 + pose.get("rise", 0) / 100
    lean, hip = math.radians(pose.get("trunk", 0)), (50.0, 20 + _TRUNK + 14)
    top = (hip[0] + math.sin(lean) * _TRUNK * upright, hip[1] - math.cos(lean) * _TRUNK * upright)
    tilt, turned = math.radians(pose.get("shoulders", 0)), math.cos(math.radians(pose.get("turn", 0)))
    ends = [
        (top[0] + side * _HALF_WIDTH * turned * math.cos(tilt), top[1] + side * _HALF_WIDTH * math.sin(tilt))
        for side in (-1, 1)
    ]
    nod = math.radians(pose.get("head", 0))
    head = (top[0] + math.sin(nod) * _NECK, top[1] - math.cos(nod) * _NECK)
    arms = [
        _limb(end, side, (_UPPER_ARM, pose["upper_arms"][k]), (_FOREARM, pose["forearms"][k]))
        for k, (side, end) in enumerate(zip((-1, 1), ends, strict=True))
    ]
    legs = [
        _limb((hip[0] + side * _HALF_HIPS * turned, hip[1]), side, (_THIGH, angle), (_SHANK, angle))
        for side, angle in zip((-1, 1), pose.get("legs", (4, 4)), strict=True)
    ]
    hips = [legs[0][0], legs[1][0]]
    across, up = (math.cos(nod) * _HEAD * 0.6, math.sin(nod) * _HEAD * 0.6)
    eyes = [(head[0] - across * turned, head[1] - up), (head[0] + across * turned, head[1] + up)]
    neck = (head[0] - math.sin(nod) * _HEAD, head[1] + math.cos(nod) * _HEAD)
    return [[ends[0], top, ends[1]], [neck, top, hip], hips, eyes, *arms, *legs], head


def _limb(start: Point, side: int, *bones: tuple[float, float]) -> list[Point]:
    """A limb from its joint, bone by bone: length, and angle from hanging down, outwards positive."""
    line = [start]
    for length, angle in bones:
        at = line[-1]
        turn = math.radians(angle)
        line.append((at[0] + side * math.sin(turn) * length, at[1] + math.cos(turn) * length))
    return line


def _points(line: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
