"""Which of several pictures and sounds is taken, and that it is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from av.stream import Disposition

from liyi.core.errors import MediaError
from liyi.media.recording import open_media
from liyi.media.tracks import Tracks

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def silence(kit: ModuleType, seconds: float = 2.0, level: float = 0.0) -> Any:
    return kit.Audio([(0.0, np.full(round(seconds * 48_000), level, np.float32))], codec="pcm_s16le")


def loud(path: Path, **options: Any) -> bool:
    return any(np.abs(block).max() > 0.2 for block in open_media(path, **options).samples())


@pytest.mark.parametrize(("codec", "level"), [("pcm_s16le", 0.0), ("pcm_s16le", 0.1), ("aac", 0.0), ("libopus", 0.0)])
def test_silence_never_wins_over_sound(codec: str, level: float, tmp_path: Path, kit: ModuleType) -> None:
    first = kit.Audio(silence(kit, 4.0, level).stretches, codec=codec)
    voice = 0.5 * np.sin(np.arange(3 * 48_000) / 20).astype(np.float32)
    late = kit.Audio([(0.0, np.concatenate([np.zeros(48_000, np.float32), voice]))], codec=codec)
    path = kit.write(tmp_path / "a.mkv", kit.video(4.0), first, late)
    assert loud(path)
    [notice] = open_media(path).notices
    assert notice.text == "The file holds 2 sounds: a2 was assessed; with the option track it would be a1."
    assert not loud(path, track="a1")


def test_one_sound_or_two_that_are_heard_stay_as_they_are(tmp_path: Path, kit: ModuleType) -> None:
    path = kit.write(tmp_path / "a.mkv", kit.audio(2.0, codec="aac"), kit.audio(2.0, codec="pcm_s16le"))
    [notice] = open_media(path).notices
    assert notice.fields["taken"] == "a1"
    assert open_media(kit.write(tmp_path / "b.mkv", silence(kit))).notices == []


def two_pictures(folder: Path, kit: ModuleType) -> Path:
    small, large = kit.video(2.0, size=(96, 54)), kit.video(2.0, images=lambda i: kit.stripes(9, (192, 108)))
    return kit.write(folder / "a.mkv", small, large, kit.audio(2.0))


def test_what_was_asked_for_is_taken(tmp_path: Path, kit: ModuleType) -> None:
    path = two_pictures(tmp_path, kit)
    assert [open_media(path, track=each).info.width for each in ("v1", "v2", "v1,a1", "v2,a1")] == [96, 192, 96, 192]
    assert next(open_media(path, track="v2").frames()).image.shape == (108, 192, 3)


@pytest.mark.parametrize("track", ["v3", "a2", "v1,a2"])
def test_a_track_that_is_not_there_is_refused_with_what_there_is(track: str, tmp_path: Path, kit: ModuleType) -> None:
    with pytest.raises(MediaError, match="that can be read: there is v1, v2, a1"):
        open_media(two_pictures(tmp_path, kit), track=track)


def test_of_two_pictures_the_one_is_taken_that_shows_somebody(tmp_path: Path, kit: ModuleType) -> None:
    path = two_pictures(tmp_path, kit)
    seen = []

    def shows(media: Any) -> float:
        seen.append((media.info.width, media.info.has_sound, kit.number_of(media.frame_at(1.0).image)))
        return float(media.info.width == 96)

    media = open_media(path, shows=shows)
    assert sorted(seen) == [(96, False, 25), (192, False, 9)]
    assert media.info.width == 96
    assert media.notices[0].text.startswith("The file holds 2 pictures: v1 was assessed")
    seen.clear()
    assert open_media(path, track="v2", shows=shows).info.width == 192
    assert open_media(kit.write(tmp_path / "b.mkv", kit.video(1.0)), shows=shows).info.width == 192
    assert seen == []


def stream(kind: str, *, aside: bool = False, rank: int = 0, readable: bool = True) -> Any:
    return SimpleNamespace(
        kind=kind, aside=aside, rank=lambda: (True, False, rank), track=object() if readable else None
    )


def test_what_accompanies_a_recording_never_wins(tmp_path: Path) -> None:
    sounds = [stream("audio", aside=True, rank=9), stream("audio"), stream("audio", rank=9, readable=False)]
    assert Tracks(tmp_path, sounds, None).sound is sounds[1]
    assert Tracks(tmp_path, sounds[:1], None).sound is sounds[0]
    assert Tracks(tmp_path, sounds, "a1").sound is sounds[0]
    assert Tracks(tmp_path, [], None).picture is None


def test_a_comment_is_marked_as_one(tmp_path: Path, kit: ModuleType) -> None:
    plain, path = kit.write(tmp_path / "p.mkv", kit.audio(1.0), kit.audio(1.0, codec="flac")), tmp_path / "a.mkv"
    with av.open(str(plain)) as source, av.open(str(path), "w") as out:
        streams: list[Any] = [out.add_stream_from_template(each) for each in source.streams.audio]
        streams[0].disposition = Disposition.comment | Disposition.default
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                out.mux(packet)
    assert open_media(path).notices[0].fields["taken"] == "a2"
