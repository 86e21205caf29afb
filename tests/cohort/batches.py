"""Batches whose every figure is known: assessments made by hand, not by measuring."""

from __future__ import annotations

import hashlib

from liyi.batch.rows import Row
from liyi.core.bilingual import Bilingual
from liyi.etiquette.assessment import (
    Assessment,
    Deduction,
    DimensionScore,
    Evidence,
    ModelRef,
    PackRef,
    RecordingInfo,
    RecordingWarning,
    Source,
    Verdict,
)

TWO_PEOPLE = RecordingWarning(
    text="2 people were seen: the one who was longest in view was assessed.",
    sentence="{people} people were seen: the one who was longest in view was assessed.",
    fields={"people": 2},
)
SHIPPED = PackRef(id="counter", version="1.0.0", sha256="5e" * 32)


def verdict(criterion: str, zh: str, en: str, sub_score: float | None, **more: object) -> Verdict:
    assessed = {"status": "assessed", "value": 71.3, "unit": "%", "error": 4.6, "coverage": 0.9}
    open_ = {"status": "not_assessed", "reason": "camera_front"}
    return Verdict(
        criterion=criterion,
        name=Bilingual(zh=zh, en=en),
        measure=criterion,
        **{"dimension": "posture", "sub_score": sub_score, "weight": 4.0, "good": (None, 3.0),
           "source": Source(doc="窗口服务规范", clause="第三条"),
           **(open_ if sub_score is None else assessed), **more},
    )  # fmt: skip


def assessment(total: float | None = 82.4, *, voice: float | None = 90.0, **more: object) -> Assessment:
    """One seated clerk from the front; ``total`` None is below the floor."""
    tilt = 0.52 if total is not None and total < 60 else 0.8 if total is not None and total < 80 else 1.0
    moments = (Evidence(start_s=40, end_s=46), Evidence(start_s=12, end_s=13.5))
    recording = {
        "name": "clerk.mp4", "sha256": "ab" * 32, "duration_s": 61.0, "camera": "front", "framing": "upper_body",
        "position": "sitting", "people": 1, "warnings": (),
    }  # fmt: skip
    recording |= {key: more.pop(key) for key in list(more) if key in recording}
    base: dict[str, object] = {
        "liyi_version": "0.1.0", "created_at": "2026-11-24T04:12:13Z", "elapsed_s": 21.3,
        "recording": RecordingInfo(**recording),
        "pack": SHIPPED, "profile": "seated", "options": {}, "models": (ModelRef(id="pose", sha256="cd" * 32),),
        "verdicts": (
            verdict("shoulder_tilt", "肩线水平", "Shoulders level", tilt, evidence=moments),
            verdict("trunk_forward_lean", "上身前倾", "Trunk lean", None),
            verdict("pace", "语速", "Pace", None if voice is None else 1.0, dimension="voice", value=160.0,
                    unit="字/分", reason="no_sound" if voice is None else None),
            verdict("filled_pauses", "填充停顿", "Filled pauses", None, dimension="voice", status="needs_review",
                    weight=0.0, reason="human_decides"),
        ),
        "coverage": 0.74 if total is not None else 0.38, "coverage_floor": 0.6, "total": total,
        "dimensions": {
            "posture": DimensionScore(name=Bilingual(zh="姿态", en="Posture"), score=total, coverage=0.8),
            "voice": DimensionScore(name=Bilingual(zh="语音", en="Voice"), score=voice, coverage=float(bool(voice))),
        },
        "deductions": () if tilt == 1.0 else (
            Deduction(criterion="shoulder_tilt", dimension="posture", points=6.1, charged=6.1, evidence=moments),
        ),
        "transcript": (),
    }  # fmt: skip
    return Assessment.model_validate({**base, **more})


def row(path: str, found: Assessment | None = None, **more: object) -> Row:
    key = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()
    base = {"person": "王芳", "cohort": "一班", "key": key if found else None, "failure": None}
    return Row(path=path, assessment=found, **{**base, **more})


def mixed() -> list[Row]:
    """Every kind of line: ranked with a tie, from the side, below the floor, failed, stopped, hostile."""
    return [
        row("a.mp4", assessment(82.44)),
        row("b.mp4", assessment(82.41), person="李雷"),
        row("c.mp4", assessment(91.0), cohort=None),
        row("d.mp4", assessment(55.0, people=2, warnings=(TWO_PEOPLE,)), cohort="二班"),
        row("side.mp4", assessment(70.0, camera="side"), cohort="二班"),
        row("hidden.mp4", assessment(None, voice=None)),
        row("=cmd|'/c calc'!A1.mp4", assessment(77.0), person="＝1+1", cohort="@sum"),
        row("broken.mp4", failure="broken.mp4 is empty (0 bytes): record or copy it again."),
        row("later.mp4", person=None),
    ]
