"""``dataset.yaml``: what a folder of results holds, in words that a reader needs who was not there.

What belongs here: the text from plain data. Values are written as JSON has them, which every reader of YAML knows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from liyi.core.words import N_, translate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAME = "dataset.yaml"

# Columns of scores.csv and scores.parquet: unit and meaning; `ID` stands for a dimension or a criterion.
SCORE_COLUMNS: Mapping[str, tuple[str, str]] = {
    "file": ("", N_("recording, as the list names it")),
    "person": ("", N_("person, as the list names them")),
    "cohort": ("", N_("cohort, as the list names it")),
    "outcome": ("", N_("total, no_total, failed or stopped")),
    "total": ("0..100", N_("total by the tool; provisional until a person has confirmed it")),
    "total_error": ("1 SD", N_("measurement error of the total, in points")),
    "total_before_caps": ("0..100", N_("total before red lines capped it")),
    "red_lines": ("", N_("red lines that were crossed, and the most that is then left")),
    "coverage": ("0..1", N_("share of the profile's weight that was assessed")),
    "coverage_floor": ("0..1", N_("the least coverage for which the norm pack gives a total")),
    "pack": ("", N_("norm pack")),
    "pack_version": ("", N_("version of the norm pack")),
    "profile": ("", N_("profile of the norm pack")),
    "kind": ("", N_("video, sound or photo")),
    "camera": ("", N_("side from which the camera looks")),
    "framing": ("", N_("how much of the body is in the picture")),
    "position": ("", N_("sitting or standing")),
    "duration_s": ("s", N_("length of the recording")),
    "people": ("", N_("people in the picture")),
    "dimension.ID": ("0..100", N_("score of a dimension")),
    "dimension_coverage.ID": ("0..1", N_("share of a dimension that was assessed")),
    "status.ID": ("", N_("assessed, not_assessed or needs_review")),
    "value.ID": ("unit.ID", N_("what was measured for a criterion")),
    "unit.ID": ("", N_("unit of that value")),
    "error.ID": ("unit.ID", N_("measurement error of that value (1 SD)")),
    "sub_score.ID": ("0..1", N_("how well a criterion is kept")),
    "weight.ID": ("", N_("weight of a criterion in its profile")),
    "charged.ID": ("0..100", N_("points that a criterion cost")),
    "coverage.ID": ("0..1", N_("share of the time in which a criterion could be judged")),
    "reason.ID": ("", N_("why a criterion was not assessed")),
    "recheck": ("", N_("why a person should look at the recording again")),
    "warnings": ("", N_("what the recording lacks")),
    "pack_sha256": ("", N_("checksum of the norm pack")),
    "liyi_version": ("", N_("version of Liyi")),
    "sha256": ("", N_("checksum of the recording")),
    "key": ("", N_("the work: recording, norm pack, options, models and version")),
    "failure": ("", N_("why there is no assessment")),
}


def dataset_text(about: Mapping[str, Any]) -> str:
    """Nested mappings, lists and values as YAML, in their order.

    Parameters
    ----------
    about
        Keys are plain words; values are mappings, sequences, texts, numbers, truth values or None.
    """
    return "\n".join(_lines(about, 0)) + "\n"


def described_columns(lang: str) -> dict[str, dict[str, str]]:
    """The columns of the tables of scores, each with unit and meaning."""
    return {
        id: {"unit": unit, "meaning": translate(meaning, lang)} if unit else {"meaning": translate(meaning, lang)}
        for id, (unit, meaning) in SCORE_COLUMNS.items()
    }


def _lines(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    margin = "  " * depth
    for key, each in value.items():
        if isinstance(each, dict) and each:
            yield f"{margin}{_scalar(key)}:"
            yield from _lines(each, depth + 1)
        elif isinstance(each, list | tuple) and each:
            yield f"{margin}{_scalar(key)}:"
            yield from _items(each, depth + 1)
        else:
            yield f"{margin}{_scalar(key)}: {_scalar(each)}"


def _items(items: Sequence[Any], depth: int) -> Iterator[str]:
    margin = "  " * depth
    for each in items:
        if isinstance(each, dict) and each:
            first, *rest = _lines(each, depth + 1)
            yield f"{margin}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{margin}- {_scalar(each)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and value.isascii() and value.replace("_", "").isalpha() and value.islower():
        reserved = value in ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
        return f'"{value}"' if reserved else value
    return json.dumps(value, ensure_ascii=False)
