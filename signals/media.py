"""A recording opened: time-stamped upright frames and mono 16 kHz samples on one clock, with bounded memory.

`open_media` surveys the packets once (no decoding beyond the first frame of each stream), so that length, streams
and time stamps are what the file holds, whatever its header says. `Media.frames` and `Media.samples` are
independent passes, each with its own container. Damage never ends a pass: what can be read is given, and a notice
names the second. The one module that knows PyAV.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.stream import Discard

from signals.errors import MediaError, Notice
from signals.files import check_file, refusal, sha256
from signals.timeline import SAMPLE_RATE_HZ, laid_out, sampled, slot

MAX_STREAMS = 64
MAX_SIDE = 16_384
MAX_PIXELS = 40_000_000  # 8K is 33 million; one decoded picture then stays under 130 MB
MAX_HOURS = 12

# Time stamps of live recorders jitter by some tens of ms; sound is moved only when it is off by more, since every
# move clicks. Lips and voice are seen apart from about 45 ms (ITU-R BT.1359).
DRIFT_S = 0.045
# Frames are reordered by less than this in every codec; a larger step back is a clock that was set anew.
CLOCK_BACK_S = 1.0
# A stream that ends this much before the other, or before the length in the header, is worth a notice.
EARLY_END_S = 1.0
# Fixed, not the machine's count: which frames survive in a damaged file may depend on it.
DECODER_THREADS = 4
# Consecutive failed reads after which the rest of the file counts as unreadable.
MAX_FAILED_READS = 100

# Containers of recordings. Left out on purpose: whatever opens other files or addresses (playlists, concat, DASH),
# stills and raw samples, which would match any bytes.
_FORMATS = (
    "mov,matroska,avi,asf,flv,live_flv,mpeg,mpegts,mpegvideo,mxf,ogg,wav,w64,mp3,aac,loas,flac,aiff,au,caf,amr,amrnb,"
    "amrwb,ape,wv,tta,tak,mpc,mpc8,ac3,eac3,dts,gif,h264,hevc,m4v,h263,obu,ivf,av1,nut,rm,wtv,dv,dhav,kux,mjpeg,mpjpeg,"
    "yuv4mpegpipe,gsm,voc,xwma,nistsphere"
)
# Their headers state a length; elsewhere FFmpeg estimates it from the bit rate.
_STATE_LENGTH = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "flv", "asf", "wav"}

Image = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class MediaInfo:
    """What a recording is.

    Attributes
    ----------
    name, sha256
        Base name and digest of the file.
    duration_s : float
        Seconds from the first frame (the first sample without a picture) to the end of the last, from the packets.
    width, height : int
        Of the upright picture with square pixels; 0 without a picture.
    rotation_deg : int
        Clockwise rotation that brings the stored picture upright: 0, 90, 180, 270.
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
    """One picture: ``t_s`` seconds from the recording's first frame, ``image`` (h, w, 3) RGB, upright."""

    t_s: float
    image: Image


@dataclass(frozen=True)
class _Geometry:
    """How a stored picture is shown: widened by ``aspect``, transposed, then mirrored along x and y."""

    coded: tuple[int, int]
    aspect: Fraction
    transpose: bool
    flip_x: bool
    flip_y: bool
    rotation_deg: int

    def upright(self, width: int, height: int) -> tuple[int, int]:
        """Size at which a stored picture of ``width`` x ``height`` is shown."""
        size = max(1, round(width * self.aspect)), height
        return (size[1], size[0]) if self.transpose else size


@dataclass(frozen=True)
class _Track:
    """One stream as the survey found it; ``stamps`` are the packets' presentation times in ticks, sorted."""

    index: int
    time_base: Fraction
    first: int
    stamps: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    end_s: float
    back_s: float | None
    stamped: bool
    rate_hz: float
    geometry: _Geometry | None = None
    sample_rate_hz: int = 0

    @property
    def start_s(self) -> Fraction:
        return self.first * self.time_base


@dataclass
class _Damage:
    """What went wrong in one pass, in seconds on the clock."""

    first_s: float | None = None
    last_good_s: float = 0.0
    recovered: bool = False

    def add(self, t_s: float | None = None) -> None:
        where = self.last_good_s if t_s is None else t_s
        self.first_s = where if self.first_s is None else min(self.first_s, where)
        self.recovered = False

    def good(self, t_s: float) -> None:
        self.last_good_s = max(self.last_good_s, t_s)
        self.recovered = True


