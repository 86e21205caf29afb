"""The total after review, for each who may see it: from what is kept of the recording, and at once."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from liyi.etiquette.assess import assess
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance
from liyi.records.operations import assessments, confirmations, outcome, recordings, submission
from liyi.records.review_schema import Decision
from liyi.records.schema import Kind
from liyi.scoring.reviewed import measured

SAMPLE = Path(__file__).parents[2] / "sample_media" / "counter_front_zh.measures.parquet"


@pytest.fixture
def sample(inhabited, tmp_path):
    """A store in which the owner has submitted the sample, which really was measured; its assessment's id."""
    store, world = inhabited
    owner, pack = world.viewers["owner"], load_pack("counter")
    kept = measured(SAMPLE, pack)
    row = recordings.keep_recording(store, owner, io.BytesIO(b"sample"), name="s.mp4", kind=Kind.upload, duration_s=20)
    judged = assess(load_performance(SAMPLE), pack, profile="seated", signals=kept.signals, liyi_version="0",
                    created_at="2026-05-05T08:00:00Z", elapsed_s=1.0)  # fmt: skip
    judged = judged.model_copy(update={"recording": judged.recording.model_copy(update={"sha256": row.sha256})})
    (tmp_path / "assessment.json").write_text(judged.model_dump_json(), encoding="utf-8")
    files = {"assessment.json": tmp_path / "assessment.json", "measures.parquet": SAMPLE}
    filed = assessments.file_assessment(store, owner, row.id, judged, files)
    submission.submit_recording(store, owner, row.id)
    return store, world, row, filed


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
def test_both_sides_see_it_once_it_is_sent(sample):
    store, world, row, filed = sample
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    assert outcome.outcome(store, owner, filed.id).total == filed.total
    confirmations.confirm(store, trainer, filed.id, "crossed_arms", decision=Decision.rejected, why="手放在台面上")
    begun_s = time.perf_counter()
    seen = outcome.outcome(store, trainer, filed.id)
    assert time.perf_counter() - begun_s < 1
    assert seen.total > filed.total
    assert outcome.outcome(store, owner, filed.id).total == filed.total
    confirmations.send_review(store, trainer, row.id)
    assert outcome.outcome(store, owner, filed.id) == seen
    assert assessments.assessment(store, owner, filed.id).total == filed.total, "the tool's stays"
