"""One recording under review, as the records give it to whoever judges it: asked for anew at every request.

What belongs here: everything between the routes of the review page and the records.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from liyi.core.errors import LiyiError
from liyi.core.words import N_, explain_error, translate
from liyi.etiquette.norms import load_pack
from liyi.records import vault
from liyi.records.operations import appeals, assessments, confirmations, feedback, gold, outcome, queue, recordings
from liyi.records.operations import people as known_people
from liyi.report import totals
from liyi.scoring.folder import ASSESSMENT, MEASURES
from liyi.scoring.reviewed import as_decided
from liyi.ui import outcomes, people
from liyi.ui.review import inspecting
from liyi.ui.review.inspecting import Decided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.records.operations.appeals import Appeal
    from liyi.records.review_schema import Confirmation
    from liyi.records.schema import Assessment as Row
    from liyi.records.schema import Recording
    from liyi.records.viewer import Viewer

_GOLD = {
    "asked": N_("Proposed as a gold clip. Its owner is asked once, and whoever asked first is told the answer."),
    "consented": N_("A gold clip, with its owner's consent: others rate it blind now."),
    "declined": N_("Its owner does not want it to be a gold clip."),
}
_judging = threading.Lock()
_MOST_PHRASES = 5  # of one's own that are offered: each has a digit
_AHEAD = 50  # of the queue: among so many the next one is looked for
_noted: set[tuple[str, UUID, UUID]] = set()  # store, reviewer, recording: of what this process has noted the opening
_MOST_NOTED = 10_000


@dataclass(frozen=True)
class Reviewed:
    """A recording that the viewer judges, with its newest assessment; no file of it is read before it is needed."""

    viewer: Viewer
    recording: Recording
    row: Row

    @property
    def blind(self) -> bool:
        """Whether the viewer is to rate it before anything that the tool found is shown."""
        return feedback.blind_due(people.records(), self.viewer, self.recording.id)

    @cached_property
    def pack(self) -> NormPack:
        """The norm pack that judged."""
        return load_pack(self.row.pack_id)

    def rated(self, lang: str) -> list[dict[str, str]]:
        """The criteria that are rated blind: those that the norm pack asks for."""
        return inspecting.rated(self.assessment, lang, self.pack.review.rated)

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """Where the files of the assessment lie, by name."""
        files = assessments.assessment_files(people.records(), self.viewer, self.row.id)
        return {file.name: vault.path_of(people.records(), file.sha256) for file in files}

    @cached_property
    def assessment(self) -> Assessment:
        """What the assessment says."""
        try:
            return outcomes.read(self.paths[ASSESSMENT])
        except (KeyError, OSError, ValueError) as error:
            raise self.missing(ASSESSMENT) from error

    def measures(self) -> Path:
        """The file of what was measured, as it was filed."""
        path = self.paths.get(MEASURES)
        try:
            content = path.read_bytes() if path else b""
        except OSError:
            content = b""
        if path is None or vault.digest_at(path) != hashlib.sha256(content).hexdigest():
            raise self.missing(MEASURES)
        return path

    def missing(self, name: str) -> LiyiError:
        """Say that a file of the assessment is not there, or not as it was."""
        path = self.paths.get(name)
        return LiyiError(
            "The store's file {sha256} is missing or damaged: put it back from an older backup, or delete its "
            "recording, then back up again.",
            sha256=(vault.digest_at(path) if path else None) or name,
        )

    @cached_property
    def decisions(self) -> Sequence[Confirmation]:
        """What people have decided, oldest first."""
        return confirmations.confirmations(people.records(), self.viewer, self.row.id)

    @cached_property
    def appeals(self) -> Sequence[Appeal]:
        """What its person holds against the findings of this assessment."""
        found = appeals.appeals(people.records(), self.viewer, recording_id=self.recording.id)
        return [each for each in found if each.assessment_id == self.row.id]


def open_review(viewer: Viewer, id: str) -> Reviewed:
    """A recording that the viewer may review.

    Raises
    ------
    LiyiError
        When it is not there for this viewer, not one that the viewer judges, or was not assessed.
    """
    store = people.records()
    row = recordings.judged_recording(store, viewer, id)
    found = assessments.assessments(store, viewer, recording_id=row.id, size=1)
    if not found:
        raise LiyiError("There is no report yet: the recording has not been assessed.")
    return Reviewed(viewer, row, found[0])


def note_opened(on: Reviewed) -> Path:
    """Leave in the audit trail that the viewer has opened it; returns where the recording lies."""
    store = people.records()
    assessments.assessment_file(store, on.viewer, on.row.id, ASSESSMENT)
    path = recordings.watch(store, on.viewer, on.recording.id)
    if len(_noted) >= _MOST_NOTED:
        _noted.clear()
    _noted.add(_opening(on))
    return path


def watched(on: Reviewed, *, side: bool = False) -> Path:
    """Where the recording lies, or that from the side.

    Who asks for it without its page, whose opening is noted, has opened it as well.
    """
    if _opening(on) not in _noted:
        note_opened(on)
    sha256 = on.recording.side_sha256 if side else on.recording.sha256
    assert sha256 is not None
    return vault.path_of(people.records(), sha256)


def _opening(on: Reviewed) -> tuple[str, UUID, UUID]:
    return str(people.records().engine.url), on.viewer.person_id, on.recording.id


def state(on: Reviewed, lang: str) -> dict[str, Any]:
    """Everything that the browser half draws; before a blind rating nothing of what the tool found."""
    if on.blind:
        return {"rating": _rating(on, lang), "phrases": _phrases(on)}
    decided = _decided(on)
    remarks = _comments(on, lang)
    return {
        "rating": None,
        "total": _total(on.assessment, lang),
        "findings": _with_appeals(on, inspecting.listed(on.assessment, decided, lang), lang),
        "comments": remarks,
        "decided": bool(on.decisions),
        "counts": {**decided.counts(), "comments": len(remarks)},
        "criteria": inspecting.criteria(on.assessment, lang),
        "phrases": _phrases(on),
        "gold": _gold(on, lang),
    }


def _gold(on: Reviewed, lang: str) -> str:
    """What came of the viewer's own proposal to make it a gold clip; empty where they have made none."""
    clips = gold.gold_clips(people.records(), on.viewer)
    mine = next((each for each in clips if each.recording_id == on.recording.id), None)
    return translate(_GOLD[mine.answer], lang) if mine else ""


