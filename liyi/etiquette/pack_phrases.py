"""Lists of phrases in a norm pack: their shape, and what a measure of words is handed of them.

What belongs here: the tables ``[[phrases.LIST]]`` and ``[[allowances]]``, and `params_of`, the one place where the name
of a list in a criterion's ``params`` becomes the phrases themselves. Finding them in speech is `speech.phrases`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from liyi.core.bilingual import Bilingual
from liyi.etiquette.assessment import Source
from speech.context import Kind, Severity
from speech.phrases import Allowance, Phrase, wordings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.etiquette.pack import Criterion, NormPack


# Parts of a conversation; then orders, what must be told, an answer that disappoints, sending somebody on, fillers, and
# the ten words (十字文明用语).
STAGES = (
    *("greet", "ask", "hold", "explain", "redirect", "soothe", "expect", "close", "phone"),
    *("order", "materials", "itemised", "written", "deadline", "refusal", "promise", "can", "cannot", "basis"),
    *("where", "how", "handover", "demonstrative", "connective"),
    *("hello", "please", "thanks", "sorry", "goodbye"),
)


_CLAUSE = re.compile(r"[^一-龥]+")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListedPhrase(_Part):
    """One phrase of a list; ``better`` is what to say instead of one that is forbidden.

    ``source`` is the document that lists it. The other fields are those of `speech.phrases.Phrase`.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    text: Annotated[str, Field(min_length=1)]
    patterns: tuple[str, ...] = ()
    severity: Severity = ""
    stage: str = ""
    language: Literal["zh", "en"] = "zh"
    better: Bilingual = Bilingual()
    source: Source

    @property
    def spoken(self) -> Phrase:
        """What is listened for."""
        return Phrase(self.id, self.text, self.patterns, self.severity, self.stage, self.language)


class ListedAllowance(_Part):
    """Where listed words are no fault; the fields are those of `speech.context.Allowance`."""

    kind: Kind
    patterns: Annotated[tuple[str, ...], Field(min_length=1)]
    severities: tuple[Severity, ...] = ()
    phrases: tuple[str, ...] = ()

    @property
    def spoken(self) -> Allowance:
        """What is looked for around a phrase."""
        return Allowance(self.kind, self.patterns, self.severities, self.phrases)


def names_of(lists: Any) -> tuple[str, ...]:
    """The lists that ``params.phrases`` names: one name, or several."""
    return (lists,) if isinstance(lists, str) else tuple(lists)


def params_of(pack: NormPack, criterion: Criterion) -> Mapping[str, Any]:
    """The ``params`` that a criterion's measure is handed: a list of phrases by its phrases, with the allowances."""
    lists = criterion.params.get("phrases")
    if lists is None:
        return criterion.params
    params = {key: tuple(value) if isinstance(value, list) else value for key, value in criterion.params.items()}
    phrases = tuple(phrase.spoken for name in names_of(lists) for phrase in pack.phrases.get(name, ()))
    return {**params, "phrases": phrases, "allowances": tuple(each.spoken for each in pack.allowances)}


def phrases_of(pack: NormPack) -> tuple[Phrase, ...]:
    """Every phrase that a criterion of the pack judges, once, in the order of the file."""
    named = {name for c in pack.criteria.values() for name in names_of(c.params.get("phrases", ()))}
    return tuple(phrase.spoken for name, listed in pack.phrases.items() if name in named for phrase in listed)


def listened_for(pack: NormPack) -> tuple[str, ...]:
    """What the second recogniser is to listen for: the phrases as they are written, and what frees them.

    A pattern says one thing in dozens of ways, and a recogniser that must choose among thousands of wordings hears
    listed ones in speech that holds none. So it is given the phrases themselves, clause by clause, in the order in
    which they stand; a way to say it that only the first recogniser hears is left to a person.
    """
    texts = [phrase.text for phrase in phrases_of(pack) if phrase.language == "zh"]
    clauses = [clause for text in texts for clause in _CLAUSE.split(text) if len(clause) > 1]
    freeing = wordings((), tuple(each.spoken for each in pack.allowances if each.kind == "near"))
    return tuple(dict.fromkeys((*clauses, *(each for each in freeing if len(each) > 2))))
