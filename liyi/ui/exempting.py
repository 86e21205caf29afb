"""Exemptions that the records keep of a person, for whatever the pages have judged.

They hold by the day of the recording, whenever it is judged. The records alone say them. Nobody exempts oneself, but
for the one person of a machine without sign-in (`liyi.records.operations.consent`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from liyi.etiquette.norms import load_pack
from liyi.records.operations import consent, recordings
from liyi.ui import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.core.options import Options
    from liyi.etiquette.norms import NormPack
    from liyi.records.consent_tables import Exemption


def exemptions_of(id: str, pack: str) -> tuple[str, ...]:
    """From what the person of a recording is exempt.

    Parameters
    ----------
    id
        Of the recording.
    pack
        Id of the norm pack that judges; exemptions that it does not know change nothing in it, and are left out.

    Raises
    ------
    LiyiError
        When there is no such recording, or no such pack.
    """
    store, who = people.records(), people.viewer()
    row = recordings.recording(store, who, id)
    rows = consent.exemptions(store, who, row.person_id, on=row.created_at.astimezone().date())
    return tuple(sorted(load_pack(pack).exemptions.intersection(row.flag for row in rows)))


def exempted(id: str, pack: str, options: Options) -> Options:
    """``options`` with what the person of the recording is exempt from by the records, and nothing else."""
    return replace(options, exemptions=exemptions_of(id, pack))


def of_viewer(pack: NormPack) -> tuple[str, ...]:
    """From what the viewer is exempt today, as far as ``pack`` knows it."""
    store, who = people.records(), people.viewer()
    rows = consent.exemptions(store, who, who.person_id, on=date.today())
    return tuple(sorted(pack.exemptions.intersection(row.flag for row in rows)))


def mine() -> Sequence[Exemption]:
    """What the viewer is exempt from today, or will be."""
    store, who = people.records(), people.viewer()
    rows = consent.exemptions(store, who, who.person_id)
    return [row for row in rows if row.until_day is None or row.until_day >= date.today()]


def exempt_me(item: str, *, until_day: date | None, reason: str) -> None:
    """Take ``item``, a flag or a criterion of a norm pack, out of what the viewer is judged by, from today on.

    Raises
    ------
    LiyiError
        When the viewer may not, the last day is past, or the reason is no one line of text.
    """
    store, who = people.records(), people.viewer()
    consent.exempt(store, who, who.person_id, item, from_day=date.today(), until_day=until_day, reason=reason or None)


def end(row: Exemption) -> None:
    """End an exemption at once."""
    consent.end_exemption(people.records(), people.viewer(), row.id)
