"""What stands behind the exemptions of the shipped norm packs, in words; each takes out several criteria."""

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


def flags_told(flags: Iterable[str]) -> dict[str, str]:
    """The fields ``flags`` and ``flags_zh`` of a sentence that names exemptions to choose from."""
    found = sorted(flags)
    chinese = (f"{flag}（{translate(CAUSES[flag], lang='zh')}）" if flag in CAUSES else flag for flag in found)
    return {"flags": ", ".join(found), "flags_zh": "、".join(chinese)}
