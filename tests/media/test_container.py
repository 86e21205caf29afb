"""The border to PyAV: what it has no name for costs a detail and never the recording; what is under lock is told."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from liyi.core.errors import MediaError
from liyi.media.container import display_matrix, has_key, sound_form, two_channels
from liyi.media.picture import geometry_of
from liyi.media.recording import open_media

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

# An EXIF block of one entry, orientation 1, as a camera writes it into every picture of a Motion JPEG.
_EXIF = b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\1\0\0\0\0\0\0\0"


class Unnamed:
    """A frame of which PyAV can tell nothing but plain numbers."""

    width, height = 64, 48
    rotation = 90.0
    sample_rate = 48_000

    @property
    def side_data(self) -> Any:
        raise ValueError("29 is not a valid Type")

    @property
    def format(self) -> Any:
        raise ValueError("no such format")

    @property
    def layout(self) -> Any:
        return SimpleNamespace(nb_channels=2)

    def to_ndarray(self) -> Any:
        raise ValueError("Conversion from 's64' format to numpy array is not supported.")

    @property
    def metadata(self) -> Any:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


def test_side_data_without_a_name_leaves_the_rotation() -> None:
    assert display_matrix(Unnamed()) == pytest.approx((0.0, -1.0, 1.0, 0.0), abs=1e-12)
    geometry = geometry_of(Unnamed(), None)
    assert (geometry.rotation_deg, geometry.transpose) == (270, True)


def test_a_rotation_that_cannot_be_had_leaves_the_picture_as_it_is_stored() -> None:
    assert display_matrix(SimpleNamespace()) == (1.0, 0.0, 0.0, 1.0)


def test_what_has_no_name_is_none() -> None:
    assert sound_form(Unnamed()) is None
    assert two_channels(Unnamed()) is None
    assert not has_key(Unnamed())


@pytest.mark.parametrize("suffix", ["mov", "avi", "mkv"])
def test_motion_jpeg_with_exif_is_read(suffix: str, tmp_path: Path, kit: ModuleType) -> None:
    plain = kit.write(tmp_path / "plain.mov", kit.video(0.4, codec="mjpeg", pix_fmt="yuvj420p", tick=Fraction(1, 25)))
    path = tmp_path / f"a.{suffix}"
    with av.open(str(plain)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux():
            if packet.size:
                data = bytes(packet)
                made = av.Packet(data[:2] + b"\xff\xe1" + (len(_EXIF) + 2).to_bytes(2) + _EXIF + data[2:])
                made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
                made.is_keyframe, made.stream = True, stream
                out.mux(made)
    media = open_media(path)
    assert len(list(media.frames())) == 4
    assert (media.info.width, media.info.height, media.notices) == (192, 108, [])


def test_two_channels_of_64_bits_are_heard(tmp_path: Path, kit: ModuleType) -> None:
    media = open_media(kit.write(tmp_path / "a.wav", kit.audio(1.0, codec="pcm_s64le", layout="stereo")))
    sound = np.concatenate(list(media.samples()))
    assert kit.burst_starts(sound) == pytest.approx([0.0], abs=0.01)


def test_sound_without_stamps_has_a_length(tmp_path: Path) -> None:
    sound = bytes(4000)  # of Creative's 4 bits a sample: its first byte is the reference
    block = bytes((0x9C, 1)) + sound  # 10 kHz
    head = b"Creative Voice File\x1a\x1a\0\x0a\1\x29\x11"
    path = tmp_path / "a.voc"
    path.write_bytes(head + b"\1" + len(block).to_bytes(3, "little") + block + b"\0")
    media = open_media(path)
    heard_s = sum(block.size for block in media.samples()) / 16_000
    assert heard_s == pytest.approx(0.8, abs=0.05)
    assert media.info.duration_s == pytest.approx(heard_s, abs=0.05)


def test_the_stills_of_a_moving_photo_are_not_its_picture(tmp_path: Path, kit: ModuleType) -> None:
    stills = kit.Video([0.0, 1.0], size=(384, 216))
    media = open_media(kit.write(tmp_path / "a.mp4", stills, kit.video(1.6)))
    assert (media.info.width, len(list(media.frames()))) == (192, 16)


def element(id: str, content: bytes) -> bytes:
    """An element of Matroska."""
    return bytes.fromhex(id) + b"\x01" + len(content).to_bytes(7) + content


def test_a_matroska_track_that_needs_a_key_is_called_encrypted(tmp_path: Path) -> None:
    key = element("47e1", b"\5") + element("47e2", bytes(range(16)))
    coding = element("6240", element("5032", b"\1") + element("5033", b"\1") + element("5035", key))
    sound = element("b5", np.array(8000.0, ">f8").tobytes()) + element("9f", b"\1") + element("6264", b"\x10")
    track = (element("d7", b"\1") + element("73c5", b"\1") + element("83", b"\2") + element("86", b"A_PCM/INT/LIT")
             + element("e1", sound) + element("6d80", coding))  # fmt: skip
    blocks = b"".join(element("a3", b"\x81" + (20 * n).to_bytes(2) + b"\x80" + bytes(320)) for n in range(50))
    info = element("1549a966", element("2ad7b1", (1_000_000).to_bytes(4)))
    tracks = element("1654ae6b", element("ae", track))
    path = tmp_path / "a.mkv"
    head = element("1a45dfa3", element("4282", b"matroska"))
    path.write_bytes(head + element("18538067", info + tracks + element("1f43b675", element("e7", b"\0") + blocks)))
    with pytest.raises(MediaError, match="is encrypted"):
        open_media(path)
    path.write_bytes(path.read_bytes().replace(element("6d80", coding), element("ec", bytes(len(coding)))))
    assert open_media(path).info.duration_s == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(
    ("suffix", "codec"), [("flac", "flac"), ("mp3", "libmp3lame"), ("wv", "wavpack"), ("tta", "tta")]
)
def test_sound_that_was_cut_off_is_told_by_the_length_in_its_header(
    suffix: str, codec: str, tmp_path: Path, kit: ModuleType
) -> None:
    path = kit.write(tmp_path / f"a.{suffix}", kit.audio(8.0, codec=codec))
    assert open_media(path).notices == []
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    media = open_media(path)
    assert "The file states a length of 8.0 s but ends at" in media.notices[0].text


def test_an_mp3_that_states_no_length_is_not_called_short(tmp_path: Path, kit: ModuleType) -> None:
    path = kit.write(tmp_path / "a.mp3", kit.audio(8.0, codec="libmp3lame"), write_xing="0", id3v2_version="0")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert open_media(path).notices == []


def test_a_song_of_itunes_is_called_encrypted_and_not_decoded(tmp_path: Path, kit: ModuleType) -> None:
    path = kit.write(tmp_path / "a.m4a", kit.audio(1.0))
    content = path.read_bytes()
    at = content.index(b"mp4a\0\0\0\0")
    path.write_bytes(content[:at] + b"drms" + content[at + 4 :])
    with pytest.raises(MediaError, match="is encrypted"):
        open_media(path)
