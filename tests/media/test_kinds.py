"""The first bytes say who may read: of all that FFmpeg writes, of heads made by the standards, and of others."""

from __future__ import annotations

import io
import random
import time
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import av
import numpy as np
import pytest

from liyi.core.errors import MediaError
from liyi.media import bare
from liyi.media.files import check_start, refusal
from liyi.media.kinds import HEAD_BYTES, SUFFIXES, demuxers_for, is_sound_alone, recorded_suffix

if TYPE_CHECKING:
    from pathlib import Path

# ---- every container that FFmpeg writes ----


class Sort(NamedTuple):
    """What a muxer takes: codecs of picture and sound, and the forms it insists on."""

    picture: str = ""
    sound: str = ""
    size: tuple[int, int] = (64, 48)
    pix_fmt: str = "yuv420p"
    rate: int = 48_000
    layout: str = "mono"
    fps: int = 25


MUXERS = {
    "3g2": Sort("mpeg4", "aac"), "3gp": Sort("mpeg4", "libopencore_amrnb", rate=8000), "ac3": Sort(sound="ac3"),
    "adts": Sort(sound="aac"), "aiff": Sort(sound="pcm_s16be"), "amr": Sort(sound="libopencore_amrnb", rate=8000),
    "asf": Sort("wmv2", "wmav2"), "au": Sort(sound="pcm_s16be"),
    "avi": Sort("mpeg4", "pcm_s16le"), "caf": Sort(sound="pcm_s16be"),  # codespell:ignore caf
    "cavsvideo": Sort(), "dv": Sort("dvvideo", size=(720, 576)), "dvd": Sort("mpeg2video", "mp2"),
    "dts": Sort(), "eac3": Sort(sound="eac3"), "f4v": Sort("libx264", "aac"), "flac": Sort(sound="flac"),
    "flv": Sort("flv", "aac"), "gif": Sort("gif", pix_fmt="rgb8"), "gxf": Sort("mpeg2video", size=(720, 576)),
    "h263": Sort("h263", size=(176, 144)), "h264": Sort("libx264"), "hevc": Sort("libx265"), "ilbc": Sort(),
    "ipod": Sort(sound="aac"), "ismv": Sort("libx264", "aac"), "ivf": Sort("libvpx"), "latm": Sort(sound="aac"),
    "m4v": Sort("mpeg4"), "matroska": Sort("ffv1", "flac"), "mlp": Sort(), "mov": Sort("mpeg4", "pcm_s16le"),
    "mp2": Sort(sound="mp2"), "mp3": Sort(sound="libmp3lame"), "mp4": Sort("libx264", "aac"),
    "mpeg": Sort("mpeg1video", "mp2"), "mpeg1video": Sort("mpeg1video"), "mpeg2video": Sort("mpeg2video"),
    "mpegts": Sort("mpeg2video", "mp2"), "mpjpeg": Sort("mjpeg", pix_fmt="yuvj420p"),
    "mxf": Sort("mpeg2video"), "nut": Sort("mpeg4", "pcm_s16le"), "obu": Sort("libsvtav1"),
    "oga": Sort(sound="flac"), "ogg": Sort(sound="libopus"), "ogv": Sort(), "oma": Sort(),
    "opus": Sort(sound="libopus"), "psp": Sort("libx264", "aac"), "rm": Sort("rv10", "ac3", size=(176, 144)),
    "sox": Sort(sound="pcm_s32le"), "spx": Sort(), "svcd": Sort("mpeg2video", "mp2"), "truehd": Sort(),
    "tta": Sort(sound="tta"), "vc1": Sort(), "vcd": Sort("mpeg1video", "mp2", rate=44_100), "vvc": Sort(),
    "vob": Sort("mpeg2video", "ac3"), "voc": Sort(sound="pcm_u8", rate=8000), "w64": Sort(sound="pcm_s16le"),
    "wav": Sort(sound="pcm_s16le"), "webm": Sort("libvpx", "libopus"), "wtv": Sort("mpeg2video", "mp2"),
    "wv": Sort(sound="wavpack"), "yuv4mpegpipe": Sort("wrapped_avframe"), "iamf": Sort(), "mxf_d10": Sort(),
    "mxf_opatom": Sort(), "amv": Sort(),
}  # fmt: skip

