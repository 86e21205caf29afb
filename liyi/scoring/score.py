"""The whole job: a recording in; ``measures.parquet``, ``report.html`` and, last, ``assessment.json`` out.

Every interface (terminal, web app, batch, library) calls `score`; `rejudge` judges what was measured again, without the
recording. The report is that of the interface, which hands in what draws and writes one.
"""

from __future__ import annotations

import importlib.metadata
import os
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError, Notice
from liyi.core.file_url import local_path
from liyi.core.options import Options
from liyi.core.words import N_
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT, explain_os_errors, results_in
from liyi.scoring.notices import about
from liyi.scoring.refusing import refuse_empty

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment, ModelRef
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from liyi.media.recording import Media
    from liyi.media.sound import Samples
    from liyi.scoring.ahead import Ahead
    from liyi.scoring.confirming import Answer
    from liyi.scoring.reporting import Draw, Report, Still
    from posture.body import Body
    from speech.voice import Voice

    Progress = Callable[[str, float], None]

WATCHING, LISTENING, WRITING = N_("Watching the picture"), N_("Listening to the voice"), N_("Writing the report")

DAMAGED = N_(
    "{file} is damaged, so the exemptions and the profile in it cannot be taken over: restore it from a copy, or "
    "remove it and name them with --exempt and --profile."
)
NOTHING_TAKEN_OVER = N_(
    "There was no earlier assessment beside the measures: its exemptions and its profile, if there were any, are not "
    "taken over. Name them with --exempt and --profile."
)

NOT_JOINED = N_(
    "{seconds} s of what was recorded could not be joined to the rest and were not assessed; they are kept as they "
    "were recorded."
)

NO_STRETCH_OF_PHOTO = N_("A photo has no calibration stretch: the one that was named was not used.")

_DEFAULT = Options()
STILLS_OF_EACH = 5  # looked at of each of several pictures
MOVES = 0.5  # of 255, mean difference of two stills: coding alone differs by less, any person by more


@dataclass(frozen=True)
class Examined:
    """What a recording gave: its assessment, what was measured, and the pictures (None without a person or report)."""

    assessment: Assessment
    performance: Performance
    signals: Mapping[str, Signal]
    stills: Mapping[str, Still] | None


class _Clock:
    """When a run began, and how long it has taken."""

    def __init__(self) -> None:
        self._begun_s, self.created_at = time.monotonic(), _now()

    @property
    def elapsed_s(self) -> float:
        return round(time.monotonic() - self._begun_s, 1)


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

    tell, folder = progress or _silent, Path(out)
    clock = _Clock()
    media = open_media(local_path(str(path)), track=options.track, shows=_person_shown)
    partner = opened_beside(media, local_path(str(side)), options, shows=_person_shown) if side is not None else None
    with results_in(folder, media.info.sha256) as scratch:
        found = _examine(
            media, clock, pack=pack, options=options, draw=report.draw if report is not None else None, tell=tell,
            surveyed=surveyed, partner=partner,
        )  # fmt: skip
        _write(scratch, found, pack=pack, lang=lang, report=report)
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

    clock = _Clock()
    media = open_media(path, track=options.track, shows=_person_shown)
    if lost_s:
        media.notices.insert(0, Notice(NOT_JOINED, {"seconds": round(lost_s, 1)}))
    partner = opened_beside(media, side, options, shows=_person_shown) if side is not None else None
    return _examine(
        media, clock, pack=pack, options=options, draw=draw, tell=progress or _silent, surveyed=surveyed, ahead=ahead,
        partner=partner,
    )  # fmt: skip


def _examine(
    media: Media,
    clock: _Clock,
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
        liyi_version=_version(),
        created_at=clock.created_at,
        elapsed_s=clock.elapsed_s,
        signals=signals,
    )
    refuse_empty(assessment, performance, pack, media.path)
    shown = shown_in(media, partner, performance)
    stills = draw(shown, assessment, signals) if draw is not None and shown else None
    return Examined(assessment, performance, signals, stills)


