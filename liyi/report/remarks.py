"""What people said of a recording, in its report: comments, decisions on findings, appeals, and the total after review.

What belongs here: plain data that whoever shows the report hands in, and its words. The report knows no records; what
the tool found stays as it is, and what people said stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from liyi.core import words
from liyi.core.words import N_, translate
from liyi.report import findings
from liyi.report.charts import Lane, Span
from liyi.report.first_screen import Clip
from liyi.scoring.reviewed import as_decided

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.scoring.reviewed import Reviewed

Decision = Literal["confirmed", "rejected", "changed", "added"]

MOST_SENTENCE = 500  # characters of an appeal
_DECISIONS: dict[str, str] = {
    "confirmed": N_("confirmed"),
    "rejected": N_("does not hold"),
    "changed": N_("changed"),
    "added": N_("added"),
}


@dataclass(frozen=True)
class Comment:
    """What somebody wrote ``on`` a day, at ``at_s`` seconds of the recording or on all of it."""

    at_s: float | None
    text: str
    by: str
    on: str


@dataclass(frozen=True)
class Decided:
    """What somebody decided on a finding, at a moment in seconds or on the whole criterion.

    ``new``: of ``changed``, the sub-score 0..1; None for not assessed.
    """

    criterion: str
    decision: Decision
    by: str
    on: str
    start_s: float | None = None
    end_s: float | None = None
    new: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Appealed:
    """What the person of the recording holds against a finding; ``upheld`` is None until somebody has answered."""

    id: str
    criterion: str
    sentence: str
    on: str
    start_s: float | None = None
    end_s: float | None = None
    upheld: bool | None = None
    answer: str = ""
    answered_by: str = ""
    answered_on: str = ""


@dataclass(frozen=True)
class AfterReview:
    """What the recording comes to with all that was decided, by whom and when; ``total`` 0..100 or None.

    ``found`` is all of that, by which the first screen goes; None where nobody decided on a finding.
    """

    total: float | None
    total_error: float | None
    by: str
    on: str
    found: Reviewed | None = None


@dataclass(frozen=True)
class Remarks:
    """All of it; ``appealable``: whether its reader is the person, who may disagree with a finding.

    ``mark`` is the total that a person confirmed (成绩), as long as it stands. ``draft``: by which a sentence that
    was not sent yet is found again in the person's browser.
    """

    comments: tuple[Comment, ...] = ()
    decisions: tuple[Decided, ...] = ()
    appeals: tuple[Appealed, ...] = ()
    after: AfterReview | None = None
    mark: AfterReview | None = None
    appealable: bool = False
    draft: str = ""

    @property
    def said(self) -> int:
        """How many things people said."""
        return len(self.comments) + len(self.decisions) + len(self.appeals)

    def decided(self, assessment: Assessment) -> Assessment:
        """The assessment as people decided; as it is where nobody decided on a finding."""
        found = self.after and self.after.found
        return as_decided(assessment, found) if found else assessment


NOTHING = Remarks()


def told(remarks: Remarks, assessment: Assessment, lang: str) -> dict[str, Any]:
    """What the templates show of it: the list, and by criterion what stands beside its finding."""
    verdicts = {v.criterion: v for v in assessment.verdicts}
    decisions = [_decided(each, verdicts.get(each.criterion), lang) for each in remarks.decisions]
    appeals = [_appealed(each, verdicts.get(each.criterion), remarks, lang) for each in remarks.appeals]
    comments = [
        {"clip": _clip(each.at_s, each.at_s), "text": each.text, "by": each.by, "on": each.on}
        for each in remarks.comments
    ]
    beside: dict[str, list[dict[str, Any]]] = {}
    for line in (*decisions, *appeals):
        beside.setdefault(line["criterion"], []).append(line)
    done = {each.criterion for each in remarks.appeals if each.upheld is None or each.start_s is None}
    return {
        "any": bool(remarks.said or remarks.after or remarks.mark),
        "comments": comments,
        "decisions": decisions,
        "appeals": appeals,
        "beside": beside,
        "summary": summary(remarks, assessment, lang),
        "totals": totals(remarks, assessment, lang),
        "appealable": _found(assessment) - done if remarks.appealable else frozenset(),
        "most": MOST_SENTENCE,
        "draft": remarks.draft,
    }  # fmt: skip


def summary(remarks: Remarks, assessment: Assessment, lang: str) -> str:
    """One line for the first screen: the mark, whose total it is and what the tool's was, or how much people said."""
    if (mark := remarks.mark) is not None:
        return translate("{by} confirmed the mark: {total}", lang, by=mark.by, total=_points(mark, lang))
    if remarks.after is not None and remarks.after.found is not None:
        tool = AfterReview(assessment.total, assessment.total_error, "", "")
        return translate("As reviewed by {by}; the tool's total: {total}", lang, by=remarks.after.by,
                         total=_points(tool, lang))  # fmt: skip
    if remarks.after is not None:
        return translate("{by} reviewed it: {total}", lang, by=remarks.after.by, total=_points(remarks.after, lang))
    return translate("People said: {count}", lang, count=remarks.said) if remarks.said else ""