# What is not read: raw samples, games, single pictures and sequences of them, subtitles, checksums, devices, and
# whatever opens or writes other files.
LEFT_OUT = set(
    """
    a64 ac4 adx aea alaw alp alsa apm apng aptx aptx_hd apv argo_asf argo_cvg asf_stream ass ast avif avm2 avs2
    avs3 bit codec2 codec2raw crc dash data daud dfpwm dirac dnxhd evc f32be f32le f64be f64le fbdev ffmetadata
    fifo film_cpk filmstrip fits framecrc framehash framemd5 g722 g723_1 g726 g726le gsm h261 hash hds hls ico
    image2 image2pipe ircam jacosub kvag lc3 lrc mcc md5 microdvd mjpeg mkvtimestamp_v2 mmf mulaw null oss
    rawvideo rcwt roq rso rtp rtp_mpegts rtsp s16be s16le s24be s24le s32be s32le s8 sap sbc scc segment smjpeg
    smoothstreaming spdif srt stream_segment,ssegment streamhash sup swf tee ttml u16be u16le u24be u24le u32be
    u32le u8 uncodedframecrc vc1test vidc video4linux2,v4l2 webm_chunk webm_dash_manifest webp webvtt whip wsaud
    """.split()  # noqa: SIM905
)
WRITTEN = [name for name, sort in MUXERS.items() if sort.picture or sort.sound]


def written(muxer: str, sort: Sort) -> bytes:
    """A recording of a few pictures and some tenths of a second of sound."""
    out = io.BytesIO()
    with av.open(out, "w", format=muxer) as container:
        if sort.picture:
            picture = container.add_stream(sort.picture, rate=sort.fps)
            picture.width, picture.height, picture.pix_fmt = *sort.size, sort.pix_fmt
            picture.codec_context.thread_count = 1
        if sort.sound:
            sound = container.add_stream(sort.sound, rate=sort.rate, layout=sort.layout)
            sound.bit_rate = 12_200 if sort.rate == 8000 else 64_000
            sound.codec_context.open()
        if sort.picture:
            for number in range(4):
                frame = av.VideoFrame(*sort.size, sort.pix_fmt)
                for plane in frame.planes:
                    plane.update(bytes([40 * number + 30]) * plane.buffer_size)
                frame.pts, frame.time_base = number, Fraction(1, sort.fps)
                container.mux(picture.encode(frame))
        if sort.sound:
            context = sound.codec_context
            size = context.frame_size or 1600
            make = av.AudioResampler(format=context.format, layout=context.layout, rate=sort.rate)
            for start in range(0, size * 6, size):
                tone = 0.3 * np.sin(np.arange(start, start + size) / 9, dtype=np.float32)[None]
                frame = av.AudioFrame.from_ndarray(tone, "flt", "mono")
                frame.sample_rate, frame.pts, frame.time_base = sort.rate, start, Fraction(1, sort.rate)
                for each in make.resample(frame):
                    container.mux(sound.encode(each))
            container.mux(sound.encode(None))
        if sort.picture:
            container.mux(picture.encode(None))
    return out.getvalue()


@pytest.mark.parametrize("muxer", WRITTEN)
def test_what_ffmpeg_writes_is_read_by_the_demuxer_that_it_chooses_itself(muxer: str) -> None:
    content = written(muxer, MUXERS[muxer])
    demuxers = demuxers_for(content[:HEAD_BYTES])
    with (
        av.open(io.BytesIO(content)) as free,
        av.open(io.BytesIO(content), options={"format_whitelist": demuxers}) as bound,
    ):
        assert bound.format.name == free.format.name
        assert [each.type for each in bound.streams] == [each.type for each in free.streams]


def test_no_container_that_ffmpeg_writes_is_forgotten() -> None:
    def writes(name: str) -> bool:
        try:
            return av.ContainerFormat(name, "w").is_output
        except ValueError:
            return False

    known = {name for name in av.formats_available if writes(name)}
    assert known - set(MUXERS) == LEFT_OUT
    assert not set(MUXERS) & LEFT_OUT


# ---- heads as the standards say them, and as real files begin ----


