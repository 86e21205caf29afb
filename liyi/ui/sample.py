"""The report of a sample recording that ships with its measures: there at once, before anything of one's own is.

It is judged when it is asked for, by the pack as it is now; only what was seen and heard in the sample was stored.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

from liyi.core.shipped import shipped
from liyi.etiquette.norms import load_pack
from liyi.records.operations import assessments, recordings
from liyi.records.schema import Kind
from liyi.records.unit_of_work import MOST
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.ui import people

SAMPLES = shipped("sample_media")
NAME = "counter_front_zh"
PACK, PROFILE = "counter", "seated"


@cache
def digests() -> frozenset[str]:
    """SHA-256 of the samples: what is found in them says nothing of who looks."""
    return frozenset(map(_digest, SAMPLES.glob("*.mp4")))


@cache
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def keep(lang: str) -> str:
    """Keep the sample with its assessment as a recording of the viewer's, once; returns its id.

    Raises
    ------
    LiyiError
        Without consent, or when it cannot be kept.
    """
    from liyi.report.html import HTML
    from liyi.scoring.rejudge import rejudge

    store, who = people.records(), people.viewer()
    digest = _digest(SAMPLES / f"{NAME}.mp4")
    for row in recordings.recordings(store, who, person_id=who.person_id, size=MOST):
        if row.sha256 == digest and assessments.assessments(store, who, recording_id=row.id, size=1):
            return row.id.hex
    with tempfile.TemporaryDirectory(prefix="liyi-sample-") as room:
        folder = Path(room)
        shutil.copyfile(SAMPLES / f"{NAME}.measures.parquet", folder / MEASURES)
        judged = rejudge(folder, pack=load_pack(PACK), profile=PROFILE, exemptions=(), lang=lang, report=HTML)
        row = recordings.keep_recording(store, who, SAMPLES / f"{NAME}.mp4", name=f"{NAME}.mp4", kind=Kind.upload,
                                        duration_s=judged.recording.duration_s)  # fmt: skip
        files = {name: folder / name for name in (ASSESSMENT, MEASURES, REPORT)}
        assessments.file_assessment(store, who, row.id, judged, files)
    return row.id.hex
