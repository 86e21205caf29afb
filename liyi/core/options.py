"""`Options`: how a recording is read and judged beside its norm pack, as every interface takes it.

The command line, a manifest's columns, a job of the web app, a rehearsal and ``assessment.options`` are all made of the
fields of `Options` and of what each says about itself (`Option`). A new option is one field here. Nothing heavy is
imported: the command line is made from this before anything is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from liyi.core.errors import LiyiError
from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from liyi.core.trace import Interval

Camera = Literal["auto", "front", "side"]
Language = Literal["auto", "zh", "en"]
NO_RECOGNISER = "none"
UNKNOWN_CHOICE = N_("{value} is not known here: write one of {known}.")
NO_STRETCH = N_("'{value}' is not START-END in seconds, such as 0-6.5.")
NO_TRACK = N_("'{value}' names no track: write v and a number for a picture, a and one for a sound, such as v2,a1.")
NO_SHARE = N_("'{value}' is no share from 0 to 1, such as 0.08.")
_LATEST_S = 1e12
_TRACKS = re.compile(r"v[1-9]\d{0,2}(,a[1-9]\d{0,2})?|a[1-9]\d{0,2}(,v[1-9]\d{0,2})?")


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str | None:
    """A text or nothing, as JSON has it; raises ValueError for anything else."""
    if value is None or isinstance(value, str):
        return value
    raise ValueError("no text")


def _read_stretch(text: str) -> Interval | None:
    start, _, end = text.partition("-")
    try:
        return _stretch_of([float(start), float(end)])
    except ValueError:
        raise LiyiError(NO_STRETCH, value=text) from None


def _stretch_of(value: Any) -> Interval | None:
    from liyi.core.trace import Interval

    if value is None:
        return None
    match value:
        case [int() | float() as start, int() | float() as end] if 0 <= start < end <= _LATEST_S:
            return Interval(float(start), float(end))
        case _:
            raise ValueError("no stretch of time")


def _ends(stretch: Any) -> list[float] | None:
    return [stretch.start_s, stretch.end_s] if stretch else None


def _read_share(text: str) -> float | None:
    try:
        return _share_of(float(text))
    except ValueError:
        raise LiyiError(NO_SHARE, value=text) from None


def _share_of(value: Any) -> float | None:
    match value:
        case None:
            return None
        case bool():
            raise ValueError("no number")
        case int() | float() if 0 <= value <= 1:
            return float(value)
        case _:
            raise ValueError("no share")


def _read_recogniser(text: str) -> str | None:
    return None if text == NO_RECOGNISER else text


def _read_track(text: str) -> str | None:
    try:
        return _track_of(re.sub(r"[\s,;，；、+]+", ",", text.strip().lower()))
    except ValueError:
        raise LiyiError(NO_TRACK, value=text) from None


def _track_of(value: Any) -> str | None:
    """One picture and one sound at most, the picture first."""
    if value is None:
        return None
    if not isinstance(value, str) or not _TRACKS.fullmatch(value):
        raise ValueError("no track")
    return ",".join(sorted(value.split(","), reverse=True))


def _read_flags(text: str) -> tuple[str, ...]:
    return _flags_of([flag for flag in re.split(r"[\s,;，；、]+", text) if flag])


def _flags_of(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(flag, str) for flag in value):
        raise ValueError("no list of texts")
    return tuple(sorted(set(value)))


@dataclass(frozen=True)
class Option:
    """What a field of `Options` says about itself.

    Attributes
    ----------
    name : str
        In the command line (``--name``) and at the head of a manifest's column.
    help : str
        English sentence for the command line.
    read : callable
        From the text of a command line or a cell; raises LiyiError.
    plain, of_plain : callable
        To what JSON holds, and back; the latter raises ValueError.
    choices : tuple of str
        The only texts there are; empty when any is taken.
    metavar : str, optional
        Stands for the text in the command's help.
    many : bool
        Whether the command line may name it several times.
    judging : bool
        Whether only the judging needs it; the others say how a recording is read, and stand in `Performance.options`.
    """

    name: str
    help: str
    read: Callable[[str], Any] = _same
    plain: Callable[[Any], Any] = _same
    of_plain: Callable[[Any], Any] = _text
    choices: tuple[str, ...] = ()
    metavar: str | None = None
    many: bool = False
    judging: bool = False


def _choice(name: str, help: str, kind: Any) -> Option:
    """An option that takes one of a few texts, those of a ``Literal``."""
    choices: tuple[str, ...] = get_args(kind)

    def read(text: str) -> str:
        """Take a text of the terminal or of a cell."""
        if text not in choices:
            raise LiyiError(UNKNOWN_CHOICE, value=text, known=", ".join(choices))
        return text

    def of_plain(value: Any) -> str:
        """Take what JSON held."""
        if value not in choices:
            raise ValueError("not one of the choices")
        return str(value)

    return Option(name, help, read=read, of_plain=of_plain, choices=choices)


PROFILE = Option("profile", "Profile of the pack (default: the one that the pack names, else its first).", judging=True)
CAMERA = _choice("camera", "Where the camera stood.", Camera)
CALIBRATION = Option(
    "calibration", "Quiet upright stretch, in seconds.", read=_read_stretch, plain=_ends, of_plain=_stretch_of,
    metavar="START-END",
)  # fmt: skip
LANGUAGE = _choice("speech", "Language spoken.", Language)
RECOGNISER = Option(
    "recogniser", "Model folder (CTranslate2), or 'none' for no transcript.", read=_read_recogniser
)  # fmt: skip
READING_ERROR = Option(
    "reading-error", "Share of a known text that the recogniser misheard of this person, 0 to 1.",
    read=_read_share, of_plain=_share_of, metavar="SHARE",
)  # fmt: skip
TRACK = Option(
    "track",
    "Picture and sound to take where a file holds several, such as v2,a1: its second picture, its first sound.",
    read=_read_track, of_plain=_track_of, metavar="TRACK",
)  # fmt: skip
EXEMPTIONS = Option(
    "exempt", "Exemption of the person (may be repeated).", read=_read_flags, plain=sorted, of_plain=_flags_of,
    metavar="NAME", many=True, judging=True,
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """How a recording is read and judged.

    Attributes
    ----------
    profile : str or None
        Profile of the norm pack; the pack's first when None.
    camera : str
        Where the camera stood: ``auto``, ``front`` or ``side``.
    calibration : Interval or None
        The quiet, upright stretch, in seconds of the recording.
    language : str
        Language spoken: ``auto``, ``zh`` or ``en``.
    recogniser : str or None
        Name of the recogniser's model or a folder that holds one; None for no transcript.
    exemptions : tuple of str
        What the person is exempt from: flags or criteria of the norm pack.
    track : str or None
        Which picture and sound of a file are taken, such as ``v2,a1``; None: those that show and say something.
    reading_error : float or None
        Share of the syllables of a known text that the recogniser misheard when the person read it, 0..1; None where
        none was read.
    """

    profile: str | None = field(default=None, metadata={"option": PROFILE})
    camera: Camera = field(default="auto", metadata={"option": CAMERA})
    calibration: Interval | None = field(default=None, metadata={"option": CALIBRATION})
    language: Language = field(default="auto", metadata={"option": LANGUAGE})
    recogniser: str | None = field(default="whisper_base", metadata={"option": RECOGNISER})
    exemptions: tuple[str, ...] = field(default=(), metadata={"option": EXEMPTIONS})
    reading_error: float | None = field(default=None, metadata={"option": READING_ERROR})
    track: str | None = field(default=None, metadata={"option": TRACK})

    def with_texts(self, texts: Mapping[str, str]) -> Options:
        """These options with what was written at a command or in a manifest's line.

        Parameters
        ----------
        texts
            By the option's name; an empty text leaves the option as it is, other names are passed over.

        Raises
        ------
        OptionError
            For a text that is not understood.
        """
        read: dict[str, Any] = {}
        for id, option in known().items():
            if text := texts.get(option.name):
                try:
                    read[id] = option.read(text)
                except LiyiError as error:
                    raise OptionError(option.name, error) from error
        return replace(self, **read)

    def as_json(self) -> dict[str, Any]:
        """What JSON holds of them, by field."""
        return {id: option.plain(getattr(self, id)) for id, option in known().items()}

    def reading(self) -> dict[str, Any]:
        """The same of those by which the recording is read."""
        return {id: value for id, value in self.as_json().items() if not known()[id].judging}

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Options:
        """From what `as_json` gave, perhaps among other keys; what an earlier version did not write has its default.

        Raises
        ------
        ValueError
            When a value is none that the option takes.
        """
        return cls(**{id: option.of_plain(stored[id]) for id, option in known().items() if id in stored})

    def exempting(self, flags: Collection[str]) -> Options:
        """These options with more exemptions."""
        return replace(self, exemptions=_flags_of([*self.exemptions, *flags]))


class OptionError(LiyiError):
    """A text that an option does not take; ``name`` is the option's."""

    def __init__(self, name: str, error: LiyiError) -> None:
        self.name = name
        super().__init__(error.sentence, **error.fields)


@cache
def known() -> Mapping[str, Option]:
    """Every option, by its field's name."""
    return MappingProxyType({each.name: each.metadata["option"] for each in fields(Options)})
