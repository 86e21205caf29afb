"""A whole performance judged by the shipped packs and by edited copies of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Events, Scalar, Trace
from liyi.etiquette import norms
from liyi.etiquette.assess import assess, signals_of
from liyi.etiquette.assessment import Assessment
from liyi.etiquette.norms import NormPackError, load_pack
from liyi.etiquette.performance import measure, measures

COUNTER = Path(norms.__file__).parent / "packs" / "counter.toml"
RUN = {"liyi_version": "0", "created_at": "2026-01-01T00:00:00Z", "elapsed_s": 1.0}


def by_id(assessment: Assessment):
    return {verdict.criterion: verdict for verdict in assessment.verdicts}


@pytest.fixture
def edited(tmp_path):
    """The counter pack with some of its text replaced."""

    def edited(*replacements: tuple[str, str]):
        text = COUNTER.read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "edited.toml"
        path.write_text(text, encoding="utf-8")
        return load_pack(path)

    return edited


def test_an_upright_speaker_at_the_counter(build, counter):
    assessment = assess(build.performance(), counter, profile="standing", **RUN)
    verdicts = by_id(assessment)
    assert list(verdicts) == list(counter.profile("standing").weights)
    for id in ("shoulder_tilt", "head_roll", "crossed_arms", "trunk_side_lean", "upright_ratio"):
        assert (verdicts[id].status, verdicts[id].sub_score, verdicts[id].coverage) == ("assessed", 1, 1), id
    for id in ("trunk_forward_lean_standing", "head_forward"):
        assert verdicts[id].reason == Reason.CAMERA_FRONT
    assert verdicts["pace"].unit == "字/分"
    assert verdicts["filled_pauses"].status == "needs_review"
    # 20 s with 5 s of calibration, which is not judged
    assert {m.need: m.got for m in assessment.needs_missing} == {
        "bearing_s": 15.0, "speech_s": 8.5, "syllables": 34.0,
    }  # fmt: skip
    assert assessment.recording.warnings[0].text == "The recording breaks off at 19.5 s."
    assert assessment.options == {"camera": "auto", "calibration": [0.0, 5.0], "language": "auto", "exemptions": []}
    assert assessment.transcript[0].text == "请您出示身份证件谢谢您"


def test_json_is_valid_and_stable(build, counter):
    one, two = (assess(build.performance(), counter, **RUN).model_dump_json(indent=1) for _ in range(2))
    assert one == two
    jsonschema.validate(json.loads(one), Assessment.model_json_schema())
    assert "NaN" not in one
    assert "Infinity" not in one
    assert Assessment.model_validate_json(one).model_dump_json(indent=1) == one


@pytest.mark.parametrize("tilt", [0.0, 4.0, 8.0, 20.0])
def test_a_lower_shoulder_reads_as_it_is(build, counter, tilt):
    verdict = by_id(assess(build.performance(body=build.body(tilt_deg=tilt)), counter, **RUN))["shoulder_tilt"]
    assert verdict.typical == pytest.approx(tilt, abs=0.05)
    assert verdict.value == pytest.approx(100 if tilt <= 4 else 0)  # the band of 3 degrees is widened by one sigma, 1.1
    assert bool(verdict.evidence) == (tilt > 4.1)


@pytest.mark.parametrize("pack", ["counter", "presentation"])
def test_silence_gets_its_bearing_but_no_total(build, pack):
    silent = assess(build.performance(voice=None), load_pack(pack), **RUN)
    assert silent.total is None
    assert silent.dimensions[next(iter(silent.dimensions))].score is not None
    assert by_id(silent)["pace"].reason == Reason.NO_SOUND
    assert silent.dimensions["voice"].score is None


@pytest.mark.parametrize("pack", ["counter", "presentation"])
def test_sound_alone_gets_verdicts_but_no_total(build, pack):
    heard = assess(build.performance(body=None), load_pack(pack), **RUN)
    assert heard.total is None
    assert by_id(heard)["shoulder_tilt"].reason == Reason.NO_PICTURE
    assert by_id(heard)["snr"].status == "assessed"
    assert (heard.recording.camera, heard.recording.people) == ("none", 0)


def test_sound_alone_is_enough_for_the_telephone(build, counter):
    spoken = build.performance(body=None, voice=build.voice(seconds=40), duration_s=40.0)
    assessment = assess(spoken, counter, profile="phone", **RUN)
    assert (assessment.total_of, assessment.needs_missing) == (("voice", "language"), ())
    assert assessment.total is not None


def test_pace_is_judged_in_its_own_language(build, counter, presentation):
    chinese, english = build.performance(), build.performance(voice=build.voice(language="en"))
    assert by_id(assess(chinese, counter, **RUN))["pace"].status == "assessed"
    assert by_id(assess(english, counter, **RUN))["pace"].reason == Reason.LANGUAGE
    assert by_id(assess(english, presentation, **RUN))["pace"].unit == "wpm"
    assert by_id(assess(chinese, presentation, **RUN))["pace"].reason == Reason.LANGUAGE


def test_an_edited_band_changes_the_judgement(build, counter, edited):
    tilted = build.performance(body=build.body(tilt_deg=5.0))
    plain, wider = assess(tilted, counter, **RUN), assess(tilted, edited(("good = [-3, 3]", "good = [-5, 5]")), **RUN)
    # 5 degrees: on the way from good, 3 and one sigma of 1.1, to the edge of tolerable, 6
    assert by_id(plain)["shoulder_tilt"].sub_score == pytest.approx(1 - 0.4 * (5 - 4.1) / (6 - 4.1), abs=0.02)
    assert by_id(wider)["shoulder_tilt"].sub_score == 1
    assert wider.dimensions["posture"].score > plain.dimensions["posture"].score
    assert wider.pack.sha256 != plain.pack.sha256


def test_an_edited_weight_changes_the_judgement(build, counter, edited):
    tilted = build.performance(body=build.body(tilt_deg=5.0))
    plain, lighter = (
        assess(tilted, counter, **RUN),
        assess(tilted, edited(("shoulder_tilt = 1\n", "shoulder_tilt = 0.1\n")), **RUN),
    )
    assert lighter.dimensions["posture"].score > plain.dimensions["posture"].score


def test_a_new_profile_needs_no_code(build, edited):
    mine = edited(
        (
            "[profiles.phone]",
            '[profiles.vip]\ncamera = "front"\nweights = { shoulder_tilt = 1, head_roll = 1 }\n\n[profiles.phone]',
        )
    )
    assessment = assess(build.performance(body=build.body(tilt_deg=30)), mine, profile="vip", **RUN)
    assert [v.criterion for v in assessment.verdicts] == ["shoulder_tilt", "head_roll"]
    assert assessment.total == 50


def test_edited_params_reach_the_measure(build, edited):
    mine = edited(('params = { level = "phrase" }', 'params = { level = "frame" }'))
    performance = build.performance(voice=build.voice(seconds=40))
    frame = signals_of(performance, mine)["pitch_variation"]
    assert frame.value == pytest.approx(np.nanstd(12 * np.log2(performance.voice.pitch_hz.astype(float))), rel=0.05)


def test_everything_is_measured_whether_the_pack_asks_or_not(build, counter):
    signals = signals_of(build.performance(), counter)
    assert set(signals) == set(counter.criteria) | (set(measures()) - {c.measure for c in counter.criteria.values()})
    assert "hands_folded_low" in signals


def test_unknown_profile(build, counter):
    with pytest.raises(NormPackError, match="no profile lying"):
        assess(build.performance(), counter, profile="lying", **RUN)


def test_what_is_not_there_is_said(build):
    nobody = build.body()
    track = nobody.track
    empty = type(track)(
        track.t, np.full_like(track.points, np.nan), np.full_like(track.world, np.nan),
        np.zeros_like(track.visibility), np.zeros_like(track.presence), track.size, 0,
    )  # fmt: skip
    dark = replace(track, luma=np.where(track.t < 18, 0.1, 0.2))
    black = replace(empty, luma=np.full(track.t.size, 0.02))
    upside_down = replace(track, points=np.array(track.size, dtype=np.float32) - track.points)
    from posture.reading import read_body

    for id, taken in measures().items():
        missing = measure(build.performance(body=None, voice=None), id)
        wanted = Reason.NO_PICTURE if taken.by_picture else Reason.NO_SOUND
        assert missing.reason == wanted
        assert isinstance(missing, {"trace": Trace, "events": Events, "scalar": Scalar}[taken.kind])
        if taken.by_picture:
            assert measure(build.performance(body=read_body(empty)), id).reason == Reason.NO_PERSON
            assert measure(build.performance(body=read_body(upside_down)), id).reason == Reason.PICTURE_TURNED
            assert read_body(upside_down).camera == "none"
            assert measure(build.performance(body=read_body(black)), id).reason == Reason.TOO_DARK
            assert measure(build.performance(body=read_body(dark)), id).reason == Reason.TOO_DARK