def _rating(on: Reviewed, lang: str) -> dict[str, Any]:
    steps = [{"score": score, "word": translate(word, lang)} for word, score in inspecting.RATINGS]
    return {"criteria": on.rated(lang), "steps": steps}


def _total(assessment: Assessment, lang: str) -> str:
    """The tool's total as short as a heading needs it."""
    return "–" if assessment.total is None else totals.total_text(assessment, lang)


def after(on: Reviewed, lang: str) -> dict[str, str]:
    """The total with what people have decided, and what is to be said of it.

    Asked for by itself: the first answer of a recording reads all that was measured in it, which takes seconds where it
    is long, and no act waits for that. One at a time in a process: who comes second finds it read.
    """
    if on.blind:
        return {"total": "", "note": ""}
    try:
        with _judging:
            found = outcome.outcome(people.records(), on.viewer, on.row.id)
    except LiyiError as error:
        return {"total": "–", "note": explain_error(error, lang)}
    told = _total(as_decided(on.assessment, found), lang)
    idle = len(found.uncounted)
    note = "" if on.decisions else translate("nothing decided yet", lang)
    if idle:
        note = translate("{count} added findings change no number: change the criterion itself.", lang, count=idle)
    return {"total": told, "note": note}


def _decided(on: Reviewed) -> Decided:
    store = people.records()
    sent = [
        row for row in confirmations.reviews(store, on.viewer, on.recording.id) if row.author_id == on.viewer.person_id
    ]
    last = max((row.created_at for row in sent), default=None)
    answers = {each.confirmation_id for each in on.appeals}
    return Decided(
        rows=on.decisions,
        authors=known_people.names(store, on.viewer, {row.author_id for row in on.decisions}),
        own=on.viewer.person_id,
        sent=frozenset(
            row.id for row in on.decisions if row.id in answers or (last is not None and row.created_at <= last)
        ),
    )


def _comments(on: Reviewed, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "id": str(each.id),
            "clip": None if each.at_s is None else inspecting.clip_at(each.at_s),
            "text": each.text,
            "author": each.author,
            "back": each.author_id == on.viewer.person_id,
        }
        for each in feedback.comments(people.records(), on.viewer, on.recording.id)
    ]


def _phrases(on: Reviewed) -> list[str]:
    """The reviewer's own stock for comments, the newest first."""
    found = [row.text for row in feedback.canned_phrases(people.records(), on.viewer)]
    return found[: -_MOST_PHRASES - 1 : -1]


def _with_appeals(on: Reviewed, found: list[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    """The findings with what their person holds against them; those with an open appeal come first."""
    for appeal in on.appeals:
        if (item := inspecting.item_of(found, appeal)) is not None:
            item["appeal"] = _appeal(appeal, lang)
            item["rest"] = item["rest"] and not appeal.open
    return sorted(found, key=lambda item: not (item["appeal"] and not item["appeal"]["answer"]))


def _appeal(appeal: Appeal, lang: str) -> dict[str, Any]:
    said = translate("upheld", lang) if appeal.upheld else translate("not upheld", lang)
    answer = "" if appeal.open else " · ".join(filter(None, (said, appeal.answer, appeal.answered_by)))
    return {"id": str(appeal.id), "author": appeal.author, "sentence": appeal.sentence, "answer": answer}


def next_waiting(on: Reviewed) -> str | None:
    """Id of the recording that waits next for the viewer, in the order of the queue; None where none does."""
    found = queue.queue(people.records(), on.viewer, size=_AHEAD, offset=0)
    waits = (each for each in found if each.assessment_id and (each.why or each.progress != "reviewed"))
    return next((each.recording_id.hex for each in waits if each.recording_id != on.recording.id), None)
