"""What is asked of somebody who takes up the posture of a profile: to sit, to stand, or either where it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.etiquette.pack import NormPack

Position = Literal["", "sitting", "standing"]

# By what is asked for, then by position.
ASKED: Mapping[str, Mapping[Position, str]] = {
    "how_front": {
        "sitting": N_("Sit upright, look into the camera, let your hands rest and be quiet for ten seconds."),
        "standing": N_("Stand upright, look into the camera, let your hands rest and be quiet for ten seconds."),
        "": N_("Sit or stand upright, look into the camera, let your hands rest and be quiet for ten seconds."),
    },
    "how_side": {
        "sitting": N_("Sit upright, look straight ahead, let your hands rest and be quiet for ten seconds."),
        "standing": N_("Stand upright, look straight ahead, let your hands rest and be quiet for ten seconds."),
        "": N_("Sit or stand upright, look straight ahead, let your hands rest and be quiet for ten seconds."),
    },
    "reference": {
        "sitting": N_("Sit as you should, for three seconds: this is what you are compared with."),
        "standing": N_("Stand as you should, for three seconds: this is what you are compared with."),
        "": N_("Sit or stand as you should, for three seconds: this is what you are compared with."),
    },
    "into_picture": {
        "sitting": N_("Head and shoulders were not in the picture all the time: sit in its middle."),
        "standing": N_("Head and shoulders were not in the picture all the time: stand in its middle."),
        "": N_("Head and shoulders were not in the picture all the time: sit or stand in its middle."),
    },
    "not_upright": {
        "sitting": N_("Not sitting upright yet: {what}."),
        "standing": N_("Not standing upright yet: {what}."),
        "": N_("Not upright yet: {what}."),
    },
}


def position_of(pack: NormPack | None, profile: str) -> Position:
    """How the profile expects somebody to be; empty where it does not say, or is not there."""
    found = pack.profiles.get(profile) if pack is not None else None
    return found.needs.position if found is not None else ""
