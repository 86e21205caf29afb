"""The browser half of bringing files to a batch, as a Streamlit component: mounts ``static/bring.mjs``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.words import N_, translate
from liyi.media.kinds import PHOTO_SUFFIXES, SUFFIXES
from liyi.ui.evaluating.bring_routes import as_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from liyi.records.operations.batch_bringing import Brought

_LOADER = """
export default async function (component) {
  const address = new URL(component.data.address, document.baseURI).href;
  const { mount } = await import(`${address}static/bring.mjs`);
  return mount(component);
}
"""
_STYLE = (Path(__file__).parent / "static" / "bring.css").read_text(encoding="utf-8")
_component = st.components.v2.component(
    "liyi_bring", html='<div id="bring" class="bring"></div>', css=_STYLE, js=_LOADER
)  # fmt: skip

# What the browser half says, by the key that it knows; what stands in braces it fills in.
SENTENCES: Mapping[str, str] = {
    "drop": N_("Drop recordings here, or whole folders"),
    "choose": N_("Choose files"),
    "choose_folder": N_("Choose a folder"),
    "how": N_("Large files are sent in pieces. If the line is cut or the page is closed, choose the same files again: "
              "they go on where they were cut off."),
    "going": N_("On their way: {count} files, {size} left"),
    "rate": N_("{rate} a second"),
    "left": N_("{time} left"),
    "begun": N_("The files are being sent."),
    "done": N_("All files are there."),
    "pause": N_("Pause"),
    "resume": N_("Continue"),
    "paused": N_("Paused"),
    "waiting": N_("waiting"),
    "retrying": N_("no answer, tried again by itself"),
    "cut_off": N_("cut off"),
    "cut": N_("Files that have not arrived as a whole: {count}. Choose the same files again, and they go on where they "
              "were cut off."),
    "passed": N_("Left out, as their names are none of recordings: {count} files."),
    "whole": N_("Brought: {count} files, {size}"),
    "remove": N_("Remove"),
    "remove_one": N_("Remove {name}"),
    "is_empty": N_("This file is empty."),
    "is_list": N_("This is a list: bring it below, under “List”."),
    "unreadable": N_("The browser cannot read this file any more: choose it again."),
    "unreached": N_("The server does not answer: try again."),
    "gone": N_("The server takes nothing from this page any more: load it again, and sign in if you are asked to."),
}  # fmt: skip


def words(lang: str) -> dict[str, str]:
    """The component's sentences in ``lang``; what stands in braces is left for the browser to fill in."""
    names = ("count", "size", "rate", "time", "name")
    return {key: translate(said, lang, **{name: f"{{{name}}}" for name in names}) for key, said in SENTENCES.items()}


def files(batch_id: UUID, brought: Sequence[Brought], *, lang: str) -> Any:
    """Show where files are dropped, and how far they are.

    Parameters
    ----------
    batch_id
        The batch they come to.
    brought
        Its files, as they stand now.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    The component's result: ``arrived`` is not None in the one run after files have become whole or were removed.
    """
    data = {
        "address": f"evaluate/{batch_id}/", "lang": lang, "words": words(lang),
        "files": [as_json(each) for each in brought], "suffixes": [*SUFFIXES, *PHOTO_SUFFIXES],
    }  # fmt: skip
    return _component(key=f"bring-{batch_id.hex}", data=data, on_arrived_change=_nothing)


def _nothing() -> None:
    """Make the trigger part of the result, and so have the page drawn anew."""
