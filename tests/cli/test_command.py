"""The `liyi` command as a user meets it: help at once, exit codes, one sentence per fault, the files it writes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import jsonschema
import pytest

from tests.exempting import clip

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_media" / "counter_front_zh.mp4"
SIDE = ROOT / "sample_media" / "counter_side_zh.mp4"


def liyi(*args: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "liyi", *map(str, args)],
        cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_help_imports_nothing_heavy(tmp_path):
    code = (
        "import sys; sys.argv = ['liyi', '--help']\n"
        "import liyi.cli\n"
        "try: liyi.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'av', 'cv2', 'mediapipe', 'pydantic', 'rich', 'librosa', 'streamlit'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout
    assert "score" in done.stdout


def test_score_writes_three_files(scored_sample):
    assert {p.name for p in scored_sample.iterdir()} == {"assessment.json", "measures.parquet", "report.html"}


def test_score_finds_what_the_sample_shows(scored_sample):
    assessment = json.loads((scored_sample / "assessment.json").read_text())
    verdicts = {v["criterion"]: v for v in assessment["verdicts"]}
    assert assessment["recording"]["camera"] == "front"
    assert assessment["recording"]["people"] == 1
    assert assessment["total"] is not None
    crossed = [(e["start_s"], e["end_s"]) for e in verdicts["crossed_arms"]["evidence"]]
    # the arms are crossed from 2 to 4 s of every loop of 8 s
    assert len(crossed) == 3
    for (start, end), truth in zip(sorted(crossed), (2, 10, 18), strict=True):
        assert abs(start - truth) < 0.5
        assert abs(end - (truth + 2)) < 0.5
    for side_only in ("trunk_forward_lean", "head_forward"):
        if side_only in verdicts:
            assert verdicts[side_only]["status"] == "not_assessed"
    assert "您好" in "".join(line["text"] for line in assessment["transcript"])


def test_score_keeps_the_contract(scored_sample):
    schema = json.loads((ROOT / "docs" / "assessment.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads((scored_sample / "assessment.json").read_text(encoding="utf-8")), schema)


def test_rejudge_needs_no_video(scored_sample, tmp_path):
    pack = tmp_path / "edited.toml"
    text = (ROOT / "liyi" / "etiquette" / "packs" / "counter.toml").read_text(encoding="utf-8")
    pack.write_text(text.replace('id = "counter"', 'id = "mine"', 1), encoding="utf-8")
    done = liyi("rejudge", scored_sample, "--norms", pack, "--out", tmp_path / "judged", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    before, after = (json.loads((d / "assessment.json").read_text()) for d in (scored_sample, tmp_path / "judged"))
    assert after["pack"]["id"] == "mine"
    assert after["verdicts"] == before["verdicts"]


def test_side_sample_assesses_side_measures_only(models_ready, tmp_path):
    done = liyi("score", clip(tmp_path / "side.mp4", 6, SIDE), "--recogniser", "none", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assessment = json.loads((tmp_path / "side.liyi" / "assessment.json").read_text())
    assert assessment["recording"]["camera"] == "side"
    status = {v["criterion"]: v["status"] for v in assessment["verdicts"]}
    assert status["trunk_forward_lean"] == "assessed"
    for front_only in ("head_roll", "shoulder_tilt"):
        assert status.get(front_only, "not_assessed") == "not_assessed"
    # six seconds: no total, and why
    assert assessment["total"] is None
    assert {missing["need"] for missing in assessment["needs_missing"]} == {"bearing_s", "speech_s", "syllables"}


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.mp4"), (b"just text, not a video\n" * 50, "text.mp4"), (None, "missing.mp4")],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_bad_file_is_one_sentence(tmp_path, content, name, lang):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = liyi("score", name, "--lang", lang, cwd=tmp_path)
    assert done.returncode == 1
    assert name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / f"{Path(name).stem}.liyi" / "assessment.json").exists()


@pytest.mark.parametrize("args", [("--norms", "no-such-pack"), ("--profile", "no-such"), ("--calibration", "5-2")])
def test_wrong_usage_exits_2(tmp_path, args):
    done = liyi("score", SAMPLE, *args, "--lang", "en", cwd=tmp_path)
    assert done.returncode == 2
    assert args[1].rpartition("/")[2] in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_models_say_what_to_do(tmp_path):
    done = liyi("score", SAMPLE, "--lang", "en", cwd=tmp_path, env={"LIYI_MODELS": str(tmp_path / "none")})
    assert done.returncode == 1
    assert "liyi models fetch" in done.stderr
    assert "Traceback" not in done.stderr


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=liyi",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine")


@needs_openssl
def test_the_app_serves_https_and_runs_nothing_of_the_current_folder(tmp_path, hostile_folder):
    cert, key = certificate(tmp_path, "here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "liyi", "app", "--port", str(port), "--cert", str(cert), "--key", str(key)],
        cwd=hostile_folder, env={**os.environ, "LIYI_DATA": str(tmp_path)}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = f"https://127.0.0.1:{port}"
    try:
        trusting = ssl.create_default_context(cafile=str(cert))
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2, context=trusting) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.2)
        else:
            pytest.fail("no answer over HTTPS")
    finally:
        process.terminate()
        printed = process.communicate(timeout=20)[0].decode()
    assert address in printed
    assert not (hostile_folder / "OWNED").exists()


@needs_openssl
@pytest.mark.parametrize("fault", ["no key", "no file", "text", "of another", "with a password"])
def test_a_certificate_that_will_not_do_is_one_sentence(tmp_path, fault):
    cert, key = certificate(tmp_path, "here")
    args: list[str | Path] = ["--cert", cert, "--key", key]
    if fault == "no key":
        args = args[:2]
    elif fault == "no file":
        key.unlink()
    elif fault == "text":
        cert.write_text("not a certificate")
    elif fault == "of another":
        args[3] = certificate(tmp_path, "other")[1]
    else:
        subprocess.run(["openssl", "rsa", "-aes128", "-passout", "pass:secret", "-in", key, "-out", key],
                       check=True, capture_output=True)  # fmt: skip
    done = liyi("app", *args, "--lang", "en", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "--key" in done.stderr or "key" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.models
def test_fetch_without_npm_leaves_scoring_whole(models_ready, tmp_path):
    from liyi.modelfiles.registry import fetched, folder

    for entry in fetched("score"):
        for file in entry.files:
            (tmp_path / file.path).parent.mkdir(exist_ok=True)
            (tmp_path / file.path).symlink_to(folder() / file.path)
    closed = {
        "LIYI_MODELS": str(tmp_path), "npm_config_registry": "http://127.0.0.1:9",
        "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "",
    }  # fmt: skip
    done = liyi("models", "fetch", "--lang", "en", cwd=tmp_path, env=closed)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == (
        "Recordings can be scored; the live page lacks pose_landmarker_lite, vision_runtime: run `liyi models fetch`."
    )
    assert liyi("models", "fetch", "vision_runtime", cwd=tmp_path, env=closed).returncode == 1
    assert "Recordings can be scored" in liyi("doctor", "--lang", "en", cwd=tmp_path, env=closed).stdout
