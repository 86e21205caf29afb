"""The whole job: a recording in; ``measures.parquet``, ``report.html`` and, last, ``assessment.json`` out.

Every interface (terminal, web app, batch, library) calls `score`. The report is that of the interface, which hands in
what draws and writes one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.errors import Notice
from liyi.core.file_url import local_path
from liyi.core.options import Options
from liyi.core.words import N_
from liyi.scoring.examined import Clock, Examined, version, write_results
from liyi.scoring.folder import results_in
from liyi.scoring.perform import perform, person_shown, silent
from liyi.scoring.refusing import refuse_empty

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.media.recording import Media
    from liyi.scoring.ahead import Ahead
    from liyi.scoring.perform import Progress
    from liyi.scoring.reporting import Draw, Report

WRITING = N_("Writing the report")

NOT_JOINED = N_(
    "{seconds} s of what was recorded could not be joined to the rest and were not assessed; they are kept as they "
    "were recorded."
)

_DEFAULT = Options()


def score(
    path: str | Path,
    *,
    out: str | Path,
    pack: NormPack,
    side: str | Path | None = None,
    options: Options = _DEFAULT,
    lang: str = "zh",
    report: Report | None = None,
    progress: Progress | None = None,
    surveyed: Callable[[float], None] | None = None,
) -> Assessment:
    """Assess one recording and write its results.

    Parameters
    ----------
    path
        The recording.
    out
        Folder of the results; made when it is not there.
    pack
        By what it is judged.
    side
        A recording of the same performance from the side, with the sound of the same room.
    options
        How it is read and judged beside that.
    lang
        Language of the report.
    report
        Draws and writes it, such as `liyi.report.html.HTML`; no ``report.html`` when not given.
    progress
        Called with a stage (an English sentence, key of the catalogues) and how much of it is done, 0..1.
    surveyed
        Called with the recording's length in seconds as soon as it is known.

    Returns
    -------
    Assessment
        As it was written.

    Raises
    ------
    LiyiError
        When the recording cannot be read, nothing in it can be assessed, the results cannot be written, or ``out``
        holds those of another recording. What stood in ``out`` stays as it was then.
    """
    from liyi.media.recording import open_media
    from liyi.scoring.two_views import opened_beside

    tell, folder = progress or silent, Path(out)
    clock = Clock()
    media = open_media(local_path(str(path)), track=options.track, shows=person_shown)
    partner = opened_beside(media, local_path(str(side)), options, shows=person_shown) if side is not None else None
    with results_in(folder, media.info.sha256) as scratch:
        found = _examine(
            media, clock, pack=pack, options=options, draw=report.draw if report is not None else None, tell=tell,
            surveyed=surveyed, partner=partner,
        )  # fmt: skip
        write_results(scratch, found, pack=pack, lang=lang, report=report)
        tell(WRITING, 1.0)
    return found.assessment


def examine(
    path: str | Path,
    *,
    pack: NormPack,
    side: str | Path | None = None,
    options: Options = _DEFAULT,
    draw: Draw | None = None,
    progress: Progress | None = None,
    surveyed: Callable[[float], None] | None = None,
    ahead: Ahead | None = None,
    lost_s: float = 0.0,
) -> Examined:
    """Assess one recording and write nothing; parameters and errors as for `score`, ``draw`` as a report has it.

    ``ahead`` is what was seen and heard of it while it was recorded, ``lost_s`` how many seconds of its pieces are not
    in it.
    """
    from liyi.media.recording import open_media
    from liyi.scoring.two_views import opened_beside

    clock = Clock()
    media = open_media(path, track=options.track, shows=person_shown)
    if lost_s:
        media.notices.insert(0, Notice(NOT_JOINED, {"seconds": round(lost_s, 1)}))
    partner = opened_beside(media, side, options, shows=person_shown) if side is not None else None
    return _examine(
        media, clock, pack=pack, options=options, draw=draw, tell=progress or silent, surveyed=surveyed, ahead=ahead,
        partner=partner,
    )  # fmt: skip


def _examine(
    media: Media,
    clock: Clock,
    *,
    pack: NormPack,
    options: Options,
    draw: Draw | None,
    tell: Progress,
    surveyed: Callable[[float], None] | None,
    ahead: Ahead | None = None,
    partner: Media | None = None,
) -> Examined:
    """The work of `score` between opening the recording and writing."""
    from liyi.etiquette.assess import assess, signals_of
    from liyi.etiquette.calibration import checked
    from liyi.etiquette.pack_phrases import listened_for
    from liyi.scoring.two_views import shown_in

    if surveyed is not None:
        surveyed(media.info.duration_s + (partner.info.duration_s if partner else 0.0))
    performance = perform(
        media, options=options, languages=pack.languages, phrases=listened_for(pack), progress=tell, ahead=ahead,
        side=partner,
    )  # fmt: skip
    tell(WRITING, 0.0)
    performance = checked(performance, pack)
    signals = signals_of(performance, pack)
    assessment = assess(
        performance,
        pack,
        profile=options.profile,
        exemptions=options.exemptions,
        liyi_version=version(),
        created_at=clock.created_at,
        elapsed_s=clock.elapsed_s,
        signals=signals,
    )
    refuse_empty(assessment, performance, pack, media.path)
    shown = shown_in(media, partner, performance)
    stills = draw(shown, assessment, signals) if draw is not None and shown else None
    return Examined(assessment, performance, signals, stills)
