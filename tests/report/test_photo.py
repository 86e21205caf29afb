"""The report of a photo: the picture with its lines and the table; no player, no timeline, no voice."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from liyi.cohort.columns import Line as Row
from liyi.cohort.columns import criterion_parts
from liyi.core.measure import Line
from liyi.etiquette.assess import assess, signals_of
from liyi.etiquette.norms import load_pack
from liyi.etiquette.performance import Performance
from liyi.report.html import HTML, write_report
from liyi.report.photo import Drawn, lines_of, overlay
from liyi.report.remarks import Comment, Remarks
from liyi.report.setting import Setting
from liyi.report.stills import WHOLE, encoded, stills_in
from posture.reading import read_body
from posture.track import Joint, PoseTrack

PACK = load_pack("counter")


def standing(tilt_px: float = 0.0) -> PoseTrack:
    """One picture of somebody upright before the camera, whose left shoulder is lower by ``tilt_px``."""
    at = np.full((33, 2), (500.0, 240.0))
    places = {
        "SHOULDER": (100, 400), "ELBOW": (140, 600), "WRIST": (140, 760), "PINKY": (140, 780), "INDEX": (140, 780),
        "THUMB": (140, 780), "HIP": (60, 780), "KNEE": (60, 1080), "ANKLE": (60, 1380), "HEEL": (60, 1400),
        "FOOT_INDEX": (60, 1410), "EAR": (45, 230), "EYE": (20, 220),
    }  # fmt: skip
    for side, sign in (("LEFT", 1), ("RIGHT", -1)):
        for part, (x, y) in places.items():
            at[Joint[f"{side}_{part}"]] = (500 + sign * x, y)
    at[Joint.MOUTH_LEFT], at[Joint.MOUTH_RIGHT] = (515, 260), (485, 260)
    at[Joint.LEFT_SHOULDER, 1] += tilt_px
    points = at[None].astype(np.float32)
    metres = np.concatenate(((at - [500, 780]) / 550, np.zeros((33, 1))), axis=1)[None].astype(np.float32)
    sure = np.ones((1, 33), dtype=np.float32)
    return PoseTrack(np.zeros(1), points, metres, sure, sure, (1000, 1500), 1)


@pytest.fixture(scope="module")
def shown():
    performance = Performance("a.jpg", "0" * 64, 0.0, read_body(standing(60.0)), None, kind="photo")
    signals = signals_of(performance, PACK)
    assessment = assess(performance, PACK, profile="standing", signals=signals, liyi_version="1", elapsed_s=0.1,
                        created_at="2026-11-29T00:00:00Z")  # fmt: skip
    return assessment, performance, signals


def page(shown, lang: str, *, stills=True) -> str:
    kept = {WHOLE: encoded(np.full((150, 100, 3), 90, dtype=np.uint8), 0.0)} if stills else None
    return write_report(*shown, pack=PACK, lang=lang, stills=kept)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_shows_the_picture_and_the_table_and_nothing_that_needs_time(shown, lang):
    text = page(shown, lang)
    assert text.count("<img") == 1
    assert "<svg viewBox" in text
    for absent in ("<video", "<audio", 'id="player"', 'id="timeline"', 'id="transcript"', 'id="deductions"', "<script"):
        assert absent not in text
    assert {"zh": "一张照片只能看到一个瞬间", "en": "one picture shows one moment only"}[lang] in text
    assert re.search(r'<span class="number">1</span>', text)


def test_in_chinese_nothing_is_english(shown):
    body = re.sub(r"<style>.*?</style>|<dl class=\"facts\">.*?</dl>|<[^>]+>", "", page(shown, "zh"), flags=re.DOTALL)
    assert not re.findall(r"[A-Za-z]{4,}", body.replace("Liyi", ""))


def test_the_picture_is_taken_over_when_it_is_judged_again(shown):
    again = stills_in(page(shown, "zh"), shown[0])
    assert list(again) == [WHOLE]
    assert (again[WHOLE].width, again[WHOLE].height) == (100, 150)
    assert HTML.stills_in("<p>", shown[0]) == {}
    assert "<img" not in page(shown, "en", stills=False)


def test_each_line_is_drawn_once_with_the_number_of_its_rows(shown):
    assessment, performance, _ = shown
    drawn = lines_of(assessment)
    assert [each.number for each in drawn] == list(range(1, len(drawn) + 1))
    assert len({each.line for each in drawn}) == len(drawn)
    assert {"shoulder_tilt", "facing"} <= {*next(d for d in drawn if "shoulder_tilt" in d.criteria).criteria}
    assert "crossed_arms" not in {id for each in drawn for id in each.criteria}  # not held: there is nothing to see
    svg = overlay(performance.body, drawn)
    assert svg.count("<circle") == len(drawn)
    places = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', svg)
    discs = np.array(places, dtype=float)
    for k, (x, y, r) in enumerate(discs):
        assert r <= x <= 1000 - r
        assert r <= y <= 1500 - r
        assert all(np.hypot(x - a, y - b) > r for a, b, _ in discs[:k])


def test_a_joint_that_is_not_there_draws_nothing(shown):
    body = shown[1].body
    gone = replace(body, points=np.full_like(body.points, np.nan))
    line = Drawn(1, Line((((Joint.LEFT_EAR,), (Joint.RIGHT_EAR,)),)), ("a",))
    assert "<path" not in overlay(gone, (line,))


def test_a_photo_is_a_row_of_the_tables_without_scores(shown):
    from liyi.batch.rows import Row as Batch

    line = Row(Batch("a.jpg", None, None, "k", shown[0], None))
    found = {column.id: column.value(line) for column in criterion_parts("shoulder_tilt")}
    assert (found["status.shoulder_tilt"], found["unit.shoulder_tilt"]) == ("assessed", "deg")
    assert (found["sub_score.shoulder_tilt"], found["charged.shoulder_tilt"]) == (None, None)


def test_what_people_said_of_a_photo_is_shown_without_an_appeal(shown):
    said = Remarks((Comment(None, "站姿很好", "王老师", "2026-11-30"),), appealable=True)
    text = write_report(*shown, pack=PACK, lang="zh", stills=None, setting=Setting(in_app=True, remarks=said))
    assert "站姿很好" in text
    assert "<form" not in text, "its page has no script that could send one"
