"""Listening to a recording that still goes on, so that at its end most of its words are known.

A recogniser that remembers is asked about the sound that is there, cut as `speech.listening.listen` cuts it. When the
whole recording is listened to with the same recogniser, sound that it was asked about before is not recognised again.
It answers by the samples and the options alone, so that the words are the same with and without it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from speech import stretches
from speech.listening import understood
from speech.transcript import Recogniser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    import numpy.typing as npt
    from speech_recognition import AudioData

    from speech.stretches import Piece


def remembering(recogniser: Recogniser) -> Recogniser:
    """The same recogniser, which answers what it was asked before from memory."""
    return Recogniser(_Model(recogniser.model), _Interface(recogniser.interface))


@dataclass
class _Model:
    """faster-whisper's model, as far as `speech.transcript` asks it for the language."""

    whisper: Any
    _known: dict[bytes, Any] = field(default_factory=dict)

    @property
    def model(self) -> Any:
        """CTranslate2's model below it."""
        return self.whisper.model

    def detect_language(self, sound: npt.NDArray[np.float32]) -> Any:
        """The language of mono samples at 16 kHz, as faster-whisper answers."""
        key = hashlib.sha256(sound.tobytes()).digest()
        if key not in self._known:
            self._known[key] = self.whisper.detect_language(sound)
        return self._known[key]


@dataclass
class _Interface:
    """SpeechRecognition's recogniser in front of it."""

    recogniser: Any
    _known: dict[bytes, Any] = field(default_factory=dict)

    def recognize(self, audio: AudioData, **options: Any) -> Any:
        """The words of a piece, with these options; another option is another question."""
        asked = repr((audio.sample_rate, audio.sample_width, sorted(options.items()))).encode()
        key = hashlib.sha256(asked + audio.frame_data).digest()
        if key not in self._known:
            self._known[key] = self.recogniser.recognize(audio, **options)
        return self._known[key]


def listen_ahead(
    blocks: Iterable[npt.NDArray[np.float32]],
    *,
    language: str,
    languages: tuple[str, ...],
    recogniser: Recogniser,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Have a recogniser that remembers hear what is settled in the first part of a recording.

    Parameters as for `speech.listening.listen`.
    """
    for _ in understood(
        _until_last(stretches.cut(blocks)),
        language=language,
        languages=languages,
        recogniser=recogniser,
        progress=progress,
    ):
        pass


def _until_last(pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
    """Each piece, and whether it is the last one, which more sound would make longer."""
    held: Piece | None = None
    for piece in pieces:
        if held is not None:
            yield held, False
        held = piece
    if held is not None:
        yield held, True
