"""What can be taken of a batch, the unit's templates of the deduction sheet, and the blind second rating."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from liyi.batch.outputs import SCORES_CSV, SCORES_PARQUET, SCORES_XLSX
from liyi.cohort.default_sheet import default_sheet
from liyi.cohort.sheet import check_template
from liyi.core.errors import LiyiError
from liyi.records.operations import batch_ratings, sheet_templates
from liyi.records.operations import people as persons
from liyi.records.schema import Role
from liyi.ui import people
from liyi.ui.plain import explain, plain
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from liyi.records.batch_tables import Batch
    from liyi.records.operations.batch_marks import BatchRow

_CHOSEN = "sheet-template"
_SAID = "sheet-said"  # what came of a template that was brought
_SHARES = {0.05: "5 %", 0.1: "10 %", 0.2: "20 %", 0.5: "50 %", 1.0: "100 %"}


def draw(batch: Batch, *, ranked: bool) -> None:
    """All that can be taken away; ``ranked``: the workbook of scores ranks."""
    st.subheader(_("Hand over"))
    scores = address(batch, SCORES_XLSX, **({"ranked": "1"} if ranked else {}))
    groups = (
        (_("Marks"), _("Confirmed totals only, with who confirmed each and when."),
         [("xlsx", address(batch, "marks.xlsx")), ("csv", address(batch, "marks.csv"))]),
        (_("Scores"), _("By the tool and provisional: nobody has confirmed them."),
         [("xlsx", scores), ("csv", address(batch, SCORES_CSV)), ("parquet", address(batch, SCORES_PARQUET))]),
        (_("Reports"),
         _("With captions, tables, and dataset.yaml that explains their columns; without the recordings."),
         [("zip", address(batch, "reports.zip"))]),
        (_("Deduction sheets"), _("One for each recording, in the template that is chosen below."),
         [("zip", address(batch, "sheets.zip", **_template()))]),
        (_("All recordings together"), _("How scores are spread, weakest criteria, what is unlike the rest."),
         [(_("Open the page"), address(batch, "cohort.html"))]),
    )  # fmt: skip
    for title, about, ways in groups:
        _group(title, about, ways)
    left, right = st.columns(2)
    with left, st.expander(_("Template of the deduction sheet")):
        _templates()
    with right, st.expander(_("Blind second rating")):
        _second_rating(batch)


def address(batch: Batch, name: str, **query: str) -> str:
    """Where something of a batch is fetched, in the page's language and the reader's time zone."""
    told = {"lang": lang(), "tz": st.context.timezone or "", **query}
    return f"/batch/{batch.id}/{name}?{urlencode(told)}"


def sheet_address(batch: Batch, row: BatchRow) -> str:
    """Where the deduction sheet of a line is fetched."""
    return address(batch, f"sheet/{row.line_id}.xlsx", **_template())


def links(ways: Iterable[tuple[str, str]]) -> None:
    """Links to what is fetched; pages open in a tab of their own."""
    st.html(" ".join(
        f'<a class="taken" href="{escape(to)}" target="{"_blank" if ".html" in to else "_self"}">{escape(label)}</a>'
        for label, to in ways
    ))  # fmt: skip


def _group(title: str, about: str, ways: list[tuple[str, str]]) -> None:
    anchors = " ".join(
        f'<a class="taken" href="{escape(to)}" target="{"_blank" if ".html" in to else "_self"}" '
        f'aria-label="{escape(f"{title} {label}")}">{escape(label)}</a>'
        for label, to in ways
    )
    st.html(f'<div class="row"><span class="head"><b>{escape(title)}</b>{anchors}</span>'
            f'<span class="soft">{escape(about)}</span></div>')  # fmt: skip


def _template() -> dict[str, str]:
    chosen = st.session_state.get(_CHOSEN)
    return {"template": chosen} if chosen else {}


def _templates() -> None:
    """The template that is used, one of the unit's own to bring in, and one to begin from."""
    store, who = people.records(), people.viewer()
    known = {row.id.hex: row for row in sheet_templates.sheet_templates(store, who)}
    if st.session_state.get(_CHOSEN) not in known:
        st.session_state.pop(_CHOSEN, None)
    chosen = st.selectbox(_("Template"), ["", *known], key=_CHOSEN,
                          format_func=lambda id: known[id].name if id in known else _("Liyi's own"))  # fmt: skip
    if chosen in known and known[chosen].author_id == who.person_id and st.button(_("Remove this template")):
        sheet_templates.remove_sheet_template(store, who, chosen)
        st.rerun()
    st.download_button(_("Take Liyi's own to begin from"), default_sheet(lang()), f"{_('Deduction sheet')}.xlsx",
                       on_click="ignore", key="sheet-default")  # fmt: skip
    brought = st.file_uploader(_("Your unit's own, as .xlsx with fields such as {field} in its cells",
                                 field="{{姓名}}" if lang() == "zh" else "{{person}}"),
                               type=["xlsx"], max_upload_size=1, key="sheet-brought")  # fmt: skip
    if brought is not None:
        st.button(_("Take this template over"), key="sheet-keep", on_click=_keep_template, args=(brought,))
    how, said = st.session_state.pop(_SAID, ("", ""))
    if said:
        (st.error if how == "error" else st.success)(said)


