"""Captions of a recording from its transcript, as WebVTT: words that were doubted and listed phrases are marked."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from liyi.core.words import UNSURE_BELOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from liyi.etiquette.assessment import TranscriptLine, TranscriptWord

MOST_WIDE = 44  # of half-width characters: two lines of a small picture
_LEAST_S = 0.2  # a cue that ends as it begins is never shown
SENTENCE_ENDS = tuple("。！？!?；;")
_HALF_WIDTH = re.compile(r"(?<=[\u3400-\u9fff])[,.!?;:]")
_FULL_WIDTH = str.maketrans(",.!?;:", "，。！？；：")
# The colours of a dark report; what counts against somebody is underlined, too. A player that knows no styles shows the
# bare words.
_STYLE = """\
STYLE
::cue(.unsure) { color: #a5b4b1; }
::cue(.good) { color: #7ccf98; }
::cue(.open) { color: #eab95a; font-style: italic; }
::cue(.attention) { color: #eab95a; text-decoration: underline; }
::cue(.fault) { color: #f2917d; text-decoration: underline; }
"""


def punctuated(text: str) -> str:
    """The text with full-width punctuation after Chinese characters, where Whisper often writes half-width; as long."""
    return _HALF_WIDTH.sub(lambda found: found[0].translate(_FULL_WIDTH), text)


def webvtt(
    transcript: Sequence[TranscriptLine], style_of: Callable[[TranscriptLine, TranscriptWord], str] | None = None
) -> str:  # fmt: skip
    """The transcript as the text of a ``.vtt`` file: cues of at most two lines, cut where a sentence ends.

    Parameters
    ----------
    transcript
        As the recogniser heard it; words below `liyi.core.words.UNSURE_BELOW` stand in ``<c.unsure>``.
    style_of
        The class of a word (``fault``, ``attention``, ``open``, ``good``), empty for none, such as
        `liyi.report.transcript.styles` gives; without it no phrase is marked.
    """
    cues = [
        f"{_time(words[0].start_s)} --> {_time(max(words[-1].end_s, words[0].start_s + _LEAST_S))}\n{text}\n"
        for line in transcript
        for words, text in _cues(line, style_of)
    ]
    return "\n".join(["WEBVTT\n", *([_STYLE] if style_of and cues else []), *cues])


def _cues(
    line: TranscriptLine, style_of: Callable[[TranscriptLine, TranscriptWord], str] | None
) -> Iterator[tuple[list[TranscriptWord], str]]:
    """Words of one cue after the other, with their text."""
    words: list[TranscriptWord] = []
    text, wide, told = "", 0, 0
    for word, before, shown in spelled(line):
        size = sum(2 if ord(c) >= 0x2E80 else 1 for c in before + shown)
        if words and wide + size > MOST_WIDE:
            yield words, _on_one_line(text)
            words, text, wide = [], "", 0
        text += escape(before, quote=False) + _marked(word, shown, style_of(line, word) if style_of else "")
        words, wide, told = [*words, word], wide + size, told + 1
        if shown.rstrip().endswith(SENTENCE_ENDS):
            yield words, _on_one_line(text)
            words, text, wide = [], "", 0
    if words:
        yield words, _on_one_line(text)


def spelled(line: TranscriptLine) -> Iterator[tuple[TranscriptWord, str, str]]:
    """Each word with what stands before it in the line and its own spelling; the last takes what ends the line.

    Words are kept without what stands between them: that is the line's.
    """
    end, found = 0, []
    for word in line.words:
        start = line.text.find(word.text, end) if word.text else -1
        if start >= 0:
            found.append((word, start, start + len(word.text)))
            end = start + len(word.text)
    text = punctuated(line.text)
    for k, (word, start, stop) in enumerate(found):
        before = text[found[k - 1][2] if k else 0 : start]
        yield word, before, text[start : stop if k + 1 < len(found) else len(text)]


def _on_one_line(text: str) -> str:
    return " ".join(text.split())  # an empty line would end the cue


def _marked(word: TranscriptWord, shown: str, style: str) -> str:
    text = escape(shown, quote=False)
    classes = [*([style] if style else []), *(["unsure"] if word.probability < UNSURE_BELOW else [])]
    return f"<c.{'.'.join(classes)}>{text}</c>" if classes else text


def _time(seconds: float) -> str:
    whole = round(max(seconds, 0.0) * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"
