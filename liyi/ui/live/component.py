"""The browser half of a rehearsal as a Streamlit component: mounts ``static/rehearsal.mjs`` and hands it its words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from liyi.core.words import N_, translate
from liyi.ui.live.position import ASKED
from liyi.ui.live.session import LONGEST_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.ui.live.position import Position

Step = Literal["check", "calibrate", "practise"]
Shape = Literal["front", "side", "whole"]
SETTLE_S = 2.0  # the hand goes back from the mouse, and nothing is recorded yet
NEUTRAL_S = 8.0  # of the calibration's 5-10 s
READ_S = 4.0  # why a calibration is made again

# The modules come from the rehearsal's own files/ address, so that nothing is served without a token.
_LOADER = """
export default async function (component) {
  const address = new URL(component.data.address, document.baseURI).href;
  const { mount } = await import(`${address}files/rehearsal.mjs`);
  return mount(component);
}
"""
_STYLE = (Path(__file__).parent / "static" / "rehearsal.css").read_text(encoding="utf-8")
_component = st.components.v2.component("liyi_rehearsal", html='<div id="rehearsal"></div>', css=_STYLE, js=_LOADER)

# Why a rehearsal ended before its time; {time} is how much of it was kept, minutes and seconds.
CUT_SHORT: Mapping[str, str] = {
    "full": N_("The server's disk is full. What was recorded until {time} is kept and will be assessed."),
    "limit": N_("The rehearsal has reached the size that the server takes. What was recorded until {time} is kept and "
                "will be assessed."),
    "stalled": N_("The server took nothing more for a minute. What was recorded until {time} is kept and will be "
                  "assessed."),
}  # fmt: skip

# What the browser half says, by the key that it knows; the sentence is the catalogue's key.
SENTENCES: Mapping[str, str] = {
    "picture": N_("Your picture, mirrored"),
    "check": N_("Check"),
    "light": N_("Light"),
    "distance": N_("Distance"),
    "framing": N_("Framing"),
    "sound": N_("Sound"),
    "angle": N_("Camera angle"),
    "ready": N_("Go on"),
    "microphone": N_("Microphone"),
    "all_good": N_("You are ready"),
    "reading_offer": N_(
        "Read a short text aloud (30 seconds): the assessment then knows how well the recogniser hears "
        "you here. Only figures are kept of it, no sound."
    ),
    "reading_begin": N_("Read aloud"),
    "reading_skip": N_("Not today"),
    "reading_how": N_("Read this aloud at your usual pace:"),
    "reading_end": N_("I have read it"),
    "reading_stop": N_("Stop reading"),
    "reading_again": N_("Read again"),
    "reading_hearing": N_("What you read is being listened to. You can go on meanwhile."),
    "by_ear": N_("Sound alone: the camera stays off."),
    "begin_now": N_("Begin"),
    "calibrate": N_("Calibration stretch"),
    "calibrating": N_("Calibration stretch: how much is done"),
    "hold": N_("Please hold still."),
    "once_more": N_("Once more."),
    "without": N_("Go on without calibration; what compares with it is not assessed this time."),
    "begin": N_("Begin the recording"),
    "task": N_("Task"),
    "citizen": N_("The citizen says"),
    "points": N_("Get across"),
    "prompts": N_("Prompts"),
    "how_to_go_on": N_("What comes now is put behind what was recorded before."),
    "go_on": N_("Go on practising"),
    "by_voice": N_("Practise by voice alone"),
    "leave": N_("You are recording. If you leave this page, the rehearsal stops. Leave?"),
    "practise": N_("Practise"),
    "posture": N_("Posture"),
    "pace": N_("Pace"),
    "level": N_("Loudness"),
    "ticks": N_("Courtesy"),
    "time": N_("Time of practice"),
    "pause": N_("Pause"),
    "resume": N_("Continue"),
    "end": N_("End"),
    "again": N_("Try again"),
    "waiting": N_("measuring"),
    "mark_good": N_("good"),
    "mark_attention": N_("attention"),
    "mark_fault": N_("fault"),
    "mark_none": N_("not assessed"),
    "loading": N_("Starting the camera and loading the pose model."),
    "loading_sound": N_("Starting the microphone."),
    "reconnecting": N_("The connection is interrupted. The recording goes on and will be sent when it is back."),
    "saving": N_("Sending the rest of the recording. Please keep this page open."),
    "print_full": N_("Pose model: full, {fps} pictures per second"),
    "print_lite": N_("Live hints are rougher than the report (fast pose model, {fps} pictures per second)"),
    "denied": N_("Camera or microphone is not allowed. Allow both in the browser's address bar, then try again."),
    "no_camera": N_("No camera with microphone was found. Connect them and try again, or upload a recording."),
    "in_use": N_("Camera or microphone cannot be started. Close other programs that use them, then try again."),
    "insecure": N_("The browser gives a camera only to a secure address (https). Upload a recording instead."),
    "lost": N_("Camera or microphone was disconnected. What was recorded until then is kept."),
    "no_wasm": N_("This browser cannot run the pose model (WebAssembly is off). Upload a recording instead."),
    "no_recorder": N_("This browser cannot record video. Use a newer one, or upload a recording."),
    "no_model": N_("The pose model could not be loaded. Try again, or upload a recording."),
    "interrupted": N_("The page was closed while recording. What was recorded until then is kept."),
    "refused": N_("This page records no more: the rehearsal was ended, or goes on in another tab."),
    "not_taken": N_(
        "The server does not take the recording at the moment. It is sent again and again: keep this page open."
    ),
    "nearly": N_("The longest rehearsal is nearly reached: this one ends by itself in {time}, and is then assessed."),
    **CUT_SHORT,
    "full_nothing": N_(
        "The server's disk is full: nothing of this rehearsal could be kept. Have space freed on it, then begin again."
    ),
    "limit_nothing": N_("The server takes no recording as large as this one. Upload a recording instead."),
    "stalled_nothing": N_("The server took nothing of the recording for a minute. Begin again when it can be reached."),
}


def words(lang: str, position: Position = "") -> dict[str, str]:
    """The component's sentences in ``lang``; ``{fps}`` and ``{time}`` are left for the browser to fill in.

    ``position`` is what the profile expects; empty where it does not say.
    """
    sentences = {**SENTENCES, **{key: ASKED[key][position] for key in ("how_front", "how_side")}}
    return {key: translate(sentence, lang, fps="{fps}", time="{time}") for key, sentence in sentences.items()}


def cut_short(ended: Any, lang: str) -> str | None:
    """What to say of a rehearsal that ended before its time; None for one that was ended by its trainee.

    Parameters
    ----------
    ended
        What the browser half said of the end: ``reason``, a key of `CUT_SHORT`, and ``stored_s``.
    """
    try:
        sentence, stored_s = CUT_SHORT[ended["reason"]], int(ended["stored_s"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return translate(sentence, lang, time=f"{stored_s // 60:02d}:{stored_s % 60:02d}")


@dataclass(frozen=True)
class Task:
    """What the card beside the picture says, in the page's language."""

    title: str
    wants: str
    points: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resume:
    """Where a rehearsal goes on that was cut off.

    ``piece`` is the number of the recorder's next piece, ``recorded_s`` how much the server has, ``start_s`` the second
    of the recording at which practice began.
    """

    piece: int
    recorded_s: float
    start_s: float


