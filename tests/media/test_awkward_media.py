"""Files that people really upload: each is read rightly or refused in one sentence; no traceback, no hang."""

import gzip
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from liyi.core.errors import MediaError
from liyi.media.recording import open_media

Make = Callable[[ModuleType, Path], Path]
LIMIT_S = 20.0  # each takes a fraction of a second alone; the machine may be busy


@dataclass(frozen=True)
class Reads:
    """What must come out: seconds, numbers of frames at 10 a second (None: no picture), whether sound is heard."""

    duration_s: float
    frames: int | None
    sound: bool
    notice: str = ""


def raw(name: str, data: bytes) -> Make:
    def make(kit: ModuleType, folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return make


def wav(folder: Path, kit: ModuleType, **more: object) -> Path:
    return kit.write(folder / "a.wav", kit.audio(2.0, codec="pcm_s16le", **more))


def patched(path: Path, old: bytes, new: bytes, *, count: int = -1) -> Path:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, count))
    return path


def mp4(kit: ModuleType, folder: Path, **options: str) -> Path:
    return kit.write(folder / "a.mp4", kit.video(2.0), kit.audio(2.0), **options)


def png_frames(kit: ModuleType, folder: Path) -> Path:
    return kit.write(folder / "a.mov", kit.video(1.0, codec="png", pix_fmt="rgb24"))


def cut(path: Path, size: int) -> Path:
    path.write_bytes(path.read_bytes()[:size])
    return path


def cut_behind_index(kit: ModuleType, folder: Path) -> Path:
    path = mp4(kit, folder, movflags="faststart")
    return cut(path, path.read_bytes().index(b"mdat") + 4)


def cut_fragments(kit: ModuleType, folder: Path) -> Path:
    """Write fragments of a fifth of a second, and end inside the fifth one."""
    video = kit.video(2.0, options={"tune": "zerolatency"})
    path = kit.write(folder / "a.mp4", video, movflags="empty_moov", frag_duration="200000")
    return cut(path, len(b"moof".join(path.read_bytes().split(b"moof")[:5])) + 20)


