"""The fields of a sheet of deductions: their names in English and Chinese, what they stand for, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from liyi.cohort.ranks import pack_text, profile_text
from liyi.core import words
from liyi.core.words import N_, translate
from liyi.report import findings, totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.cohort.sheet import Value
    from liyi.etiquette.assessment import Assessment, Deduction, Verdict

# Chinese name, and what it stands for.
FIELDS: Mapping[str, tuple[str, str]] = {
    "person": ("姓名", N_("name of the person")),
    "department": ("部门", N_("department")),
    "cohort": ("班组", N_("cohort, as the list names it")),
    "organisation": ("单位", N_("organisation")),
    "file": ("录像", N_("recording, as the list names it")),
    "date": ("日期", N_("day of the assessment")),
    "batch": ("批次", N_("name of the batch")),
    "profile": ("场景类型", N_("profile")),
    "pack": ("规范包", N_("norm pack with its version")),
    "state": ("状态", N_("provisional, or confirmed")),
    "total": ("总分", N_("total after review, in points; empty where there is none")),
    "error": ("误差", N_("measurement error of the total (1 SD), in points")),
    "no_total": ("无总分原因", N_("why there is no total")),
    "charged": ("扣分合计", N_("all points charged")),
    "coverage": ("覆盖率", N_("share of the profile that was assessed")),
    "deductions": ("扣分明细", N_("all deductions in one cell, a line each")),
    "red_lines": ("红线", N_("red lines that were crossed or wait for a person")),
    "not_assessed": ("未评估项", N_("what was not assessed, with reasons")),
    "confirmed_by": ("核定人", N_("who confirmed the mark; empty while it is provisional")),
    "confirmed_on": ("核定日期", N_("the day on which it was confirmed")),
    "why": ("核定说明", N_("what was said when it was confirmed")),
    "evaluator": ("评估员", N_("who runs the batch")),
}
ITEM_FIELDS: Mapping[str, tuple[str, str]] = {
    "item.number": ("扣分项.序号", N_("number of the deduction")),
    "item.dimension": ("扣分项.维度", N_("dimension")),
    "item.criterion": ("扣分项.指标", N_("criterion")),
    "item.measured": ("扣分项.实测", N_("what was measured")),
    "item.points": ("扣分项.扣分", N_("points charged")),
    "item.clips": ("扣分项.片段", N_("moments that prove it")),
    "item.source": ("扣分项.依据", N_("on what the criterion rests")),
    "item.advice": ("扣分项.建议", N_("what to do")),
}
# Of one criterion, by its id or its name: `charged.shoulder_tilt`, 扣分.肩线倾斜.
OF_CRITERION: Mapping[str, tuple[str, str]] = {
    "charged": ("扣分", N_("points charged for this criterion")),
    "value": ("实测", N_("what was measured for this criterion")),
    "status": ("评定", N_("its mark in words, or not assessed")),
}


@dataclass(frozen=True)
class About:
    """What a sheet tells beside the assessment; texts as they are shown. Without ``confirmed_by`` it is provisional."""

    person: str
    file: str
    batch: str
    evaluator: str
    date: str
    organisation: str = ""
    department: str = ""
    cohort: str = ""
    confirmed_by: str = ""
    confirmed_on: str = ""
    why: str = ""


def field_id(text: str) -> str:
    """The English name of a field that a cell names in either language; criteria keep the name that they were given."""
    name = " ".join(text.split())
    part, dot, criterion = name.partition(".")
    if name not in ITEM_FIELDS and dot and (part in OF_CRITERION or part in _chinese()):
        return _chinese().get(name) or f"{_chinese().get(part, part)}.{criterion}"
    return _chinese().get(name, name)


def is_field(text: str) -> bool:
    """Whether a cell may ask for this; any criterion may be named, since norm packs have their own."""
    id = field_id(text)
    part, _, criterion = id.partition(".")
    return id in FIELDS or id in ITEM_FIELDS or (part in OF_CRITERION and bool(criterion))


@cache
def _chinese() -> dict[str, str]:
    every = {**FIELDS, **ITEM_FIELDS, **OF_CRITERION}
    return {chinese: id for id, (chinese, _) in every.items()}


def sheet_values(assessment: Assessment, about: About, lang: str) -> dict[str, Value]:
    """Values of all fields but those of single deductions."""
    a = assessment
    whole = float(findings.whole_points(a.total)) if a.total is not None else None
    state = N_("confirmed as a mark") if about.confirmed_by else N_("provisional, by the tool")
    items = sheet_items(a, lang)
    charged = {each.criterion: each.charged for each in a.deductions}
    values: dict[str, Value] = {
        **{name: getattr(about, name) for name in ("person", "file", "batch", "evaluator", "date", "organisation",
                                                   "department", "cohort", "confirmed_by", "confirmed_on", "why")},
        "profile": profile_text(a.pack, a.profile, lang),
        "pack": pack_text(a.pack, lang),
        "state": translate(state, lang),
        "total": whole,
        "error": a.total_error if a.total is not None else None,
        "no_total": totals.total_text(a, lang) if a.total is None else None,
        "charged": round(sum(charged.values()), 1),
        "coverage": words.quantity(round(100 * a.coverage), "%", lang),
        "deductions": "\n".join(f"{each['item.criterion']} −{each['item.points']:g}" for each in items),
        "red_lines": " ".join(totals.caps_texts(a, lang)),
        "not_assessed": _not_assessed(a, lang),
    }  # fmt: skip
    for verdict in a.verdicts:
        cost = None if verdict.status == "not_assessed" else round(charged.get(verdict.criterion, 0.0), 1)
        told = {"charged": cost if cost is not None else "–", "value": findings.value_text(verdict, lang),
                "status": findings.mark_of(verdict).word(lang)}  # fmt: skip
        for part, value in told.items():
            for name in (verdict.criterion, verdict.name.zh, verdict.name.en):
                if name:
                    values[f"{part}.{name}"] = value
    return values


def sheet_items(assessment: Assessment, lang: str) -> list[dict[str, Value]]:
    """Deductions that cost something, the dearest first, by the names of `ITEM_FIELDS`."""
    verdicts = {verdict.criterion: verdict for verdict in assessment.verdicts}
    charged = sorted((each for each in assessment.deductions if each.charged > 0), key=lambda each: -each.charged)
    return [
        _item(number, each, verdicts[each.criterion], assessment, lang)
        for number, each in enumerate(charged, 1)
    ]  # fmt: skip


def _item(number: int, lost: Deduction, verdict: Verdict, assessment: Assessment, lang: str) -> dict[str, Value]:
    moments = sorted((each.start_s, each.end_s) for each in lost.evidence)
    return {
        "item.number": number,
        "item.dimension": findings.dimension_name(assessment, lost.dimension, lang),
        "item.criterion": findings.name_of(verdict, lang),
        "item.measured": findings.value_text(verdict, lang),
        "item.points": round(lost.charged, 1),
        "item.clips": words.listed((words.span(*moment) for moment in moments), lang),
        "item.source": verdict.source.text(lang),
        "item.advice": words.pick(verdict.advice, lang),
    }


def _not_assessed(assessment: Assessment, lang: str) -> str:
    return "\n".join(
        words.labelled(words.listed((findings.name_of(v, lang) for v in group), lang),
                       words.explain_reason(code, lang), lang)
        for code, group in findings.not_assessed(assessment.verdicts).items()
    )  # fmt: skip