def perform(
    media: Media,
    *,
    options: Options = _DEFAULT,
    languages: tuple[str, ...] = (),
    phrases: tuple[str, ...] = (),
    progress: Progress | None = None,
    ahead: Ahead | None = None,
    side: Media | None = None,
) -> Performance:
    """Watch and listen to an opened recording; parameters as in `score` and `examine`, ``side`` opened as well.

    ``languages`` are those that ``auto`` chooses among: the norm pack's; every known one when empty. ``phrases`` are
    the wordings that the second recogniser listens for.
    """
    from liyi.core.memory import keep_apart
    from liyi.etiquette.performance import Performance
    from liyi.media.aligning import Modulation
    from liyi.scoring.two_views import see_side

    unused = media.kind == "photo" and options.calibration is not None
    if unused:
        options = replace(options, calibration=None)
    check_models(media, options.recogniser)
    keep_apart()
    tell = progress or _silent
    heard = Modulation()
    if side is not None and options.camera == "auto":
        options = replace(options, camera="front")
    with _compiled_apart():
        # Sound first: hearing needs the most memory, and what was seen, which grows with the length, comes on top.
        samples = media.samples() if side is None else heard.passing(media.samples())
        voice = _listen(media, samples, options, languages, phrases, tell, ahead) if media.info.has_sound else None
        body = _watch(media, options, tell, ahead) if media.info.has_picture else None
    seen, told = see_side(media, side, heard, options=options, progress=tell) if side is not None else (None, ())
    read_by = options.reading()
    read_by["recogniser"] = Path(options.recogniser).name if options.recogniser else None  # a folder is the machine's
    return Performance(
        name=media.info.name,
        sha256=media.info.sha256,
        duration_s=media.info.duration_s,
        body=body,
        voice=voice,
        notices=(
            *media.notices,
            *((Notice(NO_STRETCH_OF_PHOTO),) if unused else ()),
            *about(body, voice, phrases),
            *told,
        ),
        options=read_by,
        models=_models(body, voice, options.recogniser),
        kind=media.kind,
        clock=media.clock,
        side=seen,
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

    begun_s, created_at = time.monotonic(), _now()
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
        liyi_version=_version(),
        created_at=created_at,
        elapsed_s=round(time.monotonic() - begun_s, 1),
        signals=signals,
    )
    stills = _stills_before(folder, before, assessment, report)
    in_place = target.resolve() == folder.resolve()
    with results_in(target, None if in_place else performance.sha256) as scratch:
        _write(scratch, Examined(assessment, performance, signals, stills), pack=pack, lang=lang, report=report)
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


def _person_shown(media: Media) -> float:
    """How well one of several pictures shows a person: the share of a few stills with one, half of it if none moves."""
    import numpy as np

    from posture.pose import share_with_person

    times_s = [media.info.duration_s * (k + 0.5) / STILLS_OF_EACH for k in range(STILLS_OF_EACH)]
    images = [frame.image for frame in media.frames_at(times_s, max_side=640) if frame is not None]
    moves = any(float(np.abs(one.astype(np.int16) - other).mean()) > MOVES for one, other in pairwise(images))
    return share_with_person(images) * (1.0 if moves else 0.5)


def check_models(media: Media, recogniser: str | None) -> None:
    """Raise at once, not after minutes of watching, when a model file that ``media`` needs is missing or damaged.

    The second recogniser is none that is needed: where it is damaged, the first one hears the phrases alone.
    """
    from liyi.modelfiles.registry import path, registry

    needed = ["pose_landmarker_full", "face_mesh"] if media.info.has_picture else []
    if media.info.has_sound:
        needed += ["silero_vad", "swift_f0"] + ([recogniser] if recogniser in registry() else [])
    for name in needed:
        path(name)


