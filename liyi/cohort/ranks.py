"""Where a recording stands: which recordings were judged alike, their ranks, and what came of each line in a word."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from liyi.batch.rows import briefly
from liyi.core import words
from liyi.core.words import translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.batch.rows import Row
    from liyi.etiquette.assessment import Assessment, PackRef
    from liyi.etiquette.pack import NormPack

OUTCOMES = ("total", "no_total", "failed", "stopped")


class Alike(NamedTuple):
    """What two recordings must share for their totals to be compared: front and side are judged by other criteria."""

    pack: str
    version: str
    sha256: str
    profile: str
    camera: str


def alike(assessment: Assessment) -> Alike:
    """The group in which the recording's total can be compared."""
    pack = assessment.pack
    return Alike(pack.id, pack.version, pack.sha256, assessment.profile, assessment.recording.camera)


def outcome(row: Row) -> str:
    """One of `OUTCOMES`: ``stopped`` when the run ended before the line's turn."""
    if row.assessment is not None:
        return "no_total" if row.assessment.total is None else "total"
    return "stopped" if row.failure is None else "failed"


def failure_text(row: Row, lang: str) -> str:
    """Why there is no assessment; empty where there is one."""
    if outcome(row) == "stopped":
        return translate("The run was stopped before this recording's turn: run it again with --resume.", lang)
    return row.failure or ""


def shown_total(total: float | None) -> float | None:
    """A total as the tables show it, None where there is none; what looks equal there shares a rank."""
    return None if total is None else round(total, 1)


def ranks(rows: Sequence[Row]) -> dict[int, int]:
    """Rank of each row that has a total, by the row's index: 1, 2, 2, 4 among those judged alike."""
    groups: dict[Alike, list[tuple[float, int]]] = {}
    for index, row in enumerate(briefly(rows)):
        if row.assessment is not None and (total := shown_total(row.assessment.total)) is not None:
            groups.setdefault(alike(row.assessment), []).append((-total, index))
    found: dict[int, int] = {}
    for group in groups.values():
        rank, last = 0, 1.0
        for place, (score, index) in enumerate(sorted(group), 1):
            rank = rank if score == last else place
            found[index], last = rank, score
    return found


def pack_text(pack: PackRef, lang: str) -> str:
    """A norm pack by name and version; by its id where it is not one that ships."""
    shipped = _shipped(pack.id, pack.sha256)
    name = words.pick(shipped.name, lang) if shipped else ""
    return f"{name or pack.id} {pack.version}"


def profile_text(pack: PackRef, profile: str, lang: str) -> str:
    """A profile by name; by its id where the pack is not one that ships."""
    shipped = _shipped(pack.id, pack.sha256)
    return shipped.profile_name(profile, lang) if shipped and profile in shipped.profiles else profile


@cache
def _shipped(id: str, sha256: str) -> NormPack | None:
    """The pack that ships, if it is this very one: an assessment does not carry the names of pack and profile."""
    from liyi.etiquette.norms import list_packs, load_pack

    return load_pack(id) if any(ref.id == id and ref.sha256 == sha256 for ref in list_packs()) else None
