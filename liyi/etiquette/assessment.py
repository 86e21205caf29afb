"""The contract: `Assessment` and its parts, as they stand in ``assessment.json``.

The JSON Schema is written from these models (`Assessment.model_json_schema`). ``created_at`` and ``elapsed_s``
alone may differ between two runs on the same recording.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from liyi.core.bilingual import Bilingual
from liyi.core.trace import View
from liyi.media.kinds import Kind

SCHEMA_VERSION = "2.3"

Status = Literal["assessed", "not_assessed", "needs_review"]
Side = Literal["", "low", "high", "both"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Part):
    """Where a norm comes from: document and clause, and the same for readers of the other language."""

    doc: str = ""
    clause: str = ""
    zh: str = ""
    en: str = ""

    def text(self, lang: str) -> str:
        """Document and clause for a reader of ``lang``, as they were written where the pack says no more."""
        told = self.zh if lang == "zh" else self.en
        return told or " · ".join(part for part in (self.doc, self.clause) if part)


class RecordingWarning(_Part):
    """Something to know about the recording: ``text`` in English, and the catalogue key and fields it came from.

    ``code`` names what a program may act upon: ``profile_mismatch`` (field ``fitting``: the profile that fits),
    ``calibration_refused``.
    """

    code: str = ""
    text: str
    sentence: str
    fields: dict[str, Any] = {}


class AlignmentInfo(_Part):
    """Where the moments of a second recording lie in the first, found by the sound of both.

    Second ``t`` of it is second ``offset_s + t (1 + drift_ppm / 1e6)`` of the first, with ``error_s`` as one sigma.
    ``agreeing`` of ``windows`` in which both have sound say so.
    """

    offset_s: float
    drift_ppm: float
    error_s: float
    windows: int
    agreeing: int


class SideInfo(_Part):
    """The recording of the same performance from the side; ``alignment`` is null where it is not sure.

    Nothing of it is judged then.
    """

    name: str
    sha256: str
    duration_s: float
    framing: str
    people: int
    alignment: AlignmentInfo | None


class RecordingInfo(_Part):
    """The recording that was assessed; ``people`` counts those seen for more than a moment.

    ``kind`` is ``video``, ``sound`` or ``photo`` (one picture, of which no total is made); null before schema 2.2.
    ``camera`` is ``both`` where ``side`` is another recording of the same performance; every second is one of this one.
    """

    name: str
    kind: Kind | None = None
    sha256: str
    duration_s: float
    camera: str
    framing: str
    position: str
    people: int
    warnings: tuple[RecordingWarning, ...] = ()
    side: SideInfo | None = None


class PackRef(_Part):
    """The norm pack that judged."""

    id: str
    version: str
    sha256: str


class ModelRef(_Part):
    """A model file that was used."""

    id: str
    sha256: str


class Evidence(_Part):
    """A moment that proves a verdict, in seconds of the recording."""

    start_s: float
    end_s: float
    label: str = ""


class Verdict(_Part):
    """What was found for one criterion.

    ``value`` is the measured quantity itself in ``unit`` (shares of time in percent), ``error`` one sigma of it,
    ``sub_score`` 0..1, ``coverage`` (0..1) the share of the recording on which it rests, for measures of voice that of
    its speech. Where the value is a share of time, ``typical`` is the median of the quantity behind it, in
    ``typical_unit``, with its own error, ``outside`` its median over the time on ``side`` of the good band, ``good``
    the band of that quantity and ``good_share`` the percent of time inside it that scores full. ``name`` is the
    criterion's name in the pack, so that an assessment can be read without the pack.
    ``reason`` is a code of `liyi.core.reasons.Reason`. ``status`` other than ``assessed`` never scores.
    ``kind`` is the criterion's: only a ``quality`` has a ``weight``. ``side`` says whether the value lies under or over
    the good band, or now under and now over it; ``advice`` is the one for that side, and ``says`` tells the value in
    words (``{value}`` for the number). ``score_error`` is one sigma of the sub-score. ``undecided`` are the moments
    that a person must decide. Where the value is a rate, ``times`` and ``watched_s`` are what it was made of.
    ``view`` is the camera that it comes from where there were two, ``front`` or ``side``; empty else.
    """

    criterion: str
    name: Bilingual = Bilingual()
    kind: Literal["quality", "fault", "condition"] = "quality"
    measure: str
    dimension: str
    status: Status
    value: float | None = None
    unit: str = ""
    error: float | None = None
    typical: float | None = None
    typical_unit: str = ""
    typical_error: float | None = None
    outside: float | None = None
    sub_score: float | None = None
    score_error: float | None = None
    side: Side = ""
    weight: float = 0.0
    coverage: float = 0.0
    view: View = ""
    evidence: tuple[Evidence, ...] = ()
    undecided: tuple[Evidence, ...] = ()
    times: int | None = None
    watched_s: float | None = None
    reason: str | None = None
    confidence: str = ""
    good: tuple[float | None, float | None] | None = None
    good_share: float | None = None
    source: Source = Source()
    advice: Bilingual = Bilingual()
    says: Bilingual = Bilingual()


class Deduction(_Part):
    """Points taken off: of a quality 100 w (1-s) / assessed weight, of a fault its own points.

    ``charged`` is 0 where its group charges more.
    """

    criterion: str
    dimension: str
    points: float
    charged: float
    group: str = ""
    evidence: tuple[Evidence, ...] = ()


class DimensionScore(_Part):
    """Score 0..100 of one dimension (null where nothing was assessed) and its coverage 0..1; ``name`` from the pack.

    ``weight`` is the dimension's percent in the profile, ``error`` one sigma of the score in whole points; ``ships``
    is false for a dimension of the profile of which nothing can be measured yet.
    """

    name: Bilingual = Bilingual()
    score: float | None
    coverage: float
    weight: float = 0.0
    error: float | None = None
    ships: bool = True


class NeedMissing(_Part):
    """Why there is no total: what was needed, how much of it and how much there was (numbers, or a position)."""

    need: str
    wanted: float | str
    got: float | str


class CapFound(_Part):
    """A red line that was crossed: the most that the total may be, and the moments that prove it.

    ``status``: ``applied``, or ``needs_review`` where a person must confirm first.
    """

    criteria: tuple[str, ...]
    total: float
    evidence: tuple[Evidence, ...] = ()
    status: Literal["applied", "needs_review"] = "applied"


class TranscriptWord(_Part):
    """One word with its time and the recogniser's confidence 0..1."""

    start_s: float
    end_s: float
    text: str
    probability: float


