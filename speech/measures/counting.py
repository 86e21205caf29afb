"""What was said, counted: syllables for pace and for the cross-check, characters for Chinese, words for English.

The rule (norms 2.1): Han characters, spoken digits and English syllables count; punctuation does not.
"""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_DIGIT = re.compile(r"\d")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’]*")
_WORD = re.compile(r"[A-Za-z\d][A-Za-z\d'’.,-]*")

_TWO_SYLLABLE_DIGITS = "07"  # zero, seven
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?<=[^aeiouyl])es$|(?<=[^aeiouytd])ed$|(?<=[^aeiouy])e$")
_SOUNDED_END = re.compile(r"[^aeiouy]le$|(?:s|x|z|ch|sh|c|g)es$")
_TWO_VOWELS = re.compile(r"ia|io(?!us|n)|eo(?!u)|iu|ua(?!r|l)|uo|[aeiou]ing$|[td]ual|ious(?<![cgtx]ious)")


def english_syllables(word: str) -> int:
    """Syllables of an English word by its spelling; at least 1.

    A run of vowel letters is one syllable; a final silent e (also in -es, -ed) is none; hiatus (``ia``, ``eo``,
    ``-ying`` …) makes two. An abbreviation in capitals is spelt out (``W`` has three syllables). Among the words of
    ordinary prose about one in twenty is wrong, in both directions.
    """
    letters = word.strip("'’")
    if len(letters) > 1 and letters.isupper() and not _VOWELS.search(letters.lower()):
        return sum(3 if letter == "W" else 1 for letter in letters)
    text = letters.lower().replace("'", "").replace("’", "")
    if not _SOUNDED_END.search(text):
        text = _SILENT_END.sub("", text)
    return max(1, len(_VOWELS.findall(text)) + len(_TWO_VOWELS.findall(text)))


def syllables(text: str, language: str) -> int:
    """Syllables of ``text`` when spoken in ``language``: Han characters, digits, and syllables of Latin words."""
    digits = _DIGIT.findall(text)
    spoken_digits = len(digits)
    if language == "en":
        spoken_digits += sum(digit in _TWO_SYLLABLE_DIGITS for digit in digits)
    return len(_HAN.findall(text)) + spoken_digits + sum(english_syllables(word) for word in _LATIN.findall(text))


def words(text: str) -> int:
    """English words of ``text``; a number written in digits is one."""
    return len(_WORD.findall(text))
