"""Gold clips judged again by what is installed, and held against what the tool said when people agreed on them.

As a rule from the stored measures, so that nothing is decoded: that tells what another judge or norm pack does. What
another model sees or hears is told only by measuring the files again.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.records import vault
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldMove
from liyi.records.operations.gold_drift import TOTAL, Checked, checked_by, installed, pack_ids
from liyi.records.operations.gold_mixing import agreed_in
from liyi.records.operations.registry import operation
from liyi.records.schema import AssessmentFile, Recording, Role
from liyi.records.unit_of_work import not_there, reading, writing
from liyi.records.viewer import may
from liyi.scoring.folder import ASSESSMENT, MEASURES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment as Judged
    from liyi.etiquette.assessment import Verdict
    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

_NOISE = 1e-6  # of a number that was written and read again


@dataclass(frozen=True)
class Move:
    """What became of one criterion, or of the total: points (0..100) before and after, None where there were none.

    ``error`` is one sigma of the points before. ``moved``: further than it, or than the error of the value itself in
    the criterion's unit; or there are points on one side only.
    """

    criterion: str
    before: float | None
    after: float | None
    error: float
    moved: bool


@dataclass(frozen=True)
class _Clip:
    """An agreed clip: where its recording lies (and that from the side), and its files of the assessment, by name."""

    recording_id: UUID
    recording: Path
    side: Path | None
    files: dict[str, Path]


@operation
def check_gold(
    records: Records, viewer: Viewer, *, measure: bool = False, progress: Callable[[float], None] = lambda done: None
) -> Checked:
    """Judge all agreed gold clips of the unit again, and keep what moved; nobody looks at them.

    Parameters
    ----------
    records, viewer
        The store, and an administrator of the whole organisation.
    measure
        Measure the recordings again, in the confined child, instead of judging the stored measures.
    progress
        Called with the share (0..1) of the clips that are done.

    Raises
    ------
    LiyiError
        When there is no agreed clip, or a file or norm pack of one is missing; nothing is kept then.
    """
    with reading(records, viewer) as unit:
        _need_admin(unit)
        clips, (version, packs) = _clips(records, unit), installed(pack_ids(unit))
    if not clips:
        raise LiyiError("There is no gold clip yet on which raters agree, so nothing can be checked.")
    found: dict[UUID, Sequence[Move]] = {}
    for count, clip in enumerate(clips, 1):
        found[clip.recording_id] = _moves_of(clip, measure=measure)
        progress(count / len(clips))
    with writing(records, viewer) as unit:
        _need_admin(unit)
        there = {each.recording_id for each in _clips(records, unit)}  # one may have been ended meanwhile
        kept = {id: moves for id, moves in found.items() if id in there}
        row = GoldCheck(organisation_id=viewer.organisation_id, liyi_version=version, packs=packs, measured=measure,
                        clips=len(kept))  # fmt: skip
        unit.add(row, "check_gold")
        unit.session.add_all(
            GoldMove(check_id=row.id, recording_id=id, criterion=each.criterion, before=each.before, after=each.after,
                     error=each.error, moved=each.moved) for id, moves in kept.items() for each in moves
        )  # fmt: skip
        unit.session.flush()
        return checked_by(unit, row)


def moves(before: Judged, after: Judged) -> list[Move]:
    """What became of each criterion of an assessment and of its total when the same recording was judged again."""
    old = {each.criterion: each for each in before.verdicts}
    new = {each.criterion: each for each in after.verdicts}
    found = [_move(id, old.get(id), new.get(id)) for id in dict.fromkeys([*old, *new])]
    error = before.total_error or 0.0
    return [*found, Move(TOTAL, before.total, after.total, error, _is_apart(before.total, after.total, error))]


def _move(id: str, old: Verdict | None, new: Verdict | None) -> Move:
    points = [None if each is None or each.sub_score is None else 100 * each.sub_score for each in (old, new)]
    error = 100 * (old.score_error or 0.0) if old else 0.0
    apart = _is_apart(points[0], points[1], error)
    if old is not None and new is not None and old.unit == new.unit:
        apart = apart or _is_apart(old.value, new.value, old.error or 0.0)
    elif old is not None and new is not None:
        apart = True
    status = (old.status if old else None) != (new.status if new else None)
    return Move(id, points[0], points[1], error, apart or status)


def _is_apart(before: float | None, after: float | None, error: float) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(after - before) > error + _NOISE


def _need_admin(unit: UnitOfWork) -> None:
    if not unit.holds(may(unit.viewer, Role.admin, unit.viewer.organisation_id)):
        raise not_there()


def _clips(records: Records, unit: UnitOfWork) -> list[_Clip]:
    query = (
        select(Recording.id, Recording.sha256, Recording.side_sha256, GoldClip.assessment_id)
        .join(GoldClip, GoldClip.recording_id == Recording.id)
        .where(agreed_in(unit))
        .order_by(GoldClip.agreed_at, Recording.id)
    )
    found = []
    for id, digest, side, assessment_id in unit.session.execute(query):
        named = select(AssessmentFile.name, AssessmentFile.sha256).where(AssessmentFile.assessment_id == assessment_id)
        files = {name: vault.path_of(records, each) for name, each in unit.session.execute(named)}
        beside = vault.path_of(records, side) if side else None
        found.append(_Clip(id, vault.path_of(records, digest or ""), beside, files))
    return found


def _moves_of(clip: _Clip, *, measure: bool) -> list[Move]:
    from liyi.etiquette.assessment import Assessment as Judged
    from liyi.etiquette.norms import load_pack
    from liyi.scoring.limited import run_limited
    from liyi.scoring.rejudge import rejudge

    with tempfile.TemporaryDirectory(prefix="liyi-gold-") as room:
        old, new = Path(room, "before"), Path(room, "after")
        old.mkdir()
        try:
            for name in (ASSESSMENT, MEASURES):
                shutil.copyfile(clip.files[name], old / name)
            before = Judged.model_validate_json((old / ASSESSMENT).read_bytes())
        except (KeyError, OSError, ValueError) as error:
            raise LiyiError("What was found in a gold clip is not there or damaged: restore the store from a backup, "
                            "or delete that recording.") from error  # fmt: skip
        pack = load_pack(before.pack.id)
        if measure:
            options = replace(Options.of_json(before.options), profile=before.profile)
            run_limited(clip.recording, new, pack=pack, side=clip.side, options=options)
            after = Judged.model_validate_json((new / ASSESSMENT).read_bytes())
        else:
            after = rejudge(old, pack=pack, out=new)
        return moves(before, after)
