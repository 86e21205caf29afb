"""The report of a recording as a page of its own: rendered from what was stored, in any language, whoever asks.

What belongs here: everything between the route of a report and the records. Each call asks the records anew whether
the viewer may see it; nothing is scored again but where a question was answered.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.core.moments import moment, zone_of
from liyi.core.words import pick, translate
from liyi.etiquette.assess import signals_of
from liyi.etiquette.assessment import Assessment
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance
from liyi.records import sign_in, vault
from liyi.records.operations import assessments, recordings, submission
from liyi.records.operations import people as known_people
from liyi.report.captions import webvtt
from liyi.report.html import HTML, write_report
from liyi.report.player import address_beside
from liyi.report.remarks import NOTHING
from liyi.report.setting import Setting
from liyi.report.transcript import styles
from liyi.report.wording import heard
from liyi.scoring.confirming import Answer, answers_in, informed, is_asked, settled
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.ui import people, remarking, sample, takes
from liyi.ui.entries import need_rated
from liyi.ui.place import place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from liyi.core.trace import Signal
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from liyi.records.schema import Assessment as Row
    from liyi.records.schema import Recording
    from liyi.records.viewer import Viewer

_EARLIER = 50  # assessments of a person among which the one before is looked for
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\/:*?\"<>|\s]+")
_LONGEST = 60  # characters of a person's name or a scene in a file's name
_answering = threading.Lock()  # an answer is judged with those before it


@dataclass(frozen=True)
class _Kept:
    """A recording with its newest assessment, as the viewer may see them."""

    viewer: Viewer
    recording: Recording
    row: Row
    paths: Mapping[str, Path] | None = None  # of its files, where they were taken with others

    def file(self, name: str) -> Path:
        """Where a file of the assessment lies."""
        if self.paths is not None:
            return self.paths.get(name, Path(name))
        return assessments.assessment_file(people.records(), self.viewer, self.row.id, name)

    def judged(self) -> Assessment:
        """What the assessment says."""
        return _read(self.file(ASSESSMENT))


def document(viewer: Viewer, id: str, *, lang: str, zone: str = "") -> str:
    """The report of a recording for the app's own page.

    Parameters
    ----------
    viewer
        Who asks.
    id
        Of the recording.
    lang
        ``zh`` or ``en``.
    zone
        Time zone of the reader, such as ``Asia/Shanghai``; UTC where this machine does not know it.

    Raises
    ------
    LiyiError
        When it is not there for this viewer, or a file of it is missing or damaged.
    """
    kept = _kept(viewer, id)
    return _render(kept, lang, _setting(kept, lang, zone, media="recording", in_app=True))


def standalone(viewer: Viewer, id: str, *, lang: str, zone: str, media: str, remarks: bool = False) -> bytes:
    """The report as one file that plays the file ``media`` beside it; parameters and errors as for `document`.

    What people said is in it only with ``remarks``: it names them, and the file goes where its reader takes it.
    """
    kept = _kept(viewer, id)
    setting = _setting(kept, lang, zone, media=address_beside(media), in_app=False)
    if remarks:
        said = remarking.of_report(viewer, kept.recording, kept.row, zone)
        setting = replace(setting, remarks=replace(said, appealable=False))
    return _render(kept, lang, setting).encode("utf-8")


def of_batch(
    viewer: Viewer, recording: Recording, row: Row, paths: Mapping[str, Path], *, lang: str, zone: str, media: str
) -> tuple[str, str]:
    """The report and the captions of a recording whose files were taken together with others of its batch.

    Parameters
    ----------
    viewer, recording, row, paths
        Who took them, the recording, its assessment, and where the files of that lie, by name.
    lang, zone
        As for `document`.
    media
        Name of the recording beside the report.

    Raises
    ------
    LiyiError
        When a file is missing or damaged.
    """
    kept = _Kept(viewer, recording, row, paths)
    setting = Setting(person=_name_of(kept), at=_moment(recording, zone), media=address_beside(media))
    return _render(kept, lang, setting), _captions(kept)


def anything_said(viewer: Viewer, id: str) -> bool:
    """Whether people said anything of a recording that a report can show."""
    kept = _kept(viewer, id)
    return remarking.anything_said(viewer, kept.recording, kept.row)


def captions(viewer: Viewer, id: str) -> str:
    """The captions of a recording as WebVTT, its listed phrases marked; parameters and errors as for `document`."""
    return _captions(_kept(viewer, id))


def _captions(kept: _Kept) -> str:
    assessment, performance, signals, pack = _measured(kept)
    told = assessment.transcript
    return webvtt(told, styles(told, heard(assessment, performance, signals, pack)))


def answer(viewer: Viewer, id: str, said: Answer, *, lang: str) -> None:
    """Keep what the person of the recording says of an undecided moment, and judge the stored measures again by it.

    Raises
    ------
    LiyiError
        When the recording is not the viewer's own, the moment is not asked for, or it cannot be judged again.
    """
    with _answering:
        _answer(viewer, id, said, lang)


def _answer(viewer: Viewer, id: str, said: Answer, lang: str) -> None:
    from liyi.scoring.rejudge import rejudge

    kept = _kept(viewer, id)
    if kept.recording.person_id != viewer.person_id or not is_asked(kept.judged(), said):
        raise LiyiError("This question is not asked of you, or was answered before.")
    with tempfile.TemporaryDirectory(prefix="liyi-answer-") as room:
        before, after = Path(room, "before"), Path(room, "after")
        before.mkdir()
        for name in (ASSESSMENT, MEASURES, REPORT):  # the report has the stills
            (before / name).write_bytes(_content(kept.file(name)))
        anew = rejudge(before, pack=load_pack(kept.row.pack_id), profile=kept.row.profile, out=after, lang=lang,
                       report=HTML, answers=(said,))  # fmt: skip
        files = {name: after / name for name in (ASSESSMENT, MEASURES, REPORT)}
        assessments.file_assessment(people.records(), viewer, id, anew, files)


def file_name(viewer: Viewer, id: str, what: str, suffix: str, *, lang: str, zone: str) -> str:
    """What a file is called when it is taken away: what it is, person, scene and date.

    ``what`` in the reader's language; ``suffix`` with its dot.
    """
    kept = _kept(viewer, id)
    about = About(_name_of(kept), kept.recording.name, kept.row.pack_id, kept.row.profile, kept.recording.created_at)
    return name_of_file(about, what, suffix, lang=lang, zone=zone)


@dataclass(frozen=True)
class About:
    """Of what a file is: whose, what the recording is called, by what it was judged, and when it was recorded."""

    person: str
    recording: str
    pack_id: str
    profile: str | None
    at: datetime


def name_of_file(about: About, what: str, suffix: str, *, lang: str, zone: str) -> str:
    """What a file is called when it is taken away, as `file_name`."""
    pack = load_pack(about.pack_id)
    drill = takes.drill_of(about.recording)
    known = about.profile if about.profile in pack.profiles else None
    scene = pack.profile_name(known, lang) if known else pick(pack.name, lang)
    scene = pick(drill.title, lang) if drill else scene
    parts = (what, about.person, scene, moment(about.at, zone_of(zone))[:10])
    return "_".join(_UNFIT.sub("-", part)[:_LONGEST].strip("-. ") for part in parts if part) + suffix


def own_name(viewer: Viewer) -> str:
    """The viewer's own name, as files that are taken away bear it."""
    return _name(viewer, viewer.person_id)


