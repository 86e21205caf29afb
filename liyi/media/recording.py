"""A recording opened: time-stamped upright frames and mono 16 kHz samples on one clock, with bounded memory.

`open_media` surveys the packets once, so that length, streams and time stamps are what the file holds, whatever its
header says. `Media.frames` and `Media.samples` are independent passes, each with its own container. Damage never
ends a pass: what can be read is given, and a notice names the second.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.errors import MediaError, Notice
from liyi.core.names import readable_name
from liyi.media.container import opened, seek, stated_length_s
from liyi.media.files import CUT_OFF, check_file, head_of, sha256
from liyi.media.foreign import ENCRYPTED
from liyi.media.guard import check_length, check_tracks, too_many_packets
from liyi.media.kinds import is_photo
from liyi.media.limits import current_limits
from liyi.media.notices import (
    EARLY_END_S,
    LEAD_S,
    about_beginning,
    about_changes,
    about_clock,
    about_length,
    about_streams,
    second_of,
)
from liyi.media.picture import Image, make_renderer
from liyi.media.reading import Damage, needed_for, read
from liyi.media.sampling import slot
from liyi.media.sound import SAMPLE_RATE_HZ, Changes, Samples, laid_out, pieces
from liyi.media.survey import Stream, Track, survey
from liyi.media.tracks import Tracks, only_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from liyi.media.kinds import Kind
    from liyi.media.limits import Limits

# For a single picture, frames so long before it are decoded whole, should it be damaged itself.
SPARE_S = 0.5


@dataclass(frozen=True)
class MediaInfo:
    """What a recording is.

    Attributes
    ----------
    name, sha256 : str
        Base name and digest of the file.
    duration_s : float
        Seconds from the first frame (the first sample without a picture, or where the sound begins clearly earlier) to
        the end of the last packet.
    width, height : int
        Of the upright picture with square pixels; 0 without a picture.
    rotation_deg : int
        Clockwise rotation that brings the stored picture upright: 0, 90, 180 or 270.
    frame_rate_hz : float
        Mean rate of the frames; 0 without a picture or with a single frame.
    sample_rate_hz : int
        As recorded; 0 without sound.
    """

    name: str
    sha256: str
    duration_s: float
    width: int
    height: int
    rotation_deg: int
    has_picture: bool
    has_sound: bool
    frame_rate_hz: float
    sample_rate_hz: int


@dataclass(frozen=True)
class Frame:
    """One picture: ``t_s`` seconds from the recording's beginning, ``image`` (h, w, 3) RGB, upright."""

    t_s: float
    image: Image


