"""Reading minus truth on rendered performances whose joints are known to the pixel.

    python -m benchmarks.errors_rendered [SHARED]

SHARED (``LIYI_SHARED``, else ``shared`` beside the checkout) holds ``studio/clips``: a clip and, beside it, where its
joints truly are. These are few (two from the front, four from the side), beside the 110 stills a view with which most
errors of the body were measured once, by a script that is not in the project: they tell whether a reading went astray,
and are no better foundation for an error.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.figures import tell  # noqa: E402
from liyi.core.trace import Events, Trace  # noqa: E402
from liyi.etiquette.performance import Performance, measure, measures  # noqa: E402
from liyi.media.recording import Frame, open_media  # noqa: E402
from posture.measures.bow import BEGUN_DEG, bow  # noqa: E402
from posture.pose import track_pose  # noqa: E402
from posture.reading import read_body  # noqa: E402
from tests.posture.recordings import truths  # noqa: E402

LEAST = 10  # samples
HELD_S = 12.0


def wrong(clip: Path) -> dict[str, np.ndarray]:
    """Reading minus truth of every measure whose truth the joints tell, at each sample that was measured."""
    body = read_body(track_pose(open_media(clip).frames()))
    moments = json.loads(clip.with_suffix(".truth.json").read_text(encoding="utf-8"))
    known = [truths(moment["joints_px"]) for moment in moments]
    performance = Performance(clip.name, "0" * 64, float(body.t[-1]), body, None)
    found = {}
    for id in known[0].keys() & measures().keys():
        signal = measure(performance, id)
        if isinstance(signal, Trace) and np.isfinite(signal.value).sum() >= LEAST:
            truth = np.interp(signal.t, [moment["t"] for moment in moments], [each[id] for each in known])
            found[id] = (signal.value - truth)[np.isfinite(signal.value)]
    return found


def bow_wrong(clip: Path) -> tuple[float, float] | None:
    """Reading minus truth of a bow's angle (degrees) and length (s); None of a clip that shows none.

    The clip's first and last picture are held for some time, under the noise of a camera, so that it is known how the
    person usually stands.
    """
    frames = list(open_media(clip).frames())
    noise, step = np.random.default_rng(0), frames[1].t_s - frames[0].t_s
    held = [[_noisy(frames[k].image, noise) for _ in range(round(HELD_S / step))] for k in (0, -1)]
    images = [*held[0], *(frame.image for frame in frames), *held[1]]
    body = read_body(track_pose(Frame(k * step, image) for k, image in enumerate(images)))
    found = bow(body)
    if not isinstance(found, Events) or len(found.items) != 1:
        return None
    moments = json.loads(clip.with_suffix(".truth.json").read_text(encoding="utf-8"))
    lean = np.array([truths(moment["joints_px"])["trunk_forward_lean"] for moment in moments])
    bent = np.flatnonzero(np.abs(lean - lean[0]) > BEGUN_DEG)
    length_s = moments[bent[-1]]["t"] - moments[bent[0]]["t"]
    event = found.items[0]
    return event.attributes["angle"] - float(np.abs(lean - lean[0]).max()), event.duration_s - length_s


def _noisy(image: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    return np.uint8(np.clip(image + noise.normal(0, 2, image.shape), 0, 255))


def main() -> int:
    """Read the clips and print a line for each measure and clip, then one for each measure."""
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("LIYI_SHARED", ROOT.parent / "shared"))
    paths = [path for path in sorted(shared.glob("studio/clips/*.mp4")) if path.with_suffix(".truth.json").is_file()]
    if not paths:
        print(f"no rendered clips in {shared}: nothing measured")
        return 0
    every: dict[str, list[np.ndarray]] = {}
    for path in paths:
        for id, by in sorted(wrong(path).items()):
            every.setdefault(id, []).append(by)
            print(
                f"{path.stem:34s} {id:20s} n {by.size:4d}  bias {by.mean():+7.3f}  spread {by.std():6.3f}", flush=True
            )
    for id, found in sorted(every.items()):
        biases = np.array([by.mean() for by in found])
        rms = float(np.sqrt(np.mean([np.mean(by**2) for by in found])))
        print(f"{id:20s} {len(found)} clips, bias {biases.mean():+.3f}, rms {rms:.3f}")
        tell(**{f"{id}_clips": len(found), f"{id}_bias": round(float(biases.mean()), 3), f"{id}_rms": round(rms, 3)})
    bows = [found for path in paths if path.stem.startswith("bow") and (found := bow_wrong(path))]
    for angle, length in bows:
        print(f"bow                  angle {angle:+.2f} deg, length {length:+.2f} s")
        tell(bow_clips=len(bows), bow_angle=round(angle, 2), bow_length_s=round(length, 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
