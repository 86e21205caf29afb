"""What is not to be judged of whoever practises here: a folded part of the pages that begin an assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import pick
from liyi.etiquette.causes import CAUSES
from liyi.ui import exempting
from liyi.ui.plain import explain
from liyi.ui.wording import _, here, lang

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.etiquette.pack import NormPack
    from liyi.records.consent_tables import Exemption


def exemption_form(pack: NormPack) -> None:
    """What is left out now, with an end to each, and one more to enter."""
    standing = exempting.mine()
    begun = _("Not judged of you: {count}", count=len(standing))
    label = begun if standing else _("Is there something that should not be judged?")
    with st.expander(label, key="exemptions"):  # by its key it stays open when its label changes
        st.caption(_("Whatever a pregnancy, an injury or an ailment makes impossible is left out of the assessment, "
                     "neither as a fault nor as a merit. It holds for recordings from today on."))  # fmt: skip
        for row in standing:
            _standing(row, pack)
        _enter(pack, {row.flag for row in standing})


def name_of(item: str, pack: NormPack) -> str:
    """A flag or a criterion in words, as far as there are any."""
    if item in CAUSES:
        return _(CAUSES[item])
    criterion = pack.criteria.get(item)
    return (criterion and pick(criterion.name, lang())) or item


def _standing(row: Exemption, pack: NormPack) -> None:
    until = _("until {day}", day=row.until_day.isoformat()) if row.until_day else _("for good")
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.text(" · ".join(filter(None, [name_of(row.flag, pack), until, row.reason])))
    if bar.button(_("Judge it again"), key=f"unexempt-{row.id}"):
        _do(lambda: exempting.end(row))


def _enter(pack: NormPack, standing: set[str]) -> None:
    """What is left out already is not offered again."""
    causes = [cause for cause in CAUSES if cause in pack.exemptions]
    others = sorted(pack.exemptions.difference(causes, pack.criteria))
    items = [item for item in (*causes, *others, *pack.criteria) if item not in standing]
    left, right = st.columns(2)
    item = left.selectbox(
        _("What is left out"), items, index=None, placeholder=_("Choose"),
        format_func=lambda item: name_of(item, pack), key="exempt-item",
    )  # fmt: skip
    until_day = right.date_input(_("Until (empty: for good)"), None, format="YYYY-MM-DD", key="exempt-until")
    label = _("Reason (may stay empty; kept on {place} only)", place=here())
    reason = st.text_input(label, max_chars=200, key="exempt-reason")
    if item is not None and st.button(_("Leave it out")):
        _do(lambda: exempting.exempt_me(item, until_day=until_day, reason=reason))


def _do(change: Callable[[], None]) -> None:
    try:
        change()
    except LiyiError as error:
        st.error(explain(error))
        return
    st.rerun()
