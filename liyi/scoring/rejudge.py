"""What was measured is judged again, without the recording."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError, Notice
from liyi.core.words import N_
from liyi.scoring.examined import Clock, Examined, version, write_results
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT, results_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.scoring.confirming import Answer
    from liyi.scoring.reporting import Report, Still

DAMAGED = N_(
    "{file} is damaged, so the exemptions and the profile in it cannot be taken over: restore it from a copy, or "
    "remove it and name them with --exempt and --profile."
)
NOTHING_TAKEN_OVER = N_(
    "There was no earlier assessment beside the measures: its exemptions and its profile, if there were any, are not "
    "taken over. Name them with --exempt and --profile."
)


def rejudge(
    folder: str | Path,
    *,
    pack: NormPack,
    profile: str | None = None,
    exemptions: Collection[str] | None = None,
    out: str | Path | None = None,
    lang: str = "zh",
    report: Report | None = None,
    answers: Sequence[Answer] = (),
) -> Assessment:
    """Judge stored measures again, without the recording.

    Parameters
    ----------
    folder
        Results of an earlier `score`.
    pack
        The norm pack that judges now.
    profile, exemptions
        Those of the earlier assessment when not given, as far as ``pack`` knows them.
    out
        Where the new results go; the same folder when not given.
    lang, report
        Language of the report, and what writes it, with the stills of the one before that still show a finding; no
        ``report.html`` when not given, not even that of before.
    answers
        What the person said of undecided moments, beside the answers that stand with the measures.

    Raises
    ------
    LiyiError
        When the measures are not there or damaged, or the results cannot be written; earlier results then stay.
    """
    from liyi.etiquette.assess import assess, signals_of
    from liyi.etiquette.calibration import checked
    from liyi.etiquette.store import load_performance
    from liyi.scoring.confirming import answers_in, informed, settled, with_answers

    clock = Clock()
    folder, target = Path(folder), Path(out if out is not None else folder)
    if not folder.is_dir():
        raise LiyiError("{folder} is not there: name a folder of results, as `liyi score` writes it.", folder=folder)
    performance = load_performance(folder / MEASURES)
    before = _earlier(folder)
    lost = (Notice(NOTHING_TAKEN_OVER),) if before is None and None in (profile, exemptions) else ()
    if profile is None and before is not None and before.profile in pack.profiles:
        profile = before.profile
    if exemptions is None:
        exemptions = pack.exemptions.intersection(_exemptions(before)) if before else ()
    told = (*answers_in(performance.options), *answers)
    performance = replace(performance, options=with_answers(performance.options, told))
    performance = informed(checked(performance, pack), pack, told)
    signals = settled(signals_of(performance, pack), pack, told)
    assessment = assess(
        replace(performance, notices=(*performance.notices, *lost)),
        pack,
        profile=profile,
        exemptions=exemptions,
        liyi_version=version(),
        created_at=clock.created_at,
        elapsed_s=clock.elapsed_s,
        signals=signals,
    )
    stills = _stills_before(folder, before, assessment, report)
    in_place = target.resolve() == folder.resolve()
    with results_in(target, None if in_place else performance.sha256) as scratch:
        write_results(scratch, Examined(assessment, performance, signals, stills), pack=pack, lang=lang, report=report)
    return assessment


def _stills_before(
    folder: Path, before: Assessment | None, now: Assessment, report: Report | None
) -> Mapping[str, Still] | None:
    """Stills of the report that stands in ``folder``; None where there are none of this recording."""
    if report is None or before is None or before.recording.sha256 != now.recording.sha256:
        return None
    with suppress(OSError, UnicodeDecodeError):
        return report.stills_in((folder / REPORT).read_text(encoding="utf-8"), now) or None
    return None


def _earlier(folder: Path) -> Assessment | None:
    """The assessment that stands in ``folder``; None when there is none.

    Raises
    ------
    LiyiError
        When it is damaged: what it says of the person, such as an exemption, would be lost without a word.
    """
    from pydantic import ValidationError

    from liyi.etiquette.assessment import Assessment

    try:
        return Assessment.model_validate_json((folder / ASSESSMENT).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise _damaged(folder) from error


def _exemptions(before: Assessment) -> tuple[str, ...]:
    """Exemptions of an earlier assessment; raises LiyiError when they are no texts."""
    match before.options.get("exemptions", []):
        case list() as flags if all(isinstance(flag, str) for flag in flags):
            return tuple(flags)
        case _:
            raise LiyiError(DAMAGED, file=ASSESSMENT)


def _damaged(folder: Path) -> LiyiError:
    return LiyiError(DAMAGED, file=str(folder / ASSESSMENT))