@dataclass
class Media:
    """An opened recording. ``notices`` grows while it is read; it is in the order of the clock."""

    path: Path
    info: MediaInfo
    notices: list[Notice] = field(default_factory=list)
    _picture: _Track | None = None
    _sound: _Track | None = None

    def frames(self, *, rate_hz: float = 10.0, max_side: int = 960) -> Iterator[Frame]:
        """Frames sampled by time stamp: the first one of every slot of 1 / ``rate_hz`` seconds (see `timeline.slot`).

        Parameters
        ----------
        rate_hz : float
            Slots per second. A slower recording gives every frame it has.
        max_side : int
            Longer side of the images in pixels, at most; pictures are never enlarged. All images of a pass have one
            size: a picture that changes its shape on the way is fitted into the first one's.

        Yields
        ------
        Frame
            In order of time; nothing for a recording without a picture.
        """
        if self._picture is None:
            return
        track = self._picture
        draw = _painter(track, max_side)
        damage = _Damage()
        last = -1
        with _opened(self.path) as container:
            chosen = _chooser(track, rate_hz) if track.stamped else None
            for t_s, frame in _timed(_decoded(container, track, damage, chosen), track):
                here = int(slot(t_s, rate_hz))
                if here <= last or t_s < 0 or (track.back_s is not None and t_s > track.end_s - float(track.start_s)):
                    continue
                image = draw(frame)
                if image is None:
                    damage.add()
                    continue
                damage.good(t_s)
                last = here
                yield Frame(t_s, image)
        self._tell("picture", damage)

    def frame_at(self, t_s: float, *, max_side: int = 1280) -> Frame:
        """Give the last frame at or before ``t_s`` seconds (the first one for an earlier time).

        Raises
        ------
        MediaError
            Without a picture, or when no frame up to there can be decoded.
        """
        track = self._picture
        if track is None:
            raise MediaError(self.path, "{file} has no picture: choose a recording with a picture.")
        draw = _painter(track, max_side)
        # The hundredth of a tick makes a time that `frames` gave name that very frame again.
        ticks = track.first + max(0, math.floor(Fraction(t_s) / track.time_base + Fraction(1, 100)))
        before = track.keys[track.keys <= ticks]
        for key in (int(before[-1]) if before.size else None, None):
            found = self._last_until(track, t_s, ticks, key)
            if found is not None and (image := draw(found[1])) is not None:
                return Frame(found[0], image)
        raise MediaError(self.path, "{file} has no readable picture at {second} s.", second=round(t_s, 1))

    def _last_until(self, track: _Track, t_s: float, ticks: int, key: int | None) -> tuple[float, Any] | None:
        """Decode from the key frame ``key`` (None: from the start) and give the last frame up to ``ticks``."""
        found = None
        with _opened(self.path) as container:
            if key is not None:
                try:
                    container.seek(key, stream=container.streams[track.index])
                except av.error.FFmpegError:
                    return None
            for at_s, frame in _timed(_decoded(container, track, _Damage(), begin=key), track):
                beyond = frame.pts > ticks if track.stamped and frame.pts is not None else at_s > t_s + 1e-6
                if beyond and found is not None:
                    break
                if beyond and key is not None:
                    return None
                found = at_s, frame
                if beyond:
                    break
        return found

    def samples(self, *, block_s: float = 10.0) -> Iterator[Samples]:
        """Mono sound at 16 kHz in [-1, 1], laid out so that index / 16000 is the second on the frames' clock.

        Gaps are filled with silence, overlaps trimmed, and sound from before the first frame is left out.

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
        damage = _Damage()
        origin = (self._picture or self._sound).start_s
        with _opened(self.path) as container:
            pieces = _pieces(_decoded(container, self._sound, damage), self._sound.time_base, origin, damage)
            yield from laid_out(pieces, block=max(1, round(block_s * SAMPLE_RATE_HZ)))
        self._tell("sound", damage)

    def _tell(self, what: str, damage: _Damage) -> None:
        """Turn the damage of one pass into a notice."""
        if damage.first_s is None:
            return
        sentence, at_s = _DAMAGE[what, damage.recovered], damage.first_s if damage.recovered else damage.last_good_s
        _add(self.notices, Notice(sentence, {"second": round(max(0.0, at_s), 1)}))


_DAMAGE = {
    ("picture", True): "The picture is damaged at {second} s; damaged frames were left out.",
    ("picture", False): "The picture breaks off at {second} s; what came before was assessed.",
    ("sound", True): "The sound is damaged at {second} s; damaged parts were left out.",
    ("sound", False): "The sound breaks off at {second} s; what came before was assessed.",
}


def _add(notices: list[Notice], notice: Notice) -> None:
    """Add once, in the order of the clock, so that the order of the passes does not show."""
    if notice not in notices:
        notices.append(notice)
        notices.sort(key=lambda each: (each.fields.get("second", 0.0), each.sentence))


def open_media(path: str | Path) -> Media:
    """Open a recording and survey what it holds.

    Raises
    ------
    MediaError
        When the file is missing, is no recording, is damaged from its start, encrypted, or beyond the limits.
    """
    path = Path(path)
    check_file(path)
    with _opened(path) as container:
        _check_limits(path, container)
        surveys = _survey(container)
        announced_s = container.duration / av.time_base if container.format.name in _STATE_LENGTH and container.duration else 0.0
        gif = container.format.name == "gif"
    if gif and sum(each.packets for each in surveys) < 2:
        raise MediaError(path, "{file} is a still image: choose a recording with a moving picture or with sound.")
    picture, sound = (_best(surveys, kind) for kind in ("video", "audio"))
    if picture is None and sound is None:
        raise _nothing(path, surveys)
    return _media(path, picture, sound, surveys, announced_s)


def _media(
    path: Path, picture: _Track | None, sound: _Track | None, surveys: list[_Survey], announced_s: float
) -> Media:
    lead = picture or sound
    assert lead is not None
    origin_s = float(lead.start_s)
    ends = {name: track.end_s - origin_s for name, track in (("picture", picture), ("sound", sound)) if track}
    duration_s = max(0.0, *ends.values())
    if duration_s > MAX_HOURS * 3600:
        raise MediaError(
            path,
            "{file} lasts {hours} hours: cut it into parts of at most {limit} hours.",
            hours=round(duration_s / 3600, 1),
            limit=MAX_HOURS,
        )
    geometry = picture.geometry if picture else None
    width, height = geometry.upright(*geometry.coded) if geometry else (0, 0)
    info = MediaInfo(
        name=path.name,
        sha256=sha256(path),
        duration_s=duration_s,
        width=width,
        height=height,
        rotation_deg=geometry.rotation_deg if geometry else 0,
        has_picture=picture is not None,
        has_sound=sound is not None,
        frame_rate_hz=picture.rate_hz if picture and picture.stamps.size > 1 else 0.0,
        sample_rate_hz=sound.sample_rate_hz if sound else 0,
    )
    media = Media(path, info, _picture=picture, _sound=sound)
    for notice in _opening_notices(picture, sound, surveys, ends, announced_s):
        _add(media.notices, notice)
    return media


def _opening_notices(
    picture: _Track | None, sound: _Track | None, surveys: list[_Survey], ends: dict[str, float], announced_s: float
) -> Iterator[Notice]:
    kinds = {each.kind for each in surveys if each.packets}
    if picture is None and "video" in kinds:
        yield Notice("The picture cannot be decoded; only the sound was assessed.")
    if sound is None and "audio" in kinds:
        yield Notice("The sound cannot be decoded; only the picture was assessed.")
    if picture and not picture.stamped:
        yield Notice("The picture has no time stamps; {rate} frames per second were assumed.", {"rate": picture.rate_hz})
    origin_s = float((picture or sound).start_s)  # type: ignore[union-attr]
    for track in (picture, sound):
        if track and track.back_s is not None:
            second = round(track.back_s - origin_s, 1)
            yield Notice("The clock of the file is set back at {second} s; what follows was left out.", {"second": second})
    end_s = max(ends.values())
    if announced_s > end_s * 1.02 + EARLY_END_S:
        yield Notice(
            "The file announces {announced} s but ends at {second} s; what it holds was assessed.",
            {"announced": round(announced_s, 1), "second": round(end_s, 1)},
        )
    if len(ends) == 2 and ends["picture"] < ends["sound"] - EARLY_END_S:
        yield Notice("The picture ends at {second} s, before the sound.", {"second": round(ends["picture"], 1)})
    if len(ends) == 2 and ends["sound"] < ends["picture"] - EARLY_END_S:
        yield Notice("The sound ends at {second} s, before the picture.", {"second": round(ends["sound"], 1)})


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open the local file, and nothing that it may point to."""
    try:
        container = av.open(
            f"file:{path}",
            options={"protocol_whitelist": "file", "format_whitelist": _FORMATS, "max_pixels": str(MAX_PIXELS)},
            metadata_errors="replace",
        )
    except av.error.FFmpegError as fault:
        check_file(path)
        raise refusal(path) from fault
    with container:
        yield container


