"""From the workroom into the records: the recording into the vault, what was found in it beside it.

May be begun again at any moment, and by several processes at once: what was filed before stands.
"""

from __future__ import annotations

from liyi.core.errors import LiyiError
from liyi.etiquette.assessment import Assessment
from liyi.records.operations import assessments, recordings
from liyi.records.schema import State
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.ui import jobs, people, workroom


def file(id: str) -> None:
    """File the finished assessment of the recording ``id`` on behalf of its person; its workroom is not needed then.

    Raises
    ------
    LiyiError
        When it cannot be written, was deleted, or there is no consent any more; the workroom stays as it is.
    """
    with people.acting_for_owner(id):
        try:
            _file(id)
        except LiyiError:
            if not filed(id):  # else another process was quicker
                raise


def filed(id: str) -> bool:
    """Whether an assessment of the recording ``id`` stands in the records."""
    return bool(assessments.assessments(people.records(), people.viewer(), recording_id=id, size=1))


def _file(id: str) -> None:
    store, who = people.records(), people.viewer()
    out, media = workroom.outputs(id), workroom.media(id)
    try:
        judged = Assessment.model_validate_json((out / ASSESSMENT).read_bytes())
    except (OSError, ValueError) as error:
        raise LiyiError(jobs.STOPPED) from error
    if media is not None and recordings.recording(store, who, id).state is State.open:
        recordings.close_recording(
            store, who, id, media, duration_s=judged.recording.duration_s, side=workroom.side(id)
        )
    files = {name: out / name for name in (ASSESSMENT, MEASURES, REPORT)}
    assessments.file_assessment(store, who, id, judged, files)
