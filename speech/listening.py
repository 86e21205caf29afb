"""Listening to a recording: one pass over its sound, in which stretches, frames, syllables and words become a `Voice`.

Two recognisers hear the words: one writes everything down, the other listens for what is listed, in Mandarin only.

What belongs here is the order of things and nothing else: each step has its own module.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.core.memory import give_back
from liyi.core.timeline import Timeline
from liyi.core.trace import Interval
from speech import agreement, fillers, frames, other_language, prompted, second, stretches, syllables, transcript
from speech.voice import SecondHearing, Transcript, Utterance, Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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
    hearing = _Hearing(heard, phrases)
    for piece, found, utterances in understood(
        ((piece, False) for piece in stretches.cut(blocks)),
        language=language,
        languages=languages,
        recogniser=heard,
        progress=progress,
        other=hearing.foreign,
    ):
        hearing.take(piece, found, utterances)
        if progress:
            progress(hearing.reached_s)
        give_back()
    voice = hearing.voice()
    give_back()
    return voice


def understood(
    pieces: Iterable[tuple[Piece, bool]],
    *,
    language: str,
    languages: tuple[str, ...],
    recogniser: transcript.Recogniser | None,
    progress: Callable[[float], None] | None = None,
    other: other_language.OtherLanguage | None = None,
) -> Iterator[tuple[Piece, str, tuple[Utterance, ...]]]:
    """What was said in each piece of a recording, and in which language; one that leaves no doubt is kept.

    Parameters
    ----------
    pieces : iterable of (Piece, bool)
        In time order; and whether more sound of the piece may come, as `speech.transcript.transcribe` has it.
    language, languages, progress
        As for `listen`.
    recogniser : Recogniser or None
        None leaves the words out.
    other : OtherLanguage or None
        Asked about each window, and told what is in another language.
    """
    for piece, goes_on in pieces:
        found = language
        utterances: tuple[Utterance, ...] = ()
        if recogniser:
            found, utterances = transcript.transcribe(
                piece.samples,
                piece.speech,
                language=language,
                languages=languages,
                recogniser=recogniser,
                offset_s=piece.start_s,
                progress=progress,
                goes_on=goes_on,
                other=other,
            )
            if Timeline(piece.speech).duration_s >= ENOUGH_SPEECH_S:
                language = found
        yield piece, found, utterances


class _Hearing:
    """What was heard of a recording so far, piece by piece."""

    def __init__(self, recogniser: transcript.Recogniser | None, phrases: tuple[str, ...]) -> None:
        self.reached_s = 0.0
        self.foreign = other_language.OtherLanguage(recogniser) if recogniser else None
        self._other = _SecondEar(phrases) if recogniser and phrases and not second.lacking() else None
        self._again = prompted.SecondPass(recogniser) if recogniser else None
        self._frames: list[frames.Frames] = []
        self._speech: list[Interval] = []
        self._said: defaultdict[str, list[Utterance]] = defaultdict(list)

    def take(self, piece: Piece, language: str, utterances: tuple[Utterance, ...]) -> None:
        """Hear a piece, in which ``utterances`` were understood in ``language``."""
        self._frames.append(frames.analyse(piece.samples, speech=piece.speech))
        self._speech += [Interval(piece.start_s + s.start_s, piece.start_s + s.end_s) for s in piece.speech]
        self._said[language] += utterances
        if self._other and language == second.LANGUAGE:
            self._other.hear(self.foreign.without(piece) if self.foreign else piece, utterances)
        if self._again:
            self._again.take(piece, self._frames[-1], utterances, language)
        self.reached_s = piece.start_s + piece.samples.size / stretches.RATE

    def voice(self) -> Voice:
        """All of it, when the recording is over; nothing can be taken after that."""
        whole = frames.join(self._frames)
        self._frames.clear()
        words = _transcript(self._said)
        return Voice(
            duration_s=self.reached_s,
            stretches=tuple(self._speech),
            t=whole.t,
            level_db=whole.level_db,
            pitch_hz=whole.pitch_hz,
            nuclei_s=syllables.nuclei(whole),
            filled=fillers.filled_pauses(whole, self._again.told() if self._again else ()),
            clipped_share=frames.clipped_share(whole),
            snr_db=frames.snr_db(whole),
            transcript=words,
            high_db=whole.high_db,
            second=self._other.heard(words) if self._other else None,
            foreign=tuple(self.foreign.found) if self.foreign else (),
        )


class _SecondEar:
    """The second recogniser on its way through a recording; its model is loaded when there is something to hear.

    One that fails is left out as one that is lacking is: the first one goes on, and the report says so.
    """

    def __init__(self, phrases: tuple[str, ...]) -> None:
        self._phrases = phrases
        self._failed = False
        self._listener: second.Listener | None = None
        self._words: list[Word] = []
        self._differing = self._compared = 0  # syllables

    def hear(self, piece: Piece, utterances: Sequence[Utterance]) -> None:
        """Listen to a piece of speech in Mandarin, in which the first recogniser heard ``utterances``."""
        if self._failed:
            return
        try:
            self._listener = self._listener or second.Listener(self._phrases)
            self._words += second.hear(
                piece.samples, piece.speech, listener=self._listener, offset_s=piece.start_s
            )  # fmt: skip
            differing, compared = agreement.differing(piece.samples, utterances, offset_s=piece.start_s)
        except LiyiError:
            self._failed = True
            return
        self._differing, self._compared = self._differing + differing, self._compared + compared

    def heard(self, words: Transcript | None) -> SecondHearing | None:
        """What was heard, when the recording is over; nothing in one that turned out to be in another language."""
        if self._failed or self._listener is None or (words is not None and words.language != second.LANGUAGE):
            return None
        try:
            self._words += self._listener.finish()
            unheard = set(second.unknown(self._phrases))
        except LiyiError:
            return None
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