def _check_limits(path: Path, container: Any) -> None:
    if len(container.streams) > MAX_STREAMS:
        raise MediaError(
            path,
            "{file} has {count} streams: export it with one picture and one sound.",
            count=len(container.streams),
        )
    for stream in container.streams.video:
        width, height = (stream.width, stream.height) if stream.codec_context else (0, 0)
        if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
            raise MediaError(
                path,
                "{file} has a picture of {width} x {height} pixels: export it with at most 7680 x 4320.",
                width=width,
                height=height,
            )


# ---- the survey ----


class _Survey:
    """Packets of one stream, counted; decoded only until its first sound frame appears."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.kind, self.index = stream, stream.type, stream.index
        self.time_base: Fraction = stream.time_base
        self.default = bool(stream.disposition & av.stream.Disposition.default)
        self.codec = stream.codec_context.name if stream.codec_context else None
        self.first: Any = None
        self.packets = self.unstamped = 0
        self.encrypted = False
        self.stamps, self.ends, self.keys = array("q"), array("q"), array("q")
        self.track: _Track | None = None

    def take(self, packet: Any) -> None:
        self.packets += 1
        self.encrypted |= packet.has_sidedata("encryption_info")
        if packet.pts is None:
            self.unstamped += 1
        elif not packet.is_discard:
            self.stamps.append(packet.pts)
            self.ends.append(packet.pts + (packet.duration or 0))
            if packet.is_keyframe:
                self.keys.append(packet.pts)
        if self.first is None:
            self.look(packet)

    def look(self, packet: Any) -> None:
        """Decode until the first sound frame (``packet`` None: what the decoder still holds)."""
        if self.stream.codec_context is None or (packet is not None and packet.is_corrupt):
            return
        for frame in _frames_of(self.stream, packet):
            if frame is not None and not frame.is_corrupt and self.first is None:
                self.first = frame

    def finish(self) -> None:
        """Build the track while the container is still open."""
        if self.first is None and self.packets:
            self.look(None)
        if self.first is not None:
            self.track = _track(self)


def _survey(container: Any) -> list[_Survey]:
    surveys = {
        stream.index: _Survey(stream)
        for stream in container.streams
        if stream.type in ("video", "audio") and not _is_cover(stream)
    }
    for stream in container.streams:
        if stream.index not in surveys:
            stream.discard = Discard.all
        elif stream.codec_context:
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    for packet in _packets(container, list(surveys), lambda: None):
        surveys[packet.stream_index].take(packet)
    for each in surveys.values():
        each.finish()
    return list(surveys.values())


def _is_cover(stream: Any) -> bool:
    kinds = av.stream.Disposition
    return bool(stream.disposition & (kinds.attached_pic | kinds.timed_thumbnails | kinds.still_image))


def _track(survey: _Survey) -> _Track:
    """Sum up a survey whose first frame decoded."""
    stamps, ends = np.array(survey.stamps, dtype=np.int64), np.array(survey.ends, dtype=np.int64)
    keys = np.array(survey.keys, dtype=np.int64)
    stamped = stamps.size > survey.unstamped
    back_s = None
    if stamped:
        behind = np.maximum.accumulate(stamps) - stamps > CLOCK_BACK_S / survey.time_base
        if behind.any():
            cut = int(np.argmax(behind))
            stamps, ends = stamps[:cut], ends[:cut]
            keys = keys[keys <= stamps.max()]
            back_s = float(ends.max() * survey.time_base)
    stamps = np.unique(stamps)
    start = survey.first.pts if survey.first.pts is not None else survey.first.dts
    first = int(start) if stamped and start is not None else 0
    if stamped:
        rate_hz = float((stamps.size - 1) / ((stamps[-1] - stamps[0]) * survey.time_base)) if stamps.size > 1 else 0.0
        step = int(np.median(np.diff(stamps))) if stamps.size > 1 else 0
        end = int(ends.max())
        end_s = float((end if end > stamps[-1] else end + step) * survey.time_base)
    else:
        rate_hz = float(survey.stream.average_rate or survey.stream.guessed_rate or 25)
        end_s = survey.packets / rate_hz
    return _Track(
        index=survey.index,
        time_base=survey.time_base,
        first=first,
        stamps=stamps,
        keys=np.unique(keys),
        end_s=end_s,
        back_s=back_s,
        stamped=stamped,
        rate_hz=rate_hz,
        geometry=_geometry(survey) if survey.kind == "video" else None,
        sample_rate_hz=survey.first.sample_rate if survey.kind == "audio" else 0,
    )


def _geometry(survey: _Survey) -> _Geometry:
    """Orientation from the display matrix of the first frame, nearest right angle.

    The matrix maps a stored point to ``x' = a x + c y``, ``y' = b x + d y`` (libavutil/display.h).
    """
    frame = survey.first
    aspect = survey.stream.sample_aspect_ratio or Fraction(1)
    if not Fraction(1, 4) <= aspect <= 4:  # no camera has such pixels: a broken header
        aspect = Fraction(1)
    a, b, c, d = 1, 0, 0, 1
    side = frame.side_data.get("DISPLAYMATRIX")
    if side is not None:
        a, b, _, c, d = np.frombuffer(bytes(side), dtype="=i4")[:5].tolist()
    transpose = abs(b) + abs(c) > abs(a) + abs(d)
    return _Geometry(
        coded=(frame.width, frame.height),
        aspect=aspect,
        transpose=transpose,
        flip_x=(c if transpose else a) < 0,
        flip_y=(b if transpose else d) < 0,
        rotation_deg=round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360,
    )


def _best(surveys: list[_Survey], kind: str) -> _Track | None:
    """Pick the stream that decodes: the default one, then the largest picture, then the first."""

    def rank(each: _Survey) -> tuple[bool, int]:
        return each.default, each.first.width * each.first.height if kind == "video" else 0

    readable = [each for each in surveys if each.kind == kind and each.track]
    return max(readable, key=rank).track if readable else None


def _nothing(path: Path, surveys: list[_Survey]) -> MediaError:
    """Say why a file that opened gives neither a frame nor a sample."""
    held = [each for each in surveys if each.packets]
    if any(each.encrypted for each in held):
        return MediaError(path, "{file} is encrypted: choose a recording without copy protection.")
    if any(each.codec is None for each in held):
        return MediaError(
            path, "{file} is coded in a way that cannot be read here: convert it to MP4 (H.264 and AAC)."
        )
    if held:
        return MediaError(path, "{file} is damaged: nothing in it can be decoded; record or copy it again.")
    return MediaError(path, "{file} holds neither picture nor sound: record it again.")


# ---- decoding ----


def _packets(container: Any, indices: list[int], failed: Callable[[], None]) -> Iterator[Any]:
    """Packets of the streams ``indices``; goes on after a failed read as long as something still comes."""
    failures = 0
    streams = [container.streams[index] for index in indices]
    while streams and failures < MAX_FAILED_READS:
        try:
            for packet in container.demux(streams):
                if packet.size:
                    failures = 0
                    yield packet
            return
        except av.error.FFmpegError:
            failures += 1
            failed()


def _frames_of(stream: Any, packet: Any) -> Iterator[Any]:
    """Frames that come out of the decoder for ``packet`` (None: flush); None stands for a failure."""
    try:
        yield from stream.codec_context.decode(packet)
    except av.error.EOFError:
        return
    except (av.error.FFmpegError, ValueError):
        yield None


def _decoded(
    container: Any,
    track: _Track,
    damage: _Damage,
    chosen: Callable[[Any], bool] | None = None,
    begin: int | None = None,
) -> Iterator[Any]:
    """Frames of one track.

    ``chosen`` tells which packets must give their frame: the decoder may drop the others when no frame is predicted
    from them. ``begin`` is the time stamp of the key frame to start from.
    """
    for stream in container.streams:
        stream.discard = Discard.default if stream.index == track.index else Discard.all
    stream = container.streams[track.index]
    context = stream.codec_context
    context.options = {"max_pixels": str(MAX_PIXELS)}
    context.thread_type, context.thread_count = "AUTO", DECODER_THREADS
    started = begin is None

    def frames(packet: Any) -> Iterator[Any]:
        for frame in _frames_of(stream, packet):
            if frame is None or frame.is_corrupt:
                damage.add()
            else:
                yield frame

    for packet in _packets(container, [track.index], damage.add):
        started = started or (packet.pts == begin and packet.is_keyframe)
        if not started:
            continue
        if packet.is_corrupt:
            damage.add(float(packet.pts * track.time_base - track.start_s) if packet.pts is not None else None)
            continue
        if chosen is not None:
            context.skip_frame = "DEFAULT" if chosen(packet) else "NONREF"
        yield from frames(packet)
    yield from frames(None)


def _chooser(track: _Track, rate_hz: float) -> Callable[[Any], bool]:
    """Tell for a packet whether the sampling takes its frame.

    Known beforehand from the survey, so skipping never changes which frames are taken.
    """
    seconds = (track.stamps - track.first) * float(track.time_base)
    later = seconds >= 0
    wanted = set(track.stamps[later][sampled(seconds[later], rate_hz)].tolist())
    return lambda packet: packet.pts is None or packet.pts in wanted


def _timed(frames: Iterator[Any], track: _Track) -> Iterator[tuple[float, Any]]:
    """Frames with their seconds on the clock; without stamps they are counted."""
    step_s = 1 / track.rate_hz if track.rate_hz else 0.0
    t_s = -step_s
    for frame in frames:
        ticks = frame.pts if frame.pts is not None else frame.dts
        if track.stamped and ticks is not None:
            t_s = float((ticks - track.first) * track.time_base)
        else:
            t_s += step_s
        yield t_s, frame


def _painter(track: _Track, max_side: int) -> Callable[[Any], Image | None]:
    """Make the function that turns a decoded frame into an upright RGB image; None when it cannot be drawn."""
    geometry = track.geometry
    assert geometry is not None
    width, height = geometry.upright(*geometry.coded)
    scale = min(1.0, max_side / max(width, height))
    canvas = max(1, round(width * scale)), max(1, round(height * scale))
    converter = av.video.reformatter.VideoReformatter()

    def draw(frame: Any) -> Image | None:
        size = canvas
        if (frame.width, frame.height) != geometry.coded:
            shown = geometry.upright(frame.width, frame.height)
            fit = min(canvas[0] / shown[0], canvas[1] / shown[1])
            size = max(1, round(shown[0] * fit)), max(1, round(shown[1] * fit))
        stored = size[::-1] if geometry.transpose else size
        try:
            rgb = converter.reformat(frame, width=stored[0], height=stored[1], format="rgb24", interpolation="BILINEAR")
        except (av.error.FFmpegError, ValueError):
            return None
        image = rgb.to_ndarray()
        image = image.swapaxes(0, 1) if geometry.transpose else image
        image = image[:: -1 if geometry.flip_y else 1, :: -1 if geometry.flip_x else 1]
        if size != canvas:
            left, top = (canvas[0] - size[0]) // 2, (canvas[1] - size[1]) // 2
            board = np.zeros((canvas[1], canvas[0], 3), dtype=np.uint8)
            board[top : top + size[1], left : left + size[0]] = image
            image = board
        return np.ascontiguousarray(image)

    return draw


def _pieces(
    frames: Iterator[Any], time_base: Fraction, origin_s: Fraction, damage: _Damage
) -> Iterator[tuple[int | None, Samples]]:
    """Resample sound frames and say where on the clock each stretch begins (see `timeline.laid_out`)."""
    resampler, form = None, None
    start_s, count = 0.0, 0  # of the present stretch: its second, and its samples so far at the recorded rate
    nothing = np.zeros(0, dtype=np.float32)
    for frame in frames:
        expected_s = start_s + count / frame.sample_rate
        at_s = expected_s if frame.pts is None else float(frame.pts * time_base - origin_s)
        this = frame.sample_rate, frame.format.name, frame.layout.name
        if this != form or abs(at_s - expected_s) > DRIFT_S:
            yield from _resampled(resampler, None)
            resampler, form = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE_HZ), this
            start_s, count = at_s, 0
            yield round(at_s * SAMPLE_RATE_HZ), nothing
        count += frame.samples
        damage.good(at_s)
        yield from _resampled(resampler, frame)
    yield from _resampled(resampler, None)


def _resampled(resampler: Any, frame: Any) -> Iterator[tuple[None, Samples]]:
    """Resample one frame (None: what the resampler still holds)."""
    for out in resampler.resample(frame) if resampler else ():
        if out is not None:
            yield None, np.clip(np.nan_to_num(out.to_ndarray()[0]), -1.0, 1.0)
