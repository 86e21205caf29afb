"""How long a rehearsal's report takes: ``python -m benchmarks.wait [SECONDS]``.

A rehearsal of so many seconds (60 when not given; the sample recording over and over, 1280x720, as a browser records
it) is assessed twice: with all the work after its end, and with its pieces of two seconds coming at the pace of a
clock, so that it is assessed ahead (on a busy machine only with ``LIYI_AHEAD=always``). Printed is the time from its
end to its kept report, and whether both are the same.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from benchmarks.figures import tell

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "sample_media" / "counter_front_zh.mp4"
WAIT_S = 20.0  # what is promised for 60 s, on two cores with nothing else to do
WIDTH, HEIGHT, FPS, RATE = 1280, 720, 20, 48_000
PIECE_S, EVERY_S, CALIBRATION_S = 2.0, 2.0, 6.0
MOST_S = 600.0


class _Sink:
    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, data: bytes) -> int:
        self.content += data
        return len(data)


def recorded(seconds: float) -> list[bytes]:
    """The pieces of a rehearsal, as a browser's recorder gives them."""
    sink, cuts = _Sink(), [0]
    pictures, sound = itertools.cycle(_pictures()), itertools.cycle(_sounds())
    with av.open(sink, "w", format="webm", options={"live": "1"}) as out:
        video = out.add_stream("libvpx", rate=FPS, options={"deadline": "realtime", "cpu-used": "8", "g": "100"})
        video.width, video.height, video.pix_fmt, video.bit_rate = WIDTH, HEIGHT, "yuv420p", 1_500_000
        audio = out.add_stream("libopus", rate=RATE)
        for n in range(round(seconds * FPS)):
            picture, heard = next(pictures), next(sound)
            picture.pts, picture.time_base = n, Fraction(1, FPS)
            heard.pts, heard.time_base = n * RATE // FPS, Fraction(1, RATE)
            out.mux(video.encode(picture))
            out.mux(audio.encode(heard))
            if (n + 1) % round(PIECE_S * FPS) == 0:
                cuts.append(len(sink.content))
        out.mux(video.encode())
        out.mux(audio.encode())
    cuts[-1] = len(sink.content)
    return [bytes(sink.content[a:b]) for a, b in itertools.pairwise(cuts)]


def _pictures() -> list[av.VideoFrame]:
    with av.open(str(SAMPLE)) as source:
        rate = float(source.streams.video[0].average_rate or FPS)
        every = [f.reformat(WIDTH, HEIGHT, "yuv420p") for f in source.decode(video=0)]
    return [every[int(n * rate / FPS)] for n in range(int(len(every) * FPS / rate))]


def _sounds() -> list[av.AudioFrame]:
    resampler, size = av.AudioResampler("flt", "mono", RATE), RATE // FPS
    with av.open(str(SAMPLE)) as source:
        parts = [r.to_ndarray() for f in source.decode(audio=0) for r in resampler.resample(f)]
    whole = np.concatenate(parts, axis=1)
    frames = []
    for first in range(0, whole.shape[1] - size + 1, size):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole[:, first : first + size]), "flt", "mono")
        frame.sample_rate = RATE
        frames.append(frame)
    return frames


def rehearse(pieces: list[bytes], *, ahead: bool) -> tuple[float, bytes, dict[str, bytes]]:
    """Seconds from the end to the kept report, the recording, and the files of its assessment."""
    from liyi.core.options import Options
    from liyi.core.trace import Interval
    from liyi.ui import ahead as going_ahead
    from liyi.ui import beginning, jobs, people, upkeep, workroom
    from liyi.ui.live import session

    people.agree("I agree.", version="1")
    id, _ = beginning.rehearse(pack="counter", options=Options("seated", "front"), exam=False, lang="zh")
    session.calibrate(id, Interval(0.0, CALIBRATION_S))
    begun_s = next_s = time.monotonic()
    going_ahead.may_look()
    for n, content in enumerate(pieces):
        while ahead and time.monotonic() < begun_s + (n + 1) * PIECE_S:
            time.sleep(0.1)
        session.chunk_path(id, n).write_bytes(content)
        if ahead and time.monotonic() >= next_s:
            next_s = time.monotonic() + EVERY_S
            going_ahead.begin()
    session.end(id)
    ended_s = time.monotonic()
    beginning.assess(id)
    last = ""
    while workroom.folder_of(id).exists():
        now = jobs.status(id)
        if now.stage != last:
            last = now.stage
            print(f"    {time.monotonic() - ended_s:5.1f} s {last}", flush=True)
        if now.state == "failed" or time.monotonic() - ended_s > MOST_S:
            raise RuntimeError(str(now.error))
        jobs.advance()
        upkeep.mend()
        time.sleep(0.1)
    return time.monotonic() - ended_s, _kept(id)


def _kept(id: str) -> dict[str, Any]:
    """The recording and its assessment, as they are kept; what may differ between two runs left out."""
    from liyi.records.operations import assessments, recordings
    from liyi.ui import people

    store, who = people.records(), people.viewer()
    made = assessments.assessments(store, who, recording_id=id, size=1)[0]
    judged, measures = (
        assessments.assessment_file(store, who, made.id, name).read_bytes()
        for name in ("assessment.json", "measures.parquet")
    )
    told = {k: v for k, v in json.loads(judged).items() if k not in ("created_at", "elapsed_s")}
    return {"recording": recordings.watch(store, who, id).read_bytes(), "assessment": told, "measures": measures}


def main(seconds: float = 60.0) -> int:
    """Run and print; 0 when what is promised holds."""
    pieces = recorded(seconds)
    with tempfile.TemporaryDirectory() as data:
        os.environ["LIYI_DATA"] = data
        print(f"a rehearsal of {seconds:g} s, all the work after its end:")
        now_s, plain = rehearse(pieces, ahead=False)
        print(f"  {now_s:.1f} s; load {os.getloadavg()[0]:.1f}\nassessed ahead:")
        ahead_s, quick = rehearse(pieces, ahead=True)
    print(f"  {ahead_s:.1f} s; load {os.getloadavg()[0]:.1f}")
    same = plain == quick
    print(f"recording, assessment and measures are {'the same' if same else 'NOT THE SAME'}")
    tell(recorded_s=seconds, wait_s=round(now_s, 1), wait_ahead_s=round(ahead_s, 1), same=same)
    return int(not same or (seconds <= 60 and ahead_s > WAIT_S))


if __name__ == "__main__":
    sys.exit(main(*(float(a) for a in sys.argv[1:])))
