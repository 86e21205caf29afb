"""Suggested bands: the trials of every rated criterion over the stored measures of a batch, told and written.

What belongs here: finding the measures beside the scores, and saying what came of each trial. The statistics are in
`liyi.agreement.bands`, the new file in `liyi.agreement.new_pack`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from liyi.agreement.bands import Trial, candidates, decide, enough, pass_row, passes
from liyi.agreement.new_pack import next_version, refuse_existing, write_new_version
from liyi.agreement.table import estimate_text, target_name
from liyi.batch.results import RECORDINGS
from liyi.core import words
from liyi.core.errors import LiyiError
from liyi.core.spreadsheet_text import cell
from liyi.core.words import N_, translate
from liyi.etiquette.norms import pack_bytes
from liyi.etiquette.pack_phrases import params_of
from liyi.etiquette.performance import measure
from liyi.etiquette.store import load_performance
from liyi.scoring.folder import MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from liyi.agreement.score_table import Scored
    from liyi.agreement.study import Study, ToolHuman
    from liyi.etiquette.pack import Criterion, NormPack


@dataclass(frozen=True)
class Suggestion:
    """What came of one criterion, in words: bands before and after where they move, else why they do not."""

    id: str
    name: str
    trial: Trial
    now: str
    then: str
    gain: str
    outcome: str


def try_bands(study: Study, scored: Scored, pack: NormPack, folder: Path) -> list[Trial]:
    """Try other bands for every criterion that people rated and ``pack`` judges.

    Parameters
    ----------
    study, scored
        People's verdicts and the recordings they are of.
    pack
        The present bands.
    folder
        That of the scores, where ``recordings/KEY/measures.parquet`` stand.

    Raises
    ------
    LiyiError
        When none of the rated recordings has its measures there, or some are damaged.
    """
    rated = {a.target: a.tool for a in study.targets if a.tool is not None and a.target in pack.criteria}
    stored = {
        id: file
        for tool in rated.values()
        for id in tool.recordings
        if (file := _measures(scored, folder, id)).is_file()
    }
    if not stored:
        raise LiyiError("No measures stand beside the scores, in {folder}: name the scores.parquet in the folder that "
                        "`liyi batch` wrote.", folder=str(folder / RECORDINGS))  # fmt: skip
    people = {id: _verdicts(tool, stored) for id, tool in rated.items()}
    tried = {
        id: candidates(pack.criteria[id])
        for id, verdicts in people.items()
        if enough(len(verdicts), sum(verdicts.values()))
    }
    rows: dict[str, dict[str, list[bool]]] = {id: {} for id in people}
    for recording in sorted({recording for id in tried for recording in people[id]}):
        performance = load_performance(stored[recording])
        for id, bands in tried.items():
            if recording in people[id]:
                criterion = pack.criteria[id]
                rows[id][recording] = pass_row(
                    measure(performance, criterion.measure, params_of(pack, criterion)), bands
                )
    return [
        decide(
            id,
            tried.get(id, [pack.criteria[id]]),
            np.array([rows[id][recording] for recording in verdicts] if id in tried else [], bool),
            np.array(list(verdicts.values()), bool),
        )
        for id, verdicts in people.items()
    ]


def write_suggestions(
    trials: Sequence[Trial], pack: NormPack, pack_name: str, target: Path, *, source: str, lang: str
) -> NormPack | None:
    """Write a new version of the pack with the bands that the data support; None, and no file, where there are none.

    ``source`` says on which files the suggestions rest, for the comments of the new pack.
    """
    refuse_existing(target)
    moved = {trial.criterion: trial.moved for trial in trials if trial.moved is not None}
    if not moved:
        return None
    said = N_("{version}: bands moved by `liyi agreement`. {n} recordings, {passed} passed by people; balanced "
              "agreement {now} before, {then} in cross-validation, gain {gain}. {source}")  # fmt: skip
    version = next_version(pack.version)
    notes = {
        trial.criterion: cell(translate(said, lang, version=version, n=trial.n, passed=trial.passed, source=source,
                                        now=words.number(trial.now, 2), then=words.number(trial.then, 2),
                                        gain=estimate_text(trial.gain)))
        for trial in trials
    }  # fmt: skip
    return write_new_version(pack_bytes(pack_name), pack, moved, notes, target)


def tell(trials: Sequence[Trial], pack: NormPack, lang: str) -> list[Suggestion]:
    """What came of each trial, in words."""
    return [
        Suggestion(
            id=trial.criterion,
            name=target_name(trial.criterion, pack, lang),
            trial=trial,
            now=words.number(trial.now, 2) if trial.enough else "–",
            then=words.number(trial.then, 2) if trial.enough else "–",
            gain=estimate_text(trial.gain),
            outcome=_outcome(trial, pack.criteria[trial.criterion], lang),
        )
        for trial in trials
    ]


def _outcome(trial: Trial, before: Criterion, lang: str) -> str:
    if not trial.enough:
        return translate("Too few: at least 20 recordings are needed, and 5 of each verdict.", lang)
    if trial.moved is None:
        return translate("No band agrees better by more than chance: left as it is.", lang)
    bands = (f"{key} {_edges(before, key)} → {_edges(trial.moved, key)}" for key in ("good", "tolerable", "fail"))
    return "; ".join(bands)


def _edges(criterion: Criterion, key: str) -> str:
    low, high = getattr(criterion, key)
    return f"[{low:g}, {high:g}]"


def _measures(scored: Scored, folder: Path, recording: str) -> Path:
    key = PurePath(scored.recordings[recording].key).name  # a name, whatever the table says
    return folder / RECORDINGS / (key or "-") / MEASURES


def _verdicts(tool: ToolHuman, stored: dict[str, Path]) -> dict[str, bool]:
    """Whether people let each recording pass whose measures are stored, in the order of the ids."""
    return {
        recording: passes(points / 100)
        for recording, points in sorted(zip(tool.recordings, tool.human.tolist(), strict=True))
        if recording in stored
    }
