"""A hand-made assessment with every kind of verdict, and a made-up performance of any length to go with it."""

from __future__ import annotations

import numpy as np
import pytest

from liyi.core.bilingual import Bilingual
from liyi.core.trace import Interval, Trace
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
    TranscriptLine,
    TranscriptWord,
    Verdict,
)
from liyi.etiquette.pack import NormPack
from liyi.etiquette.performance import Performance
from posture.body import Body
from posture.track import Joint, PoseTrack
from speech.voice import Transcript, Utterance, Voice, Word

SENTENCES = (
    "您好，请问您需要办理什么业务？",
    "请您出示一下身份证件，谢谢。",
    "您还缺少一份住所证明，我一次性给您列出来。",
    "请稍等，我帮您查询一下，大约需要三分钟。",
)
SEATED = {
    Joint.NOSE: (320, 130), Joint.LEFT_EYE: (332, 118), Joint.RIGHT_EYE: (308, 118), Joint.LEFT_EAR: (350, 122),
    Joint.RIGHT_EAR: (290, 122), Joint.LEFT_SHOULDER: (400, 220), Joint.RIGHT_SHOULDER: (240, 236),
    Joint.LEFT_ELBOW: (420, 320), Joint.RIGHT_ELBOW: (220, 330), Joint.LEFT_WRIST: (360, 390),
    Joint.RIGHT_WRIST: (280, 396), Joint.LEFT_HIP: (370, 420), Joint.RIGHT_HIP: (270, 424),
}  # fmt: skip


def make_body(duration_s: float) -> Body:
    t = np.arange(0.0, duration_s, 0.1)
    points = np.full((t.size, 33, 2), np.nan, np.float32)
    for joint, place in SEATED.items():
        points[:, joint] = place
    usable = np.isfinite(points[:, :, 0])
    usable[(t > 30) & (t < 33)] = False
    track = PoseTrack(
        t=t,
        points=points,
        world=np.zeros((t.size, 33, 3), np.float32),
        visibility=usable.astype(np.float32),
        presence=usable.astype(np.float32),
        size=(640, 480),
        people=1,
    )
    smooth = np.where(usable[:, :, None], points, np.nan)
    view = np.where(usable.any(axis=1), 1, 0).astype(np.int8)
    return Body(track, smooth, usable, np.zeros(t.size), view, "front", "upper_body", "sitting", Interval(0.0, 6.0))


def make_words(duration_s: float) -> tuple[Utterance, ...]:
    utterances, at, turn = [], 1.0, 0
    while True:
        text = SENTENCES[turn % len(SENTENCES)]
        words = []
        for k in range(0, len(text), 2):
            words.append(Word(round(at, 2), round(at + 0.44, 2), text[k : k + 2], 0.4 if k == 4 else 0.93))
            at += 0.44
        if at > duration_s - 0.5:
            return tuple(utterances)
        utterances.append(Utterance(words[0].start_s, words[-1].end_s, text, tuple(words)))
        at += 1.2
        turn += 1


def make_voice(duration_s: float) -> Voice:
    utterances = make_words(duration_s)
    t = np.arange(0.0, duration_s, 0.01)
    speaking = np.zeros(t.size, bool)
    for u in utterances:
        speaking |= (t >= u.start_s) & (t < u.end_s)
    noise = np.random.default_rng(1)
    pitch = np.where(speaking & (np.sin(t * 14) > -0.6), 190 * 2 ** (np.sin(t * 3.1) * 4 / 12), np.nan)
    level = np.where(speaking, -26 + 6 * np.sin(t * 14), -62) + noise.normal(0, 1.5, t.size)
    return Voice(
        duration_s=duration_s,
        stretches=tuple(Interval(u.start_s, u.end_s) for u in utterances),
        t=t,
        level_db=level.astype(np.float32),
        pitch_hz=pitch.astype(np.float32),
        nuclei_s=np.arange(1.0, duration_s, 0.22),
        filled=(),
        clipped_share=0.0,
        snr_db=31.0,
        transcript=Transcript("zh", utterances),
    )


