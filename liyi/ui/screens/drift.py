"""Drift: how one's own ratings of gold clips lie to what raters agreed on, and what new versions make of the clips.

Everybody sees their own ratings alone. Administrators who do not rate see counts, and what became of the tool.
"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.moments import day
from liyi.core.words import N_, listed, number, pick
from liyi.etiquette.norms import list_packs, load_pack
from liyi.records.operations import gold, gold_drift
from liyi.records.operations.gold_drift import FEWEST_RATED, TOTAL
from liyi.records.operations.gold_mixing import ONE_IN
from liyi.ui import pages, people, plot
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from datetime import datetime

    from liyi.records.operations.gold import GoldCounts
    from liyi.records.operations.gold_drift import Checked, Drift, Shift

_RATERS = frozenset(("trainer", "evaluator"))
_POINTS = "points"  # the axis: points of 100
_STYLE = """<style>
.drift {display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: 4px 24px; margin: 0; padding: 0}
.drift :is(dt, dd) {margin: 0; padding: 0}
.drift dd { font-variant-numeric: tabular-nums}
</style>"""


def page() -> None:
    """One's own ratings, then the tool, then how far the unit has come with its clips."""
    st.html(plot.STYLE + _STYLE)
    st.header(_(PAGE.title))
    store, who = people.records(), people.viewer()
    for notice in gold_drift.gold_notices(store, who):
        st.warning(_(notice.sentence, **notice.fields).replace("`", ""))
    counts = gold.gold_counts(store, who)
    if not _RATERS.isdisjoint(people.roles()):
        of_people(gold_drift.gold_drift(store, who), counts)
    of_tool(gold_drift.gold_checks(store, who))
    of_unit(counts)


def of_people(drift: Drift, counts: GoldCounts) -> None:
    """The viewer's own ratings of clips over time, and by criterion."""
    st.subheader(_("My ratings against what was agreed"))
    if not drift.stretches:
        st.write(_("Nothing to show yet. Once the unit has {wanted} gold clips, one in about {many} recordings of your "
                   "queue is one, at most one a week; it looks like any other blind rating. A mean over at least {few} "
                   "clips appears here when their months are over, so that no rating tells that it was of one.",
                   wanted=counts.wanted, many=ONE_IN, few=FEWEST_RATED))  # fmt: skip
        return
    points = [
        plot.Attempt(
            date=months(each.since, each.until), value=each.difference, error=0.0,
            title=_("{months}: {difference} points over {count} clips", months=months(each.since, each.until),
                    difference=_signed(each.difference, 0), count=each.clips),
        ) for each in drift.stretches
    ]  # fmt: skip
    low = min(each.low for each in drift.stretches)
    high = max(each.high for each in drift.stretches)
    told = "; ".join(each.title for each in points)
    st.html(plot.attempts(points, _POINTS, low, high, lang=lang(), label=told))
    st.caption(_("Each point is the mean over the clips of whole months, at least {few}: your ratings less what raters "
                 "agreed on. Above 0 you rate milder, below 0 stricter. Shaded: how far the agreed ratings themselves "
                 "lay apart. Only you see this.", few=FEWEST_RATED))  # fmt: skip
    with st.expander(_("By criterion")):
        rows = [(_name(id), f"{_signed(mean, 0)} · {_('{count} ratings', count=count)}")
                for id, (mean, count) in drift.criteria.items()]  # fmt: skip
        _table(rows)


def months(since: datetime, until: datetime) -> str:
    """The months from one to before another, as ``2026-10`` or ``2026-09 – 2026-10``."""
    last = until - timedelta(days=1)
    return " – ".join(dict.fromkeys((f"{since:%Y-%m}", f"{last:%Y-%m}")))


def of_tool(checks: list[Checked]) -> None:
    """What each check of the clips found of the tool."""
    st.subheader(_("The tool against what it said when raters agreed"))
    if not checks:
        st.write(_("No version was checked against gold clips yet. An administrator does it with one command: "
                   "liyi records gold-check"))  # fmt: skip
        return
    points = [_drawn(each) for each in checks]
    st.html(plot.attempts(points, _POINTS, 0.0, 0.0, lang=lang(), label="; ".join(each.title for each in points)))
    st.caption(_("Each point is a check: the mean change of the total over all gold clips, with its error."))
    last = checks[-1]
    about = _("from the files") if last.measured else _("from stored measures")
    st.write(_("Last check on {day}: Liyi {version}, {clips} clips, {about}.", day=day(last.at, zone()),
               version=last.liyi_version, clips=last.clips, about=about))  # fmt: skip
    if not last.moved:
        st.html(f'<p class="row"><span class="mark-good" aria-hidden="true">●</span> '
                f"{escape(_('Nothing moved by more than its error.'))}</p>")  # fmt: skip
        return
    _table([(_name(id), _shifted(last.shifts[id])) for id in last.moved])


def of_unit(counts: GoldCounts) -> None:
    """How many clips there are, in what state."""
    st.subheader(_("Gold clips of the unit"))
    told = [
        _("agreed: {count} of {wanted}", count=counts.agreed, wanted=counts.wanted),
        _("being rated: {count}", count=counts.rated),
        _("waiting for their owner: {count}", count=counts.asked),
    ]
    st.write(_("At the beginning of {month}: {counts}", month=f"{counts.at:%Y-%m}", counts=listed(told, lang())))
    st.caption(_("A trainer proposes one in the review of a recording; its owner is asked. Raters agree when no rating "
                 "of a criterion is further than {within} points from the median, on at least half of the criteria.",
                 within=number(gold.WITHIN, 1)))  # fmt: skip


def _drawn(each: Checked) -> plot.Attempt:
    total = each.shifts.get(TOTAL)
    value = total.change if total else None
    error = total.error if total else 0.0
    told = "–" if value is None else f"{_signed(value)} ± {number(error, 1)}"
    style, shape = ("attention", "▲") if each.moved else ("good", "●")
    title = _("{day}, Liyi {version}: {change}", day=day(each.at, zone()), version=each.liyi_version, change=told)
    return plot.Attempt(day(each.at, zone()), value, error, title, style, shape)


def _shifted(shift: Shift) -> str:
    moved = _("{count} clips moved", count=shift.moved)
    return moved if shift.change is None else f"{_signed(shift.change)} ± {number(shift.error, 1)} · {moved}"


def _signed(value: float, digits: int = 1) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")


def _table(rows: list[tuple[str, str]]) -> None:
    cells = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in rows)
    st.html(f'<dl class="drift">{cells}</dl>')


def _name(criterion: str) -> str:
    """Name of a criterion in the first of the installed packs that has it."""
    if criterion == TOTAL:
        return _("Total")
    found = (load_pack(each.id).criteria.get(criterion) for each in list_packs())
    known = next(filter(None, found), None)
    return (pick(known.name, lang()) if known else "") or criterion


PAGE = pages.Page(N_("Drift"), "drift", ("trainer", "evaluator", "admin"), 12, page, team=True)