def packets(step: int = 188, *, skip: int = 0, count: int = 12, scrambled: bool = False) -> bytes:
    """A transport stream that begins with the table of one program numbered 1 (ISO/IEC 13818-1, 2.4.4.3)."""
    table = bytes.fromhex("474000100000b00d0001c100000001f000") + b"\xff" * 171
    other = bytes((0x47, 0x01, 0x00, 0xD0 if scrambled else 0x10)) + b"\x55" * 184
    lead, tail = {188: (0, 0), 192: (4, 0), 204: (0, 16)}[step]
    stream = [bytes(lead) + each + bytes(tail) for each in [table] + [other] * (count - 1)]
    return b"".join(stream)[skip:]


def frames(header: str, size: int, count: int = 6) -> bytes:
    """Frames of sound that begin with a header (hex) and have ``size`` bytes each."""
    start = bytes.fromhex(header)
    return (start + bytes(range(1, 50)) * (size // 49 + 1))[:size] * count


def tag(size: int) -> bytes:
    """An ID3v2 tag of ``size`` bytes behind its header."""
    return b"ID3\x03\0\0" + bytes(size >> 7 * place & 0x7F for place in (3, 2, 1, 0)) + bytes(size)


def xing(count: int) -> bytes:
    """A LAME file of 44.1 kHz and 128 kbit/s whose Info header states ``count`` frames."""
    info = bytes.fromhex("fffb9064") + bytes(32) + b"Info\0\0\0\x0f" + count.to_bytes(4, "big")
    return info + bytes(417 - len(info)) + frames("fffb9064", 417)


MP3 = frames("fffb9064", 417)
AAC = frames("fff1508017fffc", 191)
HEADS = {
    "a stream with the table of program 1": (packets(), "mpegts"),
    "the same with time codes of Blu-ray": (packets(192), "mpegts"),
    "the same with check bytes of DVB": (packets(204), "mpegts"),
    "a stream that begins inside a packet": (packets(skip=100), "mpegts"),
    "a stream behind rubbish": (b"\x13" * 3000 + packets(), "mpegts"),
    "a stream of two packets": (packets(count=2), "mpegts"),
    "MP3 of 255 frames": (xing(255), "mp3"),
    "MP3 of 256 frames": (xing(256), "mp3"),
    "MP3 of 511 frames": (xing(511), "mp3"),
    "MP3 behind silence": (bytes(5000) + MP3, "mp3"),
    "MP3 behind rubbish": (b"\xde\xad\xbe\xef" * 2000 + MP3, "mp3"),
    "MP3 behind a tag": (tag(300) + MP3, "mp3"),
    "MP3 behind a tag and rubbish": (tag(300) + b"\x13" * 999 + MP3, "mp3"),
    "MP3 behind a large tag": (tag(100_000), "mp3"),
    "MP3 behind a tag of APE": (b"APETAGEX\xd0\7\0\0\x20\0\0\0" + bytes(48) + MP3, "mp3"),
    "MPEG-2 layer 3 of 24 kHz": (frames("fff384c4", 192), "mp3"),
    "MPEG-2.5 of 8 kHz": (frames("ffe318c4", 72), "mp3"),
    "layer 2": (frames("fffd8400", 384), "mp3"),
    "layer 1": (frames("ffff8400", 256), "mp3"),
    "AAC of FAAC": (frames("fff1508017fffc" + b"libfaac 1.28\0\0\1".hex(), 191), "aac"),
    "AAC of one frame": (AAC[:191], "aac"),
    "LOAS": (frames("56e0b9", 188), "loas"),
    "AC-3": (frames("0b77a3f91040", 512), "ac3"),
    "AC-3 of 44.1 kHz": (frames("0b7700005440", 834), "ac3"),
    "AC-3 in the other order of bytes": (frames("770bf9a34010", 512), "ac3"),
    "Enhanced AC-3": (frames("0b7701ff3f8680", 1024), "eac3"),
    "DTS": (frames("7ffe8001fc3c", 1006), "dts"),
    "DTS of 14 bits": (frames("1fffe80007f0", 1006), "dts"),
    "DTS-HD": (b"DTSHDHDR" + bytes(60), "dtshd"),
    "AMR wide band": (b"#!AMR-WB\n" + bytes(60), "amr"),
    "a program stream": (b"\0\0\1\xba\x44\0\4\0\4\1" + bytes(60), "mpeg"),
    "a program stream behind a camera's header": (b"IMKH" + b"\1\1\0\4" * 9 + b"\0\0\1\xba\x44\0\4\0", "mpeg"),
    "a video CD": (b"RIFF\x24\x30\1\0CDXAfmt " + bytes(60), "mpeg"),
    "H.264": (b"\0\0\0\1\x67\x42\0\x1e" + bytes(60), "h264"),
    "H.265": (b"\0\0\0\1\x40\1\x0c\1" + bytes(60), "hevc"),
    "a dictation": (b"\2dss" + bytes(60), "dss"),
    "QCELP of a telephone": (b"RIFF\x24\x30\1\0QLCMfmt " + bytes(60), "qcp"),
}  # fmt: skip


@pytest.mark.parametrize("what", HEADS)
def test_a_real_head_is_read_by_its_demuxer(what: str) -> None:
    head, demuxer = HEADS[what]
    assert demuxer in demuxers_for(head[:HEAD_BYTES]).split(",")


def test_framed_sound_is_sound_alone_and_no_recorder_of_a_browser_writes_it() -> None:
    for what, (head, demuxer) in HEADS.items():
        assert is_sound_alone(head) == (demuxer in {*bare.FRAMED_SOUND.split(","), "dtshd", "amr", "dss", "qcp"}), what
        assert recorded_suffix(head) == ""


def test_a_sync_word_alone_is_no_recording() -> None:
    noise = random.Random(3)
    for number in range(40):
        head = noise.randbytes(HEAD_BYTES)
        assert demuxers_for(head) == "", number
    assert demuxers_for(b"\xff\xfb\x90\x64" + noise.randbytes(4000)) == ""
    assert demuxers_for(b"\x0b\x77" + noise.randbytes(4000)) == ""


@pytest.mark.parametrize("unit", ["47", "ff", "fffb9000", "56e0", "00", "0b77", "fff1", "000001"])
def test_no_head_takes_long(unit: str) -> None:
    begun_s = time.process_time()
    demuxers_for(bytes.fromhex(unit) * (2 * HEAD_BYTES // len(unit)))
    assert time.process_time() - begun_s < 1.0


def test_every_demuxer_named_exists_and_none_opens_other_files() -> None:
    from liyi.media.kinds import _KINDS, _TAGGED

    known = {name for names in av.formats_available for name in names.split(",")}
    listed = [*(names for names, _ in _KINDS), _TAGGED, *(demuxers_for(head) for head, _ in HEADS.values())]
    named = {name for names in listed for name in names.split(",")}
    assert named <= known
    opens_others = {
        "hls",
        "concat",
        "dash",
        "sdp",
        "rtsp",
        "image2",
        "imf",
        "webm_dash_manifest",
        "lavfi",
        "mlv",
        "vobsub",
    }
    assert named.isdisjoint(opens_others | {"tty", "s16le", "alaw", "mulaw", "rawvideo", "data", "srt", "ass"})


# ---- what is no recording ----

ZIP = b"PK\3\4\x14\0\6\0\x08\0\0\0\x21\0" + bytes(12)
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(14)
LOCK = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")  # its content encryption object
FOREIGN = {
    "WeChat's SILK": ("a.amr", b"\2#!SILK_V3" + bytes(60), "SILK"),
    "SILK": ("a.silk", b"#!SILK_V3" + bytes(60), "SILK"),
    "Excel": ("a.xlsx", ZIP + b"\x13\0\0\0[Content_Types].xml", "is a spreadsheet"),
    "PowerPoint of another program": ("a.pptx", ZIP + b"\x14\0\0\0ppt/presentation.xml", "is a spreadsheet"),
    "LibreOffice": ("a.odp", ZIP + b"\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument", "is a spreadsheet"),
    "an archive of tape": ("a.tar", b"a.mp4" + bytes(252) + b"ustar\x0000" + bytes(60), "is an archive"),
    "an archive of today": ("a.zst", b"\x28\xb5\x2f\xfd\x04" + bytes(60), "is an archive"),
    "a log with a letter at every 188th place": ("a.log", (b"$GPGGA,".ljust(187, b"1") + b"\n") * 20, "is a document"),
    "any other archive": ("a.zip", ZIP + b"\x05\0\0\0a.mp4", "is an archive"),
    "a song of NetEase": ("a.ncm", b"CTENFDAM" + bytes(60), "encrypted by a music app"),
    "a song of Kugou": ("a.kgm", bytes.fromhex("7cd532eb86027f4ba8afa68e"), "encrypted by a music app"),
    "WeChat's picture": ("a.dat", bytes(byte ^ 90 for byte in b"\xff\xd8\xff\xe0\x5a"), "WeChat's own store"),
    "WeChat's newer picture": ("a.dat", b"\x07\x08V2\x08\x07" + bytes(60), "WeChat's own store"),
    "Git LFS": ("a.mp4", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git lfs pull"),
    "a page": ("a.mp4", b"<!DOCTYPE HTML>\n<html><head><title>403", "is a web page"),
    "a store's error": ("a.mp4", b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n<Code>NoSuchKey', "is a web page"),
    "an interface's error": ("a.mp4", b'{"code":401,"message":"login"}', "is a web page"),
    "a shortcut of Windows": ("a.mp4.lnk", bytes.fromhex("4c0000000114020000000000c0") + bytes(60), "is a shortcut"),
    "a shortcut to an address": ("a.url", b"[InternetShortcut]\r\nURL=http://a/", "is a shortcut"),
    "a torrent": ("a.torrent", b"d8:announce35:udp://tracker.example.org:1337", "is a torrent"),
    "a disc": ("a.iso", bytes(32_769) + b"CD001\1" + bytes(60), "is a disc image"),
    "macOS's side file": ("._a.mp4", bytes.fromhex("0005160700020000") + b"Mac OS X" + bytes(60), "what macOS notes"),
    "iCloud": (".a.mp4.icloud", b"bplist00\xd3\1\2" + bytes(60), "still in iCloud"),
    "zeros": ("a.mp4", bytes(HEAD_BYTES), "nothing but zeros"),
    "a part of a download": ("a.mp4.crdownload", b"\x13\x37" * 999, "download that has not finished"),
    "a piece of a stream": ("a.m4s", b"\0\0\0\x18stypmsdh" + bytes(12), ""),
    "Windows Media with rights": ("a.wmv", ASF + LOCK, "is encrypted"),
    "pay television": ("a.ts", packets(scrambled=True), "is encrypted"),
    "plain text": ("a.mp4", "你好\n".encode() * 30, "is a document"),
    "a playlist": ("a.m3u8", b"#EXTM3U\n#EXTINF:1,\na.ts\n", "is a playlist"),
    "rubbish of letters": ("a.mp3", b"\xde\xad\xbe\xef" * 20_000 + MP3, "is no recording"),
    "rubbish": ("a.mp4", b"\x13\x37" * 999, "is no recording"),
}  # fmt: skip


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_recording_is_called_by_its_name(what: str, tmp_path: Path) -> None:
    name, content, words = FOREIGN[what]
    if words:
        with pytest.raises(MediaError) as refused:
            check_start(name, content[:HEAD_BYTES], len(content))
    else:  # told only when the decoder could not open it
        path = tmp_path / name
        path.write_bytes(content)
        check_start(name, content, len(content))
        with pytest.raises(MediaError) as refused:
            raise refusal(path)
        words = "one piece of a streamed video"
    assert words in str(refused.value)
    assert refused.value.sentence.count("{file}") == 1


def test_no_recording_is_taken_for_something_else() -> None:
    for what, (head, _) in HEADS.items():
        check_start(what, head[:HEAD_BYTES], len(head))


@pytest.mark.parametrize(
    ("boxes", "words"), [("ftyp mdat", "was cut off"), ("ftyp moov", "is no recording that can be read")]
)
def test_only_what_lacks_its_index_is_called_cut_off(boxes: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    content = b"".join(b"\0\0\0\x18" + name.encode() + bytes(16) for name in boxes.split())
    path.write_bytes(content)
    assert words in str(refusal(path))
    path.write_bytes(content + b"\0\0\0\x18encv" + bytes(16) + b"\0\0\0\x18sinf" + bytes(16))
    assert "is encrypted" in str(refusal(path))


def test_the_suffixes_are_in_lower_case_and_told_once() -> None:
    assert len(set(SUFFIXES)) == len(SUFFIXES)
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in SUFFIXES)