def make_performance(duration_s: float = 64.0) -> Performance:
    return Performance(
        name="窗口练习_01.mp4",
        sha256="3f" * 32,
        duration_s=duration_s,
        body=make_body(duration_s),
        voice=make_voice(duration_s),
        options={"camera": "auto", "language": "auto", "recogniser": "whisper_base"},
        models=(ModelRef(id="pose_landmarker_full", sha256="ab" * 32), ModelRef(id="whisper_base", sha256="cd" * 32)),
    )


def make_signals(performance: Performance) -> dict[str, Trace]:
    assert performance.body is not None
    t = performance.body.t
    value = 2.0 + 1.2 * np.sin(t / 3)
    value[(t > 40.0) & (t < 46.0)] = 8.0
    value[~performance.body.usable.any(axis=1)] = np.nan
    return {
        "shoulder_tilt": Trace("shoulder_tilt", "deg", t, value, 1.1),
        "head_roll": Trace("head_roll", "deg", t, np.sin(t), 1.1),
    }


def _verdict(criterion: str, zh: str, en: str, dimension: str, **more: object) -> Verdict:
    base = {"measure": criterion, "status": "assessed", "coverage": 0.94, "weight": 4.0, "confidence": "M",
            "source": Source(doc="中国邮政储蓄银行网点员工服务礼仪规范", clause="第十六条")}  # fmt: skip
    return Verdict(criterion=criterion, name=Bilingual(zh=zh, en=en), dimension=dimension, **{**base, **more})


def make_assessment(performance: Performance, *, total: float | None = 81.6) -> Assessment:
    transcript = performance.voice.transcript.utterances if performance.voice and performance.voice.transcript else ()
    tilt = (Evidence(start_s=40.0, end_s=46.0, label="8 deg"), Evidence(start_s=12.0, end_s=13.5, label="7 deg"))
    verdicts = (
        _verdict("head_roll", "头部端正", "Head level", "posture", value=97.4, unit="%", error=1.2, sub_score=1.0,
                 good=(-5, 5), good_share=90, typical=0.4, typical_unit="deg", typical_error=1.1,
                 advice=Bilingual(zh="保持头部端正。", en="Keep the head level.")),
        _verdict("shoulder_tilt", "肩线水平", "Shoulders level", "posture", value=71.3, unit="%", error=4.6,
                 sub_score=0.52, good=(-3, 3), good_share=90, typical=3.4, typical_unit="deg", typical_error=1.1,
                 evidence=tilt, advice=Bilingual(zh="检查座椅扶手，双肘放平，让两肩一样高。",
                                                 en="Check the armrests and rest both elbows at the same height.")),
        _verdict("upright_ratio", "坐姿挺拔", "Upright", "posture", value=88.0, unit="%", error=2.4, sub_score=0.93,
                 good=(92, None), typical=94.0, typical_unit="%", typical_error=2.0, good_share=85),
        _verdict("trunk_forward_lean", "上身前倾", "Trunk lean", "posture", status="not_assessed", coverage=0.0,
                 reason="camera_front", weight=3.0),
        _verdict("knee_angle", "膝部角度", "Knee angle", "posture", status="not_assessed", coverage=0.0,
                 reason="camera_front", weight=1.0),
        _verdict("crossed_arms", "双臂抱胸", "Arms crossed", "gesture", value=0.0, unit="%", sub_score=1.0,
                 good=(None, 0), weight=5.0),
        _verdict("chin_prop", "托腮", "Chin propped", "gesture", value=1.9, unit="/min", sub_score=0.64,
                 good=(None, 0.5), evidence=(Evidence(start_s=20.2, end_s=22.4),),
                 advice=Bilingual(zh="双手自然放在桌面上，离开面部。", en="Rest both hands on the desk.")),
        _verdict("pace", "语速", "Pace", "voice", value=214.0, unit="字/分", error=7.0, sub_score=0.61, good=(120, 180),
                 confidence="L", source=Source(doc="12333电话咨询服务规范", clause="建议值"), weight=6.0,
                 evidence=(Evidence(start_s=1.0, end_s=9.0),),
                 advice=Bilingual(zh="每句话之间停一拍，说到数字和材料名称时放慢。",
                                  en="Pause a beat between sentences; slow down for numbers and names of papers.")),
        _verdict("pitch_variation", "语调起伏", "Pitch variation", "voice", value=1.8, unit="st", error=0.2,
                 sub_score=1.0, good=(1, 3)),
        _verdict("filled_pauses", "填充停顿", "Filled pauses", "voice", status="needs_review", value=3.0, unit="count",
                 reason="human_decides", weight=0.0, evidence=(Evidence(start_s=17.0, end_s=17.4),)),
        _verdict("smile", "微笑", "Smile", "face", status="not_assessed", coverage=0.1, reason="head_turned"),
    )  # fmt: skip
    return Assessment(
        liyi_version="0.1.0",
        created_at="2026-11-24T04:12:13Z",
        elapsed_s=21.3,
        recording=RecordingInfo(
            name=performance.name,
            sha256=performance.sha256,
            duration_s=performance.duration_s,
            camera="front",
            framing="upper_body",
            position="sitting",
            people=1,
            warnings=(
                RecordingWarning(
                    text="The picture breaks off at 60.0 s; what came before was assessed.",
                    sentence="The picture breaks off at {second} s; what came before was assessed.",
                    fields={"second": 60.0},
                ),
            ),
        ),
        pack=PackRef(id="counter", version="1.0.0", sha256="5e" * 32),
        profile="seated",
        options=dict(performance.options),
        models=performance.models,
        verdicts=verdicts,
        coverage=0.74 if total is not None else 0.38,
        coverage_floor=0.6,
        total=total,
        dimensions={
            "posture": DimensionScore(name=Bilingual(zh="姿态", en="Posture"), score=84.0, coverage=0.8),
            "gesture": DimensionScore(name=Bilingual(zh="手势", en="Gesture"), score=74.0, coverage=1.0),
            "voice": DimensionScore(name=Bilingual(zh="语音", en="Voice"), score=58.2, coverage=1.0),
            "face": DimensionScore(name=Bilingual(zh="神态", en="Face"), score=None, coverage=0.0),
        },
        deductions=(
            Deduction(criterion="pace", dimension="voice", points=9.4, charged=9.4, evidence=verdicts[7].evidence),
            Deduction(criterion="shoulder_tilt", dimension="posture", points=6.1, charged=6.1, evidence=tilt),
            Deduction(criterion="chin_prop", dimension="gesture", points=2.9, charged=2.9),
            Deduction(criterion="upright_ratio", dimension="posture", points=0.9, charged=0.0, group="lean"),
        ),
        transcript=tuple(
            TranscriptLine(
                start_s=u.start_s,
                end_s=u.end_s,
                text=u.text,
                words=tuple(
                    TranscriptWord(start_s=w.start_s, end_s=w.end_s, text=w.text, probability=w.probability)
                    for w in u.words
                ),
            )
            for u in transcript
        ),
    )


