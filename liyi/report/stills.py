"""Stills: the picture of a finding's worst moment, with the skeleton drawn and the measured line standing out.

No text goes into the picture, so that it serves every language; nobody is identified. Where the recording is gone, they
are taken from a report that stood there before.
"""

from __future__ import annotations

import base64
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.errors import MediaError
from liyi.core.trace import Interval, Trace
from liyi.etiquette.performance import measures
from liyi.scoring.reporting import MOST_STILLS, Still
from posture.gate import MIN_LUMA
from posture.skeleton import BONES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from liyi.core.measure import Line
    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.scoring.reporting import Shown
    from posture.body import Body

WHOLE = ""  # among stills by criterion: the picture itself, of a photo

_SIDE, _QUALITY = 640, 80
_BRIGHTEST = 99  # percentile: a time stamp or a lamp's dot makes no picture of a person

_TEAL, _AMBER, _WHITE, _INK = (15, 110, 110), (255, 176, 32), (255, 255, 255), (16, 28, 28)


def stills(shown: Sequence[Shown], assessment: Assessment, signals: Mapping[str, Signal]) -> dict[str, Still]:
    """Draw each posture finding's worst moment.

    Parameters
    ----------
    shown
        The opened recording and where the joints were; a second one of the same performance after it.
    assessment
        Its verdicts with evidence are the findings; those that cost most come first, at most `MOST_STILLS`.
    signals
        What was measured, by criterion.

    Returns
    -------
    dict
        Stills by criterion; a moment that cannot be decoded, or whose picture is all but black, is left out. Of a
        photo the picture itself.
    """
    if shown[0].media.kind == "photo":
        from liyi.report.photo import whole_picture  # its lines are drawn in the page

        return whole_picture(shown[0].media)
    found = to_draw(assessment)
    drawn: dict[str, Still] = {}
    for each in shown:
        own = [(verdict, line) for verdict, line in found if verdict.view == each.view]
        drawn |= _of_view(each, own, signals)
    return {verdict.criterion: drawn[verdict.criterion] for verdict, _ in found if verdict.criterion in drawn}


def _of_view(shown: Shown, found: Sequence[tuple[Verdict, Line]], signals: Mapping[str, Signal]) -> dict[str, Still]:
    """The stills of the findings that one recording shows."""
    drawn: dict[str, Still] = {}
    moments_s = [worst_moment(verdict, signals.get(verdict.criterion)) for verdict, _ in found]
    clock = shown.alignment
    try:
        times_s = [clock.second(t_s) if clock else t_s for t_s in moments_s]
        frames = shown.media.frames_at(times_s, max_side=_SIDE)
    except MediaError:
        return drawn
    for (verdict, line), frame in zip(found, frames, strict=True):
        if frame is not None and not _black(frame.image):
            t_s = max(0.0, clock.first(frame.t_s)) if clock else frame.t_s
            drawn[verdict.criterion] = draw(frame.image, t_s, shown.body, line)
    return drawn


def to_draw(assessment: Assessment) -> list[tuple[Verdict, Line]]:
    """The posture findings that a report shows a still of, those that cost most first, each with its line."""
    charged = {d.criterion: d.charged for d in assessment.deductions}
    found = [(v, line) for v in assessment.verdicts if v.evidence and (line := line_of(v.measure))]
    return sorted(found, key=lambda each: -charged.get(each[0].criterion, 0.0))[:MOST_STILLS]


def line_of(measure: str) -> Line | None:
    """The line that a measure declares; None for one of the voice, or one that this version does not know."""
    return known.shows if (known := measures().get(measure)) else None


def _black(image: npt.NDArray[np.uint8]) -> bool:
    """Whether nothing can be made out: hardly a pixel is brighter than the dark in which nobody is made out."""
    return float(np.percentile(image.max(axis=2), _BRIGHTEST)) < 255 * MIN_LUMA


def worst_moment(verdict: Verdict, signal: Signal | None) -> float:
    """Second of the first evidence at which a trace lies farthest from its good band; the middle without a trace."""
    first = verdict.evidence[0]
    stretch = Interval(first.start_s, first.end_s)
    middle = (stretch.start_s + stretch.end_s) / 2
    if not isinstance(signal, Trace):
        return middle
    inside = (signal.t >= stretch.start_s) & (signal.t <= stretch.end_s) & np.isfinite(signal.value)
    if not inside.any():
        return middle
    t, value = signal.t[inside], signal.value[inside]
    low, high = verdict.good or (None, None)
    if low is None and high is None:
        low = high = float(np.nanmedian(signal.value))
    below = -np.inf if low is None else low - value
    above = -np.inf if high is None else value - high
    return float(t[int(np.argmax(np.maximum(below, above)))])


