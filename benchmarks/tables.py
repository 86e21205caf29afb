"""What the tables and the cohort report of a large batch cost: seconds of each file, and peak memory.

    .venv/bin/python benchmarks/tables.py [ROWS] [--held] [--sums]

The assessments are made up (a seed, the counter pack's criteria, a deduction at four of ten): the figures are of
writing, not of judging. Processor time is what a quiet machine would take. ``--held`` holds all assessments in memory,
as before 2026-11-30; ``--sums`` prints the checksum of each file, which must be the same for both.
"""

from __future__ import annotations

import hashlib
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


from benchmarks.figures import tell  # noqa: E402
from liyi.batch.rows import Row, packed  # noqa: E402
from liyi.cohort.outliers import recheck  # noqa: E402
from liyi.cohort.page import write_cohort_report  # noqa: E402
from liyi.cohort.tables import write_tables  # noqa: E402
from liyi.cohort.workbook import write_workbook  # noqa: E402
from liyi.etiquette.assessment import Assessment, Deduction, DimensionScore, Evidence, RecordingInfo, Verdict  # noqa: E402
from liyi.etiquette.norms import load_pack  # noqa: E402

PACK = load_pack("counter")


def made_up(index: int, chance: random.Random) -> Assessment:
    weights = PACK.profiles["seated"].weights
    verdicts, deductions = [], []
    for id, weight in weights.items():
        criterion = PACK.criteria[id]
        base = Verdict(criterion=id, name=criterion.name, measure=criterion.measure, dimension=criterion.dimension,
                       status="not_assessed", reason="camera_front", weight=weight, source=criterion.source,
                       advice=criterion.advice)  # fmt: skip
        if chance.random() < 0.2:
            verdicts.append(base)
            continue
        moments = tuple(Evidence(start_s=s, end_s=s + 2) for s in sorted(chance.uniform(0, 60) for _ in range(3)))
        score = 1.0 if chance.random() < 0.6 else round(chance.uniform(0.3, 1), 4)
        verdicts.append(base.model_copy(update={"status": "assessed", "reason": None, "value": round(100 * score, 2),
                                                "unit": "%", "error": 2.0, "sub_score": score, "coverage": 0.9,
                                                "evidence": moments}))  # fmt: skip
        if score == 1:
            continue
        points = round(weight * (1 - score), 2)
        deductions.append(
            Deduction(criterion=id, dimension=criterion.dimension, points=points, charged=points, evidence=moments)
        )
    total = round(chance.gauss(78, 9), 2)
    return Assessment(
        liyi_version="0", created_at="2026-01-01T00:00:00Z", elapsed_s=1.0, pack=PACK.ref, profile="seated", options={},
        recording=RecordingInfo(name=f"{index}.mp4", sha256=f"{index:064x}", duration_s=60.0, camera="front",
                                framing="upper_body", position="sitting", people=1),
        models=(), verdicts=tuple(verdicts), coverage=0.8, coverage_floor=0.6, total=max(0.0, min(100.0, total)),
        dimensions={id: DimensionScore(name=name, score=80.0, coverage=0.8) for id, name in PACK.dimensions.items()},
        deductions=tuple(deductions), transcript=(),
    )  # fmt: skip


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    numbers = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    count = numbers[0] if numbers else 10_000
    chance = random.Random(1)
    wall, cpu = time.perf_counter(), time.process_time()
    rows = (list if "--held" in sys.argv else packed)(
        Row(path=f"/recordings/{i}.mp4", person=f"P{i % 500}", cohort=f"C{i % 8}", key=f"{i:064x}", failure=None,
            assessment=made_up(i, chance))
        for i in range(count)
    )  # fmt: skip
    print(f"rows: {time.process_time() - cpu:.1f} s of processor, {time.perf_counter() - wall:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        write_tables(rows[:2], out, "zh")  # imports and catalogue
        before = peak_mb()
        steps = {
            "tables": lambda: write_tables(rows, out, "zh"),
            "the workbook alone": lambda: write_workbook(rows, recheck(rows), out / "again.xlsx", "zh"),
            "cohort report": lambda: write_cohort_report(rows, out, "zh"),
        }
        print(f"{count} rows")
        for name, step in steps.items():
            wall, cpu = time.perf_counter(), time.process_time()
            step()
            print(f"  {name}: {time.process_time() - cpu:.1f} s of processor, {time.perf_counter() - wall:.1f} s")
            tell(**{f"{name.replace(' ', '_')}_cpu_s": round(time.process_time() - cpu, 1)})
        tell(rows=count, peak_mb=round(peak_mb()), more_than_rows_mb=round(peak_mb() - before))
        print(f"peak memory {peak_mb():.0f} MB, {peak_mb() - before:.0f} MB more than the rows themselves")
        for file in sorted(out.iterdir()):
            digest = hashlib.sha256(file.read_bytes()).hexdigest() if "--sums" in sys.argv else ""
            print(f"  {file.name}: {file.stat().st_size / 1e6:.1f} MB {digest}")


if __name__ == "__main__":
    main()
