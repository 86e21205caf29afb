"""Exemptions that the records keep of a person, for whatever the pages have judged.

They hold by the day of the recording, whenever it is judged. The records alone say them: nobody exempts oneself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from liyi.etiquette.norms import load_pack
from liyi.records.operations import consent, recordings
from liyi.ui import people

if TYPE_CHECKING:
    from liyi.core.options import Options


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
