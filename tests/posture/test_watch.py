"""Every observer is shown every frame once, in order, in one decoding."""

from __future__ import annotations

import numpy as np

from liyi.media.recording import Frame
from posture.watch import watch

GREY = np.full((8, 8, 3), 127, dtype=np.uint8)


class Counting:
    """Keeps what it was shown, and how far another observer then was."""

    def __init__(self, after=None):
        self.after, self.seen, self.ahead = after, [], []

    def see(self, frame):
        self.seen.append(frame.t_s)
        if self.after is not None:
            self.ahead.append(len(self.after.seen))

    def result(self):
        return tuple(self.seen)


def test_one_decoding_for_all():
    first = Counting()
    second = Counting(after=first)
    told = []
    frames = (Frame(t_s, GREY) for t_s in (0.0, 0.1, 0.3))  # a generator: it can be read once
    assert watch(frames, [first, second], progress=told.append) == ((0.0, 0.1, 0.3),) * 2
    assert second.ahead == [1, 2, 3]  # what stands before has seen the frame already
    assert told == [0.0, 0.1, 0.3]


def test_without_frames_there_is_still_a_result():
    assert watch([], [Counting()]) == ((),)
