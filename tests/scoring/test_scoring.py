"""The whole job on recordings that the project made itself, and on files of which nothing can be made."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import shutil
import sys
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from liyi.core.errors import LiyiError, MediaError
from liyi.core.options import Options
from liyi.core.words import explain_error
from liyi.etiquette.assessment import Assessment
from liyi.etiquette.norms import load_pack
from liyi.media.recording import open_media
from liyi.report.html import HTML
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.scoring.perform import perform
from liyi.scoring.rejudge import rejudge
from liyi.scoring.reporting import Report
from liyi.scoring.score import score

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import damage

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
FILES = [ASSESSMENT, MEASURES, REPORT]


@pytest.fixture(scope="module")
def counter():
    return load_pack("counter")


@pytest.fixture(scope="module")
def scored(models_ready, counter, tmp_path_factory):
    """A sample scored once: its folder, the assessment and the stages that were told."""
    out = tmp_path_factory.mktemp("scored")
    stages: list[tuple[str, float]] = []
    assessment = score(SAMPLES / "counter_front_zh.mp4", out=out, pack=counter, lang="zh", report=HTML,
                       progress=lambda stage, done: stages.append((stage, done)))  # fmt: skip
    return out, assessment, stages


def silence(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(b"\0\0" * int(16000 * seconds))
    return path


def changed(path: Path, change: Callable[[np.ndarray, float], np.ndarray]) -> Path:
    """The picture alone of a sample's first hundred frames, each changed by its second."""
    with av.open(str(SAMPLES / "counter_front_zh.mp4")) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("mpeg4", rate=source.streams.video[0].average_rate, bit_rate=2_000_000)
        for frame in itertools.islice(source.decode(video=0), 100):
            image = np.ascontiguousarray(change(frame.to_ndarray(format="rgb24"), frame.time))
            if not stream.codec_context.is_open:
                stream.height, stream.width = image.shape[:2]
            target.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        target.mux(stream.encode())
    return path


def stills(folder: Path) -> list[str]:
    return re.findall(r'data:image/jpeg;base64,[^"]+', (folder / REPORT).read_text(encoding="utf-8"))


def comparable(folder: Path) -> dict[str, object]:
    content = json.loads((folder / ASSESSMENT).read_text(encoding="utf-8"))
    return {key: value for key, value in content.items() if key not in ("created_at", "elapsed_s")}


def test_three_files_come_out_and_say_what_was_returned(scored):
    out, assessment, _ = scored
    assert sorted(p.name for p in out.iterdir()) == FILES
    assert Assessment.model_validate_json((out / ASSESSMENT).read_bytes()) == assessment
    page = (out / REPORT).read_text(encoding="utf-8")
    assert assessment.recording.sha256 in page
    assert "data:image/jpeg" in page or not any(v.evidence for v in assessment.verdicts)


def test_a_clear_sample_gets_a_total_and_its_words(scored):
    _, assessment, _ = scored
    assert assessment.total is not None
    assert assessment.recording.camera == "front"
    assert assessment.transcript
    assert {model.id for model in assessment.models} == {
        "pose_landmarker_full",
        "face_mesh",
        "silero_vad",
        "swift_f0",
        "vosk_small_cn",
        "whisper_base",
    }


def test_nothing_of_this_machine_is_in_the_assessment(scored):
    out, _, _ = scored
    text = (out / ASSESSMENT).read_text(encoding="utf-8")
    assert str(out) not in text
    assert str(SAMPLES) not in text
    assert "/" not in str(json.loads(text)["options"])


def test_progress_runs_from_none_to_all_of_each_stage(scored):
    _, _, stages = scored
    names = list(dict.fromkeys(stage for stage, _ in stages))
    assert names == ["Listening to the voice", "Watching the picture", "Writing the report"]
    for name in names:
        done = [share for stage, share in stages if stage == name]
        assert done == sorted(done)
        assert (done[0], done[-1]) == (0.0, 1.0)


def test_two_runs_agree(scored, scored_sample):
    """One in this process in Chinese, one by the command in English."""
    assert comparable(scored[0]) == comparable(scored_sample)


def test_a_folder_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(LiyiError, match="gone is not there: name a folder of results"):
        rejudge(tmp_path / "gone", pack=load_pack("counter"))