def totals(remarks: Remarks, assessment: Assessment, lang: str) -> list[tuple[str, str]]:
    """The tool's total, the one after review and the mark, each named; empty without one of the last two."""
    if remarks.after is None and remarks.mark is None:
        return []
    error = f" ±{words.number(assessment.total_error, 0)}" if assessment.total_error else ""
    tool = findings.whole_points(assessment.total) + error if assessment.total is not None else None
    by_people = (
        (N_("After the review by {by}, {day}"), remarks.after), (N_("Mark, confirmed by {by}, {day}"), remarks.mark),
    )  # fmt: skip
    told = [
        (translate(name, lang, by=each.by, day=each.on), _points(each, lang)) for name, each in by_people if each
    ]  # fmt: skip
    return [(translate("By the tool", lang), tool or translate("No total", lang)), *told]


def lane(remarks: Remarks, lang: str) -> Lane | None:
    """Comments with a moment as a lane of the timeline; None where there are none."""
    spans = tuple(_span(each) for each in remarks.comments if each.at_s is not None)
    return Lane(translate("Comments", lang), spans) if spans else None


def ticks(remarks: Remarks, duration_s: float) -> list[dict[str, Any]]:
    """Comments with a moment as marks over the strips of the player, by their place there from 0 to 1000."""
    return [
        {"x": f"{1000 * min(max(each.at_s / duration_s, 0), 1):.1f}", "clip": _clip(each.at_s, each.at_s),
         "title": f"{each.by}: {each.text}"}
        for each in remarks.comments
        if each.at_s is not None and duration_s > 0
    ]  # fmt: skip


def _span(comment: Comment) -> Span:
    at = comment.at_s or 0.0
    return Span(at, at, "people", f"{words.clock(at)} {comment.by}: {comment.text}", "people")


def _found(assessment: Assessment) -> frozenset[str]:
    """Criteria with a finding with which somebody may disagree; a condition of the recording is none."""
    judged = (v for v in assessment.verdicts if v.status != "not_assessed" and v.kind != "condition")
    return frozenset(v.criterion for v in judged)


def _clip(start_s: float | None, end_s: float | None) -> Clip | None:
    """The moment to play; of a single second from there on."""
    if start_s is None or end_s is None:
        return None
    text = words.clock(start_s) if start_s == end_s else words.span(start_s, end_s)
    return Clip(text, start_s, end_s, 0)


def _name(criterion: str, verdict: Verdict | None, lang: str) -> str:
    return findings.name_of(verdict, lang) if verdict is not None else criterion


def _decided(each: Decided, verdict: Verdict | None, lang: str) -> dict[str, Any]:
    """A decision beside what the tool said."""
    clip = _clip(each.start_s, each.end_s)
    return {
        "criterion": each.criterion,
        "name": _name(each.criterion, verdict, lang),
        "clip": clip,
        "tool": _tool_text(verdict, lang) if each.decision != "added" else "",
        "person": _person_text(each, verdict, lang),
        "by": each.by,
        "on": each.on,
        "text": each.why,
        "appeal": False,
    }


def _tool_text(verdict: Verdict | None, lang: str) -> str:
    if verdict is None:
        return ""
    mark = findings.mark_of(verdict).word(lang)
    return mark if verdict.sub_score is None else f"{mark} {findings.whole_points(100 * verdict.sub_score)}"


def _person_text(each: Decided, verdict: Verdict | None, lang: str) -> str:
    if each.decision != "changed" or verdict is None:
        return translate(_DECISIONS[each.decision], lang)
    status = "not_assessed" if each.new is None else "assessed"
    return _tool_text(verdict.model_copy(update={"status": status, "sub_score": each.new}), lang)


def _appealed(each: Appealed, verdict: Verdict | None, remarks: Remarks, lang: str) -> dict[str, Any]:
    state = {None: N_("appealed, waits for an answer"), True: N_("appeal upheld"), False: N_("appeal not upheld")}
    return {
        "criterion": each.criterion,
        "name": _name(each.criterion, verdict, lang),
        "clip": _clip(each.start_s, each.end_s),
        "text": each.sentence,
        "on": each.on,
        "state": translate(state[each.upheld], lang),
        "answer": each.answer,
        "answered_by": each.answered_by,
        "answered_on": each.answered_on,
        "id": each.id if remarks.appealable and each.upheld is None else "",
        "appeal": True,
    }


def _points(after: AfterReview, lang: str) -> str:
    if after.total is None:
        return translate("No total", lang)
    error = f" ±{words.number(after.total_error, 0)}" if after.total_error else ""
    return findings.whole_points(after.total) + error
