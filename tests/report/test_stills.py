"""Stills show the worst moment, with the measured line where the joints are."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from liyi.core.trace import Trace
from liyi.etiquette.assessment import Evidence
from liyi.media.aligning import Alignment
from liyi.media.recording import Frame
from liyi.report import stills
from liyi.report.stills import draw, line_of, worst_moment
from liyi.scoring.reporting import Shown
from posture.track import Joint


class FakeMedia:
    """Grey frames on demand, then all but black ones; nothing can be decoded after ``until_s``."""

    kind = "video"

    def __init__(self, until_s: float = 1e9, black_from_s: float = 1e9) -> None:
        self.until_s, self.black_from_s = until_s, black_from_s
        self.asked: list[float] = []

    def frames_at(self, times_s: list[float], *, max_side: int) -> list[Frame | None]:
        return [self._frame_at(t_s, max_side) for t_s in times_s]

    def _frame_at(self, t_s: float, max_side: int) -> Frame | None:
        self.asked.append(t_s)
        if t_s > self.until_s:
            return None
        image = np.full((max_side * 3 // 4, max_side, 3), 128 if t_s < self.black_from_s else 12, np.uint8)
        image[:4, :40] = 255  # the camera's time stamp
        return Frame(t_s, image)


def is_amber(pixel: np.ndarray) -> bool:
    red, green, blue = (int(c) for c in pixel)
    return red > 180 and 110 < green < 210 and blue < 110


def picture(still: stills.Still) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_the_measured_line_lies_on_the_joints(performance, scale):
    image = np.full((int(480 * scale), int(640 * scale), 3), 128, np.uint8)
    still = draw(image, 10.0, performance.body, line_of("shoulder_tilt"))
    assert (still.width, still.height) == (640 * scale, 480 * scale)
    body = performance.body.points[100]
    for share in (0.1, 0.3, 0.7, 0.9):
        x, y = (body[Joint.LEFT_SHOULDER] * (1 - share) + body[Joint.RIGHT_SHOULDER] * share) * scale
        assert is_amber(picture(still)[round(float(y)), round(float(x))])


def test_missing_joints_leave_the_picture_alone(performance):
    body = replace(performance.body, points=np.full_like(performance.body.points, np.nan))
    image = np.full((480, 640, 3), 128, np.uint8)
    assert np.abs(picture(draw(image, 5.0, body, line_of("crossed_arms"))).astype(int) - 128).max() <= 2


def test_the_frame_itself_is_not_drawn_on(performance):
    image = np.full((480, 640, 3), 128, np.uint8)
    draw(image, 5.0, performance.body, line_of("head_roll"))
    assert (image == 128).all()


def test_the_worst_moment_is_farthest_outside_the_band(assessment):
    verdict = assessment.verdicts[1]  # good within -3..3, evidence from 40 s to 46 s
    t = np.arange(0.0, 60.0, 0.5)
    value = np.where((t >= 40) & (t <= 46), 5.0, 0.0)
    value[t == 43.5] = -9.0
    value[t == 10.0] = 50.0  # outside the evidence
    assert worst_moment(verdict, Trace("shoulder_tilt", "deg", t, value)) == 43.5
    value[t == 43.5] = np.nan
    assert worst_moment(verdict, Trace("shoulder_tilt", "deg", t, value)) == 40.0


def test_without_a_trace_it_is_the_middle(assessment):
    assert worst_moment(assessment.verdicts[1], None) == 43.0


def test_findings_of_the_body_are_shown_dearest_first(assessment, performance, signals):
    drawn = stills.stills([Shown(FakeMedia(), performance.body)], assessment, signals)
    assert list(drawn) == ["shoulder_tilt", "chin_prop"]


def test_what_cannot_be_decoded_is_left_out(assessment, performance, signals):
    drawn = stills.stills([Shown(FakeMedia(until_s=30.0), performance.body)], assessment, signals)
    assert list(drawn) == ["chin_prop"]


def test_a_black_picture_is_not_shown(assessment, performance, signals):
    drawn = stills.stills([Shown(FakeMedia(black_from_s=30.0), performance.body)], assessment, signals)
    assert list(drawn) == ["chin_prop"]


def test_there_are_at_most_a_dozen(assessment, performance):
    verdict = assessment.verdicts[1]
    many = tuple(
        verdict.model_copy(update={"criterion": f"c{k}", "evidence": (Evidence(start_s=k, end_s=k + 1),)})
        for k in range(20)
    )
    media = FakeMedia()
    drawn = stills.stills([Shown(media, performance.body)], assessment.model_copy(update={"verdicts": many}), {})
    assert len(drawn) == len(media.asked) == stills.MOST_STILLS


def test_every_measure_of_bearing_has_a_line():
    from posture.measures import MEASURES

    lacking = [measure.id for measure in MEASURES if measure.shows is None]
    assert lacking == [], "declare what a still draws: shows=Line(...)"
    assert line_of("pace") is None
    assert line_of("of_another_version") is None


def test_each_finding_is_drawn_from_the_recording_that_shows_it(assessment, performance, signals):
    front, side = FakeMedia(), FakeMedia()
    views = {"shoulder_tilt": "front", "chin_prop": "side"}
    verdicts = tuple(v.model_copy(update={"view": views.get(v.criterion, "")}) for v in assessment.verdicts)
    shown = [
        Shown(front, performance.body, "front"),
        Shown(side, performance.body, "side", Alignment(10.0, 0.0, 0.005, 9, 9)),
    ]
    alone = stills.stills([Shown(FakeMedia(), performance.body)], assessment, signals)
    drawn = stills.stills(shown, assessment.model_copy(update={"verdicts": verdicts}), signals)
    assert list(drawn) == ["shoulder_tilt", "chin_prop"]
    assert front.asked == [alone["shoulder_tilt"].t_s]
    assert side.asked == [alone["chin_prop"].t_s - 10.0]  # by its own clock, and told by that of the first
    assert drawn["chin_prop"].t_s == alone["chin_prop"].t_s
