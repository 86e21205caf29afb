"""Sounds whose truth is known by construction, clips whose words are known, and a `Voice` from either."""

from __future__ import annotations

import csv
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import av
import numpy as np

from liyi.core.trace import Interval
from liyi.media.recording import open_media
from speech import frames, syllables
from speech.measures import counting
from speech.stretches import cut
from speech.voice import Voice

if TYPE_CHECKING:
    from pathlib import Path

RATE = 16_000

# What the studio's Mandarin voices say, by the middle part of the file's name.
STUDIO_TEXTS = {
    "greet": "您好，欢迎来到政务服务大厅，请问您要办理什么业务？请您出示身份证，谢谢。",
    "sooth": "让您跑了三趟，是我们没有一次说清楚，非常抱歉。我理解您的心情。请您放心，我会负责到底。",
    "bad": "不知道，这事不归我管，你去问别人。急什么，等着！",
}


# The development clips; the folder has grown by noisy, far and acted ones since.
CLEAN = ("zh_aishell_BAC", "zh_ms_audio2", "en_libri_1995", "en_librivox", "en_jfk", "en_mfa_um")


def buzz(pitch_hz: float | np.ndarray, duration_s: float, *, amplitude: float = 0.1) -> np.ndarray:
    """Voice-like sound, shape (n,): harmonics of a pitch (constant, or one value per sample) that fall by 1/k."""
    pitch = np.broadcast_to(np.asarray(pitch_hz, np.float64), round(duration_s * RATE))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    highest = int(4000 / pitch.max())
    return (amplitude * sum(np.sin(k * phase) / k for k in range(1, highest + 1))).astype(np.float32)


def pulses(rate_hz: float, count: int, *, pitch_hz: float = 120.0, depth_db: float = 12.0) -> np.ndarray:
    """``count`` synthetic syllables at ``rate_hz``: a buzz whose level swings by ``depth_db``, one peak a period."""
    sound = buzz(pitch_hz, count / rate_hz)
    swing = -np.cos(2 * np.pi * rate_hz * np.arange(sound.size) / RATE)
    return (sound * 10 ** (depth_db * (swing - 1) / 40)).astype(np.float32)


def silence(duration_s: float) -> np.ndarray:
    return np.zeros(round(duration_s * RATE), np.float32)


def noise(duration_s: float, *, amplitude: float = 0.1, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (amplitude * rng.standard_normal(round(duration_s * RATE))).astype(np.float32)


def everything(sound: np.ndarray) -> tuple[Interval, ...]:
    """The whole sound as one stretch of speech."""
    return (Interval(0.0, sound.size / RATE),)


@cache
def load(path: Path) -> np.ndarray:
    blocks = list(open_media(path).samples())
    return np.concatenate(blocks)


def at_tempo(sound: np.ndarray, factor: float) -> np.ndarray:
    """``sound`` at ``factor`` times its tempo, pitch kept (FFmpeg's atempo)."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono", time_base=Fraction(1, RATE))
    nodes = [source, graph.add("atempo", str(factor)), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    frame = av.AudioFrame.from_ndarray(sound[None, :].astype(np.float32), format="flt", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    source.push(frame)
    source.push(None)
    out = []
    while True:
        try:
            out.append(nodes[-1].pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(out)


def clips(shared: Path) -> dict[str, tuple[Path, int]]:
    """Clean clips of at least eight syllables by name: file, and syllables of the transcript."""
    with (shared / "media" / "MANIFEST.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row[0].startswith("speech/")]
    rows = [row for row in rows if row[0].split("/")[1].startswith(CLEAN)]
    known = {}
    for row in rows:
        language = row[4].removeprefix("transcript[")[:2]
        text = row[4].split("]:", 1)[1].split(";", 1)[0]
        known[row[0].split("/")[1]] = (shared / "media" / row[0], counting.syllables(text, language))
    for path in sorted((shared / "studio" / "clips").glob("zh_*.wav")):
        known[path.name] = (path, counting.syllables(STUDIO_TEXTS[path.name.split("_")[1]], "zh"))
    return {name: (path, count) for name, (path, count) in known.items() if count >= 8}


def frames_of(sound: np.ndarray) -> tuple[frames.Frames, tuple[Interval, ...]]:
    """Frames and stretches of speech, as a recording's are found."""
    pieces = list(cut([sound]))
    speech = tuple(Interval(p.start_s + s.start_s, p.start_s + s.end_s) for p in pieces for s in p.speech)
    return frames.join([frames.analyse(p.samples, speech=p.speech) for p in pieces]), speech


@cache
def frames_of_clip(path: Path) -> tuple[frames.Frames, tuple[Interval, ...]]:
    return frames_of(load(path))


def voice_of(sound: np.ndarray) -> Voice:
    """Everything but words and filled pauses that is heard in ``sound``."""
    whole, speech = frames_of(sound)
    return Voice(
        duration_s=sound.size / RATE,
        stretches=speech,
        t=whole.t,
        level_db=whole.level_db,
        pitch_hz=whole.pitch_hz,
        nuclei_s=syllables.nuclei(whole),
        filled=(),
        clipped_share=frames.clipped_share(whole),
        snr_db=frames.snr_db(whole),
        transcript=None,
        high_db=whole.high_db,
    )
