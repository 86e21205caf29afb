"""A stretch cut out of a recording: it begins and ends where it was asked to, and holds nothing else."""

from __future__ import annotations

import av
import numpy as np
import pytest

from liyi.core.errors import LiyiError
from liyi.media.cut import cut
from liyi.media.recording import open_media
from liyi.media.sound import SAMPLE_RATE_HZ
from liyi.scoring.limited import cut_limited

RATE = 25


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """Twelve seconds whose only key frame is the first; second n has grey 20 n + 10, and a tone in second 5 alone."""
    path = tmp_path_factory.mktemp("counted") / "counted.mp4"
    with av.open(str(path), "w") as output:
        picture = output.add_stream("libx264", rate=RATE, options={"g": "1000", "sc_threshold": "0"})
        picture.width, picture.height, picture.pix_fmt = 162, 90, "yuv420p"
        sound = output.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="mono")
        for n in range(12 * RATE):
            grey = np.full((90, 162, 3), 20 * (n // RATE) + 10, dtype=np.uint8)
            output.mux(picture.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        t = np.arange(12 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
        tone = np.where((t >= 5) & (t < 6), 0.5 * np.sin(2 * np.pi * 440 * t), 0).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        output.mux(sound.encode(frame))
        for stream in (picture, sound):
            output.mux(stream.encode(None))
    return path


def greys(path) -> list[tuple[float, int]]:
    """Second of the recording as which each picture of the cut looks, by its own clock."""
    return [(frame.t_s, round((float(frame.image.mean()) - 10) / 20)) for frame in open_media(path).frames(rate_hz=100)]


def test_it_holds_the_stretch_and_nothing_else(counted, tmp_path):
    clip = tmp_path / "clip.webm"
    cut(open_media(counted), 5.0, 7.0, clip)
    shown = greys(clip)
    assert {grey for _, grey in shown} == {5, 6, 7}
    assert [grey for _, grey in shown].count(7) == 1  # the picture of the last moment itself
    assert all(grey == 5 + int(t + 0.005) for t, grey in shown)
    made = open_media(clip)
    assert made.info.duration_s == pytest.approx(2.0, abs=0.1)
    heard = np.concatenate(list(made.samples()))
    loud = np.abs(heard) > 0.1
    assert loud[: SAMPLE_RATE_HZ // 2].any()
    assert not loud[int(1.1 * SAMPLE_RATE_HZ) :].any()
    assert counted.name.encode() not in clip.read_bytes()


def test_sound_alone_and_silence(counted, tmp_path):
    clip = tmp_path / "clip.webm"
    media = open_media(counted)
    media._picture = None
    cut(media, 5.0, 6.0, clip)
    made = open_media(clip)
    assert (made.kind, made.info.duration_s) == ("sound", pytest.approx(1.0, abs=0.1))
    with pytest.raises(LiyiError, match="neither picture nor sound"):
        cut(media, 40.0, 41.0, tmp_path / "none.webm")


def test_it_is_cut_in_a_child(counted, tmp_path):
    cut_limited(counted, tmp_path / "clip.webm", 2.0, 4.0)
    assert {grey for _, grey in greys(tmp_path / "clip.webm")} == {2, 3, 4}
    with pytest.raises(LiyiError):
        cut_limited(tmp_path / "nothing.mp4", tmp_path / "other.webm", 2.0, 4.0)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.webm"]
