"""Speech becomes words: the recogniser behind SpeechRecognition's interface, and what makes its answer fit to trust.

What belongs here: loading a Whisper model once, deciding the language, giving the model only speech (pauses are
left out, so that it has no silence to invent words for), asking again about what it left unheard, dropping what it
repeats in a loop, and putting words back to their times and into simplified characters.
"""

from __future__ import annotations

import os
import re
from bisect import bisect
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.errors import LiyiError
from liyi.core.timeline import Timeline
from liyi.core.trace import Interval
from speech.characters import simplified
from speech.stretches import RATE
from speech.voice import Utterance, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    from speech.other_language import OtherLanguage

BEAM_SIZE = 5
LANGUAGES = ("zh", "en")  # what the packs judge, and so what `auto` chooses among
_KIN = {"yue": "zh"}  # Cantonese is written in the same characters, and counts with Chinese


def _threads() -> int:
    """As many as OpenMP is told to take, which CTranslate2 would not heed by itself: a batch's worker is one core.

    More are quicker and say the same: five recordings gave the same assessments and measures with one and with two.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return int(asked) if asked.isdecimal() and int(asked) else min(4, os.cpu_count() or 1)


THREADS = _threads()

_WINDOW_S = 29.0  # Whisper hears 30 s at once whatever it is given: fill that, but cut at pauses
_PAD_S = 0.3  # sound kept on each side of a stretch: weak onsets, and a pause that tells phrases apart
_UNHEARD_S = 1.0  # Whisper may stop early; when so much speech is left in the window, it is asked again
_PHRASE_GAP_S = 0.5  # a pause that parts two utterances
_LANGUAGE_SHARE = 0.7  # of the probability of the languages that can be chosen, the likeliest's part
_LEAST_ODDS = 0.02  # below, it is none of them
_PEAK, _SILENT_PEAK = 0.5, 1e-6  # what the loud samples of a window are brought to, unless there is nothing
_LEAST_LOG_ODDS = -1.0  # Whisper's own threshold of a failed answer (Radford et al. 2022, 4.5)
_TOKENS, _TOKENS_PER_S = 20, 14  # room for the fastest speech, within Whisper's 448; an answer that fills it is a loop
_NOT_SPOKEN = re.compile(r"[\W_]+")
# Four times in a row, punctuation left out, is a loop; but a whole sentence, with its full stop each time, is what a
# trainee rehearses.
_LOOP = re.compile(r"(\w{1,14}?)\1{3,}")
_SENTENCE_END = re.compile(r"[。？！.?!]")
_SENTENCE = 4  # least characters of a sentence
_REPETITION_PENALTY = 1.15  # for what loops only: it changes what is heard in clean speech too
_LOOP_TOKENS = 3  # what loops is asked again without leave to say three tokens twice


@dataclass(frozen=True)
class Recogniser:
    """A loaded model: ``model`` is faster-whisper's, ``interface`` SpeechRecognition's recogniser in front of it."""

    model: Any
    interface: Any


class _OneWindow:
    """faster-whisper as SpeechRecognition's `Transcribable`: what is said in one window of at most 30 s.

    Their own adapter reads all the segments. But faster-whisper makes another window of what lies between the last
    word and the end, encodes it for the price of 30 s and makes words up for it.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def transcribe(self, audio_array: npt.NDArray[np.float32], **options: Any) -> dict[str, Any]:
        """The only segment of the window (none when Whisper hears no speech), as SpeechRecognition wants it."""
        segments, info = self.model.transcribe(audio_array, **options)
        heard = list(islice(segments, 1))
        return {"text": "".join(segment.text for segment in heard), "segments": heard, "language": info.language}


@lru_cache(maxsize=1)
def load_recogniser(name_or_folder: str) -> Recogniser:
    """Load a Whisper model, once per process.

    Parameters
    ----------
    name_or_folder : str
        Id of a recogniser in the model registry, or a folder with any Whisper model converted for CTranslate2.

    Raises
    ------
    ModelMissingError
        The model is known but not on this machine.
    LiyiError
        There is no such model or folder, or the folder holds no Whisper model for CTranslate2.
    """
    from faster_whisper import WhisperModel
    from speech_recognition.recognizers.whisper_local.base import WhisperCompatibleRecognizer

    folder = _folder(name_or_folder)
    try:
        model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=THREADS, num_workers=1)
    except (RuntimeError, ValueError, OSError) as fault:
        raise _no_model(folder) from fault
    return Recogniser(model, WhisperCompatibleRecognizer(_OneWindow(model)))


