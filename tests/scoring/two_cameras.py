"""A second camera for a sample: the picture of one recording with the sound of another, as it was heard elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np

from tests.speech.sounds import RATE, load

if TYPE_CHECKING:
    from pathlib import Path


def partner(to: Path, picture: Path, sound: Path, begins_s: float, most_s: float = 60.0) -> Path:
    """Write the picture of one recording with the sound of another from second ``begins_s`` on: softer, in noise."""
    heard = 0.3 * load(sound)[round(begins_s * RATE) :]
    heard = heard + np.random.default_rng(3).normal(0, 0.003, heard.size).astype(np.float32)
    with av.open(str(picture)) as source, av.open(str(to), "w") as out:
        [shown] = source.streams.video
        stream = out.add_stream_from_template(shown)
        voice = out.add_stream("aac", rate=RATE, layout="mono")
        length_s = 0.0
        for packet in source.demux(shown):
            if packet.pts is not None and packet.pts * packet.time_base < most_s:
                length_s = max(length_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
                packet.stream = stream
                out.mux(packet)
        frame = av.AudioFrame.from_ndarray(heard[None, : round(length_s * RATE)], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        out.mux(voice.encode(frame))
        out.mux(voice.encode(None))
    return to
