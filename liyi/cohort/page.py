"""cohort.html: a batch at one glance, for the trainer who must decide what to practise and what to look at again.

One self-contained file that prints on A4, in the look of a recording's report. It counts what was measured and says
nothing of a person; with fewer than `liyi.cohort.outliers.FEWEST` recordings it says nothing of how they are spread
either.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.batch.outputs import COHORT_HTML, IS_OWN
from liyi.batch.rows import briefly
from liyi.cohort.criterion_counts import tally
from liyi.cohort.outliers import CODES, FAR, FEWEST, percent, recheck
from liyi.cohort.ranks import failure_text, outcome, pack_text, shown_total
from liyi.cohort.spread import spreads_of
from liyi.core import words
from liyi.core.lazy import LazySequence
from liyi.core.moments import moment
from liyi.core.spreadsheet_text import cell, plain
from liyi.core.templates import template
from liyi.core.words import N_, translate
from liyi.report import findings, html
from liyi.report.findings import Mark
from liyi.scoring.folder import result_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.batch.rows import Row
    from liyi.cohort.outliers import Note
    from liyi.etiquette.assessment import Assessment

_MOST_NOTES, _MOST_FAILURES = 60, 100
_TEMPLATES = [Path(__file__).parent / "templates", Path(html.__file__).parent / "templates"]
_COUNTED = {
    "total": N_("{count} with a total"),
    "no_total": N_("{count} without a total"),
    "failed": N_("{count} not assessed at all"),
    "stopped": N_("{count} not begun"),
}


def write_cohort_report(rows: Sequence[Row], out: Path, lang: str) -> None:
    """Write cohort.html into ``out``, whole or not at all.

    Parameters
    ----------
    rows
        In the order of the manifest.
    out
        Folder of the batch, which exists.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    LiyiError
        When the folder cannot be written.
    """
    text = plain(cohort_page(rows, lang))
    with result_file(out / COHORT_HTML, IS_OWN[COHORT_HTML]) as part:
        part.write_text(text, encoding="utf-8")


def cohort_page(rows: Sequence[Row], lang: str) -> str:
    """The page as text."""
    return template("cohort.html.j2", *_TEMPLATES).render(_context(rows, lang))


def _context(rows: Sequence[Row], lang: str) -> dict[str, Any]:
    places = _distinct(rows)
    judged = [_judged(briefly(rows)[at]) for at in places]
    whole = LazySequence(places, lambda at: _judged(rows[at]))
    # of a picture nothing is a share of time
    timed = [at for at, (_, assessment) in enumerate(judged) if not assessment.is_photo]
    packs = tally(LazySequence(timed, whole.__getitem__), lang)
    first = sorted((c for pack in packs for c in pack.criteria if c.share), key=lambda c: -(c.share or 0))[:3]
    return {
        "_": partial(translate, lang=lang),
        "lang": lang,
        **_head(briefly(rows), judged, lang),
        "first": first,
        "nothing_first": _nothing_first(judged, lang),
        "groups": spreads_of([judged[at] for at in timed], lang),
        "criteria": packs,
        "attention": Mark.ATTENTION.word(lang),
        "good": Mark.GOOD.word(lang),
        "not_assessed": Mark.OPEN.word(lang),
        **_notes(rows, lang),
        "open": _open(whole, lang),
        **_failures(rows, lang),
        "fewest": FEWEST,
        "far": words.number(FAR, 1),
        "facts": _facts(judged, lang),
    }


def _distinct(rows: Sequence[Row]) -> list[int]:
    """Indices of what was assessed; the same recording listed twice for the same person and cohort stands once."""
    found: dict[tuple[str | None, ...], int] = {}
    for index, row in enumerate(briefly(rows)):
        if row.assessment is not None:
            found.setdefault((row.key or row.path, row.person, row.cohort), index)
    return [*found.values()]


def _judged(row: Row) -> tuple[Row, Assessment]:
    assert row.assessment is not None
    return row, row.assessment


def _head(rows: Sequence[Row], judged: Sequence[tuple[Row, Assessment]], lang: str) -> dict[str, Any]:
    outcomes = Counter(outcome(row) for row in rows)
    cohorts = list(dict.fromkeys(cell(row.cohort) for row in rows if row.cohort))
    packs = dict.fromkeys(pack_text(assessment.pack, lang) for _, assessment in judged)
    repeated = sum(row.assessment is not None for row in rows) - len(judged)
    return {
        "title": words.listed(cohorts[:6], lang) + (" …" if len(cohorts) > 6 else "")
        or translate("Batch of recordings", lang),
        "subtitle": " · ".join(packs),
        "lines": len(rows),
        "counts": [translate(text, lang, count=outcomes[key]) for key, text in _COUNTED.items() if outcomes[key]],
        "repeated": translate(
            "Lines that name a recording once more: {count}; each recording is counted once.", lang, count=repeated
        )
        if repeated
        else "",
    }


def _nothing_first(judged: Sequence[tuple[Row, Assessment]], lang: str) -> str:
    if not judged:
        return translate("Nothing could be assessed: the reasons and remedies are below.", lang)
    if len(judged) < FEWEST:
        return translate("Fewer than {count} recordings: look at each report.", lang, count=FEWEST)
    return translate("No criterion is beyond its tolerable band in any recording.", lang)


def _notes(rows: Sequence[Row], lang: str) -> dict[str, Any]:
    """What to look at again, the most telling first."""
    noted = [(index, notes) for index, notes in enumerate(recheck(rows)) if notes]
    noted.sort(key=lambda each: (CODES.index(each[1][0].code), -len(each[1])))
    more = len(noted) - _MOST_NOTES
    return {
        "notes": [_note(*_judged(rows[index]), notes, lang) for index, notes in noted[:_MOST_NOTES]],
        "more_notes": translate("{count} more stand in scores.xlsx, on the sheet of the ranking.", lang, count=more)
        if more > 0
        else "",
    }


def _note(row: Row, assessment: Assessment, notes: Sequence[Note], lang: str) -> dict[str, str]:
    total = shown_total(assessment.total)
    joint = "" if lang == "zh" else " "
    return {
        "file": cell(row.path),
        "person": cell(row.person or ""),
        "cohort": cell(row.cohort or ""),
        "total": f"{Mark.OPEN.shape} –" if total is None else words.number(total, 1),
        "coverage": percent(assessment.coverage),
        "why": joint.join(note.text(assessment, lang) for note in notes),
    }


def _open(judged: Sequence[tuple[Row, Assessment]], lang: str) -> list[dict[str, Any]]:
    """Reasons why something was not assessed: in how many recordings, and which criteria how often."""
    recordings: Counter[str] = Counter()
    criteria: dict[str, Counter[str]] = {}
    for _, assessment in judged:
        for code, verdicts in findings.not_assessed(assessment.verdicts).items():
            recordings[code] += 1
            criteria.setdefault(code, Counter()).update(findings.name_of(v, lang) for v in verdicts)
    return [
        {
            "reason": words.explain_reason(code, lang),
            "count": count,
            "names": words.listed((f"{name} {times}" for name, times in criteria[code].most_common()), lang),
        }
        for code, count in recordings.most_common()
    ]


def _failures(rows: Sequence[Row], lang: str) -> dict[str, Any]:
    failed = [row for row in briefly(rows) if row.assessment is None]
    more = len(failed) - _MOST_FAILURES
    return {
        "failures": [{"file": cell(r.path), "why": cell(failure_text(r, lang))} for r in failed[:_MOST_FAILURES]],
        "more_failures": translate("{count} more stand in failures.csv.", lang, count=more) if more > 0 else "",
    }


def _facts(judged: Sequence[tuple[Row, Assessment]], lang: str) -> list[tuple[str, str, str]]:
    """Provenance as (name, value, checksum)."""
    packs, models, versions, times = dict[str, str](), dict[str, str](), set[str](), list[str]()
    for _, assessment in judged:
        pack = assessment.pack
        packs.setdefault(pack.sha256, f"{pack_text(pack, lang)} ({pack.id} {pack.version})")
        models |= {model.sha256: model.id for model in assessment.models}
        versions.add(assessment.liyi_version)
        times.append(assessment.created_at)
    facts = [(translate("Norm pack", lang), name, f"sha256 {sha256}") for sha256, name in packs.items()]
    facts += [(translate("Model", lang), name, f"sha256 {sha256}") for sha256, name in sorted(models.items())]
    facts += [("Liyi", version, "") for version in sorted(versions)]
    if times:
        made = [moment(at, named=True) for at in (min(times), max(times))]
        facts.append((translate("Made", lang), made[0] if made[0] == made[-1] else f"{made[0]} – {made[-1]}", ""))
    return facts
