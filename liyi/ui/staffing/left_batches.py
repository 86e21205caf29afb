"""Batches whose evaluator has left or lost the role: given to another evaluator, or deleted, without being seen."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.records.batch_retention import TRASH_DAYS
from liyi.records.operations import batch_removal
from liyi.records.operations import people as persons
from liyi.records.schema import Role
from liyi.ui import people as signed_in
from liyi.ui.evaluating.batch_words import PURPOSES
from liyi.ui.staffing import changes
from liyi.ui.wording import _, when

if TYPE_CHECKING:
    from liyi.records.operations.batch_removal import LeftBatch


def draw() -> None:
    """One line a batch; nothing where there is none."""
    store, who = signed_in.records(), signed_in.viewer()
    left = batch_removal.left_batches(store, who)
    if not left:
        return
    st.subheader(_("Batches whose evaluator has left or lost the role"))
    st.write(_("What is in them is not shown here. Another evaluator goes on with all of it, or the batch is deleted: "
               "its list, what was brought in and its log, for good after {days} days. Recordings that were made of it "
               "stay with their people.", days=TRASH_DAYS))  # fmt: skip
    evaluators = {each.id.hex: each.name for each in persons.colleagues(store, who, Role.evaluator)
                  if each.id != who.person_id}  # fmt: skip
    for each in left:
        _row(each, evaluators)


def _row(batch: LeftBatch, evaluators: dict[str, str]) -> None:
    id = batch.id.hex
    with st.container(border=True, key=f"left-{id}"):
        about = " · ".join([_(PURPOSES[batch.purpose]), _("begun on {day}", day=when(batch.begun_at.timestamp()))])
        st.html(f'<div class="row"><b>{escape(batch.evaluator)}</b><span class="soft">{escape(about)}</span></div>')
        chosen = st.selectbox(_("Who goes on with it"), list(evaluators), index=None, key=f"successor-{id}",
                              format_func=evaluators.__getitem__, placeholder="")  # fmt: skip
        bar = st.container(horizontal=True)
        store, who = signed_in.records(), signed_in.viewer()
        if bar.button(_("Give it to them"), key=f"hand-over-{id}", disabled=chosen is None) and chosen is not None:
            changes.act(partial(batch_removal.hand_over_batch, store, who, batch.id, chosen),
                        _("{name} has the batch now.", name=evaluators[chosen]))  # fmt: skip
        with bar.popover(_("Delete unseen"), key=f"unseen-{id}"):
            if st.button(_("Delete"), key=f"unseen-now-{id}"):
                changes.act(partial(batch_removal.discard_left_batch, store, who, batch.id), _("The batch is deleted."),
                            undo=partial(batch_removal.take_back_batch, store, who, batch.id))  # fmt: skip