class TranscriptLine(_Part):
    """One phrase with its words."""

    start_s: float
    end_s: float
    text: str
    words: tuple[TranscriptWord, ...] = ()


class Assessment(_Part):
    """A recording held against a norm pack: a fair, explained, reproducible result.

    ``total`` is made of the dimensions in ``total_of``; ``total_error`` is one sigma of it in whole points;
    ``total_before_caps`` is what it was before red lines (``caps``). Where there is no total, ``needs_missing`` says
    what lacked.
    """

    schema_version: str = SCHEMA_VERSION
    liyi_version: str
    created_at: str
    elapsed_s: float
    recording: RecordingInfo
    pack: PackRef
    profile: str
    options: dict[str, Any]
    models: tuple[ModelRef, ...]
    verdicts: tuple[Verdict, ...]
    coverage: float
    coverage_floor: float
    total: float | None
    total_error: float | None = None
    total_of: tuple[str, ...] = ()
    total_before_caps: float | None = None
    caps: tuple[CapFound, ...] = ()
    needs_missing: tuple[NeedMissing, ...] = ()
    dimensions: dict[str, DimensionScore]
    deductions: tuple[Deduction, ...]
    transcript: tuple[TranscriptLine, ...]

    @property
    def is_photo(self) -> bool:
        """Whether it is about one picture: a moment, of which no total is made."""
        return self.recording.kind == "photo"
