"""`NormPack` and its parts: what is good and what is bad, as data.

What belongs here: the shape of a norm pack as it stands in its TOML file. Reading and refusing files is
`liyi.etiquette.norms`; the rules that a shape cannot say are in `liyi.etiquette.pack_faults`.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from liyi.core.bilingual import Bilingual
from liyi.core.errors import LiyiError
from liyi.etiquette.assessment import PackRef, Side, Source
from liyi.etiquette.pack_phrases import ListedAllowance, ListedPhrase

Aggregate = Literal["share_in_band", "median", "per_minute", "count", "time_share", "worst", "value"]
PackCamera = Literal["front", "side", "both", "none"]

Number = Annotated[float, Field(strict=True)]
Share = Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)]
Fraction = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Band = tuple[Number, Number]
Kind = Literal["quality", "fault", "condition"]


class NormPackError(LiyiError):
    """A norm pack that does not exist, that breaks the rules, or that has no such profile."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shares(_Part):
    """How much of the assessed time must lie in the good band, in percent."""

    good: Share
    tolerable: Share
    fail: Share


class Sided(Bilingual):
    """Words for a value that is off: the same on both sides, or others where it lies under or over the good band.

    ``both`` is for a value that lies now under and now over it; without it the side is told on which it lies more.
    """

    low: Bilingual = Bilingual()
    high: Bilingual = Bilingual()
    both: Bilingual = Bilingual()

    def on(self, side: Side) -> Bilingual:
        """The words for a value on ``side``, else those for both."""
        told = getattr(self, side) if side else Bilingual()
        if told.zh or told.en:
            return told
        return Bilingual(zh=self.zh, en=self.en)

    @property
    def ways(self) -> tuple[Bilingual, ...]:
        """Every wording that is there."""
        return tuple(each for each in (self.on(""), self.low, self.high, self.both) if each.zh or each.en)


class Criterion(_Part):
    """One line of a norm pack: what is measured, how it becomes one value, and which values are good.

    ``good``, ``tolerable`` and ``fail`` are bands ``(low, high)``, each inside the next, in the unit of the aggregate;
    an edge may be infinite. With ``attribute`` a number that each event carries is judged, every event counting the
    same, in that number's unit. ``share`` belongs to ``share_in_band`` alone. A criterion with ``review`` is a hint: it
    never scores, and where something was found a human decides on it. One with ``language`` is judged in those
    languages only; ``exempt`` names the exemptions that remove it. ``hint`` is the advice in a few words,
    shown during a rehearsal; without it nothing is. ``says`` tells what was measured on either side, with ``{value}``.

    A ``quality`` is graded and weighs; a ``fault`` takes ``points`` off per occurrence (``count``) or per tenth of the
    watched time (``time_share``), at most ``most``, and earns nothing; a ``condition`` of the recording never scores:
    outside ``fail`` it keeps the qualities of its dimension from being assessed.
    """

    name: Bilingual = Bilingual()
    kind: Kind = "quality"
    measure: str
    aggregate: Aggregate
    attribute: str = ""
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
    advice: Sided
    hint: Sided = Sided()
    says: Sided = Sided()
    points: Amount = 0.0
    most: Amount = 0.0

    @property
    def floor(self) -> float:
        """The least value there is: 0 where ``fail`` begins there, for shares, rates and sizes."""
        return self.fail[0] if self.fail[0] == self.good[0] else -math.inf


class Needs(_Part):
    """What a recording must hold before a total is given, counted outside the calibration; 0 asks for nothing.

    ``bearing_s``: seconds in which the person's bearing was seen; ``speech_s`` and ``syllables``: what was heard of
    speech; ``hands_s``: seconds in which forbidden positions of the hands would have been seen; ``position``: sitting
    or standing, as the scene expects. With ``position_seen`` it must be seen; without, a recording in which it cannot
    be told is taken (a counter hides the legs of whoever sits behind it).
    """

    bearing_s: Amount = 0.0
    speech_s: Amount = 0.0
    syllables: Amount = 0.0
    hands_s: Amount = 0.0
    position: Literal["", "sitting", "standing"] = ""
    position_seen: StrictBool = False


