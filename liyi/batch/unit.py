"""One unit of work: one recording, one pack, one set of options. What a worker does, and what it hands back.

A unit can be done twice without harm: nothing is written but what the worker returns, and the client writes that.
"""

from __future__ import annotations

import hashlib
import json
import platform
import socket
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.batch.source import digest, is_url, pieces
from liyi.core.errors import LiyiError, plain_fields
from liyi.core.words import N_
from liyi.modelfiles.registry import ModelMissingError, content_sha256, missing, path, registry, sha256
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.scoring.limited import run_limited
from liyi.scoring.sandbox import StoppedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from liyi.core.options import Options
    from liyi.etiquette.pack import NormPack

OWN = "recogniser"  # in a fingerprint: another than that of MODELS
MODELS = ("pose_landmarker_full", "face_mesh", "silero_vad", "swift_f0", "whisper_base")
SECOND = "vosk_small_cn"  # without it phrases are judged all the same, but otherwise
# What the figures of an assessment depend on.
COMPUTING = (
    "liyi",
    "mediapipe",
    "ai-edge-litert",
    "av",
    "numpy",
    "scipy",
    "opencv-python-headless",
    "pillow",
    "pi-heif",
    "librosa",
    "onnxruntime",
    "swift-f0",
    "faster-whisper",
    "ctranslate2",
    "vosk",
    "pypinyin",
    "SpeechRecognition",
    "OpenCC",
)
PACKAGES = (*COMPUTING, "distributed")  # and what the talk between client and workers depends on

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Content:
    """A file: ``source`` where it is, ``name`` its file name, ``size`` in bytes."""

    source: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Unit:
    """A recording to assess: ``source`` where it is, ``name`` its file name, ``size`` in bytes; and that from the side.

    ``fingerprint`` is what `environment_fingerprint` said where the batch was started, of the recogniser that
    ``options`` name.
    """

    source: str
    name: str
    sha256: str
    size: int
    pack: NormPack
    options: Options
    lang: str
    report: bool
    fingerprint: Mapping[str, str]
    side: Content | None = None

    @property
    def recording(self) -> Content:
        """The recording itself."""
        return Content(self.source, self.name, self.sha256, self.size)

    @property
    def key(self) -> str:
        """Names the result: the same content, pack, models, options and versions of all that computes give one key."""
        beside = {} if self.side is None else {"side": self.side.sha256}
        made_of = beside | {
            "recording": self.sha256,
            "pack": self.pack.sha256,
            "options": self.options.as_json() | {"recogniser": bool(self.options.recogniser)},
            "computed_by": {
                name: self.fingerprint[name] for name in (*COMPUTING, *MODELS, SECOND, OWN) if name in self.fingerprint
            },
        }
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Done:
    """The unit's files, by name."""

    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Failed:
    """Why the recording has no result; ``again`` when a second try may help, ``fault`` names a fault of Liyi's own."""

    sentence: str
    fields: Mapping[str, Any]
    again: bool = False
    fault: str = ""


@dataclass(frozen=True)
class Unseen:
    """The worker does not see this recording: the client must send it."""


@dataclass(frozen=True)
class Unfit:
    """The worker can do no unit at all of this batch."""

    sentence: str
    fields: Mapping[str, Any]


Result = Done | Failed | Unseen | Unfit


@cache
def environment_fingerprint(recogniser: str | None = None) -> Mapping[str, str]:
    """Versions and checksums of everything that a result depends on, on this machine.

    Parameters
    ----------
    recogniser
        Another than that of `MODELS`: its name, or its folder.

    Raises
    ------
    ModelMissingError
        When a model that an installed package carries is not there.
    """
    versions = {package: _version(package) for package in PACKAGES}
    python = ".".join(platform.python_version_tuple()[:2])
    own = {} if recogniser is None or recogniser in MODELS else {OWN: _content(recogniser)}
    second = {SECOND: "-" if SECOND in missing("phrases") else sha256(SECOND)}
    return {"python": python} | versions | {name: sha256(name) for name in MODELS} | second | own