def _folder(name_or_folder: str) -> Path:
    """Folder of a model; complete as far as names go, since faster-whisper would look on the network for the rest."""
    from liyi.modelfiles import registry

    if name_or_folder in registry.registry():
        folder = registry.path(name_or_folder)
    else:
        folder = Path(name_or_folder).expanduser()
        if not folder.is_dir():
            raise LiyiError(
                "There is no recogniser {name}: name one from `liyi models list`, or the folder of a Whisper model "
                "converted for CTranslate2.",
                name=name_or_folder,
            )
    if not all((folder / name).is_file() for name in ("model.bin", "config.json", "tokenizer.json")):
        raise _no_model(folder)
    return folder


def _no_model(folder: Path) -> LiyiError:
    return LiyiError(
        "The folder {folder} holds no Whisper model for CTranslate2: it needs model.bin, config.json, tokenizer.json "
        "and the vocabulary, as `ct2-transformers-converter` writes them.",
        folder=folder.name,
    )


def transcribe(
    samples: npt.NDArray[np.float32],
    speech: tuple[Interval, ...],
    *,
    language: str,
    languages: tuple[str, ...] = LANGUAGES,
    recogniser: Recogniser,
    offset_s: float = 0.0,
    progress: Callable[[float], None] | None = None,
    goes_on: bool = False,
    other: OtherLanguage | None = None,
) -> tuple[str, tuple[Utterance, ...]]:
    """Recognise the speech of one piece of sound.

    Parameters
    ----------
    samples : float32 array, shape (n,)
        Mono, 16 kHz.
    speech : tuple of Interval
        Where speech is, in seconds within the piece; nothing else is listened to.
    language : str
        ``zh``, ``en``, another code of Whisper, or ``auto``.
    languages : tuple of str
        What ``auto`` chooses among.
    recogniser : Recogniser
        From `load_recogniser`.
    offset_s : float
        Start of the piece in the recording; added to all times.
    progress : callable or None
        Called with the second of the recording up to which words are known.
    goes_on : bool
        Whether more sound of this piece may come: then the last window, which may grow, is left out.
    other : OtherLanguage or None
        Told of each window; what it finds to be in another language is left out.

    Returns
    -------
    language : str
        As given, or as detected; ``auto`` when it could not be told, and then nothing is transcribed.
    utterances : tuple of Utterance
        In time order, words within the stretches of speech.
    """
    rest = padded(speech, samples.size / RATE)
    if goes_on and not _filled(rest)[1]:
        return language, ()
    if language == "auto" and rest:
        language = _detected(collage(samples, _filled(rest)[0]), languages, recogniser)
    if language == "auto":
        return language, ()
    found: list[Utterance] = []
    while rest:
        window, rest = _filled(rest)
        if goes_on and not rest:
            break
        utterances, heard_to_s = _heard(samples, window, speech, language, recogniser)
        if other is None or not other.speaks(samples, window, utterances, language, offset_s):
            found += utterances
            rest = _unheard(window, heard_to_s) + rest
        if progress:
            progress(offset_s + (rest[0].start_s if rest else window[-1].end_s))
    return language, tuple(_written(u, language, offset_s) for u in found)


def prompted(
    sound: npt.NDArray[np.float32], spans: list[Interval], *, language: str, recogniser: Recogniser, prompt: str
) -> tuple[Word, ...]:
    """Words that the model hears in the sound of the spans when it is shown ``prompt`` before; for a second opinion.

    Parameters
    ----------
    sound : float32 array, shape (n,)
        Mono, 16 kHz, the sound of the spans one after another: at most 24 s.
    spans : list of Interval
        Where it lies in the recording, in seconds; the times of the words do.
    language : str
        A code of Whisper.
    recogniser : Recogniser
        From `load_recogniser`.
    prompt : str
        Given as hotwords, since a first prompt would hold for the first window only.

    Returns
    -------
    tuple of Word
        Empty where the answer repeats itself or fails Whisper's own threshold; it is not asked again.
    """
    segment, loops = _asked(_levelled(sound), language, recogniser, hotwords=prompt)
    if segment is None or not segment.words or loops or segment.avg_logprob < _LEAST_LOG_ODDS:
        return ()
    return tuple(replace(word, text=word.text.strip()) for word in _placed(segment.words, spans, spans))


