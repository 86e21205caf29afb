"""Pieces joined: every frame and every sound at its time, whatever was torn off, and a file that can be sought."""

from __future__ import annotations

import itertools

import av
import numpy as np
import pytest

from liyi.core.errors import MediaError
from liyi.media import remux
from liyi.media.recording import open_media
from liyi.media.remux import join_pieces

FPS = 20.0
KINDS = {
    "webm": ("webm", "libvpx", "libopus", ".webm", {"live": "1"}),
    "matroska": ("matroska", "libx264", "libopus", ".mp4", {"live": "1"}),
    "mp4": ("mp4", "libx264", "aac", ".mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
}


def recorded(kit, folder, form, *, seconds=6.0, count=5):
    """Pieces as a browser's recorder gives them: a stream without length or index, cut anywhere."""
    name, picture, sound, _, options = KINDS[form]
    # real-time encoders send no B frames
    video = kit.video(seconds, FPS, codec=picture, options={"g": "20"} | ({"bf": "0"} if "264" in picture else {}))
    whole = kit.write(folder / f"{form}.live", video, kit.audio(seconds, codec=sound), form=name, **options)
    content = whole.read_bytes()
    cuts = np.linspace(0, len(content), count + 1).astype(int)
    return pieces_of(folder, form, [content[a:b] for a, b in itertools.pairwise(cuts)])


def pieces_of(folder, stem, contents):
    paths = [folder / f"{stem}-{n:06d}.part" for n in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


@pytest.mark.parametrize("form", KINDS)
def test_nothing_is_lost_and_times_stay(kit, tmp_path, form):
    joined = join_pieces(recorded(kit, tmp_path, form), tmp_path / "recording").path
    assert joined.name == f"recording{KINDS[form][3]}"
    media = open_media(joined)
    frames = list(media.frames(rate_hz=100))
    assert [kit.number_of(f.image) for f in frames] == list(range(120))
    sent = [f.t_s for f in open_media(tmp_path / f"{form}.live").frames(rate_hz=100)]
    assert [f.t_s for f in frames] == pytest.approx(sent, abs=0.002)
    assert kit.burst_starts(np.concatenate(list(media.samples()))) == pytest.approx(range(6), abs=0.03)
    assert media.notices == []


@pytest.mark.parametrize("form", KINDS)
def test_it_can_be_sought_and_states_its_length(kit, tmp_path, form):
    joined = join_pieces(recorded(kit, tmp_path, form), tmp_path / "recording").path
    with av.open(str(joined)) as container:
        assert container.duration / av.time_base == pytest.approx(6.0, abs=0.1)
        stream = container.streams.video[0]
        container.seek(round(4.5 / stream.time_base), stream=stream)
        frame = next(container.decode(stream))
    assert 3.9 < frame.time <= 4.5


@pytest.mark.parametrize("form", KINDS)
def test_a_torn_end_loses_only_itself(kit, tmp_path, form):
    pieces = recorded(kit, tmp_path, form, count=12)
    torn = pieces_of(tmp_path, "torn", [p.read_bytes() for p in pieces[:10]])
    torn[-1].write_bytes(torn[-1].read_bytes()[:101])
    media = open_media(join_pieces(torn, tmp_path / "recording").path)
    numbers = [kit.number_of(f.image) for f in media.frames(rate_hz=100)]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 60


def test_a_second_run_of_the_recorder_follows_the_first(kit, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    pieces = recorded(kit, tmp_path / "a", "webm", seconds=3.0) + recorded(kit, tmp_path / "b", "webm", seconds=2.0)
    media = open_media(join_pieces(pieces, tmp_path / "recording").path)
    frames = list(media.frames(rate_hz=100))
    assert [kit.number_of(f.image) for f in frames] == [*range(60), *range(40)]
    steps = np.diff([f.t_s for f in frames])
    assert steps.min() > 0.04
    assert steps.max() < 0.1
    assert media.info.duration_s == pytest.approx(5.0, abs=0.1)


def test_same_pieces_same_bytes(kit, tmp_path):
    pieces = recorded(kit, tmp_path, "webm")
    first = join_pieces(pieces, tmp_path / "one").path.read_bytes()
    assert first == join_pieces(pieces, tmp_path / "two").path.read_bytes()


@pytest.mark.parametrize("contents", [[], [b"no header"], [b"\x1a\x45\xdf\xa3 and then nothing that can be read"]])
def test_nothing_to_join_is_said(tmp_path, contents):
    with pytest.raises(MediaError):
        join_pieces(pieces_of(tmp_path, "bad", contents), tmp_path / "recording")
    assert not list(tmp_path.glob("recording*"))
    assert not list(tmp_path.glob(".join-*"))


# ---- what changes from run to run, and pictures that are reordered ----

LIVE = {
    "webm": ("webm", {"live": "1"}),
    "matroska": ("matroska", {"live": "1"}),
    "mp4": ("mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
}


def run(kit, folder, name, size, *, form="mp4", codec="libx264", audio="aac", options=None, **sound):
    """One run of a recorder, 2 s, at a camera's size."""
    container, more = LIVE[form]
    video = kit.video(2.0, FPS, codec=codec, size=size, options={"g": "20"} | (options or {}))
    return kit.write(folder / name, video, kit.audio(2.0, codec=audio, **sound), form=container, **more)


@pytest.mark.parametrize(
    ("form", "codec", "audio", "options"),
    [
        ("webm", "libvpx", "libopus", {}),
        ("webm", "libvpx-vp9", "libopus", {"deadline": "realtime", "cpu-used": "8"}),
        ("mp4", "libx264", "aac", {"bf": "0"}),
        ("mp4", "libx264", "libopus", {"bf": "2"}),
        ("matroska", "libx264", "libopus", {"bf": "0"}),
        ("mp4", "libx265", "aac", {"preset": "ultrafast", "x265-params": "log-level=none:keyint=20:bframes=0"}),
        ("mp4", "libsvtav1", "libopus", {"preset": "12", "svtav1-params": "pred-struct=1:lp=1"}),
    ],
)
def test_a_camera_of_another_size_continues(kit, tmp_path, monkeypatch, form, codec, audio, options):
    monkeypatch.setenv("SVT_LOG", "0")
    runs = [run(kit, tmp_path, f"{n}.part", size, form=form, codec=codec, audio=audio, options=options)
            for n, size in enumerate([(192, 108), (96, 54), (192, 108)])]  # fmt: skip
    joined = join_pieces(runs, tmp_path / "recording")
    assert joined.lost_s == 0
    media = open_media(joined.path)
    frames = list(media.frames(rate_hz=100))
    assert [kit.number_of(f.image) for f in frames] == list(range(40)) * 3
    assert np.diff([f.t_s for f in frames]).min() > 0.04
    # a browser seeks: what a decoder knows from the second run must not be taken for the first
    assert [kit.number_of(media.frame_at(t_s).image) for t_s in (5.0, 1.0, 3.0)] == pytest.approx([20, 20, 20], abs=2)
    assert sum(map(len, media.samples())) / 16000 == pytest.approx(6.0, abs=0.15)
    assert media.notices == []


@pytest.mark.parametrize("form", ["mp4", "matroska"])
@pytest.mark.parametrize("reordered", [("2", "2"), ("0", "4"), ("4", "0")])
def test_pictures_that_are_reordered_are_all_kept(kit, tmp_path, form, reordered):
    runs = [
        run(kit, tmp_path, f"{n}.part", (192, 108), form=form, options={"bf": bf}) for n, bf in enumerate(reordered)
    ]
    joined = join_pieces(runs, tmp_path / "recording")
    assert joined.lost_s == 0
    frames = list(open_media(joined.path).frames(rate_hz=100))
    assert [kit.number_of(f.image) for f in frames] == list(range(40)) * 2


@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_run_that_was_stopped_at_once_costs_only_itself(kit, tmp_path, form, share):
    whole = b"".join(piece.read_bytes() for piece in recorded(kit, tmp_path, form, seconds=3.0))
    first = next(at for mark in (b"\x1f\x43\xb6\x75", b"moof") if (at := whole.find(mark)) > 0)
    torn = whole[: 20 + int(share * (first - 60))]
    for order in ([torn, whole], [whole, torn]):
        joined = join_pieces(pieces_of(tmp_path, "torn", order), tmp_path / "recording")
        assert (joined.lost_s, open_media(joined.path).info.duration_s) == (0.0, pytest.approx(3.0, abs=0.1))
    with pytest.raises(MediaError, match="Nothing in the recording can be read"):
        join_pieces(pieces_of(tmp_path, "torn", [torn]), tmp_path / "recording")


def test_what_a_run_holds_that_cannot_be_read_is_kept(kit, tmp_path):
    whole = b"".join(piece.read_bytes() for piece in recorded(kit, tmp_path, "webm", seconds=3.0))
    broken = whole[:8] + bytes(len(whole))
    assert join_pieces(pieces_of(tmp_path, "bad", [whole, broken]), tmp_path / "recording").lost_s > 2.0


def test_a_picture_that_comes_with_a_later_run_is_kept(kit, tmp_path):
    sound = kit.write(tmp_path / "sound.live", kit.audio(2.0, codec="libopus"), form="webm", live="1").read_bytes()
    both = b"".join(piece.read_bytes() for piece in recorded(kit, tmp_path, "webm", seconds=2.0))
    joined = join_pieces(pieces_of(tmp_path, "later", [sound, both]), tmp_path / "recording")
    frames = list(open_media(joined.path).frames(rate_hz=100))
    assert joined.lost_s == 0
    assert [kit.number_of(f.image) for f in frames] == list(range(40))
    assert frames[0].t_s == pytest.approx(2.0, abs=0.1)


def test_what_cannot_be_joined_is_told(kit, tmp_path):
    same = run(kit, tmp_path, "a.part", (192, 108))
    other_sound = run(kit, tmp_path, "b.part", (192, 108), rate=16_000)
    other_picture = run(kit, tmp_path, "c.part", (192, 108), form="webm", codec="libvpx", audio="libopus")
    assert join_pieces([same, same], tmp_path / "whole").lost_s == 0
    assert join_pieces([same, other_sound], tmp_path / "sound").lost_s == pytest.approx(2.0, abs=0.1)
    assert join_pieces([same, other_picture], tmp_path / "picture").lost_s == pytest.approx(2.0, abs=0.1)


def test_a_joined_file_that_does_not_decode_is_told(kit, tmp_path, monkeypatch):
    runs = [run(kit, tmp_path, f"{n}.part", size, options={"bf": "0"}) for n, size in enumerate([(192, 108), (96, 54)])]
    monkeypatch.setattr(remux, "_before_key_frames", lambda streams: b"")  # as if the second camera were the first
    assert join_pieces(runs, tmp_path / "recording").lost_s == pytest.approx(2.0, abs=0.1)
