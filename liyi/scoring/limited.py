"""What is asked of the decoder's child: assess, go ahead, join pieces, cut a stretch; each answer is settled here.

One child of a process serves assessments and rehearsals, one at a time, as long as what it may read stays the same.
Joining and cutting take one of their own.
"""

from __future__ import annotations

import atexit
import os
import stat
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.atomic import settle
from liyi.core.logs import event
from liyi.core.options import Options
from liyi.media.joined import Joined
from liyi.media.limits import Limits, current_limits
from liyi.modelfiles.registry import registry
from liyi.scoring import answers, child
from liyi.scoring.sandbox import Sandbox, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from liyi.etiquette.pack import NormPack
    from liyi.scoring.reporting import Report

    Progress = Callable[[str, float], None]

_DEFAULT = Options()
# Of a Whisper model for CTranslate2; all that faster-whisper and CTranslate2 open.
RECOGNISER_FILES = (
    "model.bin", "config.json", "tokenizer.json", "preprocessor_config.json",
    *(f"vocabulary{suffix}" for suffix in (".txt", ".json")),
)  # fmt: skip
SUFFIXES = (".webm", ".mkv", ".mp4")


_shared: dict[tuple[Limits, tuple[str, ...]], Sandbox] = {}  # one at most
_turn = threading.Lock()


def run_limited(
    path: str | Path,
    out: str | Path,
    *,
    pack: NormPack,
    side: str | Path | None = None,
    options: Options = _DEFAULT,
    lang: str = "zh",
    limits: Limits | None = None,
    progress: Progress | None = None,
    report: Report | None = None,
    ahead: Path | None = None,
    lost_s: float = 0.0,
) -> None:
    """Assess one recording in this process's child; one at a time.

    Parameters
    ----------
    path, out
        The recording, and the folder of its results.
    pack, side, options, lang
        As `liyi.scoring.score.score` takes them.
    limits
        Those of the environment when not given.
    progress
        As `liyi.scoring.score.score` takes it.
    report
        Draws its pictures in the child and writes its page, ``report.html``, here; no report when not given.
    ahead
        Folder of the pieces of which `go_ahead_limited` was told: what the child knows of them is used.
    lost_s
        Seconds of the pieces that are not in the recording (`Joined`).

    Raises
    ------
    LiyiError
        As `liyi.scoring.score.score` raises it; `StoppedError` when the child crashed, swelled or hung. What
        stood in ``out`` stays as it was then.
    """
    limits = limits or current_limits()
    path, out = Path(path).absolute(), Path(out).absolute()
    partner = None if side is None else Path(side).absolute()
    with _turn, opened_for_child(path) as recording, opened_for_child(partner) as second:
        box = _sandbox(limits, _readable(options, ahead))
        asked = {"path": str(path), "side": partner and str(partner), "pack": pack, "options": options,
                 "draw": report.draw if report else None, "lost_s": lost_s}  # fmt: skip
        files = {each: file for each, file in ((path, recording), (partner, second)) if each and file is not None}
        told = box.run(path, child.score, asked, progress=progress, recordings=files)
        try:
            given = answers.collect(box.answer, told, recording=recording, side=second, pack=pack)
        except answers.UntrueError as untrue:
            close_shared()
            event("child_stopped", cause="untrue", error=untrue)
            raise _untrue(path) from untrue
    answers.write(out, given, pack=pack, lang=lang, report=report)


def go_ahead_limited(
    pieces: Sequence[Path], *, pack: NormPack, options: Options, progress: Progress | None = None
) -> None:
    """Watch and listen to what there is of a rehearsal in this process's child, which knows it at `run_limited`.

    Parameters
    ----------
    pieces
        All that came up to now, in their order, in one folder; at the next call these and those that follow.
    pack, options
        As for `run_limited` afterwards.
    progress
        Called with the stage and how much of it is done; what it raises ends this, and the child.

    Raises
    ------
    LiyiError
        When nothing can be read in them; `StoppedError` when the child crashed, swelled or hung.
    """
    folder = pieces[0].parent
    with _turn:
        box = _sandbox(current_limits(), _readable(options, folder))
        told = {"pieces": [str(piece.absolute()) for piece in pieces], "pack": pack, "options": options}
        box.run(folder, child.go_ahead, told, progress=progress)


