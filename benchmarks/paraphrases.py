"""Rude meaning in other words, and polite sentences near it: how many the lists of a norm pack find and accuse.

``python benchmarks/paraphrases.py [FILE]`` reads a table ``said<TAB>meaning`` (``rude`` or ``polite``;
``paraphrases.tsv`` when none is named), takes each sentence as text that both recognisers heard, and prints the share
of rude ones that were found in any state, and how many of all that were accused or sent to review are rude (precision).
The table that ships was written beside the lists, so that its figures are of sentences that were known: try one of
your own.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from benchmarks.figures import tell  # noqa: E402

if TYPE_CHECKING:
    from liyi.etiquette.pack import NormPack

TABLE = HERE / "paraphrases.tsv"


@dataclass(frozen=True)
class Told:
    """How many rude sentences there are and were found; which were missed, and which polite ones were accused."""

    rude: int
    found: int
    missed: list[str]
    accused: list[tuple[str, str]]

    @property
    def precision(self) -> float:
        """Share of rude ones among all that were found."""
        told = self.found + len(self.accused)
        return self.found / told if told else 1.0


def judged(pack: NormPack, table: Path = TABLE) -> Told:
    """Hold every sentence of the table against the pack's list ``forbidden``."""
    from speech.phrases import spoken
    from speech.voice import SecondHearing

    sys.path.append(str(HERE.parent / "tests" / "speech"))
    from texts import voice_of_text, words_of

    phrases = tuple(phrase.spoken for phrase in pack.phrases["forbidden"])
    allowances = tuple(each.spoken for each in pack.allowances)
    with table.open(encoding="utf-8", newline="") as file:
        rows = [(row["said"], row["meaning"]) for row in csv.DictReader(file, delimiter="\t")]
    missed: list[str] = []
    accused: list[tuple[str, str]] = []
    for said, meaning in rows:
        second = SecondHearing((), tuple(words_of("".join(sign for sign in said if sign.isalnum()))))
        found = spoken(voice_of_text(said, second=second), phrases, allowances)
        if meaning == "rude" and not (found.sure or found.unsure or found.softened):
            missed.append(said)
        elif meaning != "rude" and (found.sure or found.unsure):
            accused.append((said, ", ".join(hit.phrase.id for hit in (*found.sure, *found.unsure))))
    rude = sum(meaning == "rude" for _, meaning in rows)
    return Told(rude, rude - len(missed), missed, accused)


def main() -> int:
    from liyi.etiquette.norms import load_pack

    parser = argparse.ArgumentParser(description="Rude meaning in other words, against a pack's list.")
    parser.add_argument("table", nargs="?", type=Path, default=TABLE)
    parser.add_argument("--norms", default="counter")
    chosen = parser.parse_args()
    told = judged(load_pack(chosen.norms), chosen.table)
    for said in told.missed:
        print(f"missed   {said}")
    for said, by in told.accused:
        print(f"accused  {said}  ({by})")
    print(f"found {told.found} of {told.rude}, precision {told.precision:.2f}")
    tell(found=told.found, rude=told.rude, precision=round(told.precision, 3))
    return 0


if __name__ == "__main__":
    sys.exit(main())
