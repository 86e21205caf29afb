"""Scenes: what is rehearsed, as data: who comes, what they want, what must get across, and prompts for who asks.

One TOML file each in ``scenes/``; a file is read whole or refused whole, with every fault and its line.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from liyi.core.bilingual import Bilingual
from liyi.core.errors import Fault, LiyiError, Notice
from liyi.etiquette.norms import load_pack
from liyi.etiquette.pack_lines import key_lines, line_of
from liyi.etiquette.pack_shapes import unknown, wrong_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from liyi.etiquette.pack_lines import KeyPath

Figure = Literal["window", "guide", "complaint", "phone", "talk"]

_SHIPPED = Path(__file__).parent / "scenes"


class Scene(BaseModel):
    """One scene.

    ``place`` orders the cards, ``pack`` and ``profile`` are what it is judged by, ``wants`` is what the citizen says,
    ``points`` what to get across, ``prompts`` help for whoever is stuck. ``figure`` names the card's drawing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    place: int
    title: Bilingual
    pack: str
    profile: str
    figure: Figure
    wants: Bilingual
    points: Annotated[tuple[Bilingual, ...], Field(min_length=1, max_length=5)]
    prompts: tuple[Bilingual, ...] = ()


class BrokenSceneError(LiyiError):
    """A scene that breaks the rules; ``faults`` holds every one of them, in the order of the file's lines."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "The scene {file} was refused; mend and try again:\n{faults}",
            file=name, faults="\n".join(fault.text for fault in faults),
        )  # fmt: skip


@cache
def all_scenes() -> Mapping[str, Scene]:
    """The scenes that ship, in the order of their cards."""
    found = [read_scene(path.read_bytes(), path.name) for path in _SHIPPED.glob("*.toml")]
    return {scene.id: scene for scene in sorted(found, key=lambda scene: (scene.place, scene.id))}


def read_scene(data: bytes, name: str) -> Scene:
    """Read one scene's file.

    Parameters
    ----------
    data
        The file's bytes.
    name
        What the file is called, for the fault.

    Raises
    ------
    BrokenSceneError
        With every fault of the file.
    """
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        said = Notice("The file is not UTF-8 text: save it again with the encoding UTF-8.")
        raise BrokenSceneError(name, [Fault(line, "", said)]) from error
    except ValueError as error:
        at = re.search(r"\(at line (\d+)", str(error))
        what = re.sub(r" \(at [^)]*\)$", "", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        raise BrokenSceneError(name, [Fault(line, "", Notice("This is not TOML: {what}.", {"what": what}))]) from error
    try:
        scene, problems = Scene.model_validate(raw), []
    except ValidationError as error:
        scene, problems = None, list(_shape(error))
    problems += _content(scene) if scene else []
    if scene is None or problems:
        lines = key_lines(text)
        faults = [Fault(line_of(lines, path), ".".join(path), said) for path, said in problems]
        raise BrokenSceneError(name, sorted(faults, key=lambda fault: (fault.line, fault.key)))
    return scene


def _shape(error: ValidationError) -> Iterator[tuple[KeyPath, Notice]]:
    for fault in error.errors(include_url=False):
        path = tuple(str(step) for step in fault["loc"] if isinstance(step, str))
        if fault["type"] == "missing":
            yield path, Notice("The key is missing.")
        elif fault["type"] == "extra_forbidden":
            yield path, unknown(path[-1], Scene.model_fields if len(path) == 1 else Bilingual.model_fields)
        else:
            yield path, wrong_value(fault)


def _content(scene: Scene) -> Iterator[tuple[KeyPath, Notice]]:
    """What the shape does not tell: both languages everywhere, and a profile that there is."""
    texts = [(("title",), scene.title), (("wants",), scene.wants)]
    texts += [(("points",), each) for each in scene.points] + [(("prompts",), each) for each in scene.prompts]
    for path, text in texts:
        if not (text.zh.strip() and text.en.strip()):
            yield path, Notice("Say it in both languages, zh and en.")
    try:
        profiles = load_pack(scene.pack).profiles
    except LiyiError:
        yield ("pack",), Notice("There is no norm pack {pack}.", {"pack": scene.pack})
    else:
        if scene.profile not in profiles:
            yield ("profile",), unknown(scene.profile, profiles)
