"""Performances in an order that any trainer would give, made, measured, judged, and the order checked.

    python benchmarks/ladder.py [--media FOLDER] [--cache FOLDER] [--only ID …] [--missing | --rejudge]
                                [--write docs/ladder.md]

``ladder/ladder.toml`` holds the performances and the steps (which lies above which, and why). Pictures are rendered
people (``ladder/*.mp4``: MakeHuman's CC0 body, posed, loops of 6 s); voices come from FOLDER (``LIYI_SHARED``, else
``shared`` beside the checkout) and are altered by `deliveries`. Without FOLDER nothing is run. Measures are kept in the
cache, so that ``--rejudge`` takes seconds after a change of a pack or of the judge; ``--missing`` goes on where a run
was stopped. Exits 1 when a step is broken.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]

from deliveries import RATE, altered, gain, read  # noqa: E402

from benchmarks.figures import tell  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liyi.etiquette.assessment import Assessment

FPS = 10
CLIPS = HERE / "ladder"
LADDER: dict[str, Any] = tomllib.loads((CLIPS / "ladder.toml").read_text(encoding="utf-8"))
ROOM_DB = -62.0


@dataclass(frozen=True)
class Outcome:
    """What came of one check: ``kept``, in words, and why it was asked."""

    kept: bool
    said: str
    why: str


# ------------------------------------------------------------------------------------------------ making


def voice(name: str, media: Path) -> np.ndarray:
    """One of the ladder's voices, mono at 16 kHz."""
    about = LADDER["voices"][name]
    plain = read(media / about["file"]) if "file" in about else voice(about["from"], media)
    keep = round(about.get("keep_s", 0) * RATE)
    spoken = plain[keep:]
    for way in about.get("do", ()):
        spoken = altered(spoken, way, media)
    return np.concatenate([plain[:keep], spoken])


def sound(name: str | None, seconds: float, media: Path) -> np.ndarray:
    """A voice in a quiet room, begun again after a second where it is too short; without a name the room alone."""
    size = round(seconds * RATE)
    room = np.random.default_rng(3).normal(0, 10 ** (ROOM_DB / 20), size)
    if name is None:
        return room
    spoken = voice(name, media)
    about = LADDER["voices"][name]
    again = spoken[round(about.get("keep_s", 0) * RATE) :]
    while spoken.size < size:
        spoken = np.concatenate([spoken, np.zeros(RATE), again])
    quieter = next((float(way.split()[1]) for way in about.get("do", ()) if way == "gain -20"), 0.0)
    return np.clip(spoken[:size] + gain(room, quieter), -1, 1)


def frames(clip: str) -> list[np.ndarray]:
    """The pictures of one loop."""
    import av

    with av.open(str(CLIPS / f"{clip}.mp4")) as media:
        return [frame.to_ndarray(format="rgb24") for frame in media.decode(video=0)]


def pictures(parts: list[tuple[str, float]], seconds: float) -> Iterator[np.ndarray]:
    """Ten pictures a second: loops one after the other, with the noise of a webcam (a frozen picture has none)."""
    noise = np.random.default_rng(4)
    shown = [(*_shown(name), length) for name, length in parts]
    left, at = round(seconds * FPS), 0
    for loop, still, length in shown:
        for k in range(min(left, round(length * FPS))):
            image = loop[(at + k) % len(loop)]
            grain = 0 if still else noise.normal(0, 2, (*image.shape[:2], 1))
            yield np.uint8(np.clip(image + grain, 0, 255))
        at += round(length * FPS)
        left -= min(left, round(length * FPS))
        if left == 0:
            return


def _shown(name: str) -> tuple[list[np.ndarray], bool]:
    kind, _, clip = name.rpartition(":")
    loop = frames(clip)
    if kind == "still":
        return loop[:1], True
    if kind == "portrait":
        import cv2

        room = frames("sit_empty")[0].copy()
        portrait = cv2.resize(loop[0][20:340, 200:440], (180, 240), interpolation=cv2.INTER_AREA)
        room[40:280, 230:410] = portrait
        return [room], False
    return loop, False


