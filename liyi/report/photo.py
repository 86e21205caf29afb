"""The picture of a photo's report: as it was taken, and over it in SVG the joints and, numbered, what was measured.

No word stands in the picture, so that it serves every language. The lines come from the stored joints: measures that
are judged again draw them anew over the picture of the report before.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from liyi.report.stills import WHOLE, encoded, line_of
from posture.skeleton import BONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.core.measure import Line
    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.media.recording import Media
    from liyi.scoring.reporting import Still
    from posture.body import Body

    Points = npt.NDArray[np.float64]
SIDE = 960  # pixels of its longer side, as it was looked at

_TEAL, _AMBER, _WHITE, _INK = "#0f6e6e", "#ffb020", "#ffffff", "#101c1c"
_RADIUS = 0.022  # of a number's disc, of the picture's longer side
_BEYOND = (2.0, 4.4)  # radii from the end of a line to its number


@dataclass(frozen=True)
class Drawn:
    """A line with its number, and the criteria that were measured on it."""

    number: int
    line: Line
    criteria: tuple[str, ...]


def whole_picture(media: Media) -> dict[str, Still]:
    """The picture of a photo, without a line in it, as the only still."""
    frame = media.frame_at(0.0, max_side=SIDE)
    return {WHOLE: encoded(frame.image, 0.0)}


def lines_of(assessment: Assessment) -> tuple[Drawn, ...]:
    """The lines of what was measured, each once, in the order of the criteria; of a posture, where it is held."""
    lines: dict[Any, Line] = {}
    criteria: dict[Any, list[str]] = {}
    for verdict in assessment.verdicts:
        line = line_of(verdict.measure)
        if line is not None and _is_seen(verdict):
            criteria.setdefault(line.paths, []).append(verdict.criterion)
            if line.against or line.paths not in lines:  # one through the same joints may be held against the level
                lines[line.paths] = line
    return tuple(Drawn(n, lines[paths], tuple(ids)) for n, (paths, ids) in enumerate(criteria.items(), 1))


def _is_seen(verdict: Verdict) -> bool:
    return verdict.value is not None and (verdict.unit != "count" or verdict.value > 0 or verdict.status != "assessed")


def overlay(body: Body, drawn: Sequence[Drawn]) -> Markup:
    """An SVG of the picture's shape: the joints in teal, what was measured in amber, level or plumb in white."""
    width, height = body.track.size
    points = body.points[0].astype(np.float64)
    radius = _RADIUS * max(width, height)
    parts = [_stroke([points[a], points[b]], _TEAL, 2) for a, b in BONES]
    discs: list[Points] = []
    numbers: list[str] = []
    for each in drawn:
        paths = [np.array([points[list(vertex)].mean(axis=0) for vertex in path]) for path in each.line.paths]
        seen = [corners for corners in paths if np.isfinite(corners).all()]
        if not seen:
            continue
        for corners in seen:
            parts += [_reference(corners, each.line.against)] if each.line.against else []
            parts.append(_stroke(corners, _AMBER, 4))
        discs.append(_free_place(seen[0], discs, radius, (width, height)))
        numbers.append(_disc(discs[-1], each.number, radius))
    drawing = f'{"".join(parts)}<g font-size="{1.25 * radius:.1f}">{"".join(numbers)}</g>'
    return Markup(f'<svg viewBox="0 0 {width} {height}" aria-hidden="true">{drawing}</svg>')


def _stroke(corners: Sequence[Points] | Points, colour: str, thick: int) -> str:
    """A polyline with a dark rim, so that it is seen on light and dark clothes; nothing where a joint is missing."""
    if not np.isfinite(corners).all():
        return ""
    d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)
    shared = f'd="{d}" fill="none" stroke-linecap="round" stroke-linejoin="round" vector-effect="non-scaling-stroke"'
    return (f'<path {shared} stroke="{_INK}" stroke-width="{thick + 2}"/>'
            f'<path {shared} stroke="{colour}" stroke-width="{thick}"/>')  # fmt: skip


def _reference(corners: Points, against: str) -> str:
    """The level or plumb line through the middle of a measured one, as long as that and half as long again."""
    middle = (corners[0] + corners[-1]) / 2
    half = 0.75 * float(np.linalg.norm(corners[-1] - corners[0]))
    step = np.array([half, 0.0]) if against == "level" else np.array([0.0, half])
    return _stroke([middle - step, middle + step], _WHITE, 2)


def _free_place(corners: Points, taken: Sequence[Points], radius: float, size: tuple[int, int]) -> Points:
    """Where a line's number hides no other: beyond one of its ends, inside the picture."""
    along = corners[-1] - corners[0]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    across = np.array([-along[1], along[0]])
    ends = ((corners[-1], along), (corners[0], -along), (corners[-1], across), (corners[0], -across))
    places = [end + far * radius * way for far, (end, way) in product(_BEYOND, ends)]
    inside = [np.clip(place, radius, np.array(size) - radius) for place in places]
    return max(inside, key=lambda place: min(2.2, min((np.hypot(*(place - t)) / radius for t in taken), default=9.0)))


def _disc(at: Points, number: int, radius: float) -> str:
    x, y = at
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_AMBER}" stroke="{_INK}" stroke-width="1.5"/>'
        f'<text x="{x:.1f}" y="{y + 0.43 * radius:.1f}" text-anchor="middle" font-weight="700">{number}</text>'
    )
