"""A photo opened: one upright RGB picture at second 0, behind the same face as a recording (`Media`).

Pillow decodes it, and libheif what telephones write as HEIC, whose grid of tiles FFmpeg gives in pieces. Only the one
reader that the first bytes name is asked. The size is known, and checked, before a pixel is decoded.
"""

from __future__ import annotations

import io
import mmap
import re
import struct
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.errors import MediaError, Notice
from liyi.core.names import readable_name
from liyi.core.words import N_
from liyi.media.container import DECODER_THREADS
from liyi.media.files import head_of, open_recording, sha256
from liyi.media.kinds import photo_readers
from liyi.media.limits import current_limits
from liyi.media.recording import Frame, Media, MediaInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image as Picture

    from liyi.media.kinds import Kind
    from liyi.media.picture import Image
    from liyi.media.sound import Samples

_BYTES_A_PIXEL = 16  # more than any kind of picture needs
_ORIENTATION, _SUBFILE, _DNG = 0x0112, 0x00FE, 0xC612  # tags of EXIF and TIFF
_SIDEWAYS = frozenset((5, 6, 7, 8))  # orientations that swap width and height
_TURNED = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_PAPER = (255, 255, 255)  # behind what is transparent, as viewers show it
# A video's own first box behind the picture: Google's motion photos append one, Samsung's too, also inside a box.
_FILM = re.compile(rb"ftyp(?:mp4|isom|iso\d|avc1|qt  |3gp)", re.DOTALL)
_FILM_FROM = 12  # behind the first box of a HEIC itself
# What Pillow and its readers raise on damaged files.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError,
           RuntimeError, NotImplementedError, struct.error)  # fmt: skip
_decoding = threading.Lock()  # reading on past a break is a switch of the whole process in Pillow

_CUT_OFF = N_("The picture file was cut off: what is missing at its end is blank.")
_SEVERAL = N_("The file holds {count} pictures: only the first was assessed.")
_MOTION = N_("The file is a motion photo: only its still picture was assessed, not the video behind it.")
_TOO_LARGE = "{file} has {size} megapixels: export it with at most {limit} megapixels."
_DAMAGED = "{file} is damaged: take, copy or export the photo again."
_RAW = "{file} is a camera's raw picture: export it as JPEG."
_HEIC = ("{file} cannot be read as HEIC: export it as JPEG; iPhones take JPEG when Settings > Camera > Formats says "
         "Most Compatible.")  # fmt: skip


@dataclass
class Photo(Media):
    """A photo behind the face of a recording: a single frame at second 0, no sound."""

    @property
    def kind(self) -> Kind:
        """Always ``photo``."""
        return "photo"

    def frames(self, *, rate_hz: float = 10.0, max_side: int = 960) -> Iterator[Frame]:
        """The picture; parameters as in `Media.frames`."""
        yield self.frame_at(0.0, max_side=max_side)

    def frame_at(self, t_s: float, *, max_side: int = 1280) -> Frame:
        """The picture, whatever second is asked for; raises MediaError when it cannot be decoded."""
        return Frame(0.0, self._decoded(max_side))

    def frames_at(self, times_s: Sequence[float], *, max_side: int = 1280) -> list[Frame | None]:
        """The picture for each time."""
        frame = self.frame_at(0.0, max_side=max_side)
        return [frame for _ in times_s]

    def samples(self, *, block_s: float = 10.0) -> Iterator[Samples]:
        """Nothing."""
        yield from ()

    def _decoded(self, max_side: int) -> Image:
        for broken in (False, True):
            with _opened(self.path, broken=broken) as picture:
                if _loads(picture):
                    if broken:
                        self._add(Notice(_CUT_OFF))
                    return _upright(picture, max_side)
        raise _unreadable(self.path)


def open_photo(path: Path) -> Photo:
    """Open a picture file whose first bytes say that it is one.

    Raises
    ------
    MediaError
        When it is damaged from its start, larger than the limits, or of a kind that is not read.
    """
    limits = current_limits()
    with open_recording(path) as file:
        size = file.seek(0, io.SEEK_END)
    if size > _BYTES_A_PIXEL * limits.megapixels * 1e6:
        raise MediaError(path, _TOO_LARGE, size=f"> {limits.megapixels:g}", limit=f"{limits.megapixels:g}")
    with _opened(path) as picture:
        width, height = picture.size
        if width * height > limits.megapixels * 1e6:
            raise MediaError(path, _TOO_LARGE, size=round(width * height / 1e6), limit=f"{limits.megapixels:g}")
        if _is_raw(picture, head_of(path)):
            raise MediaError(path, _RAW)
        turned = _orientation(picture)
        if turned in _SIDEWAYS and picture.format != "TIFF":  # whose size is the upright one
            width, height = height, width
        count = _count(picture)
    photo = Photo(path, _info(path, (width, height), turned))
    if count > 1:
        photo._add(Notice(_SEVERAL, {"count": count}))
    if _has_film(path):
        photo._add(Notice(_MOTION))
    return photo