def padded(speech: Iterable[Interval], duration_s: float) -> list[Interval]:
    """Speech with a little of the pauses around it: spans that never overlap, none longer than a window."""
    stretches = list(speech)
    spans: list[Interval] = []
    for i, stretch in enumerate(stretches):
        before_s = stretches[i - 1].end_s if i else -2 * _PAD_S
        after_s = stretches[i + 1].start_s if i + 1 < len(stretches) else duration_s + 2 * _PAD_S
        start_s = max(0.0, stretch.start_s - _PAD_S, (before_s + stretch.start_s) / 2)
        end_s = min(duration_s, stretch.end_s + _PAD_S, (stretch.end_s + after_s) / 2)
        edges_s = np.linspace(start_s, end_s, int((end_s - start_s) / _WINDOW_S) + 2).tolist()
        spans += [Interval(a, b) for a, b in pairwise(edges_s)]
    return spans


def _filled(spans: list[Interval]) -> tuple[list[Interval], list[Interval]]:
    """As many of the spans as fit into a window (at least one), and the rest."""
    fitting = np.cumsum([span.duration_s for span in spans]) <= _WINDOW_S + 1e-6
    n = max(1, int(fitting.sum()))
    return spans[:n], spans[n:]


def collage(samples: npt.NDArray[np.float32], spans: Sequence[Interval]) -> npt.NDArray[np.float32]:
    """The sound of the spans, one after another."""
    return np.concatenate([samples[round(s.start_s * RATE) : round(s.end_s * RATE)] for s in spans])


def _detected(sound: npt.NDArray[np.float32], languages: tuple[str, ...], recogniser: Recogniser) -> str:
    """The language of up to 30 s of speech: one of ``languages`` or of `LANGUAGES`; ``auto`` when in doubt among them.

    No others are compared: of local accents the model thinks languages that nobody at the counter speaks. Where one of
    ``languages`` (the pack's) is the likeliest, it has only the rest of those against it.
    """
    if not recogniser.model.model.is_multilingual:
        return "en"
    _, _, every = recogniser.model.detect_language(_levelled(sound))
    odds = dict.fromkeys((*languages, *LANGUAGES), 0.0)
    for language, probability in every:
        known = _KIN.get(language, language)
        if known in odds:
            odds[known] += probability
    likeliest = max(odds, key=lambda language: odds[language])
    rivals = [odds[language] for language in languages] if likeliest in languages else odds.values()
    doubt = odds[likeliest] < _LEAST_ODDS or odds[likeliest] < _LANGUAGE_SHARE * sum(rivals)
    return "auto" if doubt else likeliest


def clear_language(sound: npt.NDArray[np.float32], language: str, least: float, recogniser: Recogniser) -> str | None:
    """Whisper's code of what is spoken in up to 30 s, where it is ``least`` sure of one that is not known here.

    None where it is ``language`` or one of `LANGUAGES`, which are heard as they are, and where it is in doubt.
    """
    if not recogniser.model.model.is_multilingual:
        return None
    likeliest, probability, _ = recogniser.model.detect_language(_levelled(sound))
    known = _KIN.get(likeliest, likeliest)
    return None if probability < least or known in (language, *LANGUAGES) else str(likeliest)


def level_gain(sound: npt.NDArray[np.float32]) -> np.float32:
    """What brings speech to one level, whatever the gain of the microphone was: the same words at every gain."""
    peak = float(np.percentile(np.abs(sound), 99.9)) if sound.size else 0.0
    return np.float32(_PEAK / peak if peak > _SILENT_PEAK else 1.0)