def test_judging_stored_measures_again_changes_nothing(scored, counter, tmp_path):
    out, _, _ = scored
    rejudge(out, pack=counter, out=tmp_path / "again")
    assert comparable(tmp_path / "again") == comparable(out)
    rejudge(tmp_path / "again", pack=counter, report=HTML)
    assert stills(tmp_path / "again") == []  # there was no report to take them from
    assert comparable(tmp_path / "again") == comparable(out)
    shutil.copy(out / REPORT, tmp_path / "again" / REPORT)
    rejudge(tmp_path / "again", pack=counter, report=HTML)
    assert stills(tmp_path / "again") == stills(out) != []
    assert sorted(p.name for p in (tmp_path / "again").iterdir()) == FILES


def test_without_a_report_none_is_written_and_that_of_before_is_gone(scored, counter, tmp_path):
    out, _, _ = scored
    rejudge(out, pack=counter, out=tmp_path, report=HTML)
    assert (tmp_path / REPORT).is_file()
    rejudge(tmp_path, pack=counter)
    assert sorted(p.name for p in tmp_path.iterdir()) == [ASSESSMENT, MEASURES]


def test_a_report_that_cannot_be_written_leaves_the_earlier_results(scored, counter, tmp_path):
    def fail(*args: object, **more: object) -> str:
        raise LiyiError("No page.")

    out, _, _ = scored
    rejudge(out, pack=counter, out=tmp_path, report=HTML)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(LiyiError, match="No page"):
        rejudge(tmp_path, pack=counter, report=Report(HTML.draw, fail, HTML.stills_in))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_another_pack_judges_without_the_recording(scored, tmp_path):
    out, _, _ = scored
    shutil.copy(out / MEASURES, tmp_path / MEASURES)
    assessment = rejudge(tmp_path, pack=load_pack("presentation"), lang="en")
    assert assessment.pack.id == "presentation"
    assert assessment.profile == load_pack("presentation").profile_id()


def test_profile_and_exemptions_of_before_are_kept(scored, counter, tmp_path):
    out, _, _ = scored
    first = rejudge(out, pack=counter, out=tmp_path, profile="standing", exemptions=("shoulder_tilt",))
    again = rejudge(tmp_path, pack=counter)
    assert (again.profile, again.options["exemptions"]) == ("standing", ["shoulder_tilt"])
    assert again.verdicts == first.verdicts


def test_a_damaged_earlier_assessment_is_refused_and_a_missing_one_told(scored, counter, tmp_path):
    out, _, _ = scored
    rejudge(out, pack=counter, out=tmp_path, exemptions=("shoulder_tilt",))
    file = tmp_path / ASSESSMENT
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(LiyiError, match=r"assessment\.json is damaged.*--exempt"):
        rejudge(tmp_path, pack=counter)
    file.unlink()
    told = [warning.sentence for warning in rejudge(tmp_path, pack=counter).recording.warnings]
    assert any("exemptions" in sentence for sentence in told)
    file.unlink()
    named = rejudge(tmp_path, pack=counter, profile="seated", exemptions=("shoulder_tilt",))
    assert not any("exemptions" in warning.sentence for warning in named.recording.warnings)


@pytest.mark.parametrize("file", [ASSESSMENT, MEASURES])
def test_ten_mutants_of_what_is_judged_again_are_judged_or_refused_whole(scored, tmp_path, file):
    out, _, _ = scored
    ways = damage.ASSESSMENT_WAYS if file == ASSESSMENT else damage.MEASURES_WAYS
    for number in range(10):
        made = damage.mutant(number, 5, (out / file).read_bytes(), ways)
        assert damage.rejudge_outcome(file, made, out, tmp_path) in ("judged", "refused"), number


def test_a_failed_judgement_keeps_the_earlier_one(scored, counter, tmp_path):
    out, _, _ = scored
    for name in FILES:
        shutil.copy(out / name, tmp_path / name)
    with pytest.raises(LiyiError):
        rejudge(tmp_path, pack=counter, exemptions=("no such thing",))
    assert comparable(tmp_path) == comparable(out)


def test_there_is_nothing_to_judge_in_an_empty_folder(counter, tmp_path):
    with pytest.raises(LiyiError, match=r"measures\.parquet"):
        rejudge(tmp_path, pack=counter)


@pytest.mark.usefixtures("models_ready")
def test_silence_alone_is_refused_and_leaves_nothing(counter, tmp_path):
    recording = silence(tmp_path / "quiet.wav", 5.0)
    with pytest.raises(MediaError, match=r"quiet\.wav holds no speech"):
        score(recording, out=tmp_path / "out", pack=counter)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("models_ready")