def make(about: dict[str, Any], media: Path, path: Path) -> Path:
    """Write the recording of one performance: MP4, or WAV without a picture."""
    seconds = about.get("seconds", LADDER["seconds"])
    samples = sound(about.get("voice"), seconds, media)
    if "picture" not in about:
        import soundfile

        wav = path.with_suffix(".wav")
        soundfile.write(str(wav), samples, RATE)
        return wav
    import av

    mp4 = path.with_suffix(".mp4")
    with av.open(str(mp4), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options={"crf": "23", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = 640, 480, "yuv420p"
        audio = out.add_stream("flac", rate=RATE, layout="mono")
        for k, image in enumerate(pictures(about["picture"], seconds)):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        whole = np.int16(samples * 32767)
        for first in range(0, whole.size, 4096):
            part = av.AudioFrame.from_ndarray(whole[None, first : first + 4096], format="s16", layout="mono")
            part.sample_rate, part.pts = RATE, first
            out.mux(audio.encode(part))
        out.mux(audio.encode(None))
    return mp4


# ------------------------------------------------------------------------------------------------ judging


def measure(id: str, about: dict[str, Any], media: Path, cache: Path) -> str | None:
    """Score one performance into the cache; the sentence where it was refused."""
    from liyi.core.errors import LiyiError
    from liyi.core.options import Options
    from liyi.core.trace import Interval
    from liyi.etiquette.norms import load_pack
    from liyi.scoring.score import score

    seconds = about.get("seconds", LADDER["seconds"])
    recording = make(about, media, cache / id)
    refusal = cache / f"{id}.refused.txt"
    refusal.unlink(missing_ok=True)
    try:
        score(
            recording, out=cache / id, pack=load_pack("counter"), options=Options(
                about["profile"], language="zh",
                calibration=Interval(0.0, min(float(LADDER["calibration_s"]), seconds)),
            ),
        )  # fmt: skip
    except LiyiError as error:
        refusal.write_text(str(error), encoding="utf-8")
        return str(error)
    return None


def judged(id: str, cache: Path, profile: str) -> Assessment | str:
    """The stored measures judged again, or the sentence with which the recording was refused."""
    from liyi.core.errors import LiyiError
    from liyi.etiquette.norms import load_pack
    from liyi.scoring.rejudge import rejudge

    refusal = cache / f"{id}.refused.txt"
    if refusal.exists():
        return refusal.read_text(encoding="utf-8")
    try:
        return rejudge(cache / id, pack=load_pack("counter"), profile=profile, out=cache / f"{id}.{profile}")
    except LiyiError as error:
        return str(error)


def total(result: Assessment | str) -> float | None:
    """The total, None where there is none."""
    return None if isinstance(result, str) else result.total


def told(result: Assessment | str) -> str:
    """A total with its error, or why there is none."""
    if isinstance(result, str):
        return f"refused: {result}"
    if result.total is None:
        missing = getattr(result, "needs_missing", ()) or ()
        return "none: " + (", ".join(m.need for m in missing) or f"coverage {result.coverage:.0%}")
    error = getattr(result, "total_error", None)
    return f"{result.total:.0f}" + (f" ± {error:.0f}" if error is not None else "")


def check_totals(results: dict[str, Assessment | str], cache: Path) -> dict[str, Outcome]:
    """Whether a total was given where one is owed, and none where it would be a fault."""
    found = {}
    for id, about in LADDER["performances"].items():
        if id not in results:
            continue
        if "most" in about and (points := total(results[id])) is not None:
            found[f"{id}, at most {about['most']}"] = Outcome(points <= about["most"], told(results[id]), "a red line")
        if about["total"] == "any":
            continue
        given = total(results[id]) is not None
        kept = given == (about["total"] == "yes")
        said = told(results[id])
        if about.get("everywhere") and kept:
            elsewhere = {profile: total(judged(id, cache, profile)) for profile in _profiles()}
            kept = not any(value is not None for value in elsewhere.values())
            said += "" if kept else f" (but {elsewhere})"
        found[id] = Outcome(kept, said, "a total is owed" if about["total"] == "yes" else "no total may be given")
    return found


def _profiles() -> list[str]:
    from liyi.etiquette.norms import load_pack

    return list(load_pack("counter").profiles)


def check_steps(results: dict[str, Assessment | str]) -> list[tuple[str, Outcome]]:
    """Every step of the ladder and of its pairs that must read the same."""
    found = []
    for step in LADDER["steps"]:
        if not {step["above"], step["below"]} <= results.keys():
            continue
        high, low = (total(results[step[key]]) for key in ("above", "below"))
        least = step.get("least", 0)
        if high is None:
            kept = False
        elif low is None:
            kept = step.get("none", False)
        else:
            kept = high - low >= least and high > low
        said = f"{told(results[step['above']])} over {told(results[step['below']])}"
        said += f", least {least}" if least else ""
        found.append((f"{step['above']} > {step['below']}", Outcome(kept, said, step["why"])))
    for pair in LADDER.get("same", ()):
        if {pair["one"], pair["other"]} <= results.keys():
            one, other = total(results[pair["one"]]), total(results[pair["other"]])
            kept = one is not None and other is not None and abs(one - other) <= 2
            said = f"{told(results[pair['one']])} beside {told(results[pair['other']])}"
            found.append((f"{pair['one']} = {pair['other']}", Outcome(kept, said, pair["why"])))
    return found


def page(totals: dict[str, Outcome], steps: list[tuple[str, Outcome]], results: dict[str, Assessment | str]) -> str:
    """The result as Markdown."""
    from liyi.etiquette.norms import load_pack

    outcomes = [*totals.values(), *(outcome for _, outcome in steps)]
    missing = [id for id in LADDER["performances"] if id not in results]
    rules = load_pack("counter")
    lines = [
        "# The ladder",
        "",
        "Written by `python benchmarks/ladder.py --write docs/ladder.md`; rendered people, read and altered voices.",
        f"Judged by `{rules.id}` {rules.version}: {len(results)} of {len(LADDER['performances'])} performances,"
        f" {sum(o.kept for o in outcomes)} of {len(outcomes)} checks on them kept.",
        *([f"Not measured: {', '.join(missing)}."] if missing else []),
        "",
        "| performance | total | expected |",
        "|---|---|---|",
    ]
    for id, result in results.items():
        expected = f"{totals[id].why}{'' if totals[id].kept else ' **broken**'}" if id in totals else ""
        lines.append(f"| {id} | {told(result)} | {expected} |")
    lines += ["", "| step | totals | kept | why |", "|---|---|---|---|"]
    lines += [f"| {name} | {o.said} | {'yes' if o.kept else '**broken**'} | {o.why} |" for name, o in steps]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="The order that any trainer would give.")
    parser.add_argument("--media", type=Path, default=Path(os.environ.get("LIYI_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--cache", type=Path, default=ROOT / ".ladder")
    parser.add_argument("--only", nargs="*", help="performances to measure (all when not given)")
    parser.add_argument("--missing", action="store_true", help="measure only what the cache does not hold")
    parser.add_argument("--rejudge", action="store_true", help="judge what the cache holds; measure nothing")
    parser.add_argument("--write", type=Path, help="Markdown file for the result")
    chosen = parser.parse_args()
    if not chosen.rejudge and not (chosen.media / "media" / "speech").is_dir():
        print("The media folder is not on this machine: nothing was run.")
        return 0
    chosen.cache.mkdir(parents=True, exist_ok=True)
    results: dict[str, Assessment | str] = {}
    for id, about in LADDER["performances"].items():
        stored = (chosen.cache / id / "measures.parquet").exists() or (chosen.cache / f"{id}.refused.txt").exists()
        wanted = id in chosen.only if chosen.only else not (chosen.missing and stored)
        if not chosen.rejudge and wanted:
            measure(id, about, chosen.media, chosen.cache)
        elif not stored:
            continue
        results[id] = judged(id, chosen.cache, about["profile"])
        print(f"{id:28} {told(results[id])}", flush=True)
    totals, steps = check_totals(results, chosen.cache), check_steps(results)
    for name, outcome in [*totals.items(), *steps]:
        if not outcome.kept:
            print(f"BROKEN {name}: {outcome.said} ({outcome.why})")
    outcomes = [*totals.values(), *(outcome for _, outcome in steps)]
    print(f"{sum(o.kept for o in outcomes)} of {len(outcomes)} kept")
    broken = [name for name, outcome in [*totals.items(), *steps] if not outcome.kept]
    tell(performances=len(results), kept=sum(o.kept for o in outcomes), of=len(outcomes), broken="; ".join(broken))
    if chosen.write:
        chosen.write.write_text(page(totals, steps, results), encoding="utf-8")
    return 0 if all(o.kept for o in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