@dataclass
class Media:
    """An opened recording; ``notices`` grows while it is read and stays in the order of the clock.

    ``unheard_s`` is known when the sound was read: seconds of the recording for which there is none, since it begins
    late, ends early, or was lost on the way.
    """

    path: Path
    info: MediaInfo
    notices: list[Notice] = field(default_factory=list)
    unheard_s: float = 0.0
    _picture: Track | None = None
    _sound: Track | None = None

    @property
    def kind(self) -> Kind:
        """What the recording is, by what can be read of it."""
        return "video" if self.info.has_picture else "sound"

    @property
    def clock(self) -> tuple[tuple[float, float], ...]:
        """Where the clock of the file was set right, as `liyi.etiquette.performance.Performance` holds it."""
        lead = self._picture or self._sound
        if lead is None or not lead.pieces:
            return ()
        _, zero_s = _on_one_clock(self._picture, self._sound)
        return ((0.0, 0.0), *((round(at_s - float(zero_s), 3), round(-added_s, 3)) for at_s, added_s in lead.pieces))

    def frames(self, *, rate_hz: float = 10.0, max_side: int = 960) -> Iterator[Frame]:
        """Sample the picture by its time stamps: the first frame of every slot of 1 / ``rate_hz`` seconds.

        Parameters
        ----------
        rate_hz : float
            Slots per second (`liyi.media.sampling.slot`). A slower recording gives every frame it has.
        max_side : int
            Longer side of the images in pixels, at most; pictures are never enlarged.

        Yields
        ------
        Frame
            In order of time, all of one size; nothing for a recording without a picture.
        """
        track = self._picture
        if track is None or track.geometry is None:
            return
        draw = make_renderer(track.geometry, max_side)
        damage = Damage()
        last = -1
        with opened(self.path) as container:
            for t_s, frame in read(container, track, track.start_s, damage, needed=needed_for(track, rate_hz)):
                here = int(slot(t_s, rate_hz))
                if here <= last:
                    continue
                image = draw(frame)
                if image is None:
                    damage.broken(t_s)
                    continue
                last = here
                yield Frame(t_s, image)
        self._tell("picture", damage)

    def frames_between(self, start_s: float, end_s: float, *, max_side: int = 960) -> Iterator[Frame]:
        """Give every frame from ``start_s`` to ``end_s`` seconds; nothing for a recording without a picture.

        Decoding begins at the key frame before, so that it takes as long as the stretch is, wherever it stands.
        """
        track = self._picture
        if track is None or track.geometry is None:
            return
        draw, damage = make_renderer(track.geometry, max_side), Damage()
        key = int(np.searchsorted(track.seconds(track.keys), start_s, side="right")) - 1
        begin = None if key < 0 or track.set_anew else int(track.keys[key])
        with opened(self.path) as container:
            if begin is not None and not seek(container, track.index, begin):
                return
            for t_s, frame in read(container, track, track.start_s, damage, begin=begin):
                if t_s > end_s:
                    return
                image = draw(frame) if t_s >= start_s else None
                if image is not None:
                    yield Frame(t_s, image)

    def frame_at(self, t_s: float, *, max_side: int = 1280) -> Frame:
        """Give the last frame at or before ``t_s`` seconds; the first frame for an earlier time.

        Raises
        ------
        MediaError
            Without a picture, or when no frame up to there can be decoded.
        """
        [frame] = self.frames_at([t_s], max_side=max_side)
        if frame is None:
            raise MediaError(self.path, "{file} has no readable picture at {second} s.", second=round(t_s, 1))
        return frame

    def frames_at(self, times_s: Sequence[float], *, max_side: int = 1280) -> list[Frame | None]:
        """Give `frame_at` of each time, in at most one pass: what several times need is decoded once.

        None stands where no frame up to there can be decoded.

        Raises
        ------
        MediaError
            Without a picture.
        """
        track = self._picture
        if track is None or track.geometry is None:
            raise MediaError(self.path, "{file} has no picture: choose a recording with a picture.")
        # A hundredth of a tick on top, so that a time which `frames` gave names that very frame again.
        begin_s = max(0.0, float(track.seconds(track.stamps[:1]).max(initial=0.0)))
        untils_s = [max(begin_s, t_s) + float(track.time_base) / 100 for t_s in times_s]
        keys_s = track.seconds(track.keys)
        groups: dict[int | None, list[float]] = {}
        for until_s in sorted(set(untils_s)):
            key = int(np.searchsorted(keys_s, until_s, side="right")) - 1
            groups.setdefault(None if key < 0 or track.set_anew else int(track.keys[key]), []).append(until_s)
        found: dict[float, Frame] = {}
        for begin, wanted_s in groups.items():
            found |= self._last_until(track, wanted_s, begin, max_side)
        lost = [until_s for begin in groups if begin is not None for until_s in groups[begin] if until_s not in found]
        if lost:
            found |= self._last_until(track, lost, None, max_side)
        return [found.get(until_s) for until_s in untils_s]

    def _last_until(
        self, track: Track, untils_s: Sequence[float], begin: int | None, max_side: int
    ) -> dict[float, Frame]:
        """Decode from the key frame at tick ``begin`` (None: from the start); the last frame up to each time."""
        assert track.geometry is not None
        draw, waiting = make_renderer(track.geometry, max_side), deque(untils_s)
        found: dict[float, Frame] = {}
        last: tuple[float, Any] | None = None

        def keep() -> None:
            """Give the next time that was asked for the frame that was last decoded before it."""
            image = draw(last[1]) if last else None
            until_s = waiting.popleft()
            if last and image is not None:
                found[until_s] = Frame(last[0], image)

        with opened(self.path) as container:
            if begin is not None and not seek(container, track.index, begin):
                return found
            needed = _shortly_before(track, untils_s)
            for t_s, frame in read(container, track, track.start_s, Damage(), needed=needed, begin=begin):
                while waiting and t_s > waiting[0]:
                    keep()
                if not waiting:
                    break
                last = t_s, frame
        while waiting:
            keep()
        return found

    def samples(self, *, block_s: float = 10.0) -> Iterator[Samples]:
        """Mono sound at 16 kHz in [-1, 1], laid out so that index / 16000 is the second on the frames' clock.

        Gaps are filled with silence, overlaps trimmed. Sound from before the first frame is left out when it is less
        than half a second; else the clock begins with it.

        Parameters
        ----------
        block_s : float
            Seconds per block.

        Yields
        ------
        array, shape (16000 * block_s,)
            Contiguous; the last one may be shorter. Nothing for a recording without sound.
        """
        if self._sound is None:
            return
        damage, changes = Damage(), Changes()
        _, origin_s = _on_one_clock(self._picture, self._sound)
        heard_s = 0.0
        with opened(self.path) as container:
            timed = read(container, self._sound, origin_s, damage)
            parts = pieces(timed, damage.broken, changes)
            for block in laid_out(parts, changes, block=max(1, round(block_s * SAMPLE_RATE_HZ))):
                heard_s += block.size / SAMPLE_RATE_HZ
                yield block
        around_s = max(0.0, float(self._sound.start_s - origin_s)), self.info.duration_s - heard_s
        self.unheard_s = changes.lost_s + sum(each for each in around_s if each > EARLY_END_S)
        self._tell("sound", damage)
        for notice in about_changes(changes):
            self._add(notice)

    def _tell(self, what: str, damage: Damage) -> None:
        """Turn the damage of one pass into a notice."""
        if damage.first_s is not None:
            at_s = damage.first_s if damage.recovered else damage.last_good_s
            self._add(Notice(_DAMAGE[what, damage.recovered], {"second": second_of(at_s)}))

    def _add(self, notice: Notice) -> None:
        """Add once, in the order of the clock: a second pass, or another order of passes, changes nothing."""
        if notice not in self.notices:
            self.notices.append(notice)
            self.notices.sort(key=lambda each: (each.fields.get("second", 0.0), each.sentence))