def draw(image: npt.NDArray[np.uint8], t_s: float, body: Body, line: Line) -> Still:
    """The picture (RGB) with the usable bones of the nearest sample in teal and the measured line in amber."""
    canvas = np.ascontiguousarray(image).copy()
    height, width = canvas.shape[:2]
    if body.t.size:
        size = body.track.size
        points = body.points[int(np.argmin(np.abs(body.t - t_s)))] * (width / size[0], height / size[1])
        thick = max(1, round(max(width, height) / 320))
        for first, last in BONES:
            _stroke(canvas, [points[first], points[last]], _TEAL, thick)
        for path in line.paths:
            corners = [points[list(vertex)].mean(axis=0) for vertex in path]
            if line.against:
                _reference(canvas, corners, line.against, thick)
            _stroke(canvas, corners, _AMBER, 2 * thick)
    return encoded(canvas, t_s)


def encoded(image: npt.NDArray[np.uint8], t_s: float) -> Still:
    """A picture (h, w, 3) RGB as JPEG."""
    import cv2

    done, data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done  # encoding eight-bit colour to memory has no way to fail
    return Still(data.tobytes(), t_s, image.shape[1], image.shape[0])


def _stroke(canvas: npt.NDArray[np.uint8], corners: list[Any], colour: tuple[int, int, int], thick: int) -> None:
    """A polyline with a dark rim, so that it is seen on light and dark clothes; nothing where a joint is missing."""
    import cv2

    if not np.isfinite(corners).all():
        return
    shape = [np.round(np.array(corners) * 16).astype(np.int32)]  # 4 fractional bits: smooth lines
    cv2.polylines(canvas, shape, False, _INK, thick + 2, cv2.LINE_AA, 4)
    cv2.polylines(canvas, shape, False, colour, thick, cv2.LINE_AA, 4)
    for x, y in shape[0]:
        cv2.circle(canvas, (int(x), int(y)), (thick + 2) * 16, _INK, -1, cv2.LINE_AA, 4)
        cv2.circle(canvas, (int(x), int(y)), (thick + 1) * 16, colour, -1, cv2.LINE_AA, 4)


def _reference(canvas: npt.NDArray[np.uint8], corners: list[Any], against: str, thick: int) -> None:
    """The level or plumb line through the middle of the measured line, as long as that and half as long again."""
    import cv2

    if not np.isfinite(corners).all():
        return
    ends = np.array([corners[0], corners[-1]])
    middle, half = ends.mean(axis=0), 0.75 * float(np.linalg.norm(ends[1] - ends[0]))
    step = np.array([half, 0.0]) if against == "level" else np.array([0.0, half])
    shape = [np.round(np.array([middle - step, middle + step]) * 16).astype(np.int32)]
    cv2.polylines(canvas, shape, False, _WHITE, thick, cv2.LINE_AA, 4)


def stills_in(page: str, assessment: Assessment) -> dict[str, Still]:
    """The stills of a report that stood here, as far as they show a finding of ``assessment``.

    Parameters
    ----------
    page
        Text of a ``report.html`` on the same recording; of anything else nothing is taken.
    assessment
        What the next report is about.
    """
    spans = {v.criterion: v.evidence for v, _ in to_draw(assessment)}
    reader = _Stills()
    reader.feed(page)
    if assessment.is_photo:
        return {id: still for id, still in reader.found.items() if id == WHOLE}
    return {
        id: still for id, still in reader.found.items()
        if any(each.start_s <= still.t_s <= each.end_s for each in spans.get(id, ()))
    }  # fmt: skip


class _Stills(HTMLParser):
    """Reads the stills of a report that Liyi wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Still] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an image that says of which criterion it is, and when."""
        about = {name: value or "" for name, value in attrs}
        if tag != "img" or "data-criterion" not in about:
            return
        try:
            data = about["src"].removeprefix("data:image/jpeg;base64,")
            still = Still(base64.b64decode(data, validate=True), float(about["data-t"]), int(about["width"]),
                          int(about["height"]))  # fmt: skip
        except (KeyError, ValueError):
            return
        self.found[about["data-criterion"]] = still
