"""What stands behind several criteria at once: exemptions, in words, and postures that more than one measure reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.words import N_, translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CAUSES: Mapping[str, str] = {
    "pregnancy": N_("Pregnancy"),
    "spine": N_("An ailment of the spine or neck"),
    "limb": N_("An ailment of an arm or a leg"),
    "speech": N_("A difficulty in speaking"),
}

# One posture that two measures read, by measure and the side of its band: told twice, the second advice would be the
# first in other words. Whoever lies back has a wide hip angle, whoever bends over a narrow one, and a trunk that rocks
# from side to side is unsteady on its feet.
_POSTURES: Mapping[tuple[str, str], str] = {
    ("trunk_forward_lean", "low"): "reclined",
    ("hip_angle", "high"): "reclined",
    ("trunk_forward_lean", "high"): "bent over",
    ("hip_angle", "low"): "bent over",
    ("trunk_side_lean", "both"): "rocking",
    ("shoulder_tilt", "both"): "rocking",
    ("sway", "high"): "rocking",
}


def posture_behind(measure: str, side: str) -> str:
    """The posture that a measure beyond this side of its band shows, where another measure shows it too; else empty."""
    return _POSTURES.get((measure, side), "")


def flags_told(flags: Iterable[str]) -> dict[str, str]:
    """The fields ``flags`` and ``flags_zh`` of a sentence that names exemptions to choose from."""
    found = sorted(flags)
    chinese = (f"{flag}（{translate(CAUSES[flag], lang='zh')}）" if flag in CAUSES else flag for flag in found)
    return {"flags": ", ".join(found), "flags_zh": "、".join(chinese)}
