"""`NormPack` and its parts: what is good and what is bad, as data.

What belongs here: the shape of a norm pack as it stands in its TOML file. Reading and refusing files is
`etiquette.norms`; the rules that a shape cannot say are in `etiquette.pack_faults`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from etiquette.assessment import Bilingual, PackRef, Source
from signals.errors import LiyiError

Aggregate = Literal["share_in_band", "median", "per_minute", "count", "time_share", "worst", "value"]
PackCamera = Literal["front", "side", "both", "none"]

Number = Annotated[float, Field(strict=True)]
Share = Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Band = tuple[Number, Number]


class NormPackError(LiyiError):
    """A norm pack that does not exist, that breaks the rules, or that has no such profile."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shares(_Part):
    """How much of the assessed time must lie in the good band, in percent."""

    good: Share
    tolerable: Share
    fail: Share


class Criterion(_Part):
    """One line of a norm pack: what is measured, how it becomes one value, and which values are good.

    ``good``, ``tolerable`` and ``fail`` are bands ``(low, high)``, each inside the next, in the unit of the aggregate;
    an edge may be infinite. ``share`` belongs to ``share_in_band`` alone. A criterion with ``review`` is a hint: it
    never scores, and where something was found a human decides on it. One with ``language`` is judged in those
    languages only; ``exempt`` names the exemptions that remove it. ``hint`` is the advice in a few words,
    shown during a rehearsal; without it nothing is.
    """

    name: Bilingual = Bilingual()
    measure: str
    aggregate: Aggregate
    dimension: str
    group: str = ""
    good: Band
    tolerable: Band
    fail: Band
    share: Shares | None = None
    params: dict[str, Any] = {}
    review: StrictBool = False
    language: tuple[str, ...] = ()
    confidence: Literal["H", "M", "L"]
    exempt: tuple[str, ...] = ()
    source: Source
    advice: Bilingual
    hint: Bilingual = Bilingual()


class Profile(_Part):
    """A kind of scene: from where it is filmed, and how much each criterion weighs in it.

    ``camera`` ``both`` takes the recording from the front or from the side; ``none`` is a scene for the ear alone.
    """

    name: Bilingual = Bilingual()
    camera: PackCamera
    weights: dict[str, Number]


class PackHeader(_Part):
    """What a norm pack says about itself.

    A criterion seen for less than ``criterion_floor`` of the recording, or for less than ``min_assessed_s`` seconds,
    is not assessed; a recording of which less than ``coverage_floor`` of the weight is assessed gets no total.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    name: Bilingual = Bilingual()
    default_profile: str = ""
    coverage_floor: Fraction
    criterion_floor: Fraction = 0.0
    min_assessed_s: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] = 0.0
    dimensions: dict[str, Bilingual] = {}


class NormPack(PackHeader):
    """A norm pack; ``sha256`` is of its file's bytes."""

    sha256: str
    profiles: dict[str, Profile]
    criteria: dict[str, Criterion]

    @property
    def ref(self) -> PackRef:
        """Which pack this is, as an assessment names it."""
        return PackRef(id=self.id, version=self.version, sha256=self.sha256)

    def profile_id(self, profile: str | None = None) -> str:
        """The profile that is meant: the named one, else ``default_profile``, else the first of the file.

        Raises
        ------
        NormPackError
            When the pack has no profile of that name.
        """
        id = profile or self.default_profile or next(iter(self.profiles))
        if id in self.profiles:
            return id
        raise NormPackError(
            "The norm pack {pack} has no profile {profile}: choose one of {profiles}.",
            pack=self.id,
            profile=id,
            profiles=", ".join(self.profiles),
        )

    def profile(self, profile: str | None = None) -> Profile:
        """The profile that `profile_id` names."""
        return self.profiles[self.profile_id(profile)]

    def profile_name(self, profile: str, lang: str) -> str:
        """Name of a profile in ``zh`` or ``en``; its id where the pack gives none."""
        name = self.profile(profile).name
        return (name.zh if lang == "zh" else name.en) or name.zh or name.en or profile
