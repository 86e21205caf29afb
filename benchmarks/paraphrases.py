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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from benchmarks.figures import tell  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.etiquette.pack import NormPack
    from speech.phrases import Hit, Phrase
    from speech.voice import Word

APART_S = 8.0
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


def found_in(texts: Sequence[str], phrases: tuple[Phrase, ...], pack: NormPack) -> list[list[Hit]]:
    """What is found in each text, said one after the other with eight seconds between them and heard twice alike."""
    from speech.phrases import spoken
    from speech.voice import SecondHearing

    sys.path.append(str(HERE.parent / "tests" / "speech"))
    from texts import voice_of_text, words_of

    said: list[list[Word]] = []
    start_s = 0.0
    for text in texts:
        said.append(words_of(text, start_s=start_s))
        start_s = said[-1][-1].end_s + APART_S
    words = [word for each in said for word in each]
    heard = (replace(word, text="".join(sign for sign in word.text if sign.isalnum())) for word in words)
    voice = voice_of_text(words, second=SecondHearing((), tuple(heard)))
    told = spoken(voice, phrases, tuple(each.spoken for each in pack.allowances))
    every = [*told.sure, *told.unsure, *told.softened]
    return [[hit for hit in every if each[0].start_s <= hit.start_s <= each[-1].end_s] for each in said]


def judged(pack: NormPack, table: Path = TABLE) -> Told:
    """Hold every sentence of the table against the pack's list ``forbidden``."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = [(row["said"], row["meaning"]) for row in csv.DictReader(file, delimiter="\t")]
    found = found_in([said for said, _ in rows], tuple(each.spoken for each in pack.phrases["forbidden"]), pack)
    missed = [said for (said, meaning), hits in zip(rows, found, strict=True) if meaning == "rude" and not hits]
    accused = [
        (said, ", ".join(hit.phrase.id for hit in hits))
        for (said, meaning), hits in zip(rows, found, strict=True)
        if meaning != "rude" and hits
    ]
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