def zipped(kit: ModuleType, folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.mp4", "w") as archive:
        archive.writestr("talk.mp4", b"\0" * 100)
    return folder / "a.mp4"


def with_cover(suffix: str, codec: str) -> Make:
    def make(kit: ModuleType, folder: Path) -> Path:
        import av

        sound, cover = kit.write(folder / f"sound.{suffix}", kit.audio(2.0, codec=codec)), folder / "cover.mkv"
        kit.write(cover, kit.video(0.04, codec="mjpeg", pix_fmt="yuvj420p", size=(300, 300)))
        path = folder / f"a.{suffix}"
        with av.open(str(sound)) as a, av.open(str(cover)) as b, av.open(str(path), "w") as out:
            one = out.add_stream_from_template(a.streams.audio[0])
            two = out.add_stream_from_template(b.streams.video[0])
            two.disposition = av.stream.Disposition.attached_pic
            for stream, source in ((two, b), (one, a)):
                for packet in source.demux():
                    if packet.size:
                        packet.stream = stream
                        out.mux(packet)
        return path

    return make


def fifo(kit: ModuleType, folder: Path) -> Path:
    os.mkfifo(folder / "a.mp4")
    return folder / "a.mp4"


def playlist(name: str, text: str) -> Make:
    """Write a playlist that points to a real recording beside it."""

    def make(kit: ModuleType, folder: Path) -> Path:
        kit.write(folder / "real.ts", kit.video(1.0))
        return raw(name, text.encode())(kit, folder)

    return make


def many_streams(kit: ModuleType, folder: Path) -> Path:
    return kit.write(folder / "a.mkv", *[kit.audio(0.2, codec="pcm_s16le", rate=8000) for _ in range(65)])


def two_of_each(kit: ModuleType, folder: Path) -> Path:
    small, large = kit.video(2.0, size=(96, 54)), kit.video(2.0)
    return kit.write(folder / "a.mkv", small, kit.audio(2.0), large, kit.audio(2.0, codec="flac"))


def far_apart(kit: ModuleType, folder: Path) -> Path:
    return kit.write(folder / "a.mkv", kit.Video([0.0, 0.1, 13 * 3600.0]))


def long_pause(kit: ModuleType, folder: Path) -> Path:
    return kit.write(folder / "a.mkv", kit.Video([0.0, 0.1, 600.0]))


def huge(kit: ModuleType, folder: Path) -> Path:
    """Write a small picture whose header claims 20000 x 16000."""
    path = kit.write(folder / "a.mov", kit.video(0.4, codec="qtrle", pix_fmt="rgb24", size=(320, 240)))
    return patched(path, b"\x01\x40\x00\xf0", b"\x4e\x20\x3e\x80")


def lying_header(kit: ModuleType, folder: Path) -> Path:
    """Write a header of 3600 s over two seconds."""
    import struct

    path = kit.write(folder / "a.mkv", kit.video(2.0), kit.audio(2.0))
    data = path.read_bytes()
    at = data.index(b"\x44\x89\x88") + 3
    path.write_bytes(data[:at] + struct.pack(">d", 3_600_000.0) + data[at + 8 :])
    return path


def streamed_wav(size: bytes) -> Make:
    """Write a WAV whose data size was never filled in (pipes write 0 or 0xffffffff)."""

    def make(kit: ModuleType, folder: Path) -> Path:
        path = wav(folder, kit)
        data = bytearray(path.read_bytes())
        at = data.index(b"data") + 4
        data[4:8], data[at : at + 4] = size, size
        path.write_bytes(data)
        return path

    return make


def appended(path: Path, tail: bytes) -> Path:
    path.write_bytes(path.read_bytes() + tail)
    return path


NOISE = np.random.default_rng(5).integers(0, 256, 200_000, dtype=np.uint8).tobytes()
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0" + bytes(200)
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\nreal.ts\n#EXT-X-ENDLIST\n"
ENCRYPT = {
    "encryption_scheme": "cenc-aes-ctr",
    "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
    "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
}

# name: (how it is made, the sentence's words or what must come out)
CASES: dict[str, tuple[Make, str | Reads]] = {
    # no recording at all
    "zero bytes": (raw("a.mp4", b""), "is empty (0 bytes)"),
    "one byte": (raw("a.mp4", b"\0"), "is no recording"),
    "text renamed": (raw("a.mp4", "你好，请问办理什么业务？\n".encode() * 50), "is a document"),
    "text in GBK": (raw("a.wav", "你好，请问办理什么业务？\n".encode("gbk") * 50), "is a document"),
    "web page": (raw("a.mp4", b"<!DOCTYPE html><html><body>404</body></html>"), "is a web page"),
    "pdf": (raw("a.mp4", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(500)), "is a document"),
    "word document": (raw("a.mov", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000)), "is a document"),
    "program": (raw("a.avi", b"MZ\x90\0" + bytes(5000)), "is a document or a program"),
    "zip": (zipped, "is an archive"),
    "gzip": (raw("a.mp4", gzip.compress(b"x" * 1000)), "is an archive"),
    "png": (raw("a.mp4", PNG), "is damaged: take, copy or export the photo again"),
    "jpeg": (raw("a.mp4", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(500)), "export the photo again"),
    "webp": (raw("a.webm", b"RIFF\x24\0\0\0WEBPVP8 " + bytes(500)), "export the photo again"),
    "heic": (raw("a.mov", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500)), "cannot be read as HEIC"),
    "photoshop": (raw("a.mp4", b"8BPS\0\1" + bytes(500)), "is a picture of a kind that cannot be read here"),
    "noise as mp4": (raw("a.mp4", NOISE), "is no recording"),
    "noise as wav": (raw("a.wav", NOISE), "is no recording"),
    "zeros": (raw("a.mp4", bytes(1_000_000)), "nothing but zeros"),
    "folder": (lambda kit, folder: folder, "is a folder"),
    "missing": (lambda kit, folder: folder / "a.mp4", "was not found"),
    "name too long": (lambda kit, folder: folder / ("a" * 5000), "is not a file name"),
    "pipe": (fifo, "is not an ordinary file"),
    "device": (lambda kit, folder: Path("/dev/zero"), "is not an ordinary file"),
    "address": (lambda kit, folder: Path("http://localhost:9/a.mp4"), "was not found"),
    "playlist": (playlist("a.m3u8", HLS), "is a playlist"),
    "playlist renamed": (playlist("a.mp4", HLS), "is a playlist"),
    "concat script": (playlist("a.mp4", "ffconcat version 1.0\nfile real.ts\n"), "is a playlist"),
    "sdp": (playlist("a.mp4", "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n"), "is a playlist"),
    # recordings that cannot be read
    "mp4 without its index": (lambda kit, folder: cut(mp4(kit, folder), 3000), "was cut off before it was finished"),
    "mp4 with nothing behind its index": (cut_behind_index, "was cut off before it was finished"),
    "encrypted": (lambda kit, folder: mp4(kit, folder, **ENCRYPT), "is encrypted"),
    "unknown codec": (
        lambda kit, folder: patched(kit.write(folder / "a.mp4", kit.video(1.0)), b"avc1", b"zzz1"),
        "is coded in a way that cannot be read",
    ),
    "sound of no samples": (lambda kit, folder: cut(wav(folder, kit), 78), "holds neither picture nor sound"),
    "sixty-five streams": (many_streams, "has more than 64 streams"),
    "huge picture": (huge, "its picture has more than 40 megapixels"),
    "thirteen hours": (far_apart, "lasts 13.0 hours"),
    "nothing decodes": (
        lambda kit, folder: patched(
            kit.write(folder / "a.avi", kit.video(1.0, codec="png", pix_fmt="rgb24")), b"IHDR", b"XXXX"
        ),
        "is damaged, or",
    ),
    # recordings that can
    "picture only": (lambda kit, folder: kit.write(folder / "a.mp4", kit.video(2.0)), Reads(2.0, 20, False)),
    "sound only": (lambda kit, folder: wav(folder, kit), Reads(2.0, None, True)),
    "sound in mp4": (lambda kit, folder: kit.write(folder / "a.mp4", kit.audio(2.0)), Reads(2.0, None, True)),
    "mp3 with a cover": (with_cover("mp3", "libmp3lame"), Reads(2.0, None, True)),
    "mp4 with a cover": (with_cover("mp4", "aac"), Reads(2.0, None, True)),
    "one frame": (lambda kit, folder: kit.write(folder / "a.mp4", kit.Video([0.0])), Reads(0.0, 1, False)),
    "animated gif": (
        lambda kit, folder: kit.write(folder / "a.gif", kit.video(2.0, fps=10, codec="gif", pix_fmt="rgb8")),
        Reads(1.95, 20, False),
    ),
    "half a second": (
        lambda kit, folder: kit.write(folder / "a.mp4", kit.video(0.5), kit.audio(0.5)),
        Reads(0.5, 5, True),
    ),
    "wrong suffix": (lambda kit, folder: mp4(kit, folder).rename(folder / "a.txt"), Reads(2.0, 20, True)),
    "no suffix": (lambda kit, folder: mp4(kit, folder).rename(folder / "a"), Reads(2.0, 20, True)),
    "fragmented": (
        lambda kit, folder: mp4(kit, folder, movflags="frag_keyframe+empty_moov+default_base_moof"),
        Reads(2.0, 20, True),
    ),
    "fragmented, cut off": (cut_fragments, Reads(0.8, 8, False)),
    "no duration in the header": (
        lambda kit, folder: kit.write(
            folder / "a.webm",
            kit.video(2.0, codec="libvpx", options={"deadline": "realtime"}),
            kit.audio(2.0, codec="libopus"),
            live="1",
        ),
        Reads(2.0, 20, True),
    ),
    "header of an hour": (lying_header, Reads(2.0, 20, True, "The file states a length of 3600.0 s")),
    "wav of unknown size": (streamed_wav(b"\xff\xff\xff\xff"), Reads(2.0, None, True)),
    "wav of size zero": (streamed_wav(b"\0\0\0\0"), Reads(2.0, None, True)),
    "wav cut off": (lambda kit, folder: cut(wav(folder, kit), 96_078), Reads(1.0, None, True)),
    "rubbish at the end": (lambda kit, folder: appended(mp4(kit, folder), NOISE[:5000]), Reads(2.0, 20, True)),
    "zeros at the end": (
        lambda kit, folder: appended(
            kit.write(folder / "a.ts", kit.video(2.0), kit.audio(2.0, codec="mp2")), bytes(50_000)
        ),
        Reads(2.0, 20, True),
    ),
    "two pictures and sounds": (two_of_each, Reads(2.0, 20, True, "The file holds 2 pictures: v2 was assessed")),
    "ten minutes without a frame": (long_pause, Reads(600.0, 3, False)),
    "interlaced": (
        lambda kit, folder: kit.write(folder / "a.ts", kit.video(2.0, options={"x264-params": "tff=1"})),
        Reads(2.0, 20, False),
    ),
    "sound ends early": (
        lambda kit, folder: kit.write(folder / "a.mp4", kit.video(4.0), kit.audio(1.5)),
        Reads(4.0, 40, True, "The sound ends at 1.5 s, before the picture."),
    ),
    "picture ends early": (
        lambda kit, folder: kit.write(folder / "a.mp4", kit.video(1.5), kit.audio(4.0)),
        Reads(4.0, 16, True, "The picture ends at 1.5 s, before the sound."),
    ),
    "sound unreadable": (
        lambda kit, folder: patched(
            kit.write(folder / "a.mov", kit.video(2.0), kit.audio(2.0, codec="pcm_s16le")), b"sowt", b"zzzz"
        ),
        Reads(2.0, 20, False, "The sound cannot be decoded; only the picture was assessed."),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_awkward_file(case: str, tmp_path: Path, kit: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    make, expected = CASES[case]
    path = make(kit, tmp_path)
    capfd.readouterr()  # what the encoders said
    started = time.monotonic()
    if isinstance(expected, str):
        with pytest.raises(MediaError) as refused:
            open_media(path)
        sentence = str(refused.value)
        assert expected in sentence
        assert sentence.startswith(path.name)
        assert sentence.endswith(".")
        assert refused.value.sentence.count("{file}") == 1
    else:
        check(path, expected, kit)
    assert time.monotonic() - started < LIMIT_S
    assert capfd.readouterr() == ("", "")


def check(path: Path, expected: Reads, kit: ModuleType) -> None:
    media = open_media(path)
    frames = list(media.frames())
    blocks = list(media.samples())
    assert media.info.duration_s == pytest.approx(expected.duration_s, abs=0.06)
    assert media.info.has_picture == (expected.frames is not None)
    assert media.info.has_sound == expected.sound
    assert len(frames) == (expected.frames or 0)
    if frames and path.suffix != ".gif":
        last = frames[-1]
        assert kit.number_of(last.image) == (2 if expected.duration_s == 600.0 else round(last.t_s * 25))
        assert np.array_equal(media.frame_at(last.t_s, max_side=960).image, last.image)
    assert (sum(np.abs(block).max() > 0.2 for block in blocks) > 0) == expected.sound
    assert (expected.notice in media.notices[0].text) if expected.notice else media.notices == []


def test_what_is_encrypted_is_never_decoded(tmp_path: Path, kit: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder of sound makes something of everything, once in a while of what is encrypted too."""
    decoded = []
    monkeypatch.setattr("liyi.media.survey.decode", lambda *asked: decoded.append(asked) or [])
    with pytest.raises(MediaError, match="is encrypted"):
        open_media(mp4(kit, tmp_path, **ENCRYPT))
    assert decoded == []


def test_at_least_fifty() -> None:
    assert len(CASES) >= 50


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path, kit: ModuleType) -> None:
    path = mp4(kit, tmp_path)
    path.chmod(0)
    with pytest.raises(MediaError, match="may not be read"):
        open_media(path)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi", "flv", "wav", "mp3", "ogg"])
def test_damage_anywhere_is_never_a_traceback(suffix: str, tmp_path: Path, kit: ModuleType) -> None:
    sound = {"wav": "pcm_s16le", "mp3": "libmp3lame", "ogg": "libopus", "flv": "aac"}.get(suffix, "mp2")
    video = [] if suffix in ("wav", "mp3", "ogg") else [kit.video(1.0, codec="flv" if suffix == "flv" else "mpeg4")]
    data = kit.write(tmp_path / f"whole.{suffix}", *video, kit.audio(1.0, codec=sound)).read_bytes()
    rng = np.random.default_rng(6)
    broken = tmp_path / f"broken.{suffix}"
    for _ in range(25):
        copy = bytearray(data[: int(len(data) * rng.uniform(0.05, 1.2))])
        for at in rng.integers(0, len(copy), rng.integers(0, 30)):
            copy[at] = rng.integers(0, 256)
        broken.write_bytes(copy)
        try:
            media = open_media(broken)
        except MediaError as refused:
            sentence = str(refused)
            assert sentence.startswith("broken")
            continue
        times_s = [frame.t_s for frame in media.frames()]
        assert times_s == sorted(set(times_s))
        assert all(np.isfinite(block).all() for block in media.samples())
        assert media.info.duration_s >= 0
