"""`Drill` and how it stands in its TOML file: one thing that is practised for some seconds, again and again.

What belongs here: the shapes alone. Reading and refusing files is `liyi.etiquette.drill_files`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from liyi.core.bilingual import Bilingual
from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Module = Literal["posture", "voice", "words", "together"]
DrillCamera = Literal["front", "side", "none"]
Distance = Literal["near", "far"]

MODULES: dict[str, str] = {
    "posture": N_("Bearing"),
    "voice": N_("Voice"),
    "words": N_("Words"),
    "together": N_("Together"),
}
SHORTEST_S, LONGEST_S = 3.0, 60.0


@dataclass(frozen=True)
class Drill:
    """One drill (练习科目).

    Attributes
    ----------
    id, title
        Its id, also its address and the name of its demonstration; how it is called.
    module
        Under which heading it is listed: a key of `MODULES`.
    what, why
        What to do, and what for: one line each.
    say
        The text that is read aloud; None where nothing is said.
    seconds, repeats
        Length of one take, and how many are meant for one sitting.
    camera, distance
        From where one is seen (``none``: heard only), and whether one stands near the screen or far from it.
    pack, profile
        The norm pack and its profile whose criteria judge it.
    criteria
        What it is about, the most important one first.
    bands
        Changes to the pack's criteria for this drill: keys of a criterion by its id. A criterion that the pack does
        not have stands here whole.
    figure
        The line figure that shows it: a key of ``figures.toml``.
    helps
        Criteria of the pack for which it is practised as well, though it does not judge them.
    folder
        Where it was read: a demonstration of the same name may lie beside it.
    example
        Name of the unit's own sound beside its file, which shows how it is said; empty without one.
    """

    id: str
    title: Bilingual
    module: str
    what: Bilingual
    why: Bilingual
    say: Bilingual | None
    seconds: float
    repeats: int
    camera: DrillCamera
    distance: Distance
    profile: str
    pack: str
    criteria: tuple[str, ...]
    bands: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    figure: str = ""
    helps: tuple[str, ...] = ()
    folder: Path | None = None
    example: str = ""


class DrillTable(BaseModel):
    """A table ``[drills.ID]`` as it stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Bilingual
    module: Module
    what: Bilingual
    why: Bilingual
    say: Bilingual | None = None
    seconds: Annotated[float, Field(strict=True, allow_inf_nan=False)]
    repeats: Annotated[int, Field(strict=True)] = 5
    camera: DrillCamera = "front"
    distance: Distance = "near"
    pack: str = "counter"
    profile: str
    criteria: tuple[str, ...]
    bands: dict[str, dict[str, Any]] = {}
    figure: str = ""
    helps: tuple[str, ...] = ()
    example: str = ""


STAND_INS: dict[str, Any] = {
    "title": Bilingual(),
    "module": "posture",
    "what": Bilingual(),
    "why": Bilingual(),
    "seconds": SHORTEST_S,
    "profile": "",
    "criteria": (),
}
