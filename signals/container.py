"""The border to PyAV: a local file opened and nothing that it points to, packets and frames past any damage.

FFmpeg's exceptions end here: a file that cannot be opened is a `MediaError`, damage on the way is reported to the
caller and the reading goes on. PyAV keeps FFmpeg's own log lines off the terminal unless they are asked for.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import av
from av.stream import Discard

from signals.errors import MediaError
from signals.files import check_file, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

MAX_STREAMS = 64
MAX_PIXELS = 40_000_000  # 8K is 33 million; one decoded picture then stays under 130 MB. The decoder refuses more.

# Fixed, not the machine's count: which frames survive in a damaged file may depend on it.
DECODER_THREADS = 4
# Consecutive failed reads after which the rest of the file counts as unreadable.
MAX_FAILED_READS = 100

# Containers of recordings. Left out on purpose: whatever opens other files or addresses (playlists, concat, DASH),
# stills, and raw samples, which would match any bytes.
_FORMATS = (
    "mov,matroska,avi,asf,flv,live_flv,mpeg,mpegts,mpegvideo,mxf,ogg,wav,w64,mp3,aac,loas,flac,aiff,au,amr,amrnb,amrwb,"
    "ape,wv,tta,tak,mpc,mpc8,ac3,eac3,dts,gif,h264,hevc,m4v,h263,obu,ivf,av1,nut,rm,wtv,dv,dhav,kux,mjpeg,mpjpeg,"
    "yuv4mpegpipe,gsm,voc,xwma,nistsphere,caf"  # codespell:ignore caf
)
# Containers whose header states a length; for the others FFmpeg estimates it from the bit rate.
_STATE_LENGTH = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "flv", "asf", "wav"}
_LIMITS = {"max_pixels": str(MAX_PIXELS)}


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open the recording for reading; closed at the end of the block.

    Raises
    ------
    MediaError
        When FFmpeg knows no such recording, or it is beyond the limits.
    """
    try:
        container = av.open(
            f"file:{path}",
            options={"protocol_whitelist": "file", "format_whitelist": _FORMATS, **_LIMITS},
            metadata_errors="replace",  # old recorders write tags in GBK
        )
    except av.error.FFmpegError as fault:
        check_file(path)
        raise refusal(path) from fault
    with container:
        count = len(container.streams)
        if count > MAX_STREAMS:
            raise MediaError(path, "{file} has {count} streams: export it with one picture and one sound.", count=count)
        yield container


def read_only(container: Any, indices: Iterable[int]) -> list[Any]:
    """Streams ``indices``, made ready for decoding; the others will not even be read."""
    wanted = set(indices)
    for stream in container.streams:
        if stream.index not in wanted:
            stream.discard = Discard.all
        elif stream.codec_context:
            stream.codec_context.options = _LIMITS
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


def sought(container: Any, index: int, tick: int) -> bool:
    """Move to the key frame at or before ``tick`` of stream ``index``; False where the container cannot seek."""
    try:
        container.seek(tick, stream=container.streams[index])
    except av.error.FFmpegError:
        return False
    return True


def stated_length_s(container: Any) -> float | None:
    """Length in seconds that the file's header states, be it true or not; None when it states none."""
    if container.format.name not in _STATE_LENGTH or container.duration is None:
        return None
    return float(container.duration / av.time_base)
