"""Listening to a recording: one pass over its sound, in which stretches, frames, syllables and words become a `Voice`.

Two recognisers hear the words: one writes everything down, the other listens for what is listed, in Mandarin only.

What belongs here is the order of things and nothing else: each step has its own module.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from liyi.core.memory import give_back
from liyi.core.timeline import Timeline
from liyi.core.trace import Interval
from speech import agreement, fillers, frames, other_language, prompted, second, stretches, syllables, transcript
from speech.voice import SecondHearing, Transcript, Utterance, Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from speech.stretches import Piece
    from speech.voice import Word

ENOUGH_SPEECH_S = 10.0  # a "喂" or "hello" is easily taken for another language


def listen(
    blocks: Iterable[npt.NDArray[np.float32]],
    *,
    language: str = "auto",
    languages: tuple[str, ...] = transcript.LANGUAGES,
    recogniser: str | transcript.Recogniser | None = "whisper_base",
    phrases: tuple[str, ...] = (),
    progress: Callable[[float], None] | None = None,
) -> Voice:
    """Hear a whole recording; memory holds one piece of at most a minute and 10 ms frames of the rest.

    Parameters
    ----------
    blocks : iterable of float32 arrays, shape (n,)
        Consecutive mono sound at 16 kHz, full scale 1, from the recording's first frame on.
    language : str
        ``zh``, ``en``, or ``auto``: decided on the first piece with enough speech that leaves no doubt, and kept.
    languages : tuple of str
        What ``auto`` chooses among: the languages that the norm pack judges.
    recogniser : str, Recogniser or None
        Model for `speech.transcript.load_recogniser`, or a loaded one; None leaves the words out.
    phrases : tuple of str
        Wordings that the second recogniser listens for where Mandarin is spoken; it is not asked when there are none,
        when the words are left out, or when this machine lacks it (`speech.second.lacking`).
    progress : callable or None
        Called with the second that was reached.

    Raises
    ------
    ModelMissingError, LiyiError
        The recogniser cannot be loaded.
    """
    heard = transcript.load_recogniser(recogniser) if isinstance(recogniser, str) else recogniser
    other = _SecondEar(phrases) if heard and phrases and not second.lacking() else None
    again = prompted.SecondPass(heard) if heard else None
    foreign = other_language.OtherLanguage(heard) if heard else None
    pieces: list[frames.Frames] = []
    speech: list[Interval] = []
    said: defaultdict[str, list[Utterance]] = defaultdict(list)
    reached_s = 0.0
    for piece in stretches.cut(blocks):
        pieces.append(frames.analyse(piece.samples, speech=piece.speech))
        speech += [Interval(piece.start_s + s.start_s, piece.start_s + s.end_s) for s in piece.speech]
        if heard:
            found, utterances = transcript.transcribe(
                piece.samples,
                piece.speech,
                language=language,
                languages=languages,
                recogniser=heard,
                offset_s=piece.start_s,
                progress=progress,
                other=foreign,
            )
            said[found] += utterances
            if other and found == second.LANGUAGE:
                other.hear(foreign.without(piece) if foreign else piece, utterances)
            if again:
                again.take(piece, pieces[-1], utterances, found)
            if Timeline(piece.speech).duration_s >= ENOUGH_SPEECH_S:
                language = found
        reached_s = piece.start_s + piece.samples.size / stretches.RATE
        if progress:
            progress(reached_s)
        give_back()
    whole = frames.join(pieces)
    pieces.clear()
    words = _transcript(said)
    voice = Voice(
        duration_s=reached_s,
        stretches=tuple(speech),
        t=whole.t,
        level_db=whole.level_db,
        pitch_hz=whole.pitch_hz,
        nuclei_s=syllables.nuclei(whole),
        filled=fillers.filled_pauses(whole, again.told() if again else ()),
        clipped_share=frames.clipped_share(whole),
        snr_db=frames.snr_db(whole),
        transcript=words,
        high_db=whole.high_db,
        second=other.heard(words) if other else None,
        foreign=tuple(foreign.found) if foreign else (),
    )
    del whole
    give_back()
    return voice


class _SecondEar:
    """The second recogniser on its way through a recording; its model is loaded when there is something to hear."""

    def __init__(self, phrases: tuple[str, ...]) -> None:
        self._phrases = phrases
        self._listener: second.Listener | None = None
        self._words: list[Word] = []
        self._differing = self._compared = 0  # syllables

    def hear(self, piece: Piece, utterances: Sequence[Utterance]) -> None:
        """Listen to a piece of speech in Mandarin, in which the first recogniser heard ``utterances``."""
        self._listener = self._listener or second.Listener(self._phrases)
        self._words += second.hear(
            piece.samples, piece.speech, listener=self._listener, offset_s=piece.start_s
        )  # fmt: skip
        differing, compared = agreement.differing(piece.samples, utterances, offset_s=piece.start_s)
        self._differing, self._compared = self._differing + differing, self._compared + compared

    def heard(self, words: Transcript | None) -> SecondHearing | None:
        """What was heard, when the recording is over; nothing in one that turned out to be in another language."""
        if self._listener is None or (words is not None and words.language != second.LANGUAGE):
            return None
        self._words += self._listener.finish()
        unheard = set(second.unknown(self._phrases))
        return SecondHearing(
            listened_for=tuple(each for each in self._phrases if each not in unheard),
            words=tuple(self._words),
            disagreement=self._disagreement,
        )

    @property
    def _disagreement(self) -> float | None:
        if self._compared < agreement.LEAST_SYLLABLES:
            return None
        return round(self._differing / self._compared, 4)


def _transcript(said: Mapping[str, list[Utterance]]) -> Transcript | None:
    """What was said in the language of most utterances; other languages are first words that were misjudged."""
    language = max(said, key=lambda code: len(said[code]), default="auto")
    utterances = said.get(language)
    return Transcript(language, tuple(utterances)) if utterances else None
