"""From where on the words of the recogniser cannot be judged: its own probability beside the errors in sound.

    python benchmarks/words_unsure.py [SHARED]

SHARED (``LIYI_SHARED``, else ``shared`` beside the checkout) holds ``media/speech`` with ``speech_truth.json`` and
``studio/clips``. Every Mandarin clip whose words are known is heard as it is and under white noise. Printed are the
mean probability and the share of wrong syllables of each; how well a limit of the mean tells those with more than a
quarter wrong from the rest; how much more often a word under a limit is wrong; and how many phrases of five syllables
out of the texts are found in what was heard.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from speech.characters import readings  # noqa: E402
from speech.listening import listen  # noqa: E402
from speech.patterns import tokens  # noqa: E402
from speech.phrases import Phrase, spoken  # noqa: E402
from tests.speech.sounds import STUDIO_TEXTS, load  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speech.voice import Voice

SNRS_DB = (np.inf, 20.0, 10.0, 5.0, 0.0)
WRONG = 0.25  # share of wrong syllables from which words are not to be judged
LIMITS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
SYLLABLES = 5  # of the phrases that are looked for


class Clip(NamedTuple):
    """What one clip came to: probability and whether it was right of each word, wrong syllables, phrases found."""

    name: str
    snr_db: float
    words: list[tuple[float, bool]]
    wrong: float
    phrases: int
    found: int


def known(shared: Path) -> Iterator[tuple[Path, str]]:
    """Clips and what is said in them."""
    for row in json.loads((shared / "media/speech_truth.json").read_text(encoding="utf-8")):
        if row["lang"] == "zh" and row.get("transcript"):
            yield shared / "media" / row["file"], row["transcript"]
    for path in sorted((shared / "studio/clips").glob("zh_*.wav")):
        if text := STUDIO_TEXTS.get(path.stem.split("_")[1]):
            yield path, text


def noisy(sound: np.ndarray, snr_db: float) -> np.ndarray:
    """The sound under white noise, so far below the mean power of its louder half."""
    power = np.mean(np.sort(sound.astype(np.float64) ** 2)[sound.size // 2 :])
    noise = np.random.default_rng(1).normal(0, np.sqrt(power) * 10 ** (-snr_db / 20), sound.size)
    return (sound + noise).astype(np.float32)


def aligned(truth: list[str], heard: list[str]) -> tuple[float, list[bool]]:
    """Wrong syllables as a share of the true ones, and which of the heard ones are right in the best alignment."""
    cost = np.zeros((len(truth) + 1, len(heard) + 1), int)
    cost[:, 0], cost[0] = np.arange(len(truth) + 1), np.arange(len(heard) + 1)
    for i, true in enumerate(truth, 1):
        for j, other in enumerate(heard, 1):
            differs = readings(true).isdisjoint(readings(other))
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + differs)
    right, i, j = [False] * len(heard), len(truth), len(heard)
    while i and j:
        same = not readings(truth[i - 1]).isdisjoint(readings(heard[j - 1]))
        if cost[i, j] == cost[i - 1, j - 1] + (not same):
            right[j - 1] = same
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return float(cost[-1, -1]) / max(1, len(truth)), right


def measured(name: str, snr_db: float, voice: Voice, text: str) -> Clip:
    """One clip's figures."""
    truth = list(tokens(text))
    words = [word for each in voice.transcript.utterances for word in each.words] if voice.transcript else []
    said = [list(tokens(word.text)) for word in words]
    wrong, right = aligned(truth, [token for word in said for token in word])
    ends = np.cumsum([0, *map(len, said)])
    told = [
        (word.probability, all(right[first:last]))
        for word, first, last in zip(words, ends, ends[1:], strict=False)
        if last > first
    ]
    looked_for = tuple(
        Phrase(str(first), "".join(truth[first : first + SYLLABLES]))
        for first in range(0, len(truth) - SYLLABLES + 1, SYLLABLES)
    )
    found = sum(bool(spoken(voice, (phrase,)).unsure) for phrase in looked_for)
    return Clip(name, snr_db, told, wrong, len(looked_for), found)


def summed_up(clips: list[Clip]) -> None:
    """The lines about all clips together."""
    heard = [(float(np.mean([p for p, _ in clip.words])), clip.wrong) for clip in clips if clip.words]
    bad = sum(wrong > WRONG for _, wrong in heard)
    print(
        f"{len(heard)} hearings with words, {bad} with more than {WRONG:.0%} wrong; {len(clips) - len(heard)} without"
    )
    for limit in LIMITS:
        caught = sum(p < limit and wrong > WRONG for p, wrong in heard)
        lost = sum(p < limit and wrong <= WRONG for p, wrong in heard)
        words = [pair for clip in clips for pair in clip.words]
        under = [right for p, right in words if p < limit]
        over = [right for p, right in words if p >= limit]
        print(
            f"limit {limit:.2f}: {caught} of {bad} bad hearings under it, {lost} of {len(heard) - bad} good ones; "
            f"words under it {len(under)}, wrong {1 - np.mean(under or [1]):.2f}; over it {len(over)}, "
            f"wrong {1 - np.mean(over or [1]):.2f}"
        )
    for low, high in ((0.0, 0.1), (0.1, WRONG), (WRONG, 2.0)):
        some = [clip for clip in clips if low <= clip.wrong < high]
        phrases, found = sum(clip.phrases for clip in some), sum(clip.found for clip in some)
        print(f"wrong {low:.2f} to {high:.2f}: {found} of {phrases} phrases of {SYLLABLES} syllables")


def main() -> None:
    """Hear every clip and tell."""
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("LIYI_SHARED", ROOT.parent / "shared"))
    clips = []
    for path, text in known(shared):
        sound = load(path)
        for snr_db in SNRS_DB:
            voice = listen([noisy(sound, snr_db)], language="zh")
            clips.append(measured(path.stem, snr_db, voice, text))
            clip = clips[-1]
            mean = np.mean([p for p, _ in clip.words]) if clip.words else np.nan
            phrases = f"phrases {clip.found}/{clip.phrases}"
            print(f"{clip.name:32s} {snr_db:5.0f} dB  p {mean:.2f}  wrong {clip.wrong:.2f}  {phrases}", flush=True)
    summed_up(clips)


if __name__ == "__main__":
    main()
