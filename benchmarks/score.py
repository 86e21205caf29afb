"""`liyi score` beside its floor and beside the script that a user would write: CPU, wall clock and peak memory.

    python benchmarks/score.py [VIDEO] [--seconds 120] [--runs 3] [--script] [--minutes 1 30]

*Floor*: decode the same file, ``PoseLandmarker`` *full* bare at 10 frames a second, faster-whisper *base* int8 on the
same sound, with the same threads and the same beam. *Script*: OpenCV and pose on every frame, ``librosa.pyin``, one
recogniser call. Each run is a process of its own; figures are the whole process's (user + system time, wall clock,
peak resident memory), the runs interleaved, and the ratio is the median of the pairwise ratios. Without VIDEO the
front sample is looped (packets copied) to ``--seconds``. ``--minutes`` prints only our own peak memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.figures import tell  # noqa: E402

SAMPLE = ROOT / "sample_media" / "counter_front_zh.mp4"


def looped(source: Path, seconds: float, out: Path) -> Path:
    """Copy the packets of ``source`` again and again until ``seconds`` are full."""
    import av

    with av.open(str(out), "w") as target:
        with av.open(str(source)) as media:
            streams = {s.index: target.add_stream_from_template(s) for s in media.streams}
            length_s = media.duration / av.time_base + 0.1  # the codecs' padding at the joint
        for turn in range(max(1, round(seconds / length_s))):
            with av.open(str(source)) as media:
                for packet in media.demux():
                    if packet.dts is None:
                        continue
                    shift = round(turn * length_s / packet.time_base)
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = streams[packet.stream.index]
                    target.mux(packet)
    return out


def floor(video: str) -> None:
    """Decode, pose bare at 10 frames a second, recognise."""
    import av
    import mediapipe as mp
    from faster_whisper import WhisperModel, decode_audio
    from mediapipe.tasks.python import BaseOptions, vision

    from liyi.modelfiles.registry import path
    from speech import transcript

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(path("pose_landmarker_full"))),
        running_mode=vision.RunningMode.VIDEO,
    )
    with av.open(video) as media, vision.PoseLandmarker.create_from_options(options) as landmarker:
        stream = media.streams.video[0]
        stream.thread_type = "AUTO"
        slot = -1
        for frame in media.decode(stream):
            if int(frame.time * 10 + 1e-6) > slot:
                slot = int(frame.time * 10 + 1e-6)
                image = mp.Image(image_format=mp.ImageFormat.SRGB, data=frame.to_ndarray(format="rgb24"))
                landmarker.detect_for_video(image, round(frame.time * 1000))
    model = WhisperModel(str(path("whisper_base")), device="cpu", compute_type="int8", cpu_threads=transcript.THREADS)
    segments, _ = model.transcribe(
        decode_audio(video), beam_size=transcript.BEAM_SIZE, temperature=0.0, condition_on_previous_text=False,
        word_timestamps=True,
    )  # fmt: skip
    for _segment in segments:
        pass


def script(video: str) -> None:
    """What a user would write: everything on every frame."""
    import cv2
    import librosa
    import mediapipe as mp
    import numpy as np
    import speech_recognition as sr
    from faster_whisper import decode_audio
    from mediapipe.tasks.python import BaseOptions, vision

    from liyi.modelfiles.registry import path

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(path("pose_landmarker_full"))),
        running_mode=vision.RunningMode.VIDEO,
    )
    capture = cv2.VideoCapture(video)
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        k = 0
        while True:
            ok, frame = capture.read()
            if not ok:
                break
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            landmarker.detect_for_video(image, round(k * 1000 / capture.get(cv2.CAP_PROP_FPS)))
            k += 1
    sound = decode_audio(video)
    librosa.pyin(sound, fmin=65, fmax=500, sr=16000)
    audio = sr.AudioData((np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes(), 16000, 2)
    sr.Recognizer().recognize_faster_whisper(audio, model=str(path("whisper_base")), language="zh",
                                             init_options={"device": "cpu", "compute_type": "int8"})  # fmt: skip


def liyi(video: str) -> None:
    """Our own command."""
    with tempfile.TemporaryDirectory() as out:
        os.execv(sys.executable, [sys.executable, "-P", "-m", "liyi", "score", video, "--out", out])


def measure(kind: str, video: Path) -> dict[str, float]:
    """Run one kind in a process of its own; whole-process figures."""
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.execv(sys.executable, [sys.executable, __file__, str(video), "--only", kind])
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{kind} failed; run: python benchmarks/score.py {video} --only {kind}")
    return {
        "cpu": usage.ru_utime + usage.ru_stime, "wall": time.perf_counter() - started, "peak": usage.ru_maxrss / 1024,
    }  # fmt: skip


def compare(video: Path, runs: int, kinds: list[str]) -> None:
    """Interleave the kinds, print medians, then the ratios as the last lines."""
    rows: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for run in range(runs + 1):  # the first warms the caches and is not counted
        for kind in kinds:
            figures = measure(kind, video)
            if run:
                rows[kind].append(figures)
    for kind, figures in rows.items():
        medians = {k: statistics.median(f[k] for f in figures) for k in figures[0]}
        print(f"{kind:7s} cpu {medians['cpu']:7.2f} s  wall {medians['wall']:7.2f} s  peak {medians['peak']:6.0f} MB")

    def ratio(kind: str, other: str, figure: str) -> float:
        return statistics.median(a[figure] / b[figure] for a, b in zip(rows[kind], rows[other], strict=True))

    if "script" in kinds:
        print(f"script cpu {ratio('script', 'liyi', 'cpu'):.2f}x of liyi, wall {ratio('script', 'liyi', 'wall'):.2f}x")
    print(f"peak {max(f['peak'] for f in rows['liyi']):.0f} MB")
    print(f"cpu {ratio('liyi', 'floor', 'cpu'):.2f}x")
    print(f"wall {ratio('liyi', 'floor', 'wall'):.2f}x")
    cpu, wall = (round(ratio("liyi", "floor", figure), 2) for figure in ("cpu", "wall"))
    tell(runs=runs, cpu_of_floor=cpu, wall_of_floor=wall, peak_mb=round(max(f["peak"] for f in rows["liyi"])))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--script", action="store_true", help="also the script that a user would write")
    parser.add_argument("--minutes", type=float, nargs="+", help="only our peak memory at these lengths")
    parser.add_argument("--only", choices=["floor", "liyi", "script"], help=argparse.SUPPRESS)
    args: Any = parser.parse_args()
    if args.only:
        {"floor": floor, "liyi": liyi, "script": script}[args.only](str(args.video))
        return
    with tempfile.TemporaryDirectory() as folder:
        if args.minutes:
            for minutes in args.minutes:
                video = looped(args.video or SAMPLE, minutes * 60, Path(folder) / "long.mp4")
                print(f"{minutes:g} min: peak {measure('liyi', video)['peak']:.0f} MB", flush=True)
            return
        video = args.video or looped(SAMPLE, args.seconds, Path(folder) / "looped.mp4")
        compare(video, args.runs, ["floor", "liyi"] + (["script"] if args.script else []))


if __name__ == "__main__":
    main()