def _kept(viewer: Viewer, id: str) -> _Kept:
    store = people.records()
    row = recordings.recording(store, viewer, id)
    need_rated(viewer, row)
    found = assessments.assessments(store, viewer, recording_id=id, size=1)
    if not found:
        raise LiyiError("There is no report yet: the recording has not been assessed.")
    return _Kept(viewer, row, found[0])


def _read(path: Path) -> Assessment:
    try:
        return Assessment.model_validate_json(_content(path))
    except ValueError as error:
        raise _missing(path) from error


def _content(path: Path) -> bytes:
    """A file of the store as it was filed: what a worn disk has changed is read by nothing."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _missing(path) from error
    if vault.digest_at(path) not in (None, hashlib.sha256(content).hexdigest()):
        raise _missing(path)
    return content


def _missing(path: Path) -> LiyiError:
    return LiyiError(
        "The store's file {sha256} is missing or damaged: put it back from an older backup, or delete its "
        "recording, then back up again.",
        sha256=vault.digest_at(path) or path.name,
    )


def _render(kept: _Kept, lang: str, setting: Setting) -> str:
    assessment, performance, signals, pack = _measured(kept)
    stills = None
    with suppress(LiyiError, OSError):
        stills = HTML.stills_in(kept.file(REPORT).read_text(encoding="utf-8", errors="replace"), assessment) or None
    return write_report(assessment, performance, signals, pack=pack, lang=lang, stills=stills, setting=setting)


def _measured(kept: _Kept) -> tuple[Assessment, Performance, Mapping[str, Signal], NormPack]:
    """What was judged and measured, with what its person answered."""
    assessment, pack = kept.judged(), load_pack(kept.row.pack_id)
    path = kept.file(MEASURES)
    _content(path)
    try:
        performance = load_performance(path)
    except LiyiError as error:
        raise _missing(path) from error
    answers = answers_in(assessment.options)
    performance = informed(performance, pack, answers)
    return assessment, performance, settled(signals_of(performance, pack), pack, answers), pack


def _setting(kept: _Kept, lang: str, zone: str, *, media: str, in_app: bool) -> Setting:
    own, drill = kept.recording.person_id == kept.viewer.person_id, takes.drill_of(kept.recording.name)
    return Setting(
        person=_name_of(kept),
        at=_moment(kept.recording, zone),
        before=_before(kept),
        media=media,
        side_media="side" if in_app and kept.recording.side_sha256 else "",
        in_app=in_app,
        asks=in_app and own and kept.recording.submitted_at is None,
        seen_by=_seen_by(kept, lang) if in_app else "",
        drill=pick(drill.title, lang) if drill else "",
        remarks=remarking.of_report(kept.viewer, kept.recording, kept.row, zone) if in_app else NOTHING,
    )


def _name_of(kept: _Kept) -> str:
    return _name(kept.viewer, kept.recording.person_id)


def _name(viewer: Viewer, person_id: UUID) -> str:
    """A person's name; empty for the one person of a machine without sign-in, who has none."""
    if person_id == sign_in.LOCAL:
        return ""
    with suppress(LiyiError):
        return known_people.person(people.records(), viewer, person_id).name
    return ""


