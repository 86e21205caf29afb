"""What the measures of voice make of deliveries that a trainer would mark down, each made from a plain reader.

    .venv/bin/python benchmarks/voice_deliveries.py FOLDER [--longest SECONDS] [--words] [--noise]

FOLDER holds voices (wav, flac); without one, nothing is measured. Every voice is altered by signal processing: holes
inside words, slow and faint, noise instead of vocal folds, a low-pass, a louder and brighter voice. That is not how a
person does it, and a shout made so has the spectrum that was written into it. ``--words`` hears the words as well,
``--noise`` adds what makes a recogniser repeat itself. One line a delivery, with the measures of voice: no score, since
the bands are in the packs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from liyi.media.recording import open_media  # noqa: E402
from speech.listening import listen  # noqa: E402
from speech.measures import MEASURES  # noqa: E402

RATE = 16_000
Sound = npt.NDArray[np.float32]
SHOWN = ("pace", "articulation_rate", "pause_share", "run_length", "short_runs", "voiced_share", "brightness",
         "pitch_variation", "pitch_range", "flat_phrases", "level_stability", "final_drop", "raised_voice",
         "strained_voice", "snr")  # fmt: skip


def choppy(sound: Sound, *, every_s: float = 0.55, hole_s: float = 0.3) -> Sound:
    """A silence after every half second of sound, wherever that falls."""
    size, fade = round(every_s * RATE), np.linspace(1, 0, 160, dtype=np.float32)
    parts: list[Sound] = []
    for first in range(0, sound.size, size):
        part = sound[first : first + size].copy()
        if part.size > fade.size:
            part[-fade.size :] *= fade
            part[: fade.size] *= fade[::-1]
        parts += [part, np.zeros(round(hole_s * RATE), np.float32)]
    return np.concatenate(parts)


def sleepy(sound: Sound) -> Sound:
    """Slower by 30 %, two semitones lower, flat, weak, every phrase trailing off."""
    import librosa

    slow = _sung(librosa.effects.time_stretch(sound, rate=0.72), steps=-2, liveliness=0.3)
    dull = _shelf(slow, -6.0)
    for first, last in librosa.effects.split(dull, top_db=35, frame_length=1024, hop_length=256):
        dull[first:last] *= 10 ** (-np.linspace(0, 14, last - first) / 20)
    return dull * np.float32(0.3)


def whispered(sound: Sound) -> Sound:
    """The mouth's filter, found by linear prediction, driven by noise instead of by vocal folds."""
    import librosa
    from scipy.signal import lfilter

    rng = np.random.default_rng(0)
    size, hop = 512, 256
    padded = np.pad(sound, (size, 2 * size))
    made = np.zeros_like(padded)
    window = np.hanning(size).astype(np.float32)
    for first in range(0, padded.size - size, hop):
        part = padded[first : first + size] * window
        power = float(np.mean(part**2))
        if power < 1e-9:
            continue
        filtered = lfilter(
            [1.0], librosa.lpc(part + 1e-6 * rng.standard_normal(size), order=18), rng.standard_normal(size)
        )
        made[first : first + size] += window * (filtered * np.sqrt(power / np.mean(filtered**2))).astype(np.float32)
    return _shelf(made[size : size + sound.size], 8.0) * np.float32(0.2)


def mumbled(sound: Sound) -> Sound:
    """A mouth that hardly opens: everything over 900 Hz is missing."""
    from scipy.signal import butter, sosfilt

    return sosfilt(butter(6, 900, "lowpass", fs=RATE, output="sos"), sound).astype(np.float32)


def shouted(sound: Sound) -> Sound:
    """Five semitones higher, brighter by 8 dB, and pressed until the level hardly varies."""
    high = _shelf(_sung(sound, steps=5), 8.0)
    return (0.9 * np.tanh(high / (np.percentile(np.abs(high), 98) + 1e-9))).astype(np.float32)


def outburst(sound: Sound) -> Sound:
    """Five seconds in the middle, shouted 10 dB louder."""
    first = sound.size // 2 - round(2.5 * RATE)
    made = sound * np.float32(0.3)
    part = shouted(sound[first : first + 5 * RATE])
    gain = 10 ** (10 / 20) * np.std(made[first : first + 5 * RATE]) / np.std(part)
    made[first : first + 5 * RATE] = part * np.float32(gain)
    return made


def paused(sound: Sound) -> Sound:
    """Four seconds of silence at the quietest moment of the middle third."""
    third = sound.size // 3
    power = np.convolve(sound[third : 2 * third] ** 2, np.ones(3200, np.float32), "same")
    at = third + int(np.argmin(power))
    return np.concatenate([sound[:at], np.zeros(4 * RATE, np.float32), sound[at:]])


def softer(sound: Sound) -> Sound:
    """20 dB less gain, as 16 bit."""
    return (np.round(sound * 0.1 * 32768) / 32768).astype(np.float32)


