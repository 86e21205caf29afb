"""What tests of the interfaces share that judge somebody who is exempt."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from liyi.etiquette.assessment import Assessment
from liyi.etiquette.norms import load_pack
from liyi.scoring.rejudge import rejudge

SAMPLE = Path(__file__).resolve().parents[1] / "sample_media" / "counter_front_zh.mp4"


def clip(path: Path, seconds: float, of: Path = SAMPLE) -> Path:
    """The first seconds of a sample."""
    with av.open(str(of)) as source, av.open(str(path), "w") as target:
        streams = {each.index: target.add_stream_from_template(each) for each in source.streams}
        for packet in source.demux():
            if packet.dts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    return path


def require_left_out(folder: Path, criterion: str) -> None:
    """The assessment in ``folder`` has no score for the criterion, whose weight is not expected of it either."""
    found = Assessment.model_validate_json((folder / "assessment.json").read_bytes())
    of = next(verdict for verdict in found.verdicts if verdict.criterion == criterion)
    assert (of.status, of.reason) == ("not_assessed", "exempt")
    assert found.options["exemptions"] == [criterion]
    plain = rejudge(folder, pack=load_pack(found.pack.id), exemptions=(), out=folder.parent.parent / "plain")
    assert next(verdict for verdict in plain.verdicts if verdict.criterion == criterion).status == "assessed"
    assessed = sum(verdict.weight for verdict in plain.verdicts if verdict.status == "assessed")
    expected = assessed / plain.coverage
    assert of.weight > 0
    assert found.coverage == pytest.approx((assessed - of.weight) / (expected - of.weight), abs=0.002)
