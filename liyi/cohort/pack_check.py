"""Whether a pack's criteria tell people apart: tried on recordings that were measured before, without the recordings.

What belongs here: how each criterion's sub-scores spread over many recordings, how often it gives full marks, and
whether those who are good by it are good by the rest. A criterion that gives everybody the same mark adds to every
total and says nothing of anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from liyi.batch.search import LeftOut, files_below
from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.scoring.folder import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from liyi.core.trace import FloatArray
    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance

FEWEST = 5  # with fewer recordings nothing is said of how a criterion spreads
SAME_MARK = 0.95  # so large a share of the recordings with the same full mark leaves nobody told apart
SAME_SPREAD = 0.05  # of the sub-score, from the worst to the best recording
NOTHING_MEASURED = N_("There are no stored measures ({file}) in {folder}: score recordings into it first.")


@dataclass(frozen=True)
class Spread:
    """How one criterion marks many recordings.

    ``n`` of ``seen`` recordings were assessed by it. ``low``, ``middle``, ``high`` are the 10th, 50th and 90th
    percentile of its value in ``unit``; ``spread`` is how far the sub-score (0..1) goes from the worst to the best;
    ``full`` the share of recordings with full marks; ``agreement`` Spearman's rank correlation with the mean sub-score
    of the profile's other criteria, None where either does not vary or fewer than `FEWEST` have both.
    """

    criterion: str
    profile: str
    kind: str
    n: int
    seen: int
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    unit: str = ""
    spread: float | None = None
    full: float | None = None
    agreement: float | None = None

    @property
    def never_tells_apart(self) -> bool:
        """Whether enough recordings were marked, and all alike; faults that nobody committed and hints are none."""
        if self.n < FEWEST or self.spread is None or self.full is None or self.kind != "quality":
            return False
        return self.full >= SAME_MARK or self.spread < SAME_SPREAD


def check_on(pack: NormPack, folder: Path, left_out: LeftOut | None = None) -> list[Spread]:
    """How every criterion of a pack marks the recordings whose measures lie in ``folder``, at any depth.

    Parameters
    ----------
    pack
        Every recording is judged by each of its profiles whose position it does not contradict.
    folder
        Results of ``liyi score`` or ``liyi batch``.
    left_out
        Takes up, when given, what could not be searched, and the older measures of a recording whose measures lie there
        more than once: it counts by the newest.

    Raises
    ------
    LiyiError
        When there are no stored measures in it, or one of them is damaged.
    """
    judged: dict[str, list[Mapping[str, Verdict]]] = {id: [] for id in pack.profiles}
    for performance in _performances(folder, LeftOut() if left_out is None else left_out):
        for profile, verdicts in _verdicts(pack, performance):
            judged[profile].append(verdicts)
    return [_spread(id, profile, judged[profile], pack) for profile in judged for id in pack.profiles[profile].weights]


def _performances(folder: Path, left_out: LeftOut) -> Iterator[Performance]:
    """What was measured of every recording once."""
    from liyi.etiquette.store import load_performance

    found = map(Path, files_below(folder, left_out, results=True)) if folder.is_dir() else ()
    files = sorted(file for file in found if file.name == MEASURES)
    if not files:
        raise LiyiError(NOTHING_MEASURED, file=MEASURES, folder=str(folder))
    seen: set[str] = set()
    for file in sorted(files, key=lambda file: -file.stat().st_mtime_ns):
        performance = load_performance(file)
        if performance.sha256 in seen:
            left_out.older.append(str(file.parent.relative_to(folder)))
            continue
        seen.add(performance.sha256)
        yield performance


def _verdicts(pack: NormPack, performance: Performance) -> Iterator[tuple[str, Mapping[str, Verdict]]]:
    from liyi.etiquette.assess import assess, signals_of
    from liyi.etiquette.calibration import checked
    from liyi.etiquette.red_lines import mismatch

    performance = checked(performance, pack)
    if performance.kind == "photo":
        return
    signals = signals_of(performance, pack)
    for id, profile in pack.profiles.items():
        if mismatch(profile, performance.position):
            continue
        assessment = assess(
            performance, pack, profile=id, signals=signals, liyi_version="", created_at="", elapsed_s=0.0
        )
        yield id, {verdict.criterion: verdict for verdict in assessment.verdicts}


def _spread(id: str, profile: str, recordings: Sequence[Mapping[str, Verdict]], pack: NormPack) -> Spread:
    kind = "hint" if pack.criteria[id].review else pack.criteria[id].kind
    own = [r[id] for r in recordings if _scored(r[id])]
    blank = Spread(id, profile, kind, len(own), len(recordings))
    if not own:
        return blank
    marks = np.array([v.sub_score for v in own], dtype=np.float64)
    values = [float(v.value) for v in own if v.value is not None]
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9)).tolist()
    return Spread(
        id, profile, kind, len(own), len(recordings), low, middle, high, own[0].unit,
        spread=float(np.ptp(marks)), full=float(np.mean(marks >= 1)), agreement=_agreement(id, recordings),
    )  # fmt: skip


def _scored(verdict: Verdict) -> bool:
    return verdict.status == "assessed" and verdict.sub_score is not None


def _agreement(id: str, recordings: Sequence[Mapping[str, Verdict]]) -> float | None:
    """Spearman's correlation of a criterion's sub-score with the mean of the other qualities'."""
    from scipy.stats import spearmanr

    pairs = []
    for verdicts in recordings:
        rest = [v.sub_score for other, v in verdicts.items() if other != id and v.kind == "quality" and _scored(v)]
        if _scored(verdicts[id]) and rest:
            pairs.append((verdicts[id].sub_score, np.mean([mark for mark in rest if mark is not None])))
    table: FloatArray = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    if len(table) < FEWEST or (np.ptp(table, axis=0) == 0).any():
        return None
    return float(spearmanr(table[:, 0], table[:, 1]).statistic)