def _shortly_before(track: Track, untils_s: Sequence[float]) -> Callable[[Any], bool] | None:
    """Tell for a packet whether its frame may be the last before one of the times, were some before it damaged."""
    if not track.stamped:
        return None
    stamps_s, ends_s = track.seconds(track.stamps), np.asarray(untils_s)
    last = np.searchsorted(stamps_s, ends_s, side="right")
    first = np.searchsorted(stamps_s, ends_s - SPARE_S)
    wanted = {int(tick) for a, b in zip(first, last, strict=True) for tick in track.stamps[min(a, max(0, b - 1)) : b]}
    return lambda packet: packet.pts is None or packet.pts in wanted


_DAMAGE = {
    ("picture", True): "The picture is damaged at {second} s; damaged frames were left out.",
    ("picture", False): "The picture breaks off at {second} s; what came before was assessed.",
    ("sound", True): "The sound is damaged at {second} s; damaged parts were left out.",
    ("sound", False): "The sound breaks off at {second} s; what came before was assessed.",
}


def open_media(path: str | Path, *, track: str | None = None, shows: Callable[[Media], float] | None = None) -> Media:
    """Open a recording and survey what it holds; a picture file is a photo (`liyi.media.still.Photo`).

    Parameters
    ----------
    path
        The recording.
    track : str, optional
        Picture and sound to take where it holds several (`liyi.media.tracks`), such as ``v2,a1``.
    shows : callable, optional
        Asked of each of several pictures, as a recording of its own, how well it shows who is meant: that with the
        largest answer is taken.

    Raises
    ------
    MediaError
        When the file is missing, is no recording, is damaged from its start, encrypted, beyond the limits, or has no
        such track.
    """
    path = Path(path)
    check_file(path)
    if is_photo(head_of(path)):
        return _photo(path, track)
    limits = current_limits()
    with opened(path) as container:
        stated_s = stated_length_s(container)
        found = survey(container, most_packets=limits.packets, stated_s=stated_s)
        if found is None:
            raise too_many_packets(path, limits)
        animation = container.format.name == "gif"
    streams = found.streams
    if animation and sum(each.packets for each in streams) < 2:
        return _photo(path, track)
    tracks = Tracks(path, streams, track)
    digest = sha256(path)
    if shows is not None:
        tracks.look(lambda each: shows(_picture_alone(path, digest, each)))
    picture, sound = (each.track if each else None for each in (tracks.picture, tracks.sound))
    if picture is None and sound is None:
        raise _nothing(path, streams, limits, stated_s)
    check_tracks(path, picture, sound, limits)
    picture, zero_s = _on_one_clock(picture, sound)
    origin_s = float(zero_s)
    ends_s = {name: track.end_s - origin_s for name, track in (("picture", picture), ("sound", sound)) if track}
    check_length(path, max(ends_s.values()), limits)
    media = Media(path, _info(path, digest, picture, sound, max(ends_s.values())), _picture=picture, _sound=sound)
    for notice in (
        *tracks.notices(),
        *about_streams(streams, picture, sound),
        *about_clock(found, origin_s),
        *about_beginning(picture, sound, origin_s),
        *about_length(ends_s, stated_s, origin_s + sum(max(0.0, leap.by_s) for leap in found.leaps)),
    ):
        media._add(notice)
    return media