def _info(path: Path, size: tuple[int, int], orientation: int) -> MediaInfo:
    return MediaInfo(
        name=readable_name(path.name), sha256=sha256(path), duration_s=0.0, width=size[0], height=size[1],
        rotation_deg=_TURNED.get(orientation, 0), has_picture=True, has_sound=False, frame_rate_hz=0.0,
        sample_rate_hz=0,
    )  # fmt: skip


@contextmanager
def _opened(path: Path, *, broken: bool = False) -> Iterator[Picture]:
    """The picture with its size known and no pixel decoded; ``broken`` makes of a cut off one what there is."""
    import pi_heif
    from PIL import Image, ImageFile

    readers = photo_readers(head_of(path))
    if "HEIF" in readers:
        pi_heif.register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=DECODER_THREADS
        )
    with _decoding, warnings.catch_warnings(), io.BufferedReader(open_recording(path)) as file:
        warnings.simplefilter("ignore")  # of sizes, which are checked here, and of odd tags
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, broken
        try:
            try:
                picture = Image.open(file, formats=readers)
            except Image.DecompressionBombError as fault:
                limit = f"{current_limits().megapixels:g}"
                raise MediaError(path, _TOO_LARGE, size=f"> {limit}", limit=limit) from fault
            except _DAMAGE as fault:
                raise _unreadable(path) from fault
            with picture:
                try:
                    yield picture
                except _DAMAGE as fault:  # whatever is asked of a damaged file
                    raise _unreadable(path) from fault
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _loads(picture: Picture) -> bool:
    """Decode the pixels; False where that is not possible."""
    try:
        picture.load()
    except (*_DAMAGE, MemoryError):
        return False
    return True


def _unreadable(path: Path) -> MediaError:
    return MediaError(path, _HEIC if "HEIF" in photo_readers(head_of(path)) else _DAMAGED)


def _count(picture: Picture) -> int:
    """How many pictures the file holds; of what a camera adds to a JPEG (the other eye, a gain map) none is one."""
    try:
        return 1 if picture.format == "MPO" else int(getattr(picture, "n_frames", 1))
    except _DAMAGE:  # in a later picture than the first
        return 1


def _orientation(picture: Picture) -> int:
    """How the stored picture is to be turned, 1 to 8, by its EXIF; 1 where that says nothing that can be read."""
    try:
        found = picture.getexif().get(_ORIENTATION, 1)
    except _DAMAGE:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _upright(picture: Picture, max_side: int) -> Image:
    """The decoded picture as RGB, turned as its EXIF says, (h, w, 3), never enlarged."""
    from PIL import Image

    # TIFF is turned while it is decoded, and then says no more of it
    turn = _turns().get(_orientation(picture))
    shown = _rgb(picture)
    scale = min(1.0, max_side / max(shown.size))
    if scale < 1:
        size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
        shown = shown.resize(size, Image.Resampling.BILINEAR)
    if turn is not None:
        shown = shown.transpose(turn)
    return np.array(shown, dtype=np.uint8)


def _turns() -> dict[int, Any]:
    """What brings a picture upright, by its orientation."""
    from PIL.Image import Transpose

    return {
        2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM, 5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90,
    }  # fmt: skip


def _rgb(picture: Picture) -> Picture:
    """The picture in eight bits a colour: deep grey brought down, transparency laid on white."""
    from PIL import Image

    if picture.mode.startswith("I") or picture.mode == "F":
        return Image.fromarray(_eight_bits(np.asarray(picture, dtype=np.float64))).convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (*_PAPER, 255))
        return Image.alpha_composite(paper, layer).convert("RGB")
    return picture.convert("RGB")


def _eight_bits(grey: Any) -> Image:
    """Grey values of any range as 0..255: of 16 bits the upper eight, of fractions or more than that what they span."""
    grey = np.where(np.isfinite(grey), grey, np.nan)
    known = grey[~np.isnan(grey)]
    low, high = float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
    if low >= 0 and 1 < high <= 0xFFFF:
        scaled = grey / 257.0
    else:
        scaled = (grey - low) * (255.0 / (high - low)) if high > low else np.zeros(grey.shape)
    return np.asarray(np.nan_to_num(scaled).round(), dtype=np.uint8)


def _is_raw(picture: Picture, head: bytes) -> bool:
    """Whether a TIFF is a camera's raw file, whose first picture is a small preview."""
    tags = getattr(picture, "tag_v2", None)
    return tags is not None and (head[8:10] == b"CR" or _DNG in tags or bool(int(tags.get(_SUBFILE, 0)) & 1))


def _has_film(path: Path) -> bool:
    """Whether a video stands behind the picture."""
    with open_recording(path) as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _FILM.search(content, _FILM_FROM) is not None
        except (OSError, ValueError):  # handed in by another process: no file of this one
            return _FILM.search(file.read() or b"", _FILM_FROM) is not None
