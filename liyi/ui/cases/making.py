"""What a case shows, made from one's own recording: the stretch as a film, or its joints; and what is said in it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_heading, load_performance
from liyi.records import vault
from liyi.records.case_tables import CaseForm
from liyi.records.operations import assessments, recordings
from liyi.records.unit_of_work import not_there
from liyi.report.clip import captions_between, moving_joints
from liyi.report.player import clock_in_file
from liyi.scoring.folder import ASSESSMENT, MEASURES
from liyi.scoring.limited import cut_limited
from liyi.ui import outcomes, people

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.records.schema import Recording
    from liyi.records.viewer import Viewer


NOT_PLAYED = N_(
    "The clock of this file begins anew on the way, so nobody can look at a stretch of it before it is shown: choose "
    "the skeleton, or another recording."
)


@dataclass(frozen=True)
class Stretch:
    """A stretch of a recording that the viewer may see with its results; nothing of it is read before it is needed."""

    viewer: Viewer
    recording_id: UUID
    criterion: str
    start_s: float
    end_s: float

    @cached_property
    def recording(self) -> Recording:
        """The recording."""
        return recordings.recording(people.records(), self.viewer, self.recording_id)

    @cached_property
    def _files(self) -> Mapping[str, Path]:
        store = people.records()
        found = assessments.assessments(store, self.viewer, recording_id=self.recording_id, size=1)
        if not found:
            raise LiyiError("There is no report yet: the recording has not been assessed.")
        files = assessments.assessment_files(store, self.viewer, found[0].id)
        return {file.name: vault.path_of(store, file.sha256) for file in files}

    @cached_property
    def assessment(self) -> Assessment:
        """The newest assessment."""
        try:
            return outcomes.read(self._files[ASSESSMENT])
        except (KeyError, OSError, ValueError) as error:
            raise not_there() from error

    @cached_property
    def clock(self) -> list[list[float]] | None:
        """Where a moment is found by the file's own clock (`liyi.report.player.clock_in_file`)."""
        return clock_in_file(load_heading(self._measures()))

    @property
    def forms(self) -> tuple[CaseForm, ...]:
        """How it can be shown, the least first; sound alone has no joints.

        A film only where its owner can look at the stretch beforehand: a player goes by the file's own clock.

        Raises
        ------
        LiyiError
            When it can be shown in no form.
        """
        sound, plays = self.assessment.recording.camera == "none", self.clock is not None
        found = [CaseForm.skeleton] * (not sound) + [CaseForm.as_is] * plays
        if not found:
            raise LiyiError(NOT_PLAYED)
        return tuple(found)

    def _measures(self) -> Path:
        try:
            return self._files[MEASURES]
        except KeyError as error:
            raise not_there() from error

    def joints(self) -> bytes:
        """The joints of the stretch, as JSON."""
        try:
            performance = load_performance(self._measures())
        except OSError as error:
            raise not_there() from error
        return moving_joints(performance, self.assessment, self.criterion, self.start_s, self.end_s)

    def captions(self) -> list[dict[str, Any]]:
        """What is said in the stretch."""
        return captions_between(self.assessment.transcript, self.start_s, self.end_s)

    def path(self) -> Path:
        """Where the whole recording lies: for its owner, who may watch all of it."""
        return recordings.watch(people.records(), self.viewer, self.recording_id)

    @contextmanager
    def content(self, form: CaseForm) -> Iterator[IO[bytes]]:
        """What members will be shown: a film of the stretch alone, cut in a child process, or its joints."""
        if form == CaseForm.skeleton:
            yield BytesIO(self.joints())
            return
        with tempfile.TemporaryDirectory(prefix="liyi-case-") as room:
            film = Path(room) / "clip.webm"
            cut_limited(self.path(), film, self.start_s, self.end_s, track=self.assessment.options.get("track"))
            with film.open("rb") as content:
                yield content


def pack_named(pack_id: str) -> NormPack | None:
    """The norm pack of a case, where it is still there."""
    try:
        return load_pack(pack_id)
    except LiyiError:
        return None


def criterion_name(pack_id: str, criterion: str, lang: str) -> str:
    """What a case is about, in words; its id where the pack has no such criterion any more."""
    pack = pack_named(pack_id)
    named = pack.criteria.get(criterion) if pack else None
    return str(getattr(named.name, lang)) if named else criterion