def _levelled(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return (sound * level_gain(sound)).astype(np.float32)


def _heard(
    samples: npt.NDArray[np.float32],
    window: list[Interval],
    speech: Sequence[Interval],
    language: str,
    recogniser: Recogniser,
) -> tuple[list[Utterance], float]:
    """Utterances of one window, and the second up to which the model listened."""
    sound = _levelled(collage(samples, window))
    segment, loops = _asked(sound, language, recogniser)
    if loops:
        segment, loops = _asked(sound, language, recogniser, repetition_penalty=_REPETITION_PENALTY)
    if loops:
        segment, loops = _asked(sound, language, recogniser, no_repeat_ngram_size=_LOOP_TOKENS)
    if segment is None or not segment.words:
        return [], window[-1].end_s
    words = _placed(segment.words, window, speech)
    believed = not loops and segment.avg_logprob >= _LEAST_LOG_ODDS
    return _phrases(words, speech) if believed else [], words[-1].end_s


def _asked(
    sound: npt.NDArray[np.float32], language: str, recogniser: Recogniser, **options: Any
) -> tuple[Any | None, bool]:
    """faster-whisper's segment of up to 30 s of sound (None when it hears nothing), and whether it repeats itself.

    A loop never ends by itself. How well the text can be compressed, which Whisper looks at, does not tell it from
    a trainee who rehearses one sentence.
    """
    from speech_recognition import AudioData

    # 32 bit, because in 16 a quiet recording would lose its lower half.
    frames = (np.clip(sound.astype(np.float64), -1, 1) * (2**31 - 1)).astype("<i4").tobytes()
    most_tokens = _TOKENS + round(_TOKENS_PER_S * min(sound.size / RATE, _WINDOW_S))
    answer = recogniser.interface.recognize(
        AudioData(frames, RATE, 4),
        show_dict=True,
        language=language,
        beam_size=BEAM_SIZE,
        temperature=0.0,
        condition_on_previous_text=False,
        # Without Whisper's own time stamps a window is one segment, and stops early less often; words get their
        # times from the attention all the same.
        without_timestamps=True,
        word_timestamps=True,
        max_new_tokens=most_tokens,
        **options,
    )
    segment = next(iter(answer["segments"]), None)
    if segment is None:
        return None, False
    text = "".join(word.word for word in segment.words or ())
    return segment, len(segment.tokens) >= most_tokens or _repeats(text)


def _repeats(text: str) -> bool:
    """Whether something is said so often without a break that it is the model's loop, not a speaker's."""
    loop = _LOOP.search(_NOT_SPOKEN.sub("", text))
    if loop is None:
        return False
    sentence = loop[1]
    said = sum(_NOT_SPOKEN.sub("", part) == sentence for part in _SENTENCE_END.split(text))
    return len(sentence) < _SENTENCE or said * len(sentence) < len(loop[0])


def _placed(words: Iterable[Any], window: list[Interval], speech: Sequence[Interval]) -> list[Word]:
    """Words with times of the collage as words with times of the piece, each within one stretch of speech."""
    ends_s = np.cumsum([span.duration_s for span in window]).tolist()
    stretches = [max(speech, key=span.overlap_s) for span in window]
    placed: list[Word] = []
    earliest_s = window[0].start_s
    for word in words:
        i = min(bisect(ends_s, float(word.start + word.end) / 2), len(window) - 1)
        span, stretch = window[i], stretches[i]
        shift_s = span.end_s - ends_s[i]
        first_s, last_s = max(span.start_s, stretch.start_s, earliest_s), min(span.end_s, stretch.end_s)
        start_s = max(first_s, min(float(word.start) + shift_s, last_s))
        earliest_s = max(start_s, min(float(word.end) + shift_s, last_s))
        placed.append(Word(start_s, earliest_s, word.word, float(word.probability)))
    return placed


def _phrases(words: list[Word], speech: Sequence[Interval]) -> list[Utterance]:
    """Words of one window as utterances, parted where the speaker paused."""
    pauses = Timeline(speech).gaps().lasting(_PHRASE_GAP_S)
    phrases = [[words[0]]]
    for before, after in pairwise(words):
        if any(before.end_s <= pause.start_s and pause.end_s <= after.start_s for pause in pauses):
            phrases.append([])
        phrases[-1].append(after)
    return [Utterance(p[0].start_s, p[-1].end_s, "".join(w.text for w in p), tuple(p)) for p in phrases]


def _unheard(window: list[Interval], heard_to_s: float) -> list[Interval]:
    """What is left of a window after ``heard_to_s``; nothing when it is too little, or when nothing was heard."""
    left = Timeline(window).crop(Interval(heard_to_s, window[-1].end_s))
    enough = left.duration_s >= _UNHEARD_S + _PAD_S
    return list(left) if enough and heard_to_s >= window[0].start_s + _PAD_S else []


def _written(utterance: Utterance, language: str, offset_s: float) -> Utterance:
    """The utterance in simplified characters, at its time in the recording."""
    texts = [word.text for word in utterance.words]
    if language == "zh":
        text = simplified("".join(texts))
        # Converted as a whole, because a character's form may depend on its neighbours; one character stays one.
        ends = np.cumsum([len(t) for t in texts])
        texts = [text[end - len(t) : end] for t, end in zip(texts, ends, strict=True)]
    words = tuple(
        Word(round(w.start_s + offset_s, 3), round(w.end_s + offset_s, 3), t.strip(), round(w.probability, 4))
        for w, t in zip(utterance.words, texts, strict=True)
    )
    return Utterance(words[0].start_s, words[-1].end_s, "".join(texts).strip(), words)