def _seen_by(kept: _Kept, lang: str) -> str:
    if kept.recording.person_id == sign_in.LOCAL:
        return translate("Recording and report stay on {place}. There is no sign-in here: whoever can open Liyi "
                         "on it can see them.", lang, place=place(lang))  # fmt: skip
    if kept.recording.submitted_at is None:
        return translate(submission.WHO_CAN_READ, lang)
    return translate("Recording and report stay on {place}. The person, their trainers, and the evaluators to whom "
                     "they were assigned can see them; administrators cannot.", lang, place=place(lang))  # fmt: skip


def _before(kept: _Kept) -> Assessment | None:
    """The newest assessment of an earlier recording of the same person under the same pack and profile, no sample."""
    store = people.records()
    if kept.recording.sha256 in sample.digests():
        return None
    rows = assessments.assessments(store, kept.viewer, person_id=kept.recording.person_id, size=_EARLIER)
    for row in rows:
        alike = (row.pack_id, row.profile) == (kept.row.pack_id, kept.row.profile)
        if not alike or row.recording_id == kept.recording.id:
            continue
        with suppress(LiyiError):  # it was deleted meanwhile, or its file is gone
            earlier = recordings.recording(store, kept.viewer, row.recording_id)
            if earlier.created_at < kept.recording.created_at and earlier.sha256 not in sample.digests():
                return _read(assessments.assessment_file(store, kept.viewer, row.id, ASSESSMENT))
    return None


def _moment(recording: Recording, zone: str) -> str:
    """When it was recorded, as the reader's clock shows it."""
    return moment(recording.created_at, zone_of(zone))
