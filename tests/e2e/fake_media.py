"""What Chromium's fake camera and microphone play: raw video (.y4m) and sound (.wav) made from a recording."""

from __future__ import annotations

import shutil
import wave
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserType

FPS = 30
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
         "--use-fake-device-for-media-stream"]  # fmt: skip


def write_camera(source: Path, target: Path, *, start_s: float, end_s: float) -> None:
    """Frames of ``source`` between two times as 640 x 480 raw video at 30 pictures a second; it is played in a loop."""
    with av.open(str(source)) as media, target.open("wb") as out:
        out.write(f"YUV4MPEG2 W640 H480 F{FPS}:1 Ip A1:1 C420jpeg\n".encode())
        written = 0
        for frame in media.decode(video=0):
            if not start_s <= frame.time < end_s:
                continue
            planes = frame.reformat(640, 480, "yuv420p").to_ndarray().tobytes()
            # as many copies as pictures are due when the next frame of the source comes
            due = round((frame.time + 1 / float(media.streams.video[0].average_rate) - start_s) * FPS)
            for _ in range(due - written):
                out.write(b"FRAME\n" + planes)
            written = due


def write_microphone(source: Path, target: Path, *, start_s: float, end_s: float) -> None:
    """Sound of ``source`` between two times as 48 kHz mono; it is played in a loop."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
    with av.open(str(source)) as media:
        pieces = [
            piece.to_ndarray().tobytes() for frame in media.decode(audio=0) for piece in resampler.resample(frame)
        ]
    samples = b"".join(pieces)[round(start_s * 48_000) * 2 : round(end_s * 48_000) * 2]
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes(samples)


def launch_playing(kind: BrowserType, camera: Path, microphone: Path) -> Browser:
    """A browser of its own, whose camera and microphone play the two files."""
    files = [f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}"]
    return kind.launch(executable_path=shutil.which("chromium"), args=[*FLAGS, *files])
