import hashlib
import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest

import liyi.media.reading
from liyi.core.errors import MediaError
from liyi.core.names import readable_name
from liyi.media import recording
from liyi.media.recording import Media, open_media


def heard(media: Media, block_s: float = 10.0) -> np.ndarray:
    blocks = list(media.samples(block_s=block_s))
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)


def seen(media: Media, kit: ModuleType, **options: float) -> list[tuple[float, int]]:
    return [(frame.t_s, kit.number_of(frame.image)) for frame in media.frames(**options)]


def fingerprint(media: Media) -> str:
    digest = hashlib.sha256()
    for frame in media.frames():
        digest.update(repr(frame.t_s).encode() + frame.image.tobytes())
    digest.update(heard(media).tobytes() + repr(media.notices).encode() + repr(media.info).encode())
    return digest.hexdigest()


# ---- what it is ----


def test_info_is_read_from_the_packets(talk: Path) -> None:
    info = open_media(talk).info
    assert (info.name, info.width, info.height, info.rotation_deg) == ("talk.mp4", 192, 108, 0)
    assert info.sha256 == hashlib.sha256(talk.read_bytes()).hexdigest()
    assert info.duration_s == pytest.approx(3.0, abs=0.03)
    assert (info.frame_rate_hz, info.sample_rate_hz) == (pytest.approx(25.0), 48_000)
    assert info.has_picture
    assert info.has_sound
    assert open_media(str(talk)).notices == []


# ---- one clock ----

PAIRS = {
    "mp4": ("libx264", "aac"),
    "mov": ("mjpeg", "pcm_s16be"),
    "mkv": ("ffv1", "flac"),
    "webm": ("libvpx", "libopus"),
    "ts": ("mpeg2video", "mp2"),
    "avi": ("mpeg4", "libmp3lame"),
    "flv": ("flv", "aac"),
}


@pytest.mark.parametrize("suffix", PAIRS)
def test_picture_and_sound_share_a_clock(suffix: str, tmp_path: Path, kit: ModuleType) -> None:
    picture, sound = PAIRS[suffix]
    pix_fmt = "yuvj420p" if picture == "mjpeg" else "yuv420p"
    tick = Fraction(1, 25) if suffix in ("avi", "ts") else Fraction(1, 1000)
    media = open_media(
        kit.write(
            tmp_path / f"a.{suffix}",
            kit.video(4.0, codec=picture, pix_fmt=pix_fmt, tick=tick, options={"b": "2000000"}),
            kit.audio(4.0, codec=sound),
        )
    )
    late = 1 if suffix == "avi" else 0  # AVI has no stamps: the encoder's delay shows as one repeated frame
    for t_s, number in seen(media, kit, rate_hz=25.0):
        assert number in (round(t_s * 25) - late, round(t_s * 25))
    assert kit.burst_starts(heard(media)) == pytest.approx([0, 1, 2, 3], abs=0.03)
    assert media.info.duration_s == pytest.approx(4.0, abs=0.06)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("start_s", [0.4, 1.3])
def test_sound_that_starts_late_is_padded(suffix: str, start_s: float, tmp_path: Path, kit: ModuleType) -> None:
    video, audio = kit.video(4.0), kit.audio(4.0 - start_s, start_s=start_s, codec="mp2" if suffix == "ts" else "aac")
    media = open_media(kit.write(tmp_path / f"a.{suffix}", video, audio))
    sound = heard(media)
    assert kit.burst_starts(sound) == pytest.approx(np.arange(np.ceil(start_s), 4), abs=0.03)
    assert not sound[: int((start_s - 0.05) * 16_000)].any()
    assert media.unheard_s == pytest.approx(1.3 if start_s > 1 else 0.0, abs=0.05)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_picture_that_starts_a_little_late_sets_the_clock(suffix: str, tmp_path: Path, kit: ModuleType) -> None:
    video = kit.Video([0.4 + i / 25 for i in range(75)])
    media = open_media(
        kit.write(tmp_path / f"a.{suffix}", video, kit.audio(3.4, codec="mp2" if suffix == "ts" else "aac"))
    )
    frames = seen(media, kit, rate_hz=25.0)
    assert frames[0] == (0.0, 0)
    assert [number for _, number in frames] == [round(t_s * 25) for t_s, _ in frames]
    assert kit.burst_starts(heard(media)) == pytest.approx([0.6, 1.6, 2.6], abs=0.03)
    assert media.info.duration_s == pytest.approx(3.0, abs=0.06)
    assert media.notices == []


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "flv"])
def test_sound_from_before_the_picture_is_heard(suffix: str, tmp_path: Path, kit: ModuleType) -> None:
    video, codec = kit.Video([5.0 + i / 25 for i in range(75)]), "mp2" if suffix == "ts" else "aac"
    media = open_media(kit.write(tmp_path / f"a.{suffix}", video, kit.audio(8.0, codec=codec)))
    frames = seen(media, kit, rate_hz=25.0)
    assert frames[0] == (pytest.approx(5.0, abs=0.05), 0)
    assert [number for _, number in frames] == [round((t_s - frames[0][0]) * 25) for t_s, _ in frames]
    assert kit.burst_starts(heard(media)) == pytest.approx(np.arange(8), abs=0.06)
    assert media.info.duration_s == pytest.approx(8.0, abs=0.08)
    [notice] = media.notices
    assert notice.sentence.startswith("The picture begins at {second} s, after the sound")
    assert notice.fields["second"] == pytest.approx(5.0, abs=0.1)
    assert kit.number_of(media.frame_at(6.0 + frames[0][0] - 5.0).image) == 25
    assert media.frame_at(0.0).t_s == frames[0][0]


