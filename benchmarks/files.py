"""Real files of all kinds: what FFmpeg with all its demuxers says of each, against what Liyi reads or refuses.

``python benchmarks/files.py FOLDER --results FILE`` reads every file below FOLDER that FILE (JSON Lines) does not have
yet, each within a time limit in a child process, and then sums FILE up: read, refused (by sentence), tracebacks,
hangs, lengths that differ by more than 0.1 s and are not told, and readable recordings that were refused.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.connection import Connection

LIMIT_S = 60.0  # for both readings of one file
DIFFERS_S = 0.1
_MOST_PACKETS = 400  # until a stream must have given its first frame
_FRAMES, _BLOCKS = 30, 3  # that Liyi's passes give
_NO_RECORDING = ("_pipe", "image2", "webp", "apng", "tty", "concat", "hls", "dash", "sdp")


def by_ffmpeg(path: str) -> dict[str, Any]:
    """What FFmpeg says with all its demuxers: its format, the streams that decode, the header's or estimated length."""
    import av
    from av.stream import Disposition

    covers = Disposition.attached_pic | Disposition.timed_thumbnails
    try:
        with av.open(path, options={"protocol_whitelist": "file"}, metadata_errors="replace") as container:
            streams = [each for each in container.streams if each.type in ("video", "audio")]
            streams = [each for each in streams if each.codec_context and not each.disposition & covers]
            return {
                "format": container.format.name,
                "streams": [f"{each.type}:{each.codec_context.name}" for each in streams],
                "decodes": _that_decode(container, streams),
                "duration_s": None if container.duration is None else container.duration / av.time_base,
            }
    except Exception as fault:
        return {"fault": type(fault).__name__}


def _that_decode(container: Any, streams: list[Any]) -> list[str]:
    """Kinds of the streams of which a frame can be decoded."""
    import av

    found: set[int] = set()
    faults = 0
    packets: Iterator[Any] = islice(container.demux(streams), _MOST_PACKETS) if streams else iter(())
    while faults < 20 and len(found) < len(streams):
        try:
            packet = next(packets)
            if any(True for _ in packet.decode()):
                found.add(packet.stream_index)
        except StopIteration:
            break
        except (av.error.FFmpegError, ValueError, IndexError):
            faults += 1
    return sorted({each.type for each in streams if each.index in found})


def by_liyi(path: str) -> dict[str, Any]:
    """What Liyi says: length, tracks, notices; or the sentence of its refusal; or the class and place of a fault."""
    from liyi.core.errors import LiyiError
    from liyi.core.logs import fault as place
    from liyi.media.recording import open_media

    try:
        media = open_media(path)
        frames = sum(1 for _ in islice(media.frames(), _FRAMES))
        samples = sum(block.size for block in islice(media.samples(), _BLOCKS))
        return {
            "duration_s": media.info.duration_s,
            "picture": media.info.has_picture, "sound": media.info.has_sound, "frames": frames, "samples": samples,
            "notices": [notice.text for notice in media.notices],
        }  # fmt: skip
    except LiyiError as error:
        return {"refused": error.sentence}
    except Exception as error:
        return {"traceback": place(error)}


def child(line: Connection) -> None:
    """Read each file that comes down the line, both ways."""
    while True:
        path = line.recv()
        line.send(by_ffmpeg(path))
        line.send(by_liyi(path))


class Reader:
    """A child that reads files, started anew when it hangs or dies."""

    def __init__(self) -> None:
        self._process: Any = None
        self._line: Any = None

    def read(self, path: Path) -> dict[str, Any]:
        """Both readings of a file; of one that does not end, ``hang`` or ``died`` in its place."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._line, theirs = context.Pipe()
            self._process = context.Process(target=child, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        self._line.send(str(path))
        begun_s = time.monotonic()
        said: dict[str, Any] = {}
        for who in ("ffmpeg", "liyi"):
            try:
                waits = self._line.poll(max(0.0, LIMIT_S - (time.monotonic() - begun_s)))
                said[who] = self._line.recv() if waits else {"hang": True}
            except EOFError:
                said[who] = {"died": True}
            if "hang" in said[who] or "died" in said[who]:
                self.close()
                break
        return {**said, "seconds": round(time.monotonic() - begun_s, 2)}

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def readable(said: Mapping[str, Any]) -> bool:
    """Whether FFmpeg decodes something of a file that is no still picture, playlist or text."""
    kind = said.get("format", "")
    return bool(said.get("decodes")) and not any(word in kind for word in _NO_RECORDING)


def summed(results: Mapping[str, Any]) -> Iterator[str]:
    """Lines of the summary."""
    ours = {name: each.get("liyi", {}) for name, each in results.items()}
    theirs = {name: each["ffmpeg"] for name, each in results.items()}
    read = [name for name, each in ours.items() if "duration_s" in each]
    refused = Counter(each["refused"] for each in ours.values() if "refused" in each)
    yield f"{len(results)} files: {len(read)} read, {sum(refused.values())} refused"
    yield from (f"  {count:4} {sentence}" for sentence, count in refused.most_common())
    for word in ("traceback", "hang", "died"):
        found = [f"{name}: {each[word]}" for name, each in ours.items() if word in each]
        yield f"{word}: {len(found)}"
        yield from (f"  {line}" for line in found)
    for name in (name for name, each in theirs.items() if "hang" in each or "died" in each):
        yield f"FFmpeg alone hangs or dies: {name}"
    lost = [name for name, each in theirs.items() if readable(each) and name not in read]
    yield f"readable but refused: {len(lost)}"
    yield from (f"  {name} ({theirs[name]['format']}): {ours[name].get('refused', '')}" for name in lost)
    less = [name for name in read if set(theirs[name].get("decodes", ())) - _kinds(ours[name])]
    yield f"read without a stream that FFmpeg decodes: {len(less)}"
    yield from (f"  {name}: {theirs[name]['decodes']}, {ours[name]['notices']}" for name in less)
    differing = [name for name in read if _differs(theirs[name], ours[name])]
    yield f"length differs by more than {DIFFERS_S} s: {len(differing)}"
    untold = [name for name in differing if not ours[name]["notices"]]
    yield f"of these without a notice: {len(untold)}"
    yield from (
        f"  {name} ({theirs[name]['format']}): FFmpeg {theirs[name]['duration_s']:.2f} s, "
        f"Liyi {ours[name]['duration_s']:.2f} s"
        for name in untold
    )


def _kinds(said: Mapping[str, Any]) -> set[str]:
    return {kind for kind, has in (("video", said["picture"]), ("audio", said["sound"])) if has}


def _differs(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    length_s = theirs.get("duration_s")
    return length_s is not None and abs(length_s - ours["duration_s"]) > DIFFERS_S


def main() -> None:
    """Read what is not read yet, and sum up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--results", type=Path, required=True, help="JSON Lines; it is gone on with")
    arguments = parser.parse_args()
    lines = arguments.results.read_text().splitlines() if arguments.results.exists() else []
    results = {each["file"]: each for each in map(json.loads, lines)}
    reader = Reader()
    files = sorted(path for path in arguments.folder.rglob("*") if path.is_file())
    with arguments.results.open("a") as out:
        for path in files:
            name = str(path.relative_to(arguments.folder))
            if name not in results:
                results[name] = {"file": name, **reader.read(path)}
                out.write(json.dumps(results[name]) + "\n")
                out.flush()
    reader.close()
    names = {str(path.relative_to(arguments.folder)) for path in files}
    for line in summed({name: each for name, each in results.items() if name in names}):
        print(line)


if __name__ == "__main__":
    main()
