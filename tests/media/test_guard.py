"""Limits: read from the environment, held before decoding and while it goes on; kinds told by first bytes alone."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import av
import pytest

from liyi.core.errors import LiyiError, MediaError
from liyi.media.kinds import demuxers_for
from liyi.media.limits import Limits, current_limits
from liyi.media.recording import open_media
from liyi.media.sound import Changes, pieces

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def test_the_environment_sets_limits() -> None:
    assert current_limits({}) == Limits()
    assert current_limits({"LIYI_LIMIT_HOURS": "12", "LIYI_LIMIT_OTHER": "x"}) == Limits(hours=12.0)
    odd = Limits(**{name: value * 1.1 for name, value in asdict(Limits()).items()})
    assert current_limits(odd.as_environment()) == odd


@pytest.mark.parametrize("value", ["", "none", "0", "-1", "nan", "inf"])
def test_a_limit_that_is_no_number_above_0_is_refused(value: str) -> None:
    with pytest.raises(LiyiError, match=r"^LIYI_LIMIT_HOURS is .*: set it to a number above 0"):
        current_limits({"LIYI_LIMIT_HOURS": value})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("FILE_GB", "0.000001", "GB: cut it into parts"),
        ("HOURS", "0.0005", "hours: cut it into parts"),
        ("MEGAPIXELS", "0.02", "its picture has more than 0.02 megapixels"),
        ("TERAPIXELS", "0.000001", "holds 50 pictures of 192 x 108"),
        ("FRAME_RATE_HZ", "24", "has 25 pictures a second"),
        ("SAMPLE_RATE_HZ", "44100", "has 48000 samples of sound a second"),
        ("CHANNELS", "1", "has 2 channels of sound"),
        ("TRACKS", "1", "has more than 1 streams"),
        ("PACKETS", "100", "holds more than 100 packets"),
    ],
)
def test_each_limit_is_one_sentence(
    name: str, value: str, sentence: str, tmp_path: Path, kit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = [kit.video(2.0)] if name != "SAMPLE_RATE_HZ" else []
    path = kit.write(tmp_path / "a.mkv", *picture, kit.audio(2.0, codec="pcm_s16le", layout="stereo"))
    if name == "MEGAPIXELS":
        path = kit.write(tmp_path / "a.mkv", kit.video(2.0))
    assert open_media(path).info.duration_s == pytest.approx(2.0, abs=0.1)
    monkeypatch.setenv(f"LIYI_LIMIT_{name}", value)
    with pytest.raises(MediaError) as refused:
        open_media(path)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("a.mkv ")


def growing(path: Path) -> Path:
    """Write one track of pictures of 192 x 108, then 640 x 480, then 192 x 108."""
    with av.open(str(path), "w") as out:
        track: Any = None
        tick = 0
        for size in ((192, 108), (640, 480), (192, 108)):
            coder: Any = av.CodecContext.create("libvpx", "w")
            coder.width, coder.height, coder.pix_fmt, coder.time_base = *size, "yuv420p", Fraction(1, 10)
            if track is None:
                track = out.add_stream("libvpx", rate=10)
                track.width, track.height = size
            frames = [av.VideoFrame(*size, "yuv420p") for _ in range(5)]
            for number, frame in enumerate(frames):
                frame.pts, frame.time_base = number, Fraction(1, 10)
            for packet in [packet for frame in [*frames, None] for packet in coder.encode(frame)]:
                packet.stream, packet.time_base, packet.pts, packet.dts = track, Fraction(1, 10), tick, tick
                tick += 1
                out.mux(packet)
    return path


def test_a_picture_that_grows_beyond_the_limit_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = growing(tmp_path / "a.mkv")
    assert len(list(open_media(path).frames())) == 15
    monkeypatch.setenv("LIYI_LIMIT_MEGAPIXELS", "0.1")
    media = open_media(path)
    frames = list(media.frames())
    assert {round(frame.t_s, 1) for frame in frames} == {0.0, 0.1, 0.2, 0.3, 0.4, 1.0, 1.1, 1.2, 1.3, 1.4}
    assert "damaged" in media.notices[0].text


@pytest.mark.parametrize(("rate", "channels"), [(500_000, 1), (48_000, 64)])
def test_sound_that_goes_beyond_the_limit_is_left_out(rate: int, channels: int) -> None:
    frame = SimpleNamespace(sample_rate=rate, layout=SimpleNamespace(nb_channels=channels), samples=1 << 30)
    broken: list[int] = []
    assert list(pieces([(0.0, frame)], lambda: broken.append(1), Changes())) == []
    assert broken == [1]


@pytest.mark.parametrize(
    ("head", "demuxers"),
    [
        (b"\0\0\0\x20ftypisom" + bytes(20), "mov"),
        (b"\x1aE\xdf\xa3" + bytes(20), "matroska"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "wav,xwma,act"),
        (b"RIFF\x10\0\0\0AVI LIST", "avi"),
        (b"OggS\0", "ogg"),
        ((b"\x47" + bytes(187)) * 4, "mpegts"),
        (bytes(7) + (b"\x47" + bytes(191)) * 6, "mpegts"),
        (b"\0\0\1\xba", "mpeg,mpegvideo,h264,hevc,vvc,m4v,h263,vc1,cavsvideo"),
        (b"#EXTM3U\nhttp://127.0.0.1/a.ts", ""),
        (b"ffconcat version 1.0", ""),
        (b"RIFF\x10\0\0\0WEBPVP8 ", ""),
        (b"[Script Info]\nDialogue: 0", ""),
        (bytes(4096), ""),
        (b"", ""),
    ],
)
def test_the_first_bytes_say_who_may_read(head: bytes, demuxers: str) -> None:
    assert demuxers_for(head) == demuxers