def _photo(path: Path, track: str | None) -> Media:
    from liyi.media.still import open_photo  # it opens behind the face of `Media`

    only_picture(path, track)
    return open_photo(path)


def _on_one_clock(picture: Track | None, sound: Track | None) -> tuple[Track | None, Fraction]:
    """The picture, and the second of the file's clock at which the recording begins: with its first picture.

    Where the sound begins clearly earlier (the camera was turned on later), it begins with the sound: then the
    picture's ``first`` is the tick of that second, and its first frame comes later.
    """
    if picture is None or sound is None:
        lead = picture or sound
        return picture, lead.start_s if lead else Fraction(0)
    if not (picture.stamped and sound.stamped) or picture.start_s - sound.start_s <= LEAD_S:
        return picture, picture.start_s
    picture = replace(picture, first=math.floor(sound.start_s / picture.time_base))
    return picture, picture.start_s


def _picture_alone(path: Path, digest: str, stream: Stream) -> Media:
    """One of several pictures as a recording."""
    track = stream.track
    length_s = track.end_s - float(track.start_s) if track else 0.0
    return Media(path, _info(path, digest, track, None, length_s), _picture=track)


def _info(path: Path, digest: str, picture: Track | None, sound: Track | None, duration_s: float) -> MediaInfo:
    geometry = picture.geometry if picture else None
    width, height = geometry.upright(geometry.coded) if geometry else (0, 0)
    return MediaInfo(
        name=readable_name(path.name),
        sha256=digest,
        duration_s=max(0.0, duration_s),
        width=width,
        height=height,
        rotation_deg=geometry.rotation_deg if geometry else 0,
        has_picture=picture is not None,
        has_sound=sound is not None,
        frame_rate_hz=picture.rate_hz if picture else 0.0,
        sample_rate_hz=sound.sample_rate_hz if sound else 0,
    )


def _nothing(path: Path, streams: Sequence[Stream], limits: Limits, stated_s: float | None) -> MediaError:
    """Say why a file that opened gives neither a frame nor a sample."""
    held = [each for each in streams if each.packets]
    if streams and not held and stated_s:  # its index came first, and nothing of what that names
        return MediaError(path, CUT_OFF)
    if any(each.encrypted for each in held):
        return MediaError(path, ENCRYPTED)
    if any(not each.readable for each in held):
        sentence = "{file} is coded in a way that cannot be read here: convert it to MP4 (H.264 and AAC)."
        return MediaError(path, sentence)
    if any(each.kind == "video" for each in held):
        sentence = "{file} is damaged, or its picture has more than {limit} megapixels: record or export it again."
        return MediaError(path, sentence, limit=f"{limits.megapixels:g}")
    if held:
        return MediaError(path, "{file} is damaged: record, copy or export it again.")
    return MediaError(path, "{file} holds neither picture nor sound: record it again.")
