"""Characters and how they sound: traditional ones become simplified, and every one has its readings without tones.

A recogniser writes what it hears in some character of that sound: 着 for 著, 管 for 馆. What is looked for in its words
is compared by sound, and a character counts with all its readings of today, since a homophone is chosen by any of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_DIGITS = {"0": "ling", "1": "yi yao", "2": "er liang", "3": "san", "4": "si", "5": "wu", "6": "liu", "7": "qi",
           "8": "ba", "9": "jiu"}  # fmt: skip
_SAME = {"nin": "ni"}  # recognisers write 你 for 您: what is polite about 您 is no matter of which phrase was said
_SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)")
_FOLDED = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l", "h": "f"}
_PLACES = tuple(map(frozenset, ("bpmw", "dtl", "gkh", "jqx", "zcs", ("", "y", "w"))))
# Of a character's words in the dictionary, those with a reading that is heard today: under that are the readings of old
# idioms (图穷匕见, xian), by which 再见 would sound like 在先. A few that people do say hardly stand in it.
_LEAST_SHARE = 0.025
_SAID = {"地": "de", "得": "dei", "会": "kuai", "大": "dai", "落": "la"}
# 呢 of 呢子 would sound like 你; 么 alone becomes 幺 in OpenCC, and 什么 would sound like 是要.
_MISLEADING = {"呢": "ni", "么": "yao"}
# Of a wrong syllable these turn the sense round (不 没 别) or the person (你 我 他): they are never taken for another.
_DECISIVE = frozenset({"bu", "mei", "bie", "ni", "wo", "ta"})


@lru_cache(maxsize=1)
def _converter() -> Any:
    """OpenCC from traditional characters; ``tw2s``, because ``t2s`` leaves the particle 著 (着) as it is."""
    from opencc import OpenCC

    return OpenCC("tw2s")


def simplified(text: str) -> str:
    """``text`` in simplified characters, as many as before."""
    return str(_converter().convert(text))


@lru_cache(maxsize=8192)
def readings(token: str) -> frozenset[str]:
    """How a Han character or a digit may be read, in pinyin without tones; of another word the word itself.

    A character counts with its first reading and with those that it has in some of its words in pypinyin's dictionary:
    the rest are of old books, and would make 听 (once yi) sound like 也. One that OpenCC changes is read as both.
    """
    if token in _DIGITS:
        return frozenset(_DIGITS[token].split())
    if not re.fullmatch(f"[{HAN}]", token):
        return frozenset({token})
    from pypinyin import Style, pinyin

    found: set[str] = set()
    for character in {token, simplified(token)}:
        found |= {pinyin(character, style=Style.NORMAL)[0][0]} | _in_words().get(character, set())
    found.discard(_MISLEADING.get(token, ""))
    return frozenset(_SAME.get(reading, reading) for reading in found)


@lru_cache(maxsize=1)
def _in_words() -> dict[str, set[str]]:
    """The readings that a character has in the dictionary (47 000 words, 0.2 s) and that are still said."""
    from collections import Counter

    from pypinyin.contrib.tone_convert import to_normal
    from pypinyin.phrases_dict import phrases_dict

    plain: dict[str, str] = {}
    found: dict[str, Counter[str]] = {}
    for word, each in phrases_dict.items():
        for character, (reading, *_) in zip(word, each, strict=False):
            if reading not in plain:
                plain[reading] = to_normal(reading)
            found.setdefault(character, Counter())[plain[reading]] += 1
    return {
        character: {
            reading
            for reading, count in counted.items()
            if count >= _LEAST_SHARE * counted.total() or reading == _SAID.get(character)
        }
        for character, counted in found.items()
    }


@lru_cache(maxsize=65536)
def alike(one: str, other: str) -> bool:
    """Whether two different syllables are easily taken for each other.

    They begin with the same sound and their vowels begin or end alike, or they begin at the same place of the mouth and
    end in the same way. What speakers and recognisers do not tell apart (z and zh, n and l, f and h, -n and -ng) counts
    as the same.
    """
    if one == other or not _DECISIVE.isdisjoint((one, other)):
        return False
    (first, rest), (other_first, other_rest) = _folded(one), _folded(other)
    if first == other_first:
        return rest[:1] == other_rest[:1] or rest[-1:] == other_rest[-1:]
    return rest == other_rest and any({first, other_first} <= place for place in _PLACES)


def _folded(syllable: str) -> tuple[str, str]:
    parts = _SYLLABLE.fullmatch(syllable)
    first, rest = parts.groups() if parts else ("", syllable)
    return _FOLDED.get(first, first), re.sub("ng$", "n", rest)