@contextmanager
def _compiled_apart() -> Iterator[None]:
    """Have Numba, which comes with librosa, look for its cache in a folder that can be written: it insists on one.

    An installation or a home may be one that cannot. It asks for it once, when it is loaded, and of what is used here
    it compiles nothing.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="liyi-numba-") as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder
        try:
            yield
        finally:
            os.environ.pop("NUMBA_CACHE_DIR", None)


def _silent(stage: str, done: float) -> None:
    pass


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _version() -> str:
    return importlib.metadata.version("liyi")


def _watch(media: Media, options: Options, tell: Progress, ahead: Ahead | None = None) -> Body | None:
    """What was seen; None when the picture holds no frame that can be read."""
    from liyi.core.memory import give_back
    from posture.pose import track_pose
    from posture.reading import read_body

    tell(WATCHING, 0.0)
    length_s = max(media.info.duration_s, 1e-3)

    def progress(second: float) -> None:
        tell(WATCHING, min(1.0, second / length_s))

    track = track_pose(media.frames(), progress=progress) if ahead is None else ahead.track(media, progress)
    tell(WATCHING, 1.0)
    give_back()
    body = read_body(track, camera=options.camera, calibration=options.calibration) if track.t.size else None
    give_back()  # writing comes next, and would stand on what reading has freed
    return body


def _listen(
    media: Media,
    samples: Iterator[Samples],
    options: Options,
    languages: tuple[str, ...],
    phrases: tuple[str, ...],
    tell: Progress,
    ahead: Ahead | None = None,
) -> Voice:
    from speech.listening import listen
    from speech.transcript import LANGUAGES

    tell(LISTENING, 0.0)
    length_s = max(media.info.duration_s, 1e-3)
    voice = listen(
        samples,
        language=options.language,
        languages=languages or LANGUAGES,
        recogniser=options.recogniser if ahead is None else ahead.recogniser,
        phrases=phrases,
        progress=lambda second: tell(LISTENING, min(1.0, second / length_s)),
    )
    tell(LISTENING, 1.0)
    return replace(voice, calibration=options.calibration, missing_s=media.unheard_s)


def _models(body: Body | None, voice: Voice | None, recogniser: str | None) -> tuple[ModelRef, ...]:
    """The model files that were used, by the checksum of what is on this machine."""
    from liyi.etiquette.assessment import ModelRef
    from liyi.modelfiles.registry import registry, sha256

    used = (["pose_landmarker_full", "face_mesh"] if body else []) + (["silero_vad", "swift_f0"] if voice else [])
    found = [ModelRef(id=name, sha256=sha256(name)) for name in used]
    if voice and recogniser in registry():
        found.append(ModelRef(id=recogniser, sha256=sha256(recogniser)))
    elif voice and recogniser:
        from liyi.modelfiles.registry import content_sha256

        folder = Path(recogniser).expanduser()
        found.append(ModelRef(id=folder.name, sha256=content_sha256(folder / "model.bin")))
    if voice and voice.second:
        from speech import second

        found.append(ModelRef(id=second.MODEL, sha256=sha256(second.MODEL)))
    return tuple(found)


def _write(folder: Path, found: Examined, *, pack: NormPack, lang: str, report: Report | None) -> None:
    """Write all files into the scratch folder of `liyi.scoring.folder.results_in`."""
    from liyi.etiquette.store import save_performance

    page = None
    if report is not None:
        page = report.write(
            found.assessment, found.performance, found.signals, pack=pack, lang=lang, stills=found.stills
        )
    with explain_os_errors(folder):
        save_performance(folder / MEASURES, found.performance, found.signals)
        if page is not None:
            (folder / REPORT).write_text(page, encoding="utf-8")
        (folder / ASSESSMENT).write_text(assessment_text(found.assessment), encoding="utf-8")


def assessment_text(assessment: Assessment) -> str:
    """Content of ``assessment.json``."""
    return assessment.model_dump_json(indent=2) + "\n"


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
