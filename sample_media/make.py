"""Make the sample recordings from the studio's clips (picture) and voices (sound), with their truth.

Run: ``python sample_media/make.py CLIPS_FOLDER``. The clips are rendered performances whose joints are known to the
pixel; the voices are synthetic Mandarin whose words and inserted pauses are known. The results are committed, so
nobody needs the clips to use the project.
"""

from __future__ import annotations

import json
import sys
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

HERE = Path(__file__).parent
TEXT = {
    "greet": "您好，欢迎来到政务服务大厅，请问您要办理什么业务？请您出示身份证，谢谢。",
    "sooth": "让您跑了三趟，是我们没有一次说清楚，非常抱歉。我理解您的心情。请您放心，我会负责到底。",
}
SAMPLES = {
    "counter_front_zh": ("front_web_folded_crossed_tilt", "jf_alpha", ("greet", "sooth"), 20.0),
    "counter_side_zh": ("sit_slouch_side", "jf_tebukuro", ("sooth",), 12.0),
}
PAUSE_S = 0.8
RATE = 24_000


def read_wav(path: Path) -> np.ndarray:
    """Samples of a 16-bit mono file, float in [-1, 1]."""
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE
        return np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768


def speak(clips: Path, voice: str, parts: tuple[str, ...]) -> tuple[np.ndarray, list[dict[str, object]]]:
    """Join the phrases with pauses of known length; a little noise keeps the pauses from being digital silence."""
    sound, truth, at = [np.zeros(int(0.4 * RATE))], [], 0.4
    for part in parts:
        samples = read_wav(clips / f"zh_{part}_{voice}.wav")
        han = [c for c in TEXT[part] if "\u4e00" <= c <= "\u9fff"]
        truth.append({"start_s": at, "end_s": at + samples.size / RATE, "text": TEXT[part], "syllables": len(han)})
        sound += [samples, np.zeros(int(PAUSE_S * RATE))]
        at += samples.size / RATE + PAUSE_S
    joined = np.concatenate(sound)
    return joined + np.random.default_rng(7).normal(0, 10 ** (-66 / 20), joined.size), truth


def make(clips: Path, name: str) -> None:
    """Write ``name.mp4`` and ``name.truth.json``."""
    clip, voice, parts, length_s = SAMPLES[name]
    joints = json.loads((clips / f"{clip}.truth.json").read_text())
    with av.open(str(clips / f"{clip}.mp4")) as source:
        images = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
    fps = round(len(images) / (joints[-1]["t"] + joints[1]["t"]))
    sound, phrases = speak(clips, voice, parts)
    sound = np.pad(sound, (0, max(0, int(length_s * RATE) - sound.size)))[: int(length_s * RATE)]
    with av.open(str(HERE / f"{name}.mp4"), "w") as out:
        video = out.add_stream("libx264", rate=fps, options={"crf": "27", "preset": "slow"})
        video.width, video.height, video.pix_fmt = images[0].shape[1], images[0].shape[0], "yuv420p"
        audio = out.add_stream("aac", rate=RATE, layout="mono")
        audio.bit_rate = 64_000
        for k in range(round(length_s * fps)):
            frame = av.VideoFrame.from_ndarray(images[k % len(images)], format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, fps)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(np.int16(np.clip(sound, -1, 1) * 32767)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        out.mux(audio.encode(frame))
        out.mux(audio.encode(None))
    rounded = [{"t": round(j["t"], 3), "joints_px": j["joints_px"]} for j in joints]
    truth = {
        "clip": clip, "voice": voice, "loop_s": len(images) / fps, "duration_s": length_s, "phrases": phrases,
        "pause_s": PAUSE_S, "joints": rounded,
    }  # fmt: skip
    (HERE / f"{name}.truth.json").write_text(json.dumps(truth, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    for sample in SAMPLES:
        make(Path(sys.argv[1]), sample)