def _keep_template(brought: UploadedFile) -> None:
    """Keep a template for the organisation, and have it used from now on."""
    try:
        content = brought.getvalue()
        if len(content) <= sheet_templates.LARGEST_BYTES:
            check_template(brought.name, content)
        made = sheet_templates.add_sheet_template(people.records(), people.viewer(), name=brought.name, content=content)
    except LiyiError as error:
        st.session_state[_SAID] = "error", explain(error)
        return
    st.session_state[_CHOSEN] = made.id.hex
    said = _("{name} is used now, and there for all evaluators of your organisation.", name=plain(brought.name))
    st.session_state[_SAID] = "done", said


def _second_rating(batch: Batch) -> None:
    """A share of the batch for a second person, who rates before seeing what the tool found."""
    store, who = people.records(), people.viewer()
    st.write(_("A second person rates a sample before anything that the tool found is shown to them. The sample is "
               "drawn by a rule, not by hand."))  # fmt: skip
    told = st.container()
    raters = _raters(who.person_id)
    if not raters:
        with told:
            _asked(batch)
        st.caption(_("There is no second evaluator or trainer here: an administrator enters them under People."))
        return
    rater = st.selectbox(_("Who rates"), list(raters), key="second-rater", format_func=lambda id: raters[id])
    share = st.select_slider(_("Share"), list(_SHARES), value=0.1, format_func=_SHARES.__getitem__, key="second-share")
    if st.button(_("Ask for the rating"), key="second-ask"):
        try:
            drawn = batch_ratings.ask_second_rating(store, who, batch.id, float(share), rater)
        except LiyiError as error:
            st.error(explain(error))
            return
        st.success(_("{count} of {of} recordings are drawn for {name}, {new} of them now.", count=drawn.count,
                     of=drawn.of, name=plain(raters[rater]), new=drawn.new))  # fmt: skip
    with told:
        _asked(batch)


def _asked(batch: Batch) -> None:
    """Who was asked, how far they are, and how well they agree."""
    asked = batch_ratings.second_ratings(people.records(), people.viewer(), batch.id)
    for each in asked:
        st.text(_("{name}: {rated} of {asked} rated", name=each.rater, rated=each.rated, asked=each.asked))
        st.caption(_("Drawn by {seed}", seed=each.seed))
    if any(each.rated for each in asked):
        links([(_("How well they agree"), address(batch, "agreement.html"))])


def _raters(own: UUID) -> dict[str, str]:
    """Evaluators and trainers but oneself, by id."""
    found = {}
    for role in (Role.evaluator, Role.trainer):
        for each in persons.colleagues(people.records(), people.viewer(), role):
            if each.id != own:
                found[each.id.hex] = each.name
    return found