def test_a_picture_behind_all_the_sound_is_seen(tmp_path: Path, kit: ModuleType) -> None:
    video = kit.Video([5.0 + i / 25 for i in range(75)])
    media = open_media(kit.write(tmp_path / "a.mkv", video, kit.audio(2.0)))
    assert heard(media).size == pytest.approx(2 * 16_000, abs=1000)
    assert seen(media, kit)[0] == (pytest.approx(5.0, abs=0.05), 0)
    assert media.info.duration_s == pytest.approx(8.0, abs=0.06)


@pytest.mark.parametrize(("suffix", "codec"), [("wav", "pcm_s16le"), ("mkv", "flac"), ("mp4", "aac")])
@pytest.mark.parametrize("silent_s", [0.0, 3.4])
def test_channels_of_opposite_polarity_are_heard(
    suffix: str, codec: str, silent_s: float, tmp_path: Path, kit: ModuleType
) -> None:
    samples = kit.bursts(6.0, 48_000)
    samples[: round(silent_s * 48_000)] = 0
    same, opposite = (
        kit.write(
            tmp_path / f"{name}.{suffix}", kit.Audio([(0.0, samples)], codec=codec, layout="stereo", gains=(1.0, gain))
        )
        for name, gain in (("same", 1.0), ("opposite", -1.0))
    )
    media = open_media(opposite)
    sound, expected = heard(media), heard(open_media(same))
    assert kit.burst_starts(sound) == pytest.approx(np.arange(np.ceil(silent_s), 6), abs=0.03)
    assert np.std(sound) == pytest.approx(np.std(expected), rel=0.02)
    [notice] = media.notices
    assert notice.sentence.startswith("The two channels of the sound cancel each other out from {second} s on")
    assert silent_s - 1.0 <= notice.fields["second"] <= silent_s


def test_a_pause_in_the_sound_is_silence_of_its_length(tmp_path: Path, kit: ModuleType) -> None:
    parts = [(0.0, kit.bursts(1.5, 48_000)), (5.5, kit.bursts(2.5, 48_000, first_s=5.5))]
    media = open_media(kit.write(tmp_path / "a.mkv", kit.video(8.0, fps=10), kit.Audio(parts, codec="pcm_s16le")))
    sound = heard(media)
    assert kit.burst_starts(sound) == pytest.approx([0, 1, 6, 7], abs=0.002)
    assert not sound[16_000 * 2 : 16_000 * 5].any()
    assert sound.size == pytest.approx(8 * 16_000, abs=200)
    assert media.unheard_s == pytest.approx(4.0, abs=0.05)
    assert [notice.text for notice in media.notices] == [
        "The sound has a gap from 1.5 s to 5.5 s; it is taken as silence."
    ]


def test_several_gaps_are_told_at_once(tmp_path: Path, kit: ModuleType) -> None:
    parts = [(start_s, kit.bursts(0.5, 48_000)) for start_s in (0.0, 0.7, 2.0, 4.0)]  # gaps of 0.2, 0.8 and 1.5 s
    media = open_media(kit.write(tmp_path / "a.mkv", kit.video(4.5), kit.Audio(parts, codec="pcm_s16le")))
    heard(media)
    assert [notice.text for notice in media.notices] == [
        "The sound has 2 gaps, the longest from 2.5 s to 4.0 s; they are taken as silence."
    ]


@pytest.mark.parametrize("block_s", [0.37, 1.0, 10.0])
def test_blocks_are_contiguous_and_of_one_size(talk: Path, block_s: float) -> None:
    media = open_media(talk)
    blocks = list(media.samples(block_s=block_s))
    assert {block.size for block in blocks[:-1]} <= {round(block_s * 16_000)}
    assert all(block.dtype == np.float32 for block in blocks)
    assert np.array_equal(np.concatenate(blocks), heard(media))


