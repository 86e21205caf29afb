"""Recordings whose content tells its own time, written with PyAV: stripes count frames, bursts mark whole seconds."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import ModuleType

BITS = 12
BURST_S = 0.06
# Threads that wait for one another in circles take up to ten times as long for such small pictures.
FAST = {"libvpx": {"threads": "1"}}


def stripes(number: int, size: tuple[int, int]) -> np.ndarray:
    """RGB image (h, w, 3): ``number`` as BITS white or black stripes, the highest bit at the left."""
    bits = [255 if number >> bit & 1 else 0 for bit in reversed(range(BITS))]
    row = np.array(bits, dtype=np.uint8)[np.arange(size[0]) * BITS // size[0]]
    return np.repeat(np.broadcast_to(row, (size[1], size[0]))[:, :, None], 3, axis=2).copy()


def number_of(image: np.ndarray) -> int:
    """The number in the stripes of ``image``."""
    parts = np.array_split(image[..., 1].mean(axis=0), BITS)
    return sum(
        (1 << bit) * int(part[len(part) // 4 : -len(part) // 4 or None].mean() > 127)
        for bit, part in zip(reversed(range(BITS)), parts, strict=True)
    )


def bursts(seconds: float, rate: int, *, first_s: float = 0.0) -> np.ndarray:
    """Samples that stand for ``first_s`` onwards: a 1 kHz burst of BURST_S begins at every whole second."""
    t = first_s + np.arange(round(seconds * rate)) / rate
    return np.where((t + 1e-9) % 1.0 < BURST_S, 0.5 * np.sin(2 * np.pi * 1000 * t), 0.0).astype(np.float32)


def burst_starts(samples: np.ndarray, rate: int = 16_000) -> np.ndarray:
    """Seconds at which bursts begin."""
    loud = np.flatnonzero(np.abs(samples) > 0.2)
    return loud[np.insert(np.diff(loud) > 0.3 * rate, 0, True)] / rate if loud.size else loud


@dataclass(frozen=True)
class Video:
    """``times_s[i]`` is when frame i is shown; ``images`` replaces the stripes."""

    times_s: Sequence[float]
    size: tuple[int, int] = (192, 108)
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    options: dict[str, str] | None = None
    rotate: tuple[float, bool] | None = None
    aspect: Fraction | None = None
    images: Callable[[int], np.ndarray] | None = None
    tick: Fraction = Fraction(1, 1000)


@dataclass(frozen=True)
class Audio:
    """``stretches``: (start_s, mono samples); every channel carries the same, times its factor in ``gains``."""

    stretches: Sequence[tuple[float, np.ndarray]]
    rate: int = 48_000
    codec: str = "aac"
    layout: str = "mono"
    gains: Sequence[float] | None = None


def video(seconds: float = 3.0, fps: float = 25.0, **more: Any) -> Video:
    return Video([i / fps for i in range(round(seconds * fps))], **more)


def audio(seconds: float = 3.0, *, start_s: float = 0.0, rate: int = 48_000, **more: Any) -> Audio:
    return Audio([(start_s, bursts(seconds, rate, first_s=start_s))], rate=rate, **more)


def write(path: Path, *streams: Video | Audio, form: str | None = None, **options: str) -> Path:
    """Write a recording of ``streams`` (several of a kind are allowed)."""
    with av.open(str(path), "w", format=form, options=options) as container:
        added = [_add(container, stream) for stream in streams]
        packets = [
            packet
            for stream, track in zip(streams, added, strict=True)
            for packet in (_encode_video if isinstance(stream, Video) else _encode_audio)(track, stream)
        ]
        for packet in sorted(packets, key=lambda p: float((p.dts or 0) * p.time_base)):
            container.mux(packet)
    return path


def _add(container: Any, stream: Video | Audio) -> Any:
    if isinstance(stream, Audio):
        track = container.add_stream(stream.codec, rate=stream.rate, layout=stream.layout)
        if not stream.codec.startswith(("pcm", "libopencore")):
            track.bit_rate = 128_000
        return track
    track = container.add_stream(stream.codec, rate=25, options=FAST.get(stream.codec, {}) | (stream.options or {}))
    track.width, track.height = stream.size
    track.pix_fmt = stream.pix_fmt
    track.codec_context.time_base = stream.tick
    if stream.aspect:
        track.codec_context.sample_aspect_ratio = stream.aspect
    if stream.rotate:
        track.set_display_rotation(stream.rotate[0], hflip=stream.rotate[1])
    return track


def _encode_video(track: Any, stream: Video) -> list[Any]:
    packets = []
    for i, t_s in enumerate(stream.times_s):
        image = stream.images(i) if stream.images else stripes(i, stream.size)
        frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format=stream.pix_fmt)
        frame.pts, frame.time_base = round(t_s / stream.tick), stream.tick
        packets += track.encode(frame)
    return packets + track.encode(None)


def _encode_audio(track: Any, stream: Audio) -> list[Any]:
    context = track.codec_context
    context.open()
    gains = np.array(stream.gains or [1.0] * context.layout.nb_channels, dtype=np.float32)
    size = context.frame_size or 1024
    packets = []
    resampler = av.AudioResampler(format=context.format, layout=context.layout, rate=stream.rate)
    for start_s, samples in stream.stretches:
        for i in range(0, samples.size, size):
            part = np.outer(samples[i : i + size], gains).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, "flt", context.layout.name)
            frame.sample_rate, frame.time_base = stream.rate, Fraction(1, stream.rate)
            frame.pts = round(start_s * stream.rate) + i
            for each in resampler.resample(frame):
                packets += track.encode(each)
    return packets + track.encode(None)


@pytest.fixture(scope="session")
def kit() -> ModuleType:
    """The functions of this file, for tests to call."""
    return sys.modules[__name__]


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 s at 25 fps with sound, as MP4 with B frames."""
    return write(tmp_path_factory.mktemp("clips") / "talk.mp4", video(), audio())
