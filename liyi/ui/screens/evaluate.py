"""Evaluate: one's batches of recordings, a new one, and one batch with its three steps."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.words import N_
from liyi.etiquette.norms import list_packs, load_pack
from liyi.records.batch_retention import TRASH_DAYS
from liyi.records.consent_texts import BATCH as CONSENT
from liyi.records.consent_texts import BATCH_VERSION as VERSION
from liyi.records.operations import batch_removal, batches
from liyi.records.unit_of_work import PAGE as ROWS
from liyi.ui import pages, people
from liyi.ui.evaluating import assigned, bringing, defending, running
from liyi.ui.evaluating.batch_words import PURPOSES, STATES, STEPS, step_of
from liyi.ui.plain import explain, plain
from liyi.ui.wording import LANGUAGES, _, here, lang, when

if TYPE_CHECKING:
    from uuid import UUID

    from liyi.records.batch_tables import Batch, Purpose

_DRAWS = {"bring": bringing.draw, "run": running.draw, "defend": defending.draw}


def page() -> None:
    """All batches; with ``batch`` in the address that one."""
    asked = st.query_params.get("batch")
    if asked:
        draw_batch(batches.batch(people.records(), people.viewer(), asked))
        return
    st.header(_(PAGE.title))
    shown = st.session_state.setdefault("batch-rows", ROWS)
    mine = batches.batches(people.records(), people.viewer(), size=shown + 1)
    if not mine:
        st.write(_("Bring in many recordings and a list that says whose they are, have them assessed together, look "
                   "through what came of it, and hand over a table that you stand by."))  # fmt: skip
    new_batch(is_open=not mine)
    for each in mine[:shown]:
        row(each)
    if len(mine) > shown and st.button(_("Show more")):
        st.session_state["batch-rows"] = shown + ROWS
        st.rerun()
    in_trash()
    assigned.draw()


def in_trash() -> None:
    """Batches that were deleted and can still be taken back."""
    gone = batch_removal.discarded_batches(people.records(), people.viewer())
    if not gone:
        return
    with st.expander(_("Deleted batches: {count}", count=len(gone))):
        for each in gone:
            if each.deleted_at is None:
                continue
            until = when((each.deleted_at + timedelta(days=TRASH_DAYS)).timestamp())
            with st.container(horizontal=True, vertical_alignment="center", key=f"gone-{each.id.hex}"):
                said = _("can be restored until {until}", until=until)
                st.html(f'<div class="row"><b>{escape(each.name)}</b><span class="soft">{escape(said)}</span></div>',
                        width="stretch")  # fmt: skip
                st.button(_("Restore"), key=f"back-{each.id.hex}", help=plain(each.name),
                          on_click=_take_back, args=(each.id,))  # fmt: skip


def _take_back(batch_id: UUID) -> None:
    with suppress(LiyiError):  # it is gone for good since, as the list then shows
        batch_removal.take_back_batch(people.records(), people.viewer(), batch_id)


def row(batch: Batch) -> None:
    """One batch: what it is called, what it is for, when it was begun, where it stands."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"batch-{batch.id.hex}"):
        about = " · ".join([_(PURPOSES[batch.purpose]), when(batch.created_at.timestamp()), _(STATES[batch.state])])
        st.html(f'<div class="row"><b>{escape(batch.name)}</b><span class="soft">{escape(about)}</span></div>',
                width="stretch")  # fmt: skip
        if st.button(_("Open"), key=f"open-{batch.id.hex}", help=plain(batch.name)):
            pages.go(PAGE.address, batch=batch.id.hex)


def draw_batch(batch: Batch) -> None:
    """One batch: its name, where it stands, and the step that is open; all three are always in sight."""
    st.header(plain(batch.name))
    about = [_(PURPOSES[batch.purpose]), standard(batch), when(batch.created_at.timestamp()), _(STATES[batch.state])]
    st.caption(plain(" · ".join(about)))
    asked = st.query_params.get("step", "")
    open_now = asked if asked in STEPS else step_of(batch.state)
    names = {step: f"{number} {_(name)}" for number, (step, name) in enumerate(STEPS.items(), 1)}
    bar = st.container(horizontal=True, vertical_alignment="center")
    chosen = bar.segmented_control(
        _("Step"), list(names), format_func=names.__getitem__, default=open_now, key=f"step-of-{open_now}",
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    if bar.button(_("All batches"), key="back"):
        pages.go(PAGE.address)
    if chosen != open_now:
        pages.go(PAGE.address, batch=batch.id.hex, step=str(chosen))
    _DRAWS[open_now](batch)


def standard(batch: Batch) -> str:
    """Norm pack and profile that hold where a line of the list says nothing else."""
    profile = Options.of_json(batch.options).profile
    try:
        pack = load_pack(batch.pack)
        names = [getattr(pack.name, lang()), pack.profile_name(profile, lang()) if profile else ""]
    except LiyiError:  # a pack that is not here any more
        names = [batch.pack, profile or ""]
    return " · ".join(filter(None, names))


def new_batch(*, is_open: bool) -> None:
    """What a new batch is called, what it is for, and how its recordings are judged where the list says nothing."""
    with st.expander(_("New batch"), expanded=is_open):
        left, right = st.columns([3, 2])
        name = left.text_input(_("Name"), max_chars=200, key="batch-name", placeholder=_("Such as: window staff, May"))
        purpose = right.selectbox(
            _("What it is for"), list(PURPOSES), format_func=lambda each: _(PURPOSES[each]), key="batch-purpose",
            help=_("An examination is run only where the list says of each person when and how they consented."),
        )  # fmt: skip
        first, second, third = st.columns(3)
        packs = {ref.id: load_pack(ref.id) for ref in list_packs()}
        pack_id = first.selectbox(
            _("Norm pack"), list(packs), format_func=lambda id: getattr(packs[id].name, lang()), key="batch-pack"
        )
        pack = packs[pack_id]
        profile = second.selectbox(
            _("Profile"), list(pack.profiles), format_func=lambda id: pack.profile_name(id, lang()),
            key="batch-profile",
        )  # fmt: skip
        codes = list(LANGUAGES)
        written = third.selectbox(
            _("Language of the reports"), codes, index=codes.index(lang()), format_func=LANGUAGES.__getitem__,
            key="batch-lang",
        )  # fmt: skip
        agreed = st.checkbox(_(CONSENT, place=here()), key="batch-consent")
        ready = bool(name.strip()) and agreed
        if st.button(_("Begin the batch"), type="primary", disabled=not ready, key="batch-begin"):
            begin(name, purpose, pack_id, Options(profile), written)
        if not name.strip():
            st.caption(_("Give it a name first."))
        elif not agreed:
            st.caption(_("Say first that you have the consent."))


def begin(name: str, purpose: Purpose, pack: str, options: Options, written: str) -> None:
    """Begin the batch by the consent that was just declared, and open it."""
    try:
        people.agree(_(CONSENT, place=here()), version=VERSION)
        made = batches.add_batch(
            people.records(), people.viewer(), name=name, purpose=purpose, pack=pack, lang=written, options=options
        )
    except LiyiError as error:
        st.error(explain(error))
        return
    pages.go(PAGE.address, batch=made.id.hex)


PAGE = pages.Page(N_("Evaluate"), "evaluate", "evaluator", 8, page)
