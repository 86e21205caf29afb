"""Is a stretch spoken in a language that nobody asked for: then the recogniser writes words that nobody said.

A recogniser that is told one language makes words of it out of any other. It is unsure of them, and only where it is
does it cost a question to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.timeline import Timeline
from liyi.core.trace import Event, Interval
from speech import transcript

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from speech.stretches import Piece
    from speech.voice import Utterance

# Mean probability of the words of a window under which it is asked what language it is: German taken for English reads
# 0.48 and 0.51. A question costs about a third of what hearing the window did.
UNSURE = 0.7
# Whisper's own probability of the other language: 0.998 and 1.0 for that German. Accents and noise are less clear.
CLEAR = 0.95
LEAST_S = 4.0  # of a word or two any language may be thought


class OtherLanguage:
    """Asked about each window of a recording as it was heard; ``found`` holds the stretches that are left out.

    Of windows that are unsure for other reasons (noise), only the first, second, fourth, eighth … are asked about.
    """

    def __init__(self, recogniser: transcript.Recogniser) -> None:
        self.found: list[Event] = []
        self._recogniser = recogniser
        self._unsure = 0
        self._next = 1

    def speaks(
        self, piece: npt.NDArray[np.float32], window: Sequence[Interval], utterances: Sequence[Utterance],
        language: str, offset_s: float,
    ) -> bool:  # fmt: skip
        """Whether the window, as spans of a piece that begins at ``offset_s``, is clearly in another language."""
        odds = [word.probability for utterance in utterances for word in utterance.words]
        if odds and sum(odds) / len(odds) >= UNSURE:
            return False
        if Timeline(window).duration_s < LEAST_S:
            return False
        self._unsure += 1
        if self._unsure < self._next:
            return False
        other = transcript.clear_language(transcript.collage(piece, window), language, CLEAR, self._recogniser)
        if other is None:
            self._next = 2 * self._unsure
            return False
        self._unsure, self._next = 0, 1
        self.found.append(Event(offset_s + window[0].start_s, offset_s + window[-1].end_s, {}, other))
        return True

    def without(self, piece: Piece) -> Piece:
        """The piece with its speech in other languages taken for none."""
        speech: Timeline[Interval] = Timeline(piece.speech)
        for span in self.found:
            speech = speech.without(Interval(span.start_s - piece.start_s, span.end_s - piece.start_s))
        return piece._replace(speech=speech)