def _version(package: str) -> str:
    """Version of a package; "-" where it is not installed, as the second recogniser may be."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _content(recogniser: str) -> str:
    """Checksum of a recogniser; "-" for a folder that cannot be read, as by a worker that does not see it."""
    if recogniser in registry():
        return sha256(recogniser)
    try:
        return content_sha256(Path(recogniser) / "model.bin")
    except OSError:
        return "-"


def score_unit(recording: Path, out: Path, unit: Unit, side: Path | None = None) -> None:
    """Assess the recording into the folder ``out``, in a child process of limited means.

    ``side`` is the one of the same performance from the side.

    Raises
    ------
    ModelMissingError
        When a model file is not on this machine.
    LiyiError
        When the recording cannot be assessed.
    """
    from liyi.report.html import HTML

    for name in MODELS:
        path(name)
    run_limited(
        recording, out, pack=unit.pack, side=side, options=unit.options, lang=unit.lang,
        report=HTML if unit.report else None,
    )  # fmt: skip


def work(
    unit: Unit, content: Sequence[bytes] = (), assess: Any = score_unit, side_content: Sequence[bytes] = ()
) -> Result:
    """Do one unit in a worker.

    Parameters
    ----------
    unit
        What to do.
    content, side_content
        The recording in pieces, and that from the side, when the client sends them; else the worker reads them itself.
    assess
        Called with recording, output folder and unit, and with the recording from the side where there is one;
        `score_unit` but for tests and benchmarks.
    """
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(prefix="liyi-unit-", dir=_scratch()) as scratch:
        try:
            _check_edition(unit)
            recording = _file_with(unit.recording, content, Path(scratch) / "in")
            side = unit.side and _file_with(unit.side, side_content, Path(scratch) / "side")
            if recording is None or (unit.side and side is None):
                return Unseen()
            assess(recording, Path(scratch) / "out", unit, *([side] if side else []))
            names = (MEASURES, REPORT, ASSESSMENT) if unit.report else (MEASURES, ASSESSMENT)
            return Done({name: (Path(scratch) / "out" / name).read_bytes() for name in names})
        except (ModelMissingError, _UnfitError) as error:
            return Unfit(error.sentence, plain_fields(error))
        except LiyiError as error:
            fault = str(error.fields["fault"]) if isinstance(error, StoppedError) and error.cause == "fault" else ""
            return Failed(error.sentence, plain_fields(error), again=isinstance(error, StoppedError), fault=fault)
        except Exception as error:
            sentence = N_("{file} could not be assessed because of an unexpected fault ({fault}): report it.")
            fault = type(error).__name__
            return Failed(sentence, {"file": unit.name, "fault": fault}, again=True, fault=fault)


class _UnfitError(LiyiError):
    """The worker differs from the client."""


def _check_edition(unit: Unit) -> None:
    here = environment_fingerprint(unit.options.recogniser)
    differing = [name for name, theirs in unit.fingerprint.items() if here.get(name) != theirs]
    if differing:
        shown = ", ".join(f"{name} {here.get(name, '-')[:12]} / {unit.fingerprint[name][:12]}" for name in differing)
        raise _UnfitError(
            "The worker on {host} differs from this machine ({differences}): install the same version of Liyi and its "
            "packages on all machines.",
            host=socket.gethostname(),
            differences=shown,
        )


def _scratch() -> str | None:
    """The worker's own folder, which Dask removes with it; None outside a worker."""
    from distributed import get_worker

    try:
        return str(get_worker().local_directory)
    except ValueError:
        return None


def _file_with(meant: Content, sent: Sequence[bytes], folder: Path) -> Path | None:
    """The file on this machine with the content that is meant; None when it is not to be had here."""
    if not sent and not is_url(meant.source):
        here = Path(meant.source)
        return here if _same(meant, here) else None
    copy = folder / Path(meant.name).name  # apart from what is made of it, whatever it is called
    folder.mkdir()
    try:
        _write(copy, sent or pieces(meant.source))
    except LiyiError:
        return None
    return copy if _same(meant, copy) else None


def _same(meant: Content, file: Path) -> bool:
    try:
        return file.is_file() and file.stat().st_size == meant.size and digest(str(file))[0] == meant.sha256
    except (LiyiError, OSError):
        return False


def _write(to: Path, content: Iterable[bytes]) -> None:
    with to.open("wb") as file:
        for piece in content:
            file.write(piece)
