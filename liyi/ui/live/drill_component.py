"""The browser half of a drill as a Streamlit component: mounts ``static/drill.mjs`` and hands it its words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.words import N_, pick, translate
from liyi.etiquette.drill import demonstration, is_seen, pack_of
from liyi.etiquette.drill_files import pack_named
from liyi.ui.figure import figure
from liyi.ui.live.component import SENTENCES as OF_REHEARSAL
from liyi.ui.live.drilling import COUNT_S, REFERENCE_S
from liyi.ui.live.position import ASKED, position_of
from liyi.ui.live.take import axis_text, dots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.etiquette.drill import Drill
    from liyi.records.operations.tries import Try
    from liyi.ui.live.position import Position

# As for a rehearsal: the modules come from the drill's own files/ address, so that nothing is served without a token.
_LOADER = """
export default async function (component) {
  const address = new URL(component.data.address, document.baseURI).href;
  const { mount } = await import(`${address}files/drill.mjs`);
  return mount(component);
}
"""
_STYLE = (Path(__file__).parent / "static" / "drill.css").read_text(encoding="utf-8")
_component = st.components.v2.component("liyi_drill", html='<div id="drill"></div>', css=_STYLE, js=_LOADER)

# What it says as a rehearsal does, by the same keys.
_SHARED = ("picture", "no_camera", "in_use", "insecure", "no_wasm", "no_model")
SENTENCES: Mapping[str, str] = {
    "begin": N_("Begin (space)"),
    "again": N_("Once more (space)"),
    "retry": N_("Try again"),
    "stop": N_("Stop (Esc)"),
    "hear_demo": N_("Hear the example (E)"),
    "hear_own": N_("Hear yourself (E)"),
    "hear_worst": N_("Hear this moment"),
    "keep": N_("Keep this one"),
    "keeping": N_("Being kept …"),
    "kept": N_(
        "Kept under Recordings, and measured there once more from its file. Its report judges by the standard of "
        "the post, which may ask for something else than this drill."
    ),
    "not_kept": N_("It could not be kept. Try again."),
    "quick": N_("Measured live, so the error is larger; the report of a kept take is measured more exactly."),
    "result": N_("Result"),
    "worst": N_("The worst moment"),
    "melody": N_("Your melody; pauses are shaded"),
    "melodies": N_(
        "Your melody before the example's, from the first sound of each; your pauses are shaded, those of "
        "the example lie along the lower edge"
    ),
    "example": N_("The example"),
    "this_time": N_("This time"),
    "demonstration": N_("Demonstration"),
    "told_loading": N_("Starting the camera and the microphone …"),
    "told_far": N_("Press begin, then step back into the outline."),
    "told_count": "",
    "told_measure": N_("Measuring …"),
    "late": N_("The result is late: the connection or the server is busy. It is still being asked for."),
    "reconnecting": N_("The connection is interrupted. What you do is kept and sent when it is back."),
    "into_outline": N_("Move into the outline."),
    "to_middle": N_("Move to the middle."),
    "come_closer": N_("Come closer."),
    "step_back": N_("Step back a little."),
    "stand_ready": N_("Hold still, it begins at once."),
    "count_3": N_("Three"),
    "count_2": N_("Two"),
    "count_1": N_("One"),
    "denied": N_("The camera is not allowed. Allow it in the browser's address bar, or practise a drill of the voice."),
    "lost": N_("Camera or microphone was disconnected."),
    "denied_sound": N_("The microphone is not allowed. Allow it in the browser's address bar, then try again."),
    "no_camera_sound": N_("No microphone was found. Connect one and try again."),
    "in_use_sound": N_("The microphone cannot be started. Close other programs that use it, then try again."),
    "insecure_sound": N_("The browser gives a microphone only to a secure address (https)."),
}


def words(lang: str, position: Position = "") -> dict[str, str]:
    """The component's sentences in ``lang``; ``position`` is what the drill's profile expects, empty where open."""
    told = {key: OF_REHEARSAL[key] for key in _SHARED} | dict(SENTENCES)
    told["stand_reference"] = ASKED["reference"][position]
    return {key: translate(sentence, lang) if sentence else "" for key, sentence in told.items()}


def drilled(drill: Drill, token: str, *, lang: str, tried: Sequence[Try], base: str = "live") -> Any:
    """Show a drill.

    Parameters
    ----------
    drill, token
        Which one, and what opens its routes.
    lang
        ``zh`` or ``en``.
    tried
        One's own last tries, newest first.
    base
        Address of the live routes, relative to the page.

    Returns
    -------
    The component's result: ``kept`` (``id`` of the recording), ``failed`` (``reason``) and ``lost`` (the server does
    not know the token any more) are None except in the one run after they happened.
    """
    shown = demonstration(drill)
    about = {
        "id": drill.id,
        "what": pick(drill.what, lang),
        "why": pick(drill.why, lang),
        "say": pick(drill.say, lang) if drill.say else "",
        "seconds": drill.seconds,
        "camera": drill.camera,
        "distance": drill.distance,
        "figure": figure(drill.figure, pick(drill.title, lang), moving=True),
        "demonstration": None if shown is None else "video" if is_seen(shown, drill) else "audio",
    }
    position = position_of(pack_named(drill.pack, drill.folder), drill.profile)
    told = words(lang, position) | {"tries": axis_text(drill, pack_of(drill), lang)}
    data = {"address": f"{base}/{token}/", "lang": lang, "words": told, "drill": about,
            "tries": dots(tried, drill, pack_of(drill), lang), "reference_s": REFERENCE_S,
            "count_s": COUNT_S}  # fmt: skip
    return _component(key=f"drill-{drill.id}", data=data, on_kept_change=_nothing, on_failed_change=_nothing,
                      on_lost_change=_nothing)  # fmt: skip


def _nothing() -> None:
    """Make the trigger part of the result; the page reads it there."""
