"""What the review page may ask to be kept: each act read strictly, then done through the records' operations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from liyi.core.errors import LiyiError
from liyi.core.typed_json import LONGEST_S
from liyi.records.operations import appeals, confirmations, feedback, gold
from liyi.records.review_schema import Decision
from liyi.records.unit_of_work import MOST, not_there
from liyi.records.validation import MOST_TEXT
from liyi.ui import people
from liyi.ui.review import reviewing

if TYPE_CHECKING:
    from liyi.ui.review.reviewing import Reviewed

LARGEST_BYTES = 64 << 10

_Seconds = Annotated[float, Field(ge=0, le=LONGEST_S, allow_inf_nan=False)]
_Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Key = Annotated[str, Field(min_length=1, max_length=64)]
_Text = Annotated[str, Field(max_length=MOST_TEXT)]


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Confirm(_Act):
    """Decide on a finding, or add one."""

    do: Literal["confirm"]
    criterion: _Key
    decision: Literal["confirmed", "rejected", "changed", "added"]
    start_s: _Seconds | None = None
    end_s: _Seconds | None = None
    new: _Score | None = None
    why: _Text = ""


class TakeBack(_Act):
    """Take back a decision of one's own."""

    do: Literal["take_back"]
    id: UUID


class Comment(_Act):
    """Comment on a moment, or on all of it; ``stock`` keeps the text among the reviewer's own phrases, too."""

    do: Literal["comment"]
    text: _Text
    at_s: _Seconds | None
    stock: bool = False


class RemoveComment(_Act):
    """Take back a comment of one's own."""

    do: Literal["remove_comment"]
    id: UUID


class Rate(_Act):
    """Rate all criteria that are asked before the tool's result is shown; None for one that nobody can tell."""

    do: Literal["rate"]
    scores: Annotated[
        dict[_Key, Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None], Field(max_length=200)
    ]


class Answer(_Act):
    """Answer an appeal; one that is upheld decides the finding anew in the same act."""

    do: Literal["answer"]
    id: UUID
    upheld: bool
    sentence: _Text
    decision: Literal["rejected", "changed"] = "rejected"
    new: _Score | None = None


class ProposeGold(_Act):
    """Propose the recording as gold clip: its owner is asked."""

    do: Literal["propose_gold"]


class Send(_Act):
    """Say that the review is finished."""

    do: Literal["send"]


Act = Confirm | TakeBack | Comment | RemoveComment | Rate | Answer | ProposeGold | Send


class _Body(RootModel[Annotated[Act, Field(discriminator="do")]]):
    """What a request holds: one act."""


def act_from(body: bytes) -> Act | None:
    """The act that a request's body holds; None for anything else."""
    try:
        json.loads(body)  # refuses what is no UTF-8 and too deep a nesting
        return _Body.model_validate_json(body).root
    except (ValidationError, ValueError, RecursionError):
        return None


def do(on: Reviewed, act: Act, lang: str) -> dict[str, Any]:
    """Have an act kept; returns what the browser half needs to go on.

    Raises
    ------
    LiyiError
        When it is refused: nothing was kept.
    """
    blind = on.blind
    if blind and not isinstance(act, Rate | Comment | RemoveComment):
        raise LiyiError("Rate this recording first: until then nothing that the tool found is shown or decided.")
    if isinstance(act, Rate):
        return _rate(on, act, blind=blind)
    if isinstance(act, Send):
        confirmations.send_review(people.records(), on.viewer, on.recording.id)
        return {"next": reviewing.next_waiting(on)}
    made = _kept(on, act)
    return {"made": made, "state": reviewing.state(reviewing.open_review(on.viewer, on.recording.id.hex), lang)}


def _kept(
    on: Reviewed, act: Confirm | TakeBack | Comment | RemoveComment | Answer | ProposeGold
) -> dict[str, str] | None:
    """Keep it; returns the act that takes it back."""
    store, viewer = people.records(), on.viewer
    if isinstance(act, Confirm):
        row = confirmations.confirm(
            store, viewer, on.row.id, act.criterion, decision=Decision(act.decision), start_s=act.start_s,
            end_s=act.end_s, new=act.new, why=act.why,
        )  # fmt: skip
        return {"do": "take_back", "id": str(row.id)}
    if isinstance(act, Comment):
        said = feedback.comment(store, viewer, on.recording.id, act.text, at_s=act.at_s)
        if act.stock:
            feedback.add_canned_phrase(store, viewer, act.text)
        return {"do": "remove_comment", "id": str(said.id)}
    if isinstance(act, TakeBack):
        confirmations.take_back(store, viewer, act.id)
    elif isinstance(act, ProposeGold):
        gold.propose_gold(store, viewer, on.recording.id)
    elif isinstance(act, RemoveComment):
        feedback.remove_comment(store, viewer, act.id)
    else:
        raised = appeals.appeals(store, viewer, recording_id=on.recording.id, size=MOST)
        if act.id not in {each.id for each in raised}:  # one on another recording may have to be rated blind first
            raise not_there()
        appeals.answer_appeal(store, viewer, act.id, upheld=act.upheld, sentence=act.sentence,
                              decision=Decision(act.decision), new=act.new)  # fmt: skip
    return None


def _rate(on: Reviewed, act: Rate, *, blind: bool) -> dict[str, Any]:
    asked = {each["id"] for each in on.rated("en")}
    if not blind:
        raise LiyiError("The result of this recording was shown already: a rating now would not be blind.")
    if not act.scores or not set(act.scores) <= asked:
        raise LiyiError("This rating names no criterion of the profile: load the page again.")
    if missing := asked - set(act.scores):
        raise LiyiError("{count} criteria are not rated yet.", count=len(missing))
    told = {criterion: score for criterion, score in act.scores.items() if score is not None}
    if not told:
        raise LiyiError("Rate at least one criterion.")
    feedback.rate_all(people.records(), on.viewer, on.recording.id, told)
    gold.settle_gold(people.records(), on.viewer, on.recording.id)
    return {}