PACK = {
    "id": "counter", "version": "1.0.0", "coverage_floor": 0.6, "sha256": "5e" * 32,
    "name": {"zh": "政务服务窗口", "en": "Service counter"},
    "profiles": {"seated": {"name": {"zh": "坐席窗口", "en": "Seated counter"}, "camera": "both",
                            "weights": {"shoulder_tilt": 4.0}}},
    "criteria": {"shoulder_tilt": {
        "measure": "shoulder_tilt", "aggregate": "share_in_band", "dimension": "posture", "good": (-3.0, 3.0),
        "tolerable": (-6.0, 6.0), "fail": (-12.0, 12.0), "share": {"good": 90.0, "tolerable": 75.0, "fail": 50.0},
        "confidence": "M", "source": {"doc": "d", "clause": "c"}, "advice": {"zh": "z", "en": "e"}}},
}  # fmt: skip


@pytest.fixture
def pack() -> NormPack:
    return NormPack.model_validate(PACK)


@pytest.fixture
def performance() -> Performance:
    return make_performance()


@pytest.fixture
def assessment(performance: Performance) -> Assessment:
    return make_assessment(performance)


@pytest.fixture
def signals(performance: Performance) -> dict[str, Trace]:
    return make_signals(performance)


@pytest.fixture
def long_example():
    def make(duration_s: float) -> tuple[Performance, dict[str, Trace], Assessment]:
        performance = make_performance(duration_s)
        return performance, make_signals(performance), make_assessment(performance)

    return make
