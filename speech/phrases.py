"""Phrases that a norm pack lists, and finding them in what two recognisers heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["", "minor", "major", "veto"]


@dataclass(frozen=True)
class Phrase:
    """One entry of a list of phrases, as a norm pack gives it.

    Attributes
    ----------
    id : str
        Unique in its pack.
    text : str
        As it is shown to a reader.
    patterns : tuple of str
        Any of these is the phrase; ``…`` stands for a few syllables that may be anything. The text itself when empty.
    severity : str
        Of a forbidden phrase: ``minor`` depends on what is said around it, ``veto`` is a red line that a person
        confirms; empty for others.
    stage : str
        Which part of a conversation, or which part of what must be told, the phrase stands for; empty for none.
    language : str
        ``zh`` or ``en``.
    """

    id: str
    text: str
    patterns: tuple[str, ...] = ()
    severity: Severity = ""
    stage: str = ""
    language: str = "zh"


@dataclass(frozen=True)
class Allowance:
    """A rule by which words that are listed are no fault where they stand.

    Attributes
    ----------
    kind : str
        ``within``: the phrase is part of a longer wording in ``patterns`` (不知道您……). ``quoted``: one of ``patterns``
        stands before it in the same sentence (不能说……). ``softened``: one of ``patterns`` follows in the same sentence
        or the next (我帮您问一下).
    patterns : tuple of str
        Written as those of a `Phrase`.
    severities : tuple of str
        What it frees; every severity when empty.
    phrases : tuple of str
        Ids of the phrases that it frees; all when empty.
    """

    kind: Literal["within", "quoted", "softened"]
    patterns: tuple[str, ...]
    severities: tuple[Severity, ...] = ()
    phrases: tuple[str, ...] = ()
