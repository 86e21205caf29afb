"""The process that hears one reading of a known text: ``python -m liyi.ui.reader FOLDER`` writes its figures there.

It holds one of the machine's slots, as an assessment does, and works behind everything else: rehearsals go on.
The sound is removed before anything is done with it; only figures are written.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from liyi.core import logs
from liyi.core.children import child_environment, python_module
from liyi.core.owner import make_folder, only_owner
from liyi.core.typed_json import DamagedError, read_json
from liyi.ui import slots, workroom
from speech.read_aloud import Reading, read_aloud

if TYPE_CHECKING:
    import numpy.typing as npt

_SOUND, _ASKED, _READING = "sound.pcm", "asked.json", "reading.json"
_BEHIND = 10  # of 19: hints and pages come first


@dataclass(frozen=True)
class _Asked:
    language: str
    recogniser: str


@dataclass(frozen=True)
class Told:
    """What became of a reading: its figures, None where hearing it failed."""

    reading: Reading | None = None


def begin(folder: Path, samples: npt.NDArray[np.int16], language: str, recogniser: str) -> bool:
    """Have a reading heard, as soon as one of the machine's slots is free; returns whether it was begun.

    Parameters
    ----------
    folder
        Of its own; made when it is not there.
    samples
        Mono, 16 kHz.
    language, recogniser
        As `speech.read_aloud.read_aloud` takes them.

    Raises
    ------
    OSError
        When nothing can be written, or no process can be started.
    """
    with slots.deciding():
        slot, running = slots.take()
        if slot is None:
            return False
        try:
            if not slots.may_begin(running, running):
                return False
            make_folder(folder)
            (folder / _READING).unlink(missing_ok=True)
            workroom.write_json(folder / _ASKED, asdict(_Asked(language, recogniser)))
            with open(folder / _SOUND, "wb", opener=workroom.owners) as out:
                out.write(samples.astype("<i2").tobytes())
            subprocess.Popen(python_module("liyi.ui.reader", str(folder.absolute())), env=child_environment(),
                             cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True, pass_fds=[slot])  # fmt: skip
        finally:
            os.close(slot)
    return True


def told(folder: Path) -> Told | None:
    """What became of the reading in a folder; None while it is still being heard."""
    try:
        return read_json(folder / _READING, Told)
    except FileNotFoundError:
        return None
    except DamagedError:
        return Told()


def work(folder: Path) -> None:
    """Hear the reading in a folder; whatever happens, its sound is gone and something is told."""
    found = Told()
    try:
        heard = (folder / _SOUND).read_bytes()
        (folder / _SOUND).unlink()
        asked = read_json(folder / _ASKED, _Asked)
        samples = np.frombuffer(heard, dtype="<i2").astype(np.float32) / np.float32(32768)
        found = Told(read_aloud(samples, asked.language, asked.recogniser))
    except Exception as error:
        logs.event("reading_failed", key=folder.parent.name, error=error)
    with suppress(OSError):  # the rehearsal was deleted meanwhile, or the disk is full
        workroom.write_json(folder / _READING, asdict(found))


if __name__ == "__main__":
    only_owner()
    os.nice(_BEHIND)
    logs.start()
    work(Path(sys.argv[1]))
