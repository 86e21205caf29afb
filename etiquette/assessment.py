"""The contract: `Assessment` and its parts, as they stand in ``assessment.json``.

The JSON Schema is written from these models (`Assessment.model_json_schema`). ``created_at`` and ``elapsed_s``
alone may differ between two runs on the same recording.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = "1.0"

Status = Literal["assessed", "not_assessed", "needs_review"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Part):
    """A sentence in Chinese and in English."""

    zh: str = ""
    en: str = ""


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
    """Something to know about the recording: ``text`` in English, and the catalogue key and fields it came from."""

    text: str
    sentence: str
    fields: dict[str, Any] = {}


class RecordingInfo(_Part):
    """The recording that was assessed; ``people`` counts those seen for more than a moment."""

    name: str
    sha256: str
    duration_s: float
    camera: str
    framing: str
    position: str
    people: int
    warnings: tuple[RecordingWarning, ...] = ()


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
    ``typical_unit``, with its own error, ``good``
    the band of that quantity and ``good_share`` the percent of time inside it that scores full. ``name`` is the
    criterion's name in the pack, so that an assessment can be read without the pack.
    ``reason`` is a code of `signals.reasons.Reason`. ``status`` other than ``assessed`` never scores.
    """

    criterion: str
    name: Bilingual = Bilingual()
    measure: str
    dimension: str
    status: Status
    value: float | None = None
    unit: str = ""
    error: float | None = None
    typical: float | None = None
    typical_unit: str = ""
    typical_error: float | None = None
    sub_score: float | None = None
    weight: float = 0.0
    coverage: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None
    confidence: str = ""
    good: tuple[float | None, float | None] | None = None
    good_share: float | None = None
    source: Source = Source()
    advice: Bilingual = Bilingual()


class Deduction(_Part):
    """Points taken off: ``points`` = 100 w (1-s) / assessed weight; ``charged`` is 0 where its group charges more."""

    criterion: str
    dimension: str
    points: float
    charged: float
    group: str = ""
    evidence: tuple[Evidence, ...] = ()


class DimensionScore(_Part):
    """Score 0..100 of one dimension (null where nothing was assessed) and its coverage 0..1; ``name`` from the pack."""

    name: Bilingual = Bilingual()
    score: float | None
    coverage: float


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
    """A recording held against a norm pack: a fair, explained, reproducible result."""

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
    dimensions: dict[str, DimensionScore]
    deductions: tuple[Deduction, ...]
    transcript: tuple[TranscriptLine, ...]
