"""Everything that the review page can be asked to do: one table, which makes its keys, its tooltips and its help.

What an action does in the browser stands under the same id in ``static/review.mjs``; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from liyi.core.words import N_, translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# How keys are written on the page, where that is not the sign itself.
_SHOWN: Mapping[str, str] = {" ": N_("Space"), "ArrowLeft": "←", "ArrowRight": "→", "Enter": "Enter", "Escape": "Esc"}

PLAYER, DECIDING, REMARKS, REVIEW = N_("Player"), N_("Findings"), N_("Comments"), N_("Review")
TOGETHER = N_("Side by side")


@dataclass(frozen=True)
class Action:
    """One thing that can be asked for.

    Attributes
    ----------
    id
        Under which the browser half does it.
    keys
        As ``KeyboardEvent.key`` names them, letters small; each does it.
    title
        What a button says: a key of the catalogue.
    group
        Under which heading of the help it stands.
    does
        One sentence more for the help and the tooltip; empty where the title says all.
    rating
        Whether it can be asked for before a blind rating was given.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    group: str
    does: str = ""
    rating: bool = False


ACTIONS = (
    Action("play", ("k", " "), N_("Play or pause"), PLAYER, rating=True),
    Action("slower", ("j",), N_("Slower"), PLAYER, rating=True),
    Action("faster", ("l",), N_("Faster"), PLAYER, N_("When it stands still, it plays."), rating=True),
    Action("back", ("ArrowLeft",), N_("Back by 1 second"), PLAYER, rating=True),
    Action("forward", ("ArrowRight",), N_("On by 1 second"), PLAYER, rating=True),
    Action("frame_back", (",",), N_("Back by one picture"), PLAYER, rating=True),
    Action("frame_on", (".",), N_("On by one picture"), PLAYER, rating=True),
    Action("captions", ("t",), N_("Captions on or off"), PLAYER, rating=True),
    Action("lines", ("s",), N_("Lines on or off"), PLAYER),
    Action("next", ("n",), N_("Next finding"), DECIDING, N_("Plays its moment with its line."), rating=True),
    Action("previous", ("p",), N_("Previous finding"), DECIDING, rating=True),
    Action("moment", ("m",), N_("Play the moment again"), DECIDING),
    Action("accept", ("a",), N_("Confirm"), DECIDING, N_("Then the next open finding is shown.")),
    Action("reject", ("r",), N_("Reject"), DECIDING, N_("With a reason: choose one by its number, or write it.")),
    Action("edit", ("e",), N_("Change"), DECIDING, N_("Another sub-score, with a reason.")),
    Action("start", ("i", "["), N_("Mark the start"), DECIDING, N_("Of a finding that the tool has not made.")),
    Action("end", ("o", "]"), N_("Mark the end and add a finding"), DECIDING),
    Action("undo", ("z",), N_("Take back the last act"), DECIDING),
    Action("comment", ("c",), N_("Comment on this moment"), REMARKS, rating=True),
    Action("case", ("x",), N_("Propose a case"), REVIEW, N_("Its owner is asked first.")),
    Action("blind", ("b",), N_("Rate before seeing the result"), REVIEW, rating=True),
    Action("beside", ("v",), N_("Beside another attempt"), REVIEW, N_("Of the same person: both play together.")),
    Action("gold", ("g",), N_("Propose as a gold clip"), REVIEW, N_("Its owner is asked first.")),
    Action("send", ("Enter",), N_("Send the review"), REVIEW, N_("A summary is shown first."),
           rating=True),
    Action("leave", ("Escape",), N_("Leave a field or a form"), REVIEW, rating=True),
    Action("help", ("?",), N_("Keys"), REVIEW, rating=True),
)  # fmt: skip

_SHARED = ("play", "slower", "faster", "back", "forward", "frame_back", "frame_on")
# With two attempts side by side: the player's own, and what the two have together.
BESIDE = (
    *(each for each in ACTIONS if each.id in _SHARED),
    Action("next", ("n",), N_("Next phrase that both say"), TOGETHER),
    Action("previous", ("p",), N_("Previous phrase that both say"), TOGETHER),
    Action("align", ("g",), N_("Align in another way"), TOGETHER, N_("By time or by phrase.")),
    Action("camera", ("c",), N_("The other camera"), TOGETHER, N_("Where both were recorded from the side, too.")),
    Action("hear", ("h",), N_("Hear the other one"), TOGETHER, N_("One of the two is heard at a time.")),
    Action("review", ("v", "Escape"), N_("Back to the review"), TOGETHER),
    *(each for each in ACTIONS if each.id == "help"),
)  # fmt: skip


def table(lang: str, *, rating: bool, proposing: bool = True) -> list[dict[str, Any]]:
    """The actions in a reader's language, as the browser half takes them.

    Parameters
    ----------
    lang
        ``zh`` or ``en``.
    rating
        Whether a blind rating is asked for: then nothing that shows or decides a finding is offered.
    proposing
        Whether the reviewer has a cohort's cases to propose to.
    """
    offered = [each for each in ACTIONS if (each.rating or not rating) and (each.id != "case" or proposing)]
    if rating:  # then the rating is what is sent
        said = N_("Send the rating and show the result")
        offered = [replace(each, title=said, does="") if each.id == "send" else each for each in offered]
    return shown(offered, lang)


def shown(actions: Iterable[Action], lang: str) -> list[dict[str, Any]]:
    """Actions in a reader's language."""
    return [
        {
            "id": each.id,
            "keys": each.keys,
            "shown": [translate(_SHOWN.get(key, key.upper()), lang) for key in each.keys],
            "title": translate(each.title, lang),
            "group": translate(each.group, lang),
            "does": translate(each.does, lang) if each.does else "",
        }
        for each in actions
    ]
