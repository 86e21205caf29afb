"""Two recordings of one person that the viewer judges, as the records give them: asked for anew at every request.

What belongs here: everything between the routes of the page and the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.etiquette.change import comparable
from liyi.records.operations import recordings
from liyi.records.unit_of_work import MOST, not_there
from liyi.ui import people
from liyi.ui.review import reviewing

if TYPE_CHECKING:
    from uuid import UUID

    from liyi.records.viewer import Viewer
    from liyi.ui.review.reviewing import Reviewed

MOST_OFFERED = 30  # attempts to choose from, the newest


@dataclass(frozen=True)
class Pair:
    """Two attempts, the earlier one first."""

    before: Reviewed
    after: Reviewed

    @property
    def sides(self) -> tuple[Reviewed, Reviewed]:
        """Both, the earlier one first."""
        return self.before, self.after


def open_pair(viewer: Viewer, id: str, other: str) -> Pair:
    """Two attempts of one person, each of which the viewer judges and has rated where a blind rating is due.

    Raises
    ------
    LiyiError
        When one of them is not there for this viewer, they are of two people or one and the same, one is a photo, or
        one is still to be rated blind.
    """
    both = [reviewing.open_review(viewer, each) for each in (id, other)]
    one, two = both
    if one.recording.id == two.recording.id or one.recording.person_id != two.recording.person_id:
        raise not_there()
    if not all(_has_film(each) for each in both) or any(each.blind for each in both):
        raise not_there()
    before, after = sorted(both, key=lambda each: (each.recording.created_at, each.recording.id))
    return Pair(before, after)


def others(on: Reviewed) -> list[Reviewed]:
    """Attempts that can stand beside one, the newest first; without those that the viewer has to rate blind."""
    store = people.records()
    rows = recordings.recordings(store, on.viewer, person_id=on.recording.person_id, size=MOST)
    found: list[Reviewed] = []
    for row in rows:
        if row.id == on.recording.id or len(found) == MOST_OFFERED:
            continue
        try:
            each = reviewing.open_review(on.viewer, row.id.hex)
        except LiyiError:  # not assessed, or only shared with the viewer
            continue
        if _has_film(each) and not each.blind:
            found.append(each)
    return found


def nearest(on: Reviewed, found: list[Reviewed]) -> UUID | None:
    """The attempt to begin with: the last one before it, among those of the same scene where there are any."""
    if on.blind or not _has_film(on):
        return None
    alike = [each for each in found if comparable(each.assessment, on.assessment)] or found
    earlier = [each for each in alike if each.recording.created_at < on.recording.created_at]
    chosen = next(iter(earlier or alike), None)
    return chosen.recording.id if chosen else None


def _has_film(on: Reviewed) -> bool:
    """Whether there is anything to play: a photo is one moment."""
    return bool(on.recording.duration_s)