def rehearsal(
    token: str,
    *,
    step: Step,
    lang: str,
    camera: Literal["front", "side", "none"],
    shape: Shape = "front",
    position: Position = "",
    hints_only: bool = False,
    task: Task | None = None,
    resume: Resume | None = None,
    base: str = "live",
) -> Any:
    """Show the rehearsal's step; must stay mounted from check to practise, or the recording ends.

    Parameters
    ----------
    token
        Opens the rehearsal's routes. A rehearsal keeps its token while it runs.
    step
        ``check``, ``calibrate`` or ``practise``; only a later step than the shown one has an effect.
    lang
        ``zh`` or ``en``.
    camera
        Where the camera stands; ``none`` for sound alone.
    shape
        Of the outline to fit into.
    position
        Whether the profile expects sitting or standing; empty where it does not say.
    hints_only
        Whether the side panel stays away.
    task
        What is practised.
    resume
        Where a rehearsal goes on whose page was left.
    base
        Address of the live routes, relative to the page.

    Returns
    -------
    The component's result: ``ready``, ``calibrated`` (``start_s`` and ``end_s`` on the recording's clock, nothing
    where there is no calibration), ``ended`` (what could be is stored; ``reason`` and ``stored_s`` when that is not
    all, see `cut_short`), ``voice`` (the camera is to stay off) and ``failed`` (``reason``, a key of `SENTENCES`) are
    None except in the one run after they happened.
    """
    data = {"address": f"{base}/{token}/", "step": step, "lang": lang, "camera": camera, "words": words(lang, position),
            "shape": shape, "hints_only": hints_only, "task": asdict(task) if task else None,
            "resume": asdict(resume) if resume else None,
            "limit_s": LONGEST_S, "settle_s": SETTLE_S, "neutral_s": NEUTRAL_S, "read_s": READ_S}  # fmt: skip
    return _component(
        key="rehearsal",
        data=data,
        on_ready_change=_nothing,
        on_calibrated_change=_nothing,
        on_ended_change=_nothing,
        on_voice_change=_nothing,
        on_failed_change=_nothing,
    )


def _nothing() -> None:
    """Make the trigger part of the result; the page reads it there."""