class Cap(_Part):
    """A red line: what caps the total whatever the rest was like.

    ``when`` ``above``: a criterion's value lies over ``value``; ``count``: it happened ``value`` times or more;
    ``beyond_tolerable``: a quality or a fault lies outside its tolerable band, beyond its own error (no ``value``);
    ``throughout``: so does a quality, and for ``value`` percent of the time or more outside its good band as well (a
    value that stands for the whole recording does so by itself).
    ``criteria``: any of these; every one of the profile when empty, for the last two only.
    ``total`` is the most that is then left. With ``confirm`` nothing is capped until a person has confirmed.
    ``undecided``: where the line hangs on moments that a person must decide, there is no total until then
    (``withhold``), or a total beside the open question (``ask``).
    ``profiles``: where it holds, everywhere when empty; ``dimensions``: without ``criteria``, those of these
    dimensions.
    """

    criteria: tuple[str, ...] = ()
    when: Literal["above", "count", "beyond_tolerable", "throughout"]
    value: Number = 0.0
    total: Share
    confirm: StrictBool = False
    undecided: Literal["withhold", "ask"] = "withhold"
    profiles: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()


class Profile(_Part):
    """A kind of scene: from where it is filmed, and how much each criterion weighs in it.

    ``camera`` ``both`` takes the recording from the front or from the side; ``none`` is a scene for the ear alone.
    With ``dimensions`` (percent between dimensions, those too that do not ship yet) ``weights`` are the shares within
    a dimension, of the criteria that the recording's camera can show; without it they are compared with one another.
    ``uncounted`` dimensions are left out of the coverage: what is asked for in them may not be called for, or not
    heard, in a recording that is judged well enough without.
    """

    name: Bilingual = Bilingual()
    camera: PackCamera
    dimensions: dict[str, Share] = {}
    uncounted: tuple[str, ...] = ()
    weights: dict[str, Number]
    needs: Needs = Needs()


RATED = 12  # criteria that a person rates of a recording where a pack does not say which: more than that is not watched


class ReviewRule(_Part):
    """How recordings are reviewed by people: of which a rating is asked before the tool's result is shown, and of what.

    ``blind``: of one in ten (``some``), of ``all``, of ``none``. ``rated``: the criteria, those of a profile that are
    among them; without it the `RATED` that weigh most in the profile.
    """

    blind: Literal["some", "all", "none"] = "some"
    rated: tuple[str, ...] = ()


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
    caps: tuple[Cap, ...] = ()
    review: ReviewRule = ReviewRule()


class NormPack(PackHeader):
    """A norm pack; ``sha256`` is of its file's bytes.

    ``phrases``: lists of phrases by name, which a criterion's ``params`` name (`liyi.etiquette.pack_phrases.params_of`
    makes them what a measure takes); ``allowances``: where words of any of them are no fault.
    """

    sha256: str
    profiles: dict[str, Profile]
    criteria: dict[str, Criterion]
    phrases: dict[str, tuple[ListedPhrase, ...]] = {}
    allowances: tuple[ListedAllowance, ...] = ()

    @property
    def ref(self) -> PackRef:
        """Which pack this is, as an assessment names it."""
        return PackRef(id=self.id, version=self.version, sha256=self.sha256)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that its criteria judge, sorted; empty when none of them asks for one."""
        return tuple(sorted({language for criterion in self.criteria.values() for language in criterion.language}))

    @property
    def exemptions(self) -> frozenset[str]:
        """What a person can be exempt from: flags of its criteria, and the criteria by their ids."""
        return frozenset(self.criteria).union(*(criterion.exempt for criterion in self.criteria.values()))

    def profile_id(self, profile: str | None = None) -> str:
        """The profile that is meant: by its id or its name, else ``default_profile``, else the first of the file.

        Raises
        ------
        NormPackError
            When the pack has no profile of that name.
        """
        id = profile or self.default_profile or next(iter(self.profiles))
        if id in self.profiles:
            return id
        for each in self.profiles:
            if id in (self.profile_name(each, "zh"), self.profile_name(each, "en")):
                return each
        raise NormPackError(
            "The norm pack {pack} has no profile {profile}: choose one of {profiles}.",
            pack=self.id,
            pack_zh=self.name.zh or self.id,
            profile=id,
            profiles=", ".join(self.profiles),
            profiles_zh="、".join(f"{self.profile_name(each, 'zh')}（{each}）" for each in self.profiles),
        )

    def profile(self, profile: str | None = None) -> Profile:
        """The profile that `profile_id` names."""
        return self.profiles[self.profile_id(profile)]

    def profile_name(self, profile: str, lang: str) -> str:
        """Name of a profile in ``zh`` or ``en``; its id where the pack gives none, or does not have it any more."""
        if profile not in self.profiles:
            return profile
        name = self.profiles[profile].name
        return (name.zh if lang == "zh" else name.en) or name.zh or name.en or profile
