"""What the player of a report needs: where the joints were, which line shows which finding, the captions, the lanes.

The player itself is ``player.mjs``. All of this stands in the page, so that it plays from a file as it does in the app.
"""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
from markupsafe import Markup

from liyi.core.words import translate
from liyi.report import charts, findings
from liyi.report.captions import webvtt
from liyi.report.stills import line_of
from liyi.report.timeline import curves_of, spans_of
from liyi.report.totals import dimension_remedy, dimension_scope
from liyi.report.transcript import styles
from posture.skeleton import BONES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.measure import Line
    from liyi.core.trace import FloatArray, View
    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.performance import Performance
    from liyi.etiquette.store import Outline
    from liyi.report.wording import Heard
    from posture.body import Body
    from posture.track import FloatFrames

SCRIPT, SKELETON, STYLE = (
    Path(__file__).parent / "templates" / name for name in ("player.mjs", "skeleton.mjs", "report.css")
)
_MOST_SAMPLES = 3000  # five minutes at ten a second; a longer recording shows the skeleton at a lower rate
_STEPS = 65534  # of a coordinate over the picture's longer side; 65535 stands for a joint that is not usable
_OVERLAP_S = 0.2  # so much of a clip may be off by
_AUDIO = (".wav", ".mp3", ".m4a", ".flac", ".ogg", ".aac", ".opus")


def player_data(
    assessment: Assessment, performance: Performance, media: str, heard: Sequence[Heard], side_media: str = ""
) -> Markup:
    """Everything for ``player.mjs`` as JSON that can stand in a ``<script>``.

    Parameters
    ----------
    assessment
        Whose findings have lines, and whose transcript becomes the captions.
    performance
        Where the joints were.
    media
        Address of the recording; empty for none.
    heard
        The listed phrases that were heard, which the captions mark.
    side_media
        Address of the recording from the side; empty for none.
    """
    told = measured_data(assessment, performance, heard, side_media)
    return script_json({**outline_data(performance, media), **told})


def outline_data(of: Performance | Outline, media: str) -> dict[str, Any]:
    """What the player needs before anything else: how long the recording is, where it lies, and its clock."""
    return {"duration": round(of.duration_s, 3), "media": media, "clock": clock_in_file(of)}


def measured_data(
    assessment: Assessment, performance: Performance, heard: Sequence[Heard], side_media: str = ""
) -> dict[str, Any]:
    """The rest, which may come later: the captions, where the joints were, the lines through them, the other camera."""
    body, side = performance.body, performance.side
    told = assessment.transcript
    vtt = webvtt(told, styles(told, heard)) if told else ""
    data: dict[str, Any] = {
        "captions": base64.b64encode(vtt.encode()).decode("ascii"),
        **_joints(body, _lines(assessment, "front" if side else "")),
    }
    if side_media and side is not None and side.alignment is not None:
        own = {"media": side_media, "offset": side.alignment.offset_s, "rate": 1 + side.alignment.drift_ppm * 1e-6}
        data["side"] = own | _joints(side.body, _lines(assessment, "side"))
    return data


def _joints(body: Body | None, lines: Mapping[str, Line]) -> dict[str, Any]:
    """The skeleton of a body, with the lines of findings; nothing where nobody was looked at."""
    return skeleton(body.t, body.points, body.track.size, lines) if body is not None and body.t.size else {}


def _lines(assessment: Assessment, view: View) -> dict[str, Line]:
    """The lines of what is measured in a view, by criterion."""
    return {v.criterion: line for v in assessment.verdicts if v.view == view and (line := line_of(v.measure))}


