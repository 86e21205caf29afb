"""What becomes of a listed phrase in hard sound: found, left open, or missing without a word about it.

    python benchmarks/hard_sound.py [FOLDER] [--most 4] [--longest 20] [--only noise_5,room]

FOLDER holds sounds in Mandarin and, beside each, what is said in it (``a.wav`` and ``a.txt``); without one the clips of
SHARED (``LIYI_SHARED``, else ``shared`` beside the checkout) whose words are known are taken. Each is heard as it is
and made hard in eight ways; what is said in it stays. Of every text up to ``--most`` phrases of four to six characters
are listened for beside the lists of the pack, as in ``benchmarks/errors_words.py``. Each ends as one of

``sure``            both recognisers heard it
``unsure``          one did: a person is asked
``not assessed``    neither did, and the measures of words say of this recording that its words are unsure
``missing``         neither did, and nothing says so: a courtesy is charged, a forbidden phrase passes for not said

How little was said does not excuse a miss here, though the measures leave a recording of less than twenty syllables
unassessed for that alone.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.errors_words import SOUNDS, spread, ways_of, windows  # noqa: E402
from benchmarks.figures import tell  # noqa: E402
from benchmarks.words_unsure import known, noisy  # noqa: E402
from liyi.etiquette.norms import load_pack  # noqa: E402
from liyi.etiquette.pack_phrases import listened_for  # noqa: E402
from speech import second  # noqa: E402
from speech.listening import listen  # noqa: E402
from speech.measures.hearing import poorly_heard, words_of  # noqa: E402
from speech.phrases import Phrase  # noqa: E402
from tests.speech.sounds import RATE, load  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speech.voice import Voice

STATES = ("sure", "unsure", "not assessed", "missing")
ROOM_S, DIRECT = 1.0, 0.3  # reverberation time; the direct sound beside what the room adds, by amplitude
MP3_BIT_S, FASTER = 16_000, 1.3
Sound = np.ndarray


def room(sound: Sound) -> Sound:
    """Far from the microphone in a room with hard walls."""
    from scipy.signal import fftconvolve

    t = np.arange(round(ROOM_S * RATE)) / RATE
    tail = np.random.default_rng(2).normal(0, 1, t.size) * 10 ** (-3 * t / ROOM_S)
    tail[: round(0.005 * RATE)] = 0
    tail *= 1 / np.sqrt(np.sum(tail**2))
    tail[0] = DIRECT
    heard = fftconvolve(sound.astype(np.float64), tail)[: sound.size]
    return (heard * np.abs(sound).max() / np.abs(heard).max()).astype(np.float32)


def telephone(sound: Sound) -> Sound:
    """300 to 3400 Hz, 8 kHz, eight bits of mu-law."""
    from scipy.signal import butter, resample_poly, sosfiltfilt

    narrow = sosfiltfilt(butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), sound.astype(np.float64))
    slow = np.clip(resample_poly(narrow, 1, 2), -1, 1)
    law = np.sign(slow) * np.log1p(255 * np.abs(slow)) / np.log(256)
    law = np.round(law * 127) / 127
    back = np.sign(law) * np.expm1(np.abs(law) * np.log(256)) / 255
    return resample_poly(back, 2, 1)[: sound.size].astype(np.float32)


def compressed(sound: Sound) -> Sound:
    """MP3 at 16 kbit/s and back."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=RATE)
        stream.bit_rate, stream.layout = MP3_BIT_S, "mono"
        whole = np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(whole, format="s16p", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    file.seek(0)
    with av.open(file) as back:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        parts = [each.to_ndarray()[0] for frame in back.decode(audio=0) for each in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float32)


def faster(sound: Sound) -> Sound:
    """1.3 times as fast, the pitch kept."""
    import librosa

    return np.asarray(librosa.effects.time_stretch(sound.astype(np.float32), rate=FASTER), np.float32)


HARD: dict[str, Callable[[Sound], Sound]] = {
    "as it is": lambda sound: sound,
    **{f"noise_{db}": lambda sound, db=db: noisy(sound, float(db)) for db in (10, 5, 0)},
    "room": room,
    "telephone": telephone,
    "mp3": compressed,
    "faster": faster,
    "room_noise_10": lambda sound: noisy(room(sound), 10.0),
}


def texts(folder: Path | None) -> Iterator[tuple[str, Sound, str]]:
    """Name, sound and text of each clip."""
    if folder is None:
        for path, text in known(Path(os.environ.get("LIYI_SHARED", ROOT.parent / "shared"))):
            yield path.name, load(path), text
        return
    for path in sorted(folder.iterdir()):
        if path.suffix in SOUNDS and path.with_suffix(".txt").exists():
            yield path.name, load(path), path.with_suffix(".txt").read_text(encoding="utf-8")


def states(voice: Voice, asked: tuple[Phrase, ...]) -> dict[str, str]:
    """How each phrase ended, by its text."""
    found = ways_of(voice, asked)
    lost = "not assessed" if poorly_heard(voice, 0) else "missing"
    return {
        phrase.text: "sure" if phrase.id in found["both"] else "unsure" if phrase.id in found["either"] else lost
        for phrase in asked
    }


def about(voice: Voice) -> str:
    """What the measures of words look at."""
    words = words_of(voice.transcript) if voice.transcript else []
    mean = np.mean([word.probability for word in words]) if words else np.nan
    differ = voice.second.disagreement if voice.second else None
    return f"p {mean:.2f}, differ {'-' if differ is None else f'{differ:.2f}'}"


def main() -> None:
    """Hear every clip in every way and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--most", type=int, default=4, help="phrases of one sound")
    parser.add_argument("--longest", type=float, default=20.0, help="seconds of one sound with its whole text")
    parser.add_argument("--pack", default="counter")
    parser.add_argument("--only", help="some of the ways, with commas between")
    asked = parser.parse_args()
    if second.lacking():
        raise SystemExit("This needs both recognisers.")
    listed = listened_for(load_pack(asked.pack))
    ways = asked.only.split(",") if asked.only else list(HARD)
    counts: dict[str, Counter[str]] = {way: Counter() for way in ways}
    for name, sound, text in texts(asked.folder):
        phrases = tuple(Phrase(f"said-{each}", each) for each in spread(list(windows(text)), asked.most))
        if not phrases or sound.size > asked.longest * RATE:
            continue
        wanted = tuple(dict.fromkeys((*(phrase.text for phrase in phrases), *listed)))
        for way in ways:
            voice = listen([HARD[way](sound)], language="zh", phrases=wanted)
            ended = states(voice, phrases)
            counts[way].update(ended.values())
            told = ", ".join(f"{phrase} {state}" for phrase, state in ended.items())
            print(f"{name} {way} ({about(voice)}): {told}", flush=True)
    print(f"{'':14s} {'  '.join(STATES)}")
    for way, ended in counts.items():
        print(f"{way:14s} " + "  ".join(f"{ended[state]:{len(state)}d}" for state in STATES))
    hard = sum((ended for way, ended in counts.items() if way != "as it is"), Counter())
    print(f"{'all hard':14s} " + "  ".join(f"{hard[state]:{len(state)}d}" for state in STATES))
    tell(**{f"{way}_{state}".replace(" ", "_"): ended[state] for way, ended in counts.items() for state in STATES})


if __name__ == "__main__":
    main()
