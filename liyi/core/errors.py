"""Liyi's errors: each is one sentence that names what happened, to which file, and what to do.

The English sentence is also the key of the message catalogues, so a sentence is translated where it is shown
and never where it is raised.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.core.names import readable_name
from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Notice:
    """Something a reader should know though the work went on; ``sentence`` is English with ``{name}`` fields."""

    sentence: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The English sentence, filled in."""
        return self.sentence.format(**self.fields)


@dataclass(frozen=True)
class Fault:
    """One fault of a file that a user wrote, such as a pack: its line, the key, and what is wrong with it."""

    line: int
    key: str
    notice: Notice

    @property
    def text(self) -> str:
        """One English line: where and what."""
        where = f"line {self.line}, {self.key}" if self.key else f"line {self.line}"
        return f"{where}: {self.notice.text}"


class LiyiError(Exception):
    """A fault that the user can understand and mend.

    Parameters
    ----------
    sentence
        English sentence with ``{name}`` fields: what happened, to what, and the remedy.
    fields
        Values for the sentence's fields.
    """

    def __init__(self, sentence: str, **fields: Any) -> None:
        self.sentence = sentence
        self.fields = fields
        super().__init__(sentence.format(**fields))


def plain_fields(error: LiyiError) -> dict[str, str | int | float]:
    """The fields of an error's sentence as JSON and a process's line carry them: numbers and texts."""
    return {name: value if isinstance(value, int | float) else str(value) for name, value in error.fields.items()}


def error_to_json(error: LiyiError) -> dict[str, Any]:
    """An error as ``sentence`` and ``fields``; `liyi.scoring.answers.error_from_json` makes it an error again."""
    return {"sentence": error.sentence, "fields": plain_fields(error)}


class MediaError(LiyiError):
    """A recording that cannot be opened or read; ``path`` is the file as the user named it."""

    def __init__(self, path: str | Path, sentence: str, **fields: Any) -> None:
        self.path = str(path)
        super().__init__(sentence, file=_printable(Path(path).name), **fields)


# Nothing is known of the recording then: a library may stumble over what is whole.
FAULT = N_("{file} could not be assessed because of a fault in Liyi or its libraries ({fault}); that does not mean "
           "that the recording is damaged: run `liyi doctor`, and report the fault.")  # fmt: skip


def _printable(name: str) -> str:
    """A file name in one line: what would break it, or steer a terminal, is replaced."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in readable_name(name))