SOUNDS = [
    *(("wav", codec, 44_100, "stereo") for codec in ("pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le", "pcm_f64le")),
    ("wav", "pcm_alaw", 8_000, "mono"),
    ("wav", "pcm_mulaw", 8_000, "mono"),
    ("wav", "pcm_s16le", 11_025, "mono"),
    ("wav", "pcm_s32le", 192_000, "mono"),
    ("wav", "pcm_s16le", 16_000, "mono"),
    ("wav", "pcm_f32le", 16_000, "mono"),
    *(("wav", "pcm_s16le", 48_000, layout) for layout in ("2.1", "quad", "5.0", "5.1", "7.1")),
    ("wav", "adpcm_ima_wav", 22_050, "mono"),
    ("mp3", "libmp3lame", 44_100, "stereo"),
    ("ogg", "libopus", 48_000, "stereo"),
    ("flac", "flac", 96_000, "stereo"),
    ("m4a", "aac", 44_100, "5.1"),
    ("m4a", "alac", 44_100, "stereo"),
    ("aac", "aac", 22_050, "mono"),
    ("ac3", "ac3", 48_000, "5.1"),
    ("aiff", "pcm_s16be", 44_100, "mono"),
    ("au", "pcm_s16be", 8_000, "mono"),
    ("wma", "wmav2", 44_100, "stereo"),
    ("amr", "libopencore_amrnb", 8_000, "mono"),
]


@pytest.mark.parametrize(("suffix", "codec", "rate", "layout"), SOUNDS)
def test_any_sound_becomes_mono_16_khz(
    suffix: str, codec: str, rate: int, layout: str, tmp_path: Path, kit: ModuleType
) -> None:
    media = open_media(kit.write(tmp_path / f"a.{suffix}", kit.audio(3.0, rate=rate, codec=codec, layout=layout)))
    assert (media.info.has_picture, media.info.has_sound, media.info.sample_rate_hz) == (False, True, rate)
    sound = heard(media)
    # The encoder's own delay (up to 60 ms of AC-3, ADTS and AMR) is not written in those files.
    assert sound.size / 16_000 == pytest.approx(3.0, abs=0.1)
    assert kit.burst_starts(sound) == pytest.approx([0, 1, 2], abs=0.07)
    begin = round(kit.burst_starts(sound)[1] * 16_000) + 160
    burst = sound[begin : begin + 480]
    spectrum = np.abs(np.fft.rfft(burst * np.hanning(burst.size)))
    assert np.argmax(spectrum) * 16_000 / burst.size == pytest.approx(1000, abs=40)
    assert np.abs(sound).max() <= 1.0


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1", "7.1"])
def test_the_same_voice_on_more_channels_keeps_its_level(layout: str, tmp_path: Path, kit: ModuleType) -> None:
    tone = (0.9 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)).astype(np.float32)
    audio = kit.Audio([(0.0, tone)], codec="pcm_s16le", layout=layout)
    sound = heard(open_media(kit.write(tmp_path / "a.wav", audio)))[1600:-1600]
    assert np.sqrt(2 * np.mean(sound**2)) == pytest.approx(0.9, rel=0.005)


def test_tags_in_another_code_page_and_any_file_name(tmp_path: Path, kit: ModuleType) -> None:
    path = kit.write(tmp_path / "a.mp3", kit.audio(1.0, codec="libmp3lame"))
    tag = b"TIT2" + (9).to_bytes(4, "big") + b"\0\0" + b"\x03" + "\u7a97\u53e3\u793c\u4eea".encode("gbk")
    data = b"ID3\x04\0\0" + b"\0\0\0" + bytes([len(tag)]) + tag + path.read_bytes()
    for name in ("\u8bad\u7ec3 \u7b2c1\u6b21.mp3", "a%20b#?.mp3", "-i.mp3", "pipe:0", "\udcc0\udcce.mp3"):
        other = tmp_path / name
        other.write_bytes(data)
        assert open_media(other).info.name == readable_name(name)
        assert heard(open_media(other)).any()


# ---- sampling ----


def test_the_first_frame_of_every_slot(tmp_path: Path, kit: ModuleType) -> None:
    media = open_media(kit.write(tmp_path / "a.mkv", kit.video(4.0, fps=30)))
    taken = seen(media, kit)
    assert [number for _, number in taken] == list(range(0, 120, 3))
    assert [t_s for t_s, _ in taken] == pytest.approx(np.arange(40) / 10, abs=0.001)


@pytest.mark.parametrize(("fps", "expected"), [(240.0, 21), (60.0, 21), (7.0, 14), (2.0, 4), (1.0, 2)])
def test_fast_and_slow_recordings(fps: float, expected: int, tmp_path: Path, kit: ModuleType) -> None:
    media = open_media(kit.write(tmp_path / "a.mkv", kit.video(2.0, fps=fps)))
    taken = seen(media, kit)
    assert len(taken) == expected
    assert [number for _, number in taken] == [round(t_s * fps) for t_s, _ in taken]
    assert media.info.frame_rate_hz == pytest.approx(fps, rel=0.01)


