"""The border to PyAV: a local file opened and nothing that it points to, packets and frames past any damage.

FFmpeg's exceptions end here: a file that cannot be opened is a `MediaError`, damage on the way is reported to the
caller and the reading goes on. What PyAV has no name for (a kind of side data newer than itself, a sample format) it
answers with a ValueError, asked for or not; so what else is read of its frames and streams than plain numbers is read
here. PyAV keeps FFmpeg's own log lines off the terminal unless they are asked for.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt
from av.stream import Discard

from liyi.core.errors import MediaError
from liyi.media.bare import tag_size
from liyi.media.files import UNREADABLE, check_file, head_of, is_handed_in, open_recording, refusal
from liyi.media.kinds import HEAD_BYTES, demuxers_for
from liyi.media.limits import current_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Fixed, not the machine's count: which frames survive in a damaged file may depend on it.
DECODER_THREADS = 4
# Consecutive failed reads after which the rest of the file counts as unreadable.
MAX_FAILED_READS = 100

# Containers whose header states a length; for the others FFmpeg estimates it from the bit rate.
_STATE_LENGTH = {
    "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "flv", "asf", "wav", "w64", "flac", "ape", "wv", "tta", "tak",
    "mpc", "mpc8", "aiff", "caf", "dsf", "rm", "nut", "wtv", "mxf",  # codespell:ignore caf
}  # fmt: skip
# What stands in the first frame of an MP3 that states how many there are.
_MP3_STATES = re.compile(rb"Xing|Info|VBRI")
_TOO_MANY = "{file} has more than {limit} streams, or its index is damaged: export it with one picture and one sound."


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open the recording for reading; closed at the end of the block.

    Raises
    ------
    MediaError
        When FFmpeg knows no such recording, or it is beyond the limits.
    """
    demuxers = demuxers_for(head_of(path))
    if not demuxers:
        raise MediaError(path, UNREADABLE)
    most = round(current_limits().tracks)
    try:
        container = av.open(
            open_recording(path) if is_handed_in(path) else f"file:{path}",
            options={
                "protocol_whitelist": "file",
                "format_whitelist": demuxers,
                "max_streams": str(most + 1),
                **_decoder_options(),
            },
            metadata_errors="replace",  # old recorders write tags in GBK
        )
    except MemoryError as fault:  # FFmpeg's word for too many streams too
        raise MediaError(path, _TOO_MANY, limit=most) from fault
    except av.error.FFmpegError as fault:
        check_file(path)
        raise refusal(path) from fault
    with container:
        if len(container.streams) > most:
            raise MediaError(path, _TOO_MANY, limit=most)
        yield container


def _decoder_options() -> dict[str, str]:
    """The decoder refuses larger pictures, whatever the header says, and one that grows on the way."""
    return {"max_pixels": str(round(current_limits().megapixels * 1e6))}


def read_only(container: Any, indices: Iterable[int]) -> list[Any]:
    """Streams ``indices``, made ready for decoding; the others will not even be read."""
    wanted = set(indices)
    for stream in container.streams:
        if stream.index not in wanted:
            stream.discard = Discard.all
        elif stream.codec_context:
            stream.codec_context.options = _decoder_options()
    return [stream for stream in container.streams if stream.index in wanted]


def packets(container: Any, streams: list[Any], failed: Callable[[], None]) -> Iterator[Any]:
    """Packets of ``streams``; a failed read is reported, and the reading goes on while something still comes."""
    failures = 0
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
        except IndexError:  # PyAV flushes a stream that appeared on the way: everything has been read
            return


def is_whole(packet: Any) -> bool:
    """Whether a packet came undamaged from the file; plain samples are good however few came."""
    return not packet.is_corrupt or packet.stream.codec_context.name.startswith("pcm_")


def decode(stream: Any, packet: Any) -> Iterator[Any]:
    """Frames that the decoder gives for ``packet`` (None: what it still holds); None stands for a broken one."""
    try:
        for frame in stream.codec_context.decode(packet):
            yield None if frame.is_corrupt else frame
    except av.error.EOFError:
        return
    except (av.error.FFmpegError, ValueError):  # ValueError: a layout or format that PyAV has no name for
        yield None


def display_matrix(frame: Any) -> tuple[float, float, float, float]:
    """How a picture is to be turned, as a, b, c, d of ``x' = a x + c y``, ``y' = b x + d y``; unturned when unknown.

    Beside side data that PyAV does not know only the rotation can be had, and no mirroring.
    """
    try:
        matrix = frame.side_data.get("DISPLAYMATRIX")
        if matrix is None:
            return 1.0, 0.0, 0.0, 1.0
        a, b, _, c, d = np.frombuffer(bytes(matrix), dtype="=i4")[:5].tolist()
    except Exception:  # mostly ValueError; whatever it is, it costs the orientation alone
        return _turned(frame)
    return a, b, c, d


def _turned(frame: Any) -> tuple[float, float, float, float]:
    """As `display_matrix`, by the rotation that PyAV works out itself."""
    try:
        angle = math.radians(frame.rotation)  # counterclockwise
    except Exception:
        angle = 0.0
    cos, sin = math.cos(angle), math.sin(angle)
    return cos, -sin, sin, cos


def sound_form(frame: Any) -> tuple[int, str, str] | None:
    """Sample rate, format and layout of a frame of sound; None where PyAV has no name for them."""
    try:
        return frame.sample_rate, frame.format.name, frame.layout.name
    except Exception:
        return None


def two_channels(frame: Any) -> npt.NDArray[np.float64] | None:
    """Samples (2, n) of a frame of two channels, full scale 1; None for another, or where NumPy has no such numbers."""
    if frame.layout.nb_channels != 2:
        return None
    try:
        values = frame.to_ndarray().reshape((2, -1), order="C" if frame.format.is_planar else "F")
    except Exception:  # mostly ValueError: samples of 64 bits
        return None
    full = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1.0
    return np.asarray(values / full, dtype=np.float64)


def has_key(stream: Any) -> bool:
    """Whether the container says that a key is needed for the stream (WebM and Matroska; songs and films of iTunes)."""
    try:
        return "enc_key_id" in stream.metadata or stream.codec_context.codec_tag in ("drms", "drmi")
    except Exception:
        return False


def seek(container: Any, index: int, tick: int) -> bool:
    """Move to the key frame at or before ``tick`` of stream ``index``; False where the container cannot seek."""
    try:
        container.seek(tick, stream=container.streams[index])
    except av.error.FFmpegError:
        return False
    return True


def stated_length_s(container: Any) -> float | None:
    """Length in seconds that the file's header states, be it true or not; None when it states none."""
    kind = container.format.name
    if container.duration is None or not (kind in _STATE_LENGTH or (kind == "mp3" and _mp3_states(container.name))):
        return None
    return float(container.duration / av.time_base)


def _mp3_states(name: str) -> bool:
    """Whether the MP3 that FFmpeg knows by ``name`` states its length; for the others FFmpeg guesses one."""
    with open_recording(Path(name.removeprefix("file:"))) as file:
        file.seek(tag_size(file.read(HEAD_BYTES) or b""))
        return _MP3_STATES.search(file.read(200) or b"") is not None
