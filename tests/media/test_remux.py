"""Pieces joined: every frame and every sound at its time, whatever was torn off, and a file that can be sought."""

from __future__ import annotations

import itertools

import av
import numpy as np
import pytest

from liyi.core.errors import MediaError
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
    joined = join_pieces(recorded(kit, tmp_path, form), tmp_path / "recording")
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
    joined = join_pieces(recorded(kit, tmp_path, form), tmp_path / "recording")
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
    media = open_media(join_pieces(torn, tmp_path / "recording"))
    numbers = [kit.number_of(f.image) for f in media.frames(rate_hz=100)]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 60


def test_a_second_run_of_the_recorder_follows_the_first(kit, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    pieces = recorded(kit, tmp_path / "a", "webm", seconds=3.0) + recorded(kit, tmp_path / "b", "webm", seconds=2.0)
    media = open_media(join_pieces(pieces, tmp_path / "recording"))
    frames = list(media.frames(rate_hz=100))
    assert [kit.number_of(f.image) for f in frames] == [*range(60), *range(40)]
    steps = np.diff([f.t_s for f in frames])
    assert steps.min() > 0.04
    assert steps.max() < 0.1
    assert media.info.duration_s == pytest.approx(5.0, abs=0.1)


def test_same_pieces_same_bytes(kit, tmp_path):
    pieces = recorded(kit, tmp_path, "webm")
    first = join_pieces(pieces, tmp_path / "one").read_bytes()
    assert first == join_pieces(pieces, tmp_path / "two").read_bytes()


@pytest.mark.parametrize("contents", [[], [b"no header"], [b"\x1a\x45\xdf\xa3 and then nothing that can be read"]])
def test_nothing_to_join_is_said(tmp_path, contents):
    with pytest.raises(MediaError):
        join_pieces(pieces_of(tmp_path, "bad", contents), tmp_path / "recording")
    assert not list(tmp_path.glob("recording*"))
    assert not list(tmp_path.glob(".join-*"))
