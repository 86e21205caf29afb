"""How often phrases are found where they were said, and where they were not, by each recogniser and by both.

    python benchmarks/errors_words.py FOLDER [--most 4] [--pack counter]

FOLDER holds sounds in Mandarin and, beside each, what is said in it: ``a.wav`` and ``a.txt``. From every text up to
``--most`` phrases of four to six characters are taken, spread over it, between words of the second recogniser's
vocabulary; it listens for these and for all phrases of the norm pack together. A phrase counts as found in any state
that a report shows: heard by both recognisers, or by one and for a person to decide. A phrase of the pack that is found
and is not in the text (compared by sound, one syllable wrong allowed from five on) is a false one.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.figures import tell  # noqa: E402
from liyi.etiquette.norms import load_pack  # noqa: E402
from liyi.etiquette.pack_phrases import listened_for, phrases_of  # noqa: E402
from liyi.media.recording import open_media  # noqa: E402
from speech import second  # noqa: E402
from speech.listening import listen  # noqa: E402
from speech.phrases import Phrase, spoken  # noqa: E402
from speech.voice import Transcript, Utterance, Voice, Word  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST, LONGEST = 4, 6  # characters of a phrase
SOUNDS = (".wav", ".flac", ".mp3", ".m4a", ".ogg")
WAYS = ("first", "second", "both", "either")
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Counted:
    """Of one sound: its length in seconds, phrases asked for, found by way, and false ones by way."""

    duration_s: float
    asked: int
    found: Counter[str]
    false: Counter[str]


def windows(text: str) -> Iterator[str]:
    """Phrases of a text that begin and end between words, none overlapping another."""
    for sentence in filter(None, _NOT_HAN.split(text)):
        words = second.split(sentence) or ()
        phrase = ""
        for word in words:
            phrase = phrase + word if len(phrase) < SHORTEST else word
            if SHORTEST <= len(phrase) <= LONGEST:
                yield phrase
            elif len(phrase) > LONGEST:
                phrase = ""


def spread(phrases: list[str], most: int) -> list[str]:
    """At most so many of the phrases, evenly from the first to the last, each once."""
    unlike = list(dict.fromkeys(phrases))
    step = max(1.0, len(unlike) / most)
    return [unlike[int(k * step)] for k in range(min(most, len(unlike)))]


def said_in(text: str, phrases: tuple[Phrase, ...]) -> set[str]:
    """Ids of the phrases that stand in a text, by their sound."""
    words = tuple(Word(k * 0.2, (k + 1) * 0.2, each, 1.0) for k, each in enumerate(_NOT_HAN.sub("", text)))
    if not words:
        return set()
    written = Transcript("zh", (Utterance(0.0, words[-1].end_s, text, words),))
    return {hit.phrase.id for hit in spoken(_with(written), phrases).unsure}


def _with(transcript: Transcript) -> Voice:
    import numpy as np

    times, frames = np.zeros(0), np.zeros(0, np.float32)
    return Voice(transcript.utterances[-1].end_s, (), times, frames, frames, times, (), 0.0, 40.0, transcript)


def ways_of(voice: Voice, phrases: tuple[Phrase, ...]) -> dict[str, set[str]]:
    """Ids of the phrases that each recogniser found, that both found, and that either found."""
    heard = spoken(voice, phrases)
    hits = (*heard.sure, *heard.unsure)
    alone = spoken(replace(voice, second=None), phrases)
    other = {hit.phrase.id for hit in hits if hit.ears in ("both", "second")}
    return {
        "first": {hit.phrase.id for hit in (*alone.sure, *alone.unsure)},
        "second": other,
        "both": {hit.phrase.id for hit in hits if hit.ears == "both"},
        "either": {hit.phrase.id for hit in hits},
    }


def count(sound: Path, most: int, pack: str) -> Counted:
    """Listen to one sound."""
    text = sound.with_suffix(".txt").read_text(encoding="utf-8")
    asked = tuple(Phrase(f"said-{each}", each) for each in spread(list(windows(text)), most))
    norms = load_pack(pack)
    listed = tuple(phrase for phrase in phrases_of(norms) if phrase.language == "zh")
    wanted = tuple(dict.fromkeys((*(phrase.text for phrase in asked), *listened_for(norms))))
    media = open_media(sound)
    voice = listen(media.samples(), language="zh", phrases=wanted)
    found = {way: len(ids) for way, ids in ways_of(voice, asked).items()}
    true = said_in(text, listed)
    wrong = {way: ids - true for way, ids in ways_of(voice, listed).items()}
    for way, ids in wrong.items():
        for id in sorted(ids):
            print(f"  false, {way}: {id} in {sound.name}")
    false = {way: len(ids) for way, ids in wrong.items()}
    return Counted(media.info.duration_s, len(asked), Counter(found), Counter(false))


def interval(events: int) -> tuple[float, float]:
    """95 % interval of the mean of a Poisson count (Garwood)."""
    from scipy.stats import chi2

    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return float(low), float(chi2.ppf(0.975, 2 * events + 2) / 2)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=4, help="phrases of one sound")
    parser.add_argument("--pack", default="counter")
    asked = parser.parse_args()
    sounds = [
        each for each in sorted(asked.folder.iterdir()) if each.suffix in SOUNDS and each.with_suffix(".txt").exists()
    ]
    if not sounds or second.lacking():
        raise SystemExit("Name a folder of sounds with a .txt beside each, on a machine that has both recognisers.")
    counted = []
    for sound in sounds:
        counted.append(count(sound, asked.most, asked.pack))
        now = counted[-1]
        print(f"{sound.name}: {now.asked} asked, found {dict(now.found)}", flush=True)
    minutes = sum(each.duration_s for each in counted) / 60
    total = sum(each.asked for each in counted)
    print(f"{len(sounds)} sounds, {minutes:.1f} min, {total} phrases of {SHORTEST} to {LONGEST} characters")
    for way in WAYS:
        found, false = (sum(getattr(each, kind)[way] for each in counted) for kind in ("found", "false"))
        low, high = (each / minutes * 10 for each in interval(false))
        print(f"{way:7s} found {found}/{total} = {found / max(total, 1):.2f}, false {false} "
              f"({false / minutes * 10:.1f} in 10 min, 95 % {low:.1f} to {high:.1f})")  # fmt: skip
    tell(
        minutes=round(minutes, 1), phrases=total,
        **{f"found_{way}": sum(each.found[way] for each in counted) for way in WAYS},
        **{f"false_{way}": sum(each.false[way] for each in counted) for way in WAYS},
    )  # fmt: skip


if __name__ == "__main__":
    main()