def faint(sound: Sound) -> Sound:
    """40 dB less gain, as 16 bit."""
    return (np.round(sound * 0.01 * 32768) / 32768).astype(np.float32)


def louder(sound: Sound) -> Sound:
    """6 dB more gain."""
    return sound * np.float32(2)


def _sung(sound: Sound, *, steps: float, liveliness: float = 1.0) -> Sound:
    """``steps`` semitones higher, the melody scaled by ``liveliness``, the mouth's filter kept (PSOLA of Praat)."""
    import parselmouth
    from parselmouth.praat import call

    whole = call(parselmouth.Sound(sound.astype(np.float64), RATE), "To Manipulation", 0.01, 65, 600)
    tier = call(whole, "Extract pitch tier")
    middle = call(tier, "Get mean (curve)", 0, 0)
    scaled = f"{middle * 2 ** (steps / 12)} * (self / {middle}) ^ {liveliness}"
    call(tier, "Formula", scaled)
    call([tier, whole], "Replace pitch tier")
    made = call(whole, "Get resynthesis (overlap-add)")
    return np.asarray(made.values[0], dtype=np.float32)


def _shelf(sound: Sound, gain_db: float) -> Sound:
    """``gain_db`` more over 1 kHz."""
    from scipy.signal import butter, sosfiltfilt

    high = sosfiltfilt(butter(2, 1000, "highpass", fs=RATE, output="sos"), sound)
    return (sound + (10 ** (gain_db / 20) - 1) * high).astype(np.float32)


def with_noise(sound: Sound, noise: Sound, snr_db: float) -> Sound:
    """``noise`` under ``sound``, so many dB weaker."""
    noise = np.resize(noise, sound.size)
    gain = np.sqrt(np.mean(sound**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
    return (sound + noise * gain).astype(np.float32)


DELIVERIES: dict[str, Callable[[Sound], Sound]] = {
    "plain": lambda sound: sound,
    "choppy": choppy,
    "sleepy": sleepy,
    "whispered": whispered,
    "mumbled": mumbled,
    "shouted": shouted,
    "outburst": outburst,
    "4 s pause": paused,
    "-20 dB": softer,
    "-40 dB": faint,
    "+6 dB": louder,
}


def degraded(voices: dict[str, Sound]) -> dict[str, Callable[[Sound], Sound]]:
    """Babble of all the voices, white noise, and slow motion."""
    import librosa

    longest = max(sound.size for sound in voices.values())
    babble = sum(np.resize(np.roll(v / (np.std(v) + 1e-9), 9000 * k), longest) for k, v in enumerate(voices.values()))
    white = np.random.default_rng(1).standard_normal(longest).astype(np.float32)
    made: dict[str, Callable[[Sound], Sound]] = {}
    for snr_db in (20, 10, 5):
        made[f"babble {snr_db} dB"] = lambda sound, s=snr_db: with_noise(sound, babble, s)
        made[f"white {snr_db} dB"] = lambda sound, s=snr_db: with_noise(sound, white, s)
    made["tempo 0.6"] = lambda sound: librosa.effects.time_stretch(sound, rate=0.6)
    return made


def line(sound: Sound, *, words: bool) -> str:
    voice = listen([sound], recogniser="whisper_base" if words else None, languages=("zh", "en"))
    found = {measure.id: measure(voice) for measure in MEASURES}
    cells = []
    for id in SHOWN:
        signal: Any = found.get(id)
        if signal is None:
            continue
        if hasattr(signal, "items"):
            seconds = sum(event.duration_s for event in signal.items)
            cells.append(f"{id}={signal.reason.value if signal.reason and not signal.watched_s else f'{seconds:.1f}s'}")
        elif signal.reason and np.isnan(signal.value):
            cells.append(f"{id}={signal.reason.value}")
        else:
            cells.append(f"{id}={signal.value:.1f}±{signal.error:.1f}")
    text = "".join(u.text for u in voice.transcript.utterances) if voice.transcript else ""
    return " ".join(cells) + (f" | {text}" if words else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--longest", type=float, default=26.0)
    parser.add_argument("--only", default="", help="part of the name of the voices")
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--noise", action="store_true")
    given = parser.parse_args()
    paths = sorted(p for p in given.folder.glob("*") if p.suffix in (".wav", ".flac") and given.only in p.name)
    if not paths:
        print(f"No voices in {given.folder}: nothing is measured.")
        return
    voices = {p.name: np.concatenate(list(open_media(p).samples()))[: round(given.longest * RATE)] for p in paths}
    made = DELIVERIES | degraded(voices) if given.noise else DELIVERIES
    for name, sound in voices.items():
        print(f"{name} {sound.size / RATE:.1f} s", flush=True)
        for delivery, change in made.items():
            if delivery == "outburst" and sound.size < 15 * RATE:
                continue
            print(f"  {delivery:14s} {line(change(sound), words=given.words)}", flush=True)


if __name__ == "__main__":
    main()