def join_limited(pieces: Sequence[Path], stem: Path) -> Joined:
    """Join the pieces of a rehearsal in a child of its own, as `liyi.media.remux.join_pieces` does.

    It may read the pieces' folder, and its workshop is beside the result, which is then moved and never copied.
    """
    folders = sorted({str(piece.parent.absolute()) for piece in pieces})
    box = Sandbox(readable=folders, beside=stem.parent)
    try:
        match box.run(stem, child.join, {"pieces": [str(piece.absolute()) for piece in pieces]}):
            case {"suffix": str(suffix), "lost_s": int() | float() as lost_s} if suffix in SUFFIXES:
                joined = stem.with_suffix(suffix)
            case _:
                raise _untrue(stem)
        _settle(box, f"recording{suffix}", joined, stem)
        return Joined(joined, float(lost_s))
    finally:
        box.close()


def cut_limited(path: Path, target: Path, start_s: float, end_s: float, *, track: str | None = None) -> None:
    """Cut a stretch out of a recording in a child of its own, as `liyi.media.cut.cut` does.

    Parameters
    ----------
    path, target
        The recording, and the film to write, which appears whole or not at all.
    start_s, end_s
        The stretch, in seconds of the recording.
    track
        Picture and sound to take, as `liyi.media.recording.open_media` reads it.

    Raises
    ------
    LiyiError
        As `cut` raises it; `StoppedError` when the child crashed, swelled or hung.
    """
    asked = {"path": str(path), "start_s": start_s, "end_s": end_s, "track": track}
    box = Sandbox(beside=target.parent)
    try:
        with opened_for_child(path) as recording:
            box.run(path, child.cut, asked, recordings={} if recording is None else {path: recording})
        _settle(box, child.CLIP, target, path)
    finally:
        box.close()


def close_shared() -> None:
    """End this process's child, if there is one."""
    while _shared:
        _shared.popitem()[1].close()


atexit.register(close_shared)


def _settle(box: Sandbox, name: str, target: Path, path: Path) -> None:
    """Move a file of the child's answer to ``target``, synced: what it was made of may go next."""
    if box.answer.is_symlink() or not stat.S_ISREG((box.answer / name).lstat().st_mode):
        raise _untrue(path)
    settle(box.answer / name, target)


def _untrue(path: Path) -> StoppedError:
    """What is said of ``path`` when the child's answer is not what a sound child gives."""
    return StoppedError(path, cause="crash", memory="", seconds=0)


@contextmanager
def opened_for_child(path: Path | None) -> Iterator[int | None]:
    """A descriptor of the recording; None where it cannot be opened, which the child then tells in its own words."""
    descriptor = None
    with suppress(OSError, ValueError):
        if path is not None and stat.S_ISREG(path.stat().st_mode):
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _sandbox(limits: Limits, readable: tuple[str, ...] = ()) -> Sandbox:
    if (limits, readable) not in _shared:
        close_shared()
        _shared[limits, readable] = Sandbox(limits, readable=readable)
    return _shared[limits, readable]


def _readable(options: Options, pieces: Path | None) -> tuple[str, ...]:
    return (*_recogniser_files(options.recogniser), *([str(pieces.absolute())] if pieces else []))


def _recogniser_files(named: str | None) -> tuple[str, ...]:
    """What of the disk the recogniser needs that is no model of Liyi's: its files, whatever else the folder holds."""
    if not named or named in registry():
        return ()
    folder = Path(named).expanduser().absolute()
    return tuple(str(folder / name) for name in RECOGNISER_FILES if (folder / name).is_file())
