"""What one picture alone adds to the error of a measure: a frame taken as a photo, against the recording it is from.

    python -m benchmarks.errors_photo [SHARED]

Of each recording (``sample_media``, and SHARED/media/videos; SHARED is ``LIYI_SHARED``, else ``shared`` beside the
checkout) some frames are read each by itself, as a photo is: found anew, followed by nothing, smoothed by nothing.
Printed are the differences to what the whole recording reads at that moment, which `posture/errors.toml` publishes as
``MEASURE.picture``; where the joints' truth is known, the error of the photo itself; and for postures of the arms how
often both say the same.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.figures import tell  # noqa: E402
from liyi.core.trace import Events, Signal, Trace  # noqa: E402
from liyi.media.recording import Frame, open_media  # noqa: E402
from posture.measures import MEASURES  # noqa: E402
from posture.pose import track_pose  # noqa: E402
from posture.reading import read_body  # noqa: E402
from tests.posture.recordings import truths  # noqa: E402

PHOTOS = 20  # of each recording
SECONDS = 20.0
VIDEOS = ("tf_squats_front", "pkg_carphone", "p2s_balance_cam01", "px_gaze_video00")  # of one person each
SHOWN = tuple(each for each in MEASURES if each.of == "body")


def known(clip: Path, t_s: float) -> dict[str, float]:
    """What the joints' truth says of a second; nothing without one. The clip is played again and again."""
    file = clip.with_suffix(".truth.json")
    if not file.is_file():
        return {}
    told = json.loads(file.read_text(encoding="utf-8"))
    here = min(told["joints"], key=lambda moment: abs(moment["t"] - t_s % told["loop_s"]))
    return truths(here["joints_px"])


def said(signal: Signal, t_s: float) -> str:
    """Whether a posture is held at a moment: yes, perhaps, no, or not seen."""
    assert isinstance(signal, Events)
    for answer, spans in (("yes", signal.items), ("perhaps", signal.undecided), ("no", signal.watched or ())):
        if any(each.start_s <= t_s < max(each.end_s, each.start_s + 1e-9) for each in spans):
            return answer
    return "unseen"


def read(path: Path, photos: int, found: dict[str, list[tuple[float, float, float]]], agree: dict[str, Counter[Any]]):
    """Add what the photos of a recording read: (difference to the recording, error of the photo, its sigma)."""
    frames = [frame for frame in open_media(path).frames() if frame.t_s < SECONDS]
    body = read_body(track_pose(iter(frames)))
    whole = {each.id: each(body) for each in SHOWN}
    for k in range(2, len(frames) - 2, max(1, len(frames) // photos)):
        alone = read_body(track_pose([Frame(0.0, frames[k].image)]), camera=body.camera)
        truth = known(path, frames[k].t_s)
        for each in SHOWN:
            video, photo = whole[each.id], each(alone)
            if isinstance(video, Trace) and isinstance(photo, Trace) and video.value.size and photo.value.size:
                value = float(photo.value[0])
                off = value - truth.get(each.id, float("nan"))
                if np.isfinite(value) and np.isfinite(video.value[k]):
                    found.setdefault(each.id, []).append((value - float(video.value[k]), off, photo.error))
            elif isinstance(video, Events):
                agree.setdefault(each.id, Counter())[said(video, frames[k].t_s), said(photo, 0.0)] += 1


def main() -> int:
    """Read all recordings and print a line for each measure."""
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("LIYI_SHARED", ROOT.parent / "shared"))
    found: dict[str, list[tuple[float, float, float]]] = {}
    agree: dict[str, Counter[Any]] = {}
    samples = sorted((ROOT / "sample_media").glob("*.mp4"))
    others = [path for name in VIDEOS if (path := shared / "media" / "videos" / f"{name}.mp4").is_file()]
    for path in (*samples, *others):
        read(path, PHOTOS, found, agree)
        print(f"{path.name} read", flush=True)
    for id, rows in found.items():
        by, off, sigma = np.array(rows).T
        added = float(np.sqrt(np.mean(by**2)))
        line = f"{id:20s} n {by.size:4d}  added rms {added:6.3f}  median {np.median(np.abs(by)):6.3f}"
        if np.isfinite(off).any():
            off, total = off[np.isfinite(off)], np.hypot(sigma, added)[np.isfinite(off)]
            line += f"  truth: n {off.size}  rms {np.sqrt(np.mean(off**2)):6.3f}"
            line += f"  within 1 and 2 sigma {np.mean(abs(off) <= total):.0%} {np.mean(abs(off) <= 2 * total):.0%}"
        print(line)
        tell(**{f"{id}_added": round(added, 3), f"{id}_n": by.size})
    for id, counts in agree.items():
        print(f"{id:20s} recording/photo " + ", ".join(f"{a}/{b} {n}" for (a, b), n in counts.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