def test_variable_rate_follows_the_stamps(tmp_path: Path, kit: ModuleType) -> None:
    gaps = np.random.default_rng(3).choice([0.011, 0.04, 0.1, 0.35, 1.2], 60)
    times_s = np.round(np.concatenate(([0.0], np.cumsum(gaps))), 3)
    media = open_media(kit.write(tmp_path / "a.mp4", kit.Video(times_s.tolist())))
    taken = seen(media, kit)
    assert [t_s for t_s, _ in taken] == pytest.approx([times_s[number] for _, number in taken], abs=0.002)
    slots = np.floor(times_s * 10 + 0.25)
    assert [number for _, number in taken] == np.unique(slots, return_index=True)[1].tolist()


@pytest.mark.parametrize("rate_hz", [3.0, 10.0, 25.0])
@pytest.mark.parametrize("pyramid", ["none", "normal"])
def test_frames_that_the_decoder_may_drop_change_nothing(
    rate_hz: float, pyramid: str, tmp_path: Path, kit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = f"bframes=3:b-adapt=0:b-pyramid={pyramid}:keyint=30:open-gop=1"
    media = open_media(kit.write(tmp_path / "a.mp4", kit.video(4.0, options={"x264-params": params})))
    sampled = [(frame.t_s, frame.image.tobytes()) for frame in media.frames(rate_hz=rate_hz)]
    monkeypatch.setattr("liyi.media.recording.needed_for", lambda track, rate: None)
    assert sampled == [(frame.t_s, frame.image.tobytes()) for frame in media.frames(rate_hz=rate_hz)]


# ---- upright, square, small ----


def corners(size: tuple[int, int]) -> np.ndarray:
    """Image with its quarters white, red, green, blue (reading order)."""
    image = np.zeros((size[1], size[0], 3), dtype=np.uint8)
    h, w = size[1] // 2, size[0] // 2
    image[:h, :w], image[:h, w:], image[h:, :w], image[h:, w:] = (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)
    return image


def quarters(image: np.ndarray) -> str:
    h, w = image.shape[0], image.shape[1]
    points = [image[y, x].astype(int) for y in (h // 4, 3 * h // 4) for x in (w // 4, 3 * w // 4)]
    return "".join("W" if p.min() > 128 else "RGB"[int(p.argmax())] for p in points)


# Counterclockwise degrees and mirror, as the display matrix is written; then the expected quarters.
ORIENTATIONS = {
    (0, False): "WRGB",
    (90, False): "RBWG",
    (180, False): "BGRW",
    (270, False): "GWBR",
    (0, True): "RWBG",
    (180, True): "GBWR",
}


@pytest.mark.parametrize("turn", ORIENTATIONS)
def test_the_display_matrix_is_obeyed(turn: tuple[int, bool], tmp_path: Path, kit: ModuleType) -> None:
    size = (192, 108)
    video = kit.video(0.4, size=size, images=lambda i: corners(size), rotate=turn)
    media = open_media(kit.write(tmp_path / "a.mp4", video))
    image = next(media.frames()).image
    assert quarters(image) == ORIENTATIONS[turn]
    assert image.shape == ((192, 108, 3) if turn[0] in (90, 270) else (108, 192, 3))
    assert (media.info.height, media.info.width) == image.shape[:2]
    assert image.flags["C_CONTIGUOUS"]
    if not turn[1]:
        assert media.info.rotation_deg == -turn[0] % 360
    assert np.array_equal(media.frame_at(0.0).image, image)


def test_pixels_are_made_square(tmp_path: Path, kit: ModuleType) -> None:
    media = open_media(kit.write(tmp_path / "a.mp4", kit.video(0.4, size=(144, 108), aspect=Fraction(4, 3))))
    assert (media.info.width, media.info.height) == (192, 108)
    assert next(media.frames()).image.shape == (108, 192, 3)


@pytest.mark.parametrize(("max_side", "shape"), [(960, (480, 640)), (320, (240, 320)), (101, (76, 101))])
def test_images_shrink_and_never_grow(max_side: int, shape: tuple[int, int], tmp_path: Path, kit: ModuleType) -> None:
    media = open_media(kit.write(tmp_path / "a.mp4", kit.video(0.4, size=(640, 480))))
    assert next(media.frames(max_side=max_side)).image.shape[:2] == shape


FORMATS = [
    ("ffv1", "gray"),
    ("ffv1", "gray16le"),
    ("ffv1", "bgra"),
    ("ffv1", "yuva420p"),
    ("ffv1", "yuv422p10le"),
    ("ffv1", "yuv444p16le"),
    ("ffv1", "yuv410p"),
    ("rawvideo", "uyvy422"),
    ("libx264", "yuv444p"),
    ("libx264", "yuv420p10le"),
    ("libx264rgb", "rgb24"),
    ("libx265", "yuv420p10le"),
    ("prores_ks", "yuva444p10le"),
    ("png", "rgba"),
    ("qtrle", "rgb24"),
    ("libvpx-vp9", "yuv420p"),
    ("libsvtav1", "yuv420p10le"),
]


@pytest.mark.parametrize(("codec", "pix_fmt"), FORMATS)
def test_any_picture_becomes_rgb(codec: str, pix_fmt: str, tmp_path: Path, kit: ModuleType) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    suffix = "mov" if codec in ("qtrle", "prores_ks", "png", "rawvideo") else "mkv"
    media = open_media(
        kit.write(tmp_path / f"a.{suffix}", kit.video(1.0, codec=codec, pix_fmt=pix_fmt, options=options))
    )
    frames = list(media.frames())
    assert [kit.number_of(frame.image) for frame in frames] == [round(frame.t_s * 25) for frame in frames]
    assert len(frames) == 10
    assert frames[0].image.dtype == np.uint8


@pytest.mark.parametrize("size", [(177, 145), (31, 33), (1, 1), (2, 400)])
def test_odd_sizes(size: tuple[int, int], tmp_path: Path, kit: ModuleType) -> None:
    media = open_media(kit.write(tmp_path / "a.mkv", kit.video(0.4, size=size, codec="ffv1", pix_fmt="yuv444p")))
    assert next(media.frames()).image.shape == (size[1], size[0], 3)


def test_a_picture_that_changes_its_shape_keeps_one_size(tmp_path: Path, kit: ModuleType) -> None:
    parts = [
        kit.write(tmp_path / f"{i}.h264", kit.video(1.0, size=size)) for i, size in enumerate([(192, 108), (96, 160)])
    ]
    joined = tmp_path / "a.h264"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    images = [frame.image for frame in open_media(joined).frames()]
    assert {image.shape for image in images} == {(108, 192, 3)}
    assert not images[-1][:, :60].any()  # 96 x 160 fitted into the middle: black at the sides
    assert images[-1][:, 64:128].any()


# ---- stills ----


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi"])
def test_frame_at_gives_the_frame_shown_then(suffix: str, tmp_path: Path, kit: ModuleType) -> None:
    options = {"x264-params": "keyint=20:bframes=3:open-gop=1"}
    video = kit.video(5.0, options=options, codec="mpeg4" if suffix == "avi" else "libx264", tick=Fraction(1, 25))
    media = open_media(kit.write(tmp_path / f"a.{suffix}", video, kit.audio(5.0, codec="mp2")))
    for t_s in (0.0, 0.03, 0.8, 0.81, 1.999, 2.0, 4.97, 99.0):
        found = media.frame_at(t_s)
        assert kit.number_of(found.image) == min(124, int(t_s * 25 + 1e-6))
        assert found.t_s <= t_s + 1e-6
    assert media.frame_at(-1.0).t_s == 0.0


def test_frame_at_repeats_what_frames_gave(talk: Path) -> None:
    media = open_media(talk)
    for frame in itertools.islice(media.frames(), 0, None, 7):
        again = media.frame_at(frame.t_s, max_side=960)
        assert again.t_s == frame.t_s
        assert np.array_equal(again.image, frame.image)


def test_frames_at_are_those_of_frame_at_in_one_pass(
    tmp_path: Path, kit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    # one key frame, as recorders over a network send; frames that predict one another, and some that predict none
    one_key = kit.video(4.0, options={"x264-params": "keyint=infinite:bframes=2:b-pyramid=none:scenecut=0"})
    some_keys = kit.video(4.0, options={"x264-params": "keyint=20:bframes=3:open-gop=1"})
    times_s = [3.1, 0.5, 99.0, -1.0, 1.7, 1.71, 2.0, 0.5]
    for name, video, passes in (("one", one_key, 1), ("some", some_keys, 6)):
        media = open_media(kit.write(tmp_path / f"{name}.mp4", video))
        singly = [media.frame_at(t_s) for t_s in times_s]
        starts: list[int | None] = []
        reading = recording.read
        monkeypatch.setattr(
            recording, "read", lambda *a, then=reading, to=starts, **k: to.append(k["begin"]) or then(*a, **k)
        )
        together = media.frames_at(times_s)
        monkeypatch.setattr(recording, "read", reading)
        assert len(starts) == len(set(starts)) <= passes, "a stretch behind a key frame was decoded again"
        for one, other in zip(singly, together, strict=True):
            assert other is not None
            assert other.t_s == one.t_s
            assert np.array_equal(other.image, one.image)
        assert [kit.number_of(frame.image) for frame in together] == [77, 12, 99, 0, 42, 42, 50, 12]


def test_frame_at_needs_a_picture(tmp_path: Path, kit: ModuleType) -> None:
    media = open_media(kit.write(tmp_path / "a.wav", kit.audio(1.0, codec="pcm_s16le")))
    assert list(media.frames()) == []
    with pytest.raises(MediaError, match="has no picture"):
        media.frame_at(0.0)


# ---- the same every time ----


def damaged(path: Path, *, first: float = 0.3, last: float = 0.5, every: int = 400) -> Path:
    """Overwrite a byte here and there between two parts of the file."""
    data = bytearray(path.read_bytes())
    for i in range(int(len(data) * first), int(len(data) * last), every):
        data[i] ^= 0x5A
    other = path.with_name("damaged" + path.suffix)
    other.write_bytes(data)
    return other


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9", "mpeg4", "libx265"])
def test_two_runs_and_any_number_of_threads_agree(
    codec: str, tmp_path: Path, kit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"x265-params": "log-level=none", "crf": "20", "b": "2000000"}
    path = kit.write(tmp_path / "a.mkv", kit.video(4.0, size=(320, 180), codec=codec, options=options), kit.audio(4.0))
    broken = damaged(path)
    assert len({fingerprint(open_media(broken)) for _ in range(4)}) == 1
    prints = set()
    for threads in (4, 1, 2):
        monkeypatch.setattr(liyi.media.reading, "DECODER_THREADS", threads)
        prints.add(fingerprint(open_media(path)))
    assert len(prints) == 1


def test_the_order_of_passes_does_not_show(tmp_path: Path, kit: ModuleType) -> None:
    path = damaged(kit.write(tmp_path / "a.mkv", kit.video(4.0, size=(320, 180)), kit.audio(4.0)))
    one, other = open_media(path), open_media(path)
    list(one.frames()), list(one.samples()), list(one.frames())
    list(other.samples()), list(other.frames())
    assert one.notices == other.notices
    assert one.notices


# ---- damage ----


@pytest.mark.parametrize("suffix", ["mkv", "webm", "ts", "avi", "flv"])
@pytest.mark.parametrize("share", [0.15, 0.4, 0.77, 0.999])
def test_a_truncated_recording_gives_what_it_holds(suffix: str, share: float, tmp_path: Path, kit: ModuleType) -> None:
    codec, sound = {"webm": ("libvpx", "libopus"), "avi": ("mpeg4", "mp2"), "ts": ("libx264", "mp2")}.get(
        suffix, ("libx264", "aac")
    )
    whole = kit.write(
        tmp_path / f"whole.{suffix}", kit.video(8.0, codec=codec, tick=Fraction(1, 25)), kit.audio(8.0, codec=sound)
    )
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    media = open_media(cut)
    frames = seen(media, kit)
    late = 2 if suffix == "avi" else 0  # no stamps: the encoder's delay shows
    assert all(0 <= round(t_s * 25) - number <= late for t_s, number in frames)
    assert len(frames) >= 0.6 * share * 80
    sound_cut, sound_whole = heard(media), heard(open_media(whole))
    shared = min(sound_cut.size, sound_whole.size) - 1600  # a decoder's last frame fades into what is missing
    assert sound_cut[:shared] == pytest.approx(sound_whole[:shared], abs=0.02)
    assert media.info.duration_s == pytest.approx(max(frames[-1][0], sound_cut.size / 16_000), abs=0.2)


def test_a_recording_with_its_index_in_front_can_be_cut(tmp_path: Path, kit: ModuleType) -> None:
    whole = kit.write(tmp_path / "whole.mp4", kit.video(8.0), kit.audio(8.0), movflags="faststart")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    media = open_media(cut)
    frames = seen(media, kit)
    assert 2.0 < frames[-1][0] < 6.0
    assert all(number == round(t_s * 25) for t_s, number in frames)
    assert media.info.duration_s == pytest.approx(frames[-1][0], abs=0.6)
    assert "The file states a length of 8.0 s" in media.notices[0].text


def test_a_broken_stretch_is_left_out_and_named(tmp_path: Path, kit: ModuleType) -> None:
    path = kit.write(tmp_path / "a.mkv", kit.video(8.0, size=(320, 180), options={"x264-params": "keyint=25"}))
    # Inside the coded pictures of a second, not at a share of the file: the container's own clock must stay whole.
    with av.open(str(path)) as container:
        coded = [
            (packet.pos, packet.size)
            for packet in container.demux(video=0)
            if packet.pts is not None and 3.2 <= float(packet.pts * packet.time_base) < 4.2
        ]
    data = bytearray(path.read_bytes())
    for pos, size in coded:
        data[pos + size // 2 : pos + size] = bytes(size - size // 2)
    path.write_bytes(data)
    media = open_media(path)
    good = [number == round(t_s * 25) for t_s, number in seen(media, kit)]
    assert good[:20] == [True] * 20
    assert good[-30:] == [True] * 30
    [notice] = media.notices
    assert notice.sentence.startswith("The picture is damaged at {second} s")
    assert 3.0 < notice.fields["second"] < 4.5


def test_broken_picture_leaves_the_sound(tmp_path: Path, kit: ModuleType) -> None:
    noise = np.random.default_rng(4)
    path = kit.write(
        tmp_path / "a.avi", kit.video(2.0, codec="mpeg4", tick=Fraction(1, 25)), kit.audio(2.0, codec="mp2")
    )
    data = bytearray(path.read_bytes())
    at = data.find(b"00dc", data.find(b"movi"))
    while at >= 0:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        data[at + 8 : at + 8 + size] = noise.integers(0, 256, size, dtype=np.uint8).tobytes()
        at = data.find(b"00dc", at + 8 + size, data.find(b"idx1"))
    path.write_bytes(data)
    media = open_media(path)
    assert (media.info.has_picture, media.info.has_sound) == (False, True)
    assert [notice.text for notice in media.notices] == ["The picture cannot be decoded; only the sound was assessed."]
    assert kit.burst_starts(heard(media)) == pytest.approx([0, 1], abs=0.04)


@pytest.mark.parametrize(("suffix", "codec"), [("ts", "mp2"), ("mpg", "mp2"), ("flv", "aac")])
def test_clips_put_behind_each_other_are_read_on(suffix: str, codec: str, tmp_path: Path, kit: ModuleType) -> None:
    coded = "mpeg2video" if suffix == "mpg" else "libx264"
    parts = [
        kit.write(
            tmp_path / f"{seconds}.{suffix}",
            kit.video(seconds, codec=coded, tick=Fraction(1, 25)),
            kit.audio(seconds, codec=codec),
        ).read_bytes()
        for seconds in (4.0, 6.0)
    ]
    joined = tmp_path / f"a.{suffix}"
    joined.write_bytes(parts[0] + (parts[1][13:] if suffix == "flv" else parts[1]))  # FLV has a header of 13 bytes
    media = open_media(joined)
    assert media.info.duration_s == pytest.approx(10.0, abs=0.2)
    frames = seen(media, kit, rate_hz=25.0)
    expected = [*range(100), *range(150)]
    assert [number for _, number in frames][:90] == expected[:90]
    for t_s, number in frames[120:]:
        assert number == pytest.approx(25 * (t_s - 4.0), abs=2.6)
    starts = kit.burst_starts(heard(media))
    shown = {number: t_s for t_s, number in frames[110:]}
    assert starts[:4] == pytest.approx([0, 1, 2, 3], abs=0.06)
    assert starts[-5:] == pytest.approx([shown[25 * second] for second in range(1, 6)], abs=0.06)
    [notice] = [each for each in media.notices if "clock leaps" in each.sentence]
    assert notice.fields["second"] == pytest.approx(4.0, abs=0.15)
    for t_s, number in frames[::37]:
        assert kit.number_of(media.frame_at(t_s).image) == number


GAP_S = 15.0


def paused(step_s: float) -> list[float]:
    """Times of two seconds of pictures before and behind a pause."""
    return [k * step_s + (GAP_S if k * step_s >= 2.0 else 0.0) for k in range(round(4.0 / step_s))]


@pytest.mark.parametrize(("suffix", "codec"), [("mkv", "flac"), ("mp4", "aac"), ("ts", "mp2"), ("flv", "aac")])
@pytest.mark.parametrize("off", ["camera", "microphone", "recorder"])
def test_a_pause_stays_a_pause(off: str, suffix: str, codec: str, tmp_path: Path, kit: ModuleType) -> None:
    """A transport stream states no length: there a pause of the recorder is taken for a leap of its clock."""
    end_s = 4.0 + GAP_S
    parts = [(0.0, kit.bursts(2.0, 48_000)), (2.0 + GAP_S, kit.bursts(2.0, 48_000))]
    video = kit.video(end_s, fps=10) if off == "microphone" else kit.Video(paused(0.1))
    audio = kit.audio(end_s, codec=codec) if off == "camera" else kit.Audio(parts, codec=codec)
    media = open_media(kit.write(tmp_path / f"a.{suffix}", video, audio))
    if (off, suffix) == ("recorder", "ts"):
        assert media.info.duration_s == pytest.approx(4.0, abs=0.1)
        assert any("clock leaps by 15" in notice.text for notice in media.notices)
        return
    assert media.info.duration_s == pytest.approx(end_s, abs=0.15)
    assert media.clock == ()
    times_s = np.array([frame.t_s for frame in media.frames()])
    assert np.diff(times_s).max() == pytest.approx(GAP_S + 0.1 if off != "microphone" else 0.1, abs=0.05)
    heard(media)
    assert media.unheard_s == pytest.approx(GAP_S if off != "camera" else 0.0, abs=0.1)


def stamped_later(path: Path, change: Callable[[int, float], float]) -> Path:
    """Write an FLV again with other time stamps: ``change(kind, seconds)``, 8 is sound and 9 the picture."""
    data = bytearray(path.read_bytes())
    at = 13
    while at + 11 <= len(data):
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "big")
        stamp = int.from_bytes(bytes([data[at + 7], *data[at + 4 : at + 7]]), "big")
        other = round(1000 * change(kind, stamp / 1000)).to_bytes(4, "big", signed=True)
        data[at + 4 : at + 8] = other[1:] + other[:1]
        at += 15 + size
    other_path = path.with_name("changed.flv")
    other_path.write_bytes(data)
    return other_path


WILD = {
    "one sound an hour late": (lambda kind, t_s: t_s + 3600 * (kind == 8 and 3.0 <= t_s < 3.02), "A time stamp"),
    "one picture an hour late": (lambda kind, t_s: t_s + 3600 * (kind == 9 and 3.0 <= t_s < 3.04), "A time stamp"),
    "one picture early": (lambda kind, t_s: t_s * (kind != 9 or not 3.0 <= t_s < 3.04), "A time stamp"),
    "last picture three hours late": (lambda kind, t_s: t_s + 10_800 * (kind == 9 and t_s > 5.95), "A time stamp"),
    "all 15 hours ahead": (lambda kind, t_s: t_s + 54_000 * (t_s >= 3.0), "clock leaps by 54000"),
    "all 24 bit": (lambda kind, t_s: (t_s + 16_774.216) % 16_777.216, "clock leaps by"),
    "the picture alone": (lambda kind, t_s: t_s + 600 * (kind == 9 and t_s >= 3.0), "leaps alone"),
}


@pytest.mark.parametrize("case", WILD)
def test_wild_stamps_cost_nothing(case: str, tmp_path: Path, kit: ModuleType) -> None:
    change, told = WILD[case]
    sound = kit.write(tmp_path / "a.flv", kit.video(6.0, codec="flv"), kit.audio(6.0))
    media = open_media(stamped_later(sound, change))
    assert media.info.duration_s == pytest.approx(6.0, abs=0.1)
    frames = seen(media, kit, rate_hz=25.0)
    assert len(frames) >= 149
    assert all(abs(number - t_s * 25) <= 1.5 for t_s, number in frames)
    assert kit.burst_starts(heard(media)) == pytest.approx(np.arange(6), abs=0.05)
    assert any(told in notice.text for notice in media.notices)
    assert not any("gap" in notice.text for notice in media.notices)
    assert kit.number_of(media.frame_at(5.0).image) == pytest.approx(125, abs=1.5)


def test_a_raw_stream_is_counted(tmp_path: Path, kit: ModuleType) -> None:
    media = open_media(kit.write(tmp_path / "a.h264", kit.video(2.0)))
    assert [number for _, number in seen(media, kit)] == [
        0,
        2,
        5,
        7,
        10,
        12,
        15,
        17,
        20,
        22,
        25,
        27,
        30,
        32,
        35,
        37,
        40,
        42,
        45,
        47,
    ]
    assert media.info.duration_s == pytest.approx(2.0)
    assert media.notices[0].text == "The picture has no time stamps; 25.0 frames per second were assumed."
    assert kit.number_of(media.frame_at(1.0).image) == 25


# ---- development media ----


def test_phone_rotation_and_a_file_without_duration(shared: Path) -> None:
    folder = shared / "media" / "awkward"
    for degrees, shape in {0: (320, 568), 180: (320, 568), 270: (568, 320)}.items():
        media = open_media(folder / f"video_{degrees}.mov")
        assert media.info.rotation_deg == degrees
        assert next(media.frames()).image.shape[:2] == shape
    media = open_media(folder / "no_duration.webm")
    frames = list(media.frames())
    assert media.info.duration_s == pytest.approx(4.94, abs=0.02)
    assert frames[-1].t_s == pytest.approx(4.8, abs=0.1)
    assert media.notices == []


def test_every_recording_of_the_development_media_reads(shared: Path) -> None:
    paths = [p for p in (shared / "media").rglob("*") if p.suffix in (".mp4", ".webm", ".mov", ".wav", ".flac", ".mp3")]
    assert len(paths) > 15
    for path in paths:
        media = open_media(path)
        frames = [frame.t_s for frame in media.frames(rate_hz=2.0, max_side=320)]
        samples = heard(media).size
        assert media.notices == []
        expected = min(2.0, media.info.frame_rate_hz) * media.info.duration_s
        assert len(frames) == pytest.approx(expected, abs=1.6)
        assert (
            samples / 16_000 == pytest.approx(media.info.duration_s, abs=0.1) if media.info.has_sound else not samples
        )