def test_a_picture_on_its_side_is_told_and_not_judged(counter, tmp_path):
    turned = changed(tmp_path / "turned.mp4", lambda image, t_s: np.rot90(image))
    with pytest.raises(MediaError, match=r"turned\.mp4 lies on its side or upside down"):
        score(turned, out=tmp_path / "out", pack=counter)


@pytest.mark.usefixtures("models_ready")
def test_a_picture_in_the_dark_is_told_and_not_judged(counter, tmp_path):
    dark = changed(tmp_path / "dark.mp4", lambda image, t_s: image // 8)
    with pytest.raises(MediaError, match=r"dark\.mp4 is too dark to see a person"):
        score(dark, out=tmp_path / "out", pack=counter)


@pytest.mark.usefixtures("models_ready")
def test_a_part_in_the_dark_is_noted(tmp_path):
    def lights_out(image, t_s):
        return image // 8 if 1 < t_s < 3 else image

    seen = perform(open_media(changed(tmp_path / "dusk.mp4", lights_out)), options=Options(recogniser=None))
    (notice,) = seen.notices
    assert notice.sentence.startswith("The picture is too dark for {seconds} s, from second {start} on")
    assert notice.fields == {"seconds": pytest.approx(2, abs=0.11), "start": pytest.approx(1, abs=0.11)}
    assert not seen.body.usable[(seen.body.t > 1.1) & (seen.body.t < 2.9)].any()
    assert seen.body.usable[seen.body.t < 1].any(axis=1).all()


@pytest.mark.usefixtures("models_ready")
def test_a_failed_run_leaves_an_earlier_assessment_as_it_was(counter, tmp_path):
    recording = silence(tmp_path / "quiet.wav", 1.0)
    (tmp_path / "out").mkdir()
    before = json.dumps({"recording": {"sha256": hashlib.sha256(recording.read_bytes()).hexdigest()}})
    (tmp_path / "out" / ASSESSMENT).write_text(before)
    with pytest.raises(MediaError):
        score(recording, out=tmp_path / "out", pack=counter)
    assert [path.read_text() for path in (tmp_path / "out").iterdir()] == [before]


def test_a_file_that_is_not_there(counter, tmp_path):
    with pytest.raises(MediaError, match=r"missing\.mp4"):
        score(tmp_path / "missing.mp4", out=tmp_path / "out", pack=counter)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("seconds", "profile", "says"),
    [
        (30.0, "seated", "a.wav holds no speech: check the microphone and record again."),
        (1.0, "phone", "a.wav holds no speech"),
    ],
)
def test_silence_is_not_told_to_show_itself(seconds, profile, says):
    from types import SimpleNamespace

    from liyi.scoring.refusing import refuse_empty

    nothing = SimpleNamespace(verdicts=(), profile=profile)
    silent = SimpleNamespace(kind="sound", body=None, voice=None, speech_s=0.0, duration_s=seconds)
    with pytest.raises(MediaError) as caught:
        refuse_empty(nothing, silent, load_pack("counter"), "a.wav")
    assert explain_error(caught.value, "en").startswith(says)
    assert "body" not in explain_error(caught.value, "en")


def test_a_recording_just_too_short_is_not_said_to_be_long_enough():
    from types import SimpleNamespace

    from liyi.scoring.refusing import refuse_empty

    nothing = SimpleNamespace(verdicts=(), profile="phone")
    short = SimpleNamespace(kind="sound", body=None, voice=None, speech_s=1.0, duration_s=1.98)
    with pytest.raises(MediaError, match=r"lasts 1\.9 s, .* at least 2 s"):
        refuse_empty(nothing, short, load_pack("counter"), "a.wav")


def test_what_could_not_be_joined_is_told_beside_what_was_assessed(monkeypatch):
    from types import SimpleNamespace

    from liyi.scoring import score as scoring

    monkeypatch.setattr("liyi.media.recording.open_media", lambda path, **more: SimpleNamespace(notices=["another"]))
    monkeypatch.setattr(scoring, "_examine", lambda media, clock, **more: media.notices)
    assert scoring.examine("a.webm", pack=None) == ["another"]
    notice, _ = scoring.examine("a.webm", pack=None, lost_s=2.04)
    assert notice.text.startswith("2.0 s of what was recorded could not be joined")