def script_json(data: Mapping[str, Any]) -> Markup:
    """JSON that can stand in a ``<script>``."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def clock_in_file(of: Performance | Outline) -> list[list[float]] | None:
    """Where a moment is found by the file's own clock: from which second on, so many seconds later.

    None where that clock runs twice through the same seconds: a player cannot be sent to either.
    """
    pieces = of.clock or ((0.0, 0.0),)
    ends_s = [*(at_s for at_s, _ in pieces[1:]), of.duration_s]
    runs = [(at_s + shift_s, end_s + shift_s) for (at_s, shift_s), end_s in zip(pieces, ends_s, strict=True)]
    forward = all(before[1] <= after[0] + _OVERLAP_S for before, after in pairwise(runs))
    return [list(each) for each in pieces] if forward and runs[0][0] >= 0 else None


def skeleton(
    t: FloatArray, points: FloatFrames, size: Sequence[int], lines: Mapping[str, Line] = MappingProxyType({})
) -> dict[str, Any]:
    """Joints over time as base64 of little-endian numbers, and what is drawn through them, by their place there.

    Parameters
    ----------
    t, points
        Seconds, shape (n,), and joints in pixels, shape (n, 33, 2), NaN where one is not usable.
    size
        Width and height of the picture in pixels.
    lines
        What is drawn for a finding, by criterion.
    """
    paths = [vertex for line in lines.values() for path in line.paths for vertex in path]
    joints = sorted({int(j) for bone in BONES for j in bone} | {int(j) for vertex in paths for j in vertex})
    place = {joint: k for k, joint in enumerate(joints)}
    chosen = np.unique(np.linspace(0, t.size - 1, min(t.size, _MOST_SAMPLES)).round().astype(int))
    inside = points[chosen][:, joints].astype(np.float64) / max(size)
    known = np.isfinite(inside).all(axis=2, keepdims=True) & (inside >= 0) & (inside <= 1)
    coded = np.where(known.all(axis=2, keepdims=True), np.nan_to_num(inside) * _STEPS, _STEPS + 1)
    return {
        "size": list(size),
        "t": base64.b64encode(t[chosen].astype("<f4").tobytes()).decode("ascii"),
        "xy": base64.b64encode(coded.round().astype("<u2").tobytes()).decode("ascii"),
        "joints": len(joints),
        "bones": [[place[int(a)], place[int(b)]] for a, b in BONES],
        "lines": {
            id: {
                "paths": [[[place[int(j)] for j in vertex] for vertex in path] for path in line.paths],
                "against": line.against,
            }
            for id, line in lines.items()
        },
    }


def address_beside(name: str) -> str:
    """Address of a file of this name beside the report."""
    return "./" + quote(name)


def is_sound(name: str, *, picture: bool) -> bool:
    """Whether a recording is sound alone, by whether a picture was read from it or by its name."""
    return not picture or name.lower().endswith(_AUDIO)


def lanes(assessment: Assessment, duration_s: float, lang: str) -> list[dict[str, Any]]:
    """One strip a dimension, with its mark and points, and one of the voice's level: together they are the seek bar."""
    shown = []
    for id, found in assessment.dimensions.items():
        if found.score is None and not any(v.dimension == id and v.evidence for v in assessment.verdicts):
            continue  # of which nothing could be assessed: an empty lane tells nothing
        spans = [span for v in assessment.verdicts if v.dimension == id for span in spans_of(v, lang)]
        bare = assessment.total is not None or found.score is None
        mark, word = findings.mark_of_dimension(assessment, id), findings.dimension_word(assessment, id, lang)
        shown.append({
            "name": findings.dimension_name(assessment, id, lang),
            "scope": findings.dimension_name(assessment, id, lang) if bare else dimension_scope(assessment, id, lang),
            "mark": mark,
            "word": word,
            "points": findings.dimension_points(assessment, id),
            "line": findings.line_text(assessment, id, lang) or ("" if word == mark.word(lang) else word),
            "coverage": found.coverage,
            "remedy": dimension_remedy(assessment, id, lang),
            "strip": Markup(charts.draw_strip(spans, duration_s)),
        })  # fmt: skip
    return shown


def level_strip(performance: Performance, lang: str) -> dict[str, Any] | None:
    """The level of the voice as one more strip; None without sound."""
    curves = [curve for curve in curves_of(performance.voice, lang) if curve.peak] if performance.voice else []
    if not curves:
        return None
    strip = charts.draw_strip_curve(curves[0], performance.duration_s)
    return {"name": translate("Level", lang), "strip": Markup(strip)}


def level_place(lang: str) -> dict[str, Any]:
    """The same strip with nothing on it, for a page to which the level comes later."""
    return {"name": translate("Level", lang), "strip": Markup(charts.draw_strip_curve(None, 0.0))}
