"""The text of a list, and its cells: which encoding and which separator a file has, told by what it then says.

Spreadsheets write UTF-8 with a mark, GBK where Windows speaks Chinese, and UTF-16 as "Unicode text"; most else writes
UTF-8. Short Chinese texts in GBK can be valid UTF-8, too.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING

from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# A mark at the start, and what it says; UTF-32's begins as UTF-16's does.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SEPARATORS = (",", "\t", ";", "，", "|")
HEAD_ROWS = 20  # among which the headings are looked for: titles may stand above them
_WORDS = re.compile(r"[^\x00-\x7f]+")

_NO_TEXT = N_("{file} is neither UTF-8, UTF-16 nor GBK text: save it as .xlsx or as CSV UTF-8.")
_BIG5 = N_("{file} seems to be Big5 text, which cannot be told from GBK for certain: save it as .xlsx or as CSV UTF-8.")


class NoListError(ValueError):
    """Bytes that are no list which can be read; ``sentence`` says why, and has the field ``file``."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def decode_list(data: bytes) -> str:
    """The text of a list.

    Without a mark, text is UTF-8 where that can be, unless it then says nothing in Chinese while GB 18030 says nothing
    else.

    Raises
    ------
    NoListError
        When it is no text.
    """
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if marked:
        found = _decoded(data, marked)
    elif b"\0" in data[:4096]:
        found = _utf_16(data)
    else:
        found, gbk = _decoded(data, "utf-8"), _decoded(data, "gb18030")
        if gbk is not None and found is None and _is_big5(data):
            raise NoListError(_BIG5)
        if gbk is not None and found is None and _is_western(gbk):
            raise NoListError(_NO_TEXT)
        if gbk is not None and (found is None or _is_gbk(found, gbk)):
            found = gbk
    if found is None or "\0" in found:
        raise NoListError(_NO_TEXT)
    return found


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _utf_16(data: bytes) -> str | None:
    """UTF-16 without its mark: separators and ends of lines have a byte of nought on the side of the larger half."""
    head = data[:4096]
    return _decoded(data, "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be")


def _is_gbk(utf_8: str, gbk: str) -> bool:
    """Whether bytes that are text in both encodings were meant as GBK."""
    if any(_is_east_asian(letter) for letter in utf_8):
        return False
    runs = list(_WORDS.finditer(gbk))
    # An accented letter of a western word, too, makes a Han character: a single one, beside other letters of its word.
    inside = sum(len(run[0]) == 1 and _is_beside_letters(gbk, run) for run in runs)
    return bool(runs) and 2 * inside < len(runs) and all(_is_usual(letter) for run in runs for letter in run[0])


def _is_western(gbk: str) -> bool:
    """Whether each Han character is an accented letter with the letter behind it, inside a word: Müller in Latin-1."""
    runs = list(_WORDS.finditer(gbk))
    around = [gbk[max(0, run.start() - 1) : run.start()] + gbk[run.end() : run.end() + 1] for run in runs]
    rare = all(len(run[0]) == 1 and not _is_usual(run[0]) for run in runs)
    return bool(runs) and rare and all(len(each) == 2 and each.isalpha() for each in around)


def _is_beside_letters(text: str, run: re.Match[str]) -> bool:
    return text[max(0, run.start() - 1) : run.start()].isalpha() or text[run.end() : run.end() + 1].isalpha()


def _is_east_asian(letter: str) -> bool:
    return letter > "\u2e7f" and unicodedata.east_asian_width(letter) in "WF"


def _is_usual(letter: str) -> bool:
    """Whether a letter is a Han character of GB 2312: Russian and Greek in UTF-8 make others, too."""
    return "\u4e00" <= letter <= "\u9fff" and _encoded(letter, "gb2312") is not None


def _encoded(letter: str, encoding: str) -> bytes | None:
    try:
        return letter.encode(encoding)
    except UnicodeError:
        return None


def _is_big5(data: bytes) -> bool:
    """Whether everything is a frequent character of Big5 (its first level), but not all one of GB 2312."""
    text, gbk = _decoded(data, "big5"), _decoded(data, "gb18030") or ""
    codes = [_encoded(letter, "big5") or b"" for letter in text or "" if letter > "\x7f"]
    frequent = bool(codes) and all(b"\xa1\x40" <= code <= b"\xc6\x7e" for code in codes)
    return frequent and not all(_encoded(letter, "gb2312") for letter in gbk)


def text_rows(
    text: str, has_headings: Callable[[Sequence[str]], bool]
) -> tuple[list[tuple[int, list[str]]], tuple[int, str] | None]:
    """The cells of every line with the line's number, and where and why the reading had to end.

    Parameters
    ----------
    text
        As `decode_list` gives it.
    has_headings
        Tells for the cells of a line whether they are the headings: the separator with which one of the first lines
        has them is the list's, unless a first line ``sep=;`` says it.
    """
    separator = ","
    if re.match(r"sep=.\r?\n", text, re.IGNORECASE):
        separator, text = text[4], text[5:]
    else:
        found = (each for each in SEPARATORS if any(map(has_headings, _head(text, each))))
        separator = next(found, separator)
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            rows.append((reader.line_num, [cell.strip() for cell in row]))
    except csv.Error as error:
        return rows, (reader.line_num, str(error))
    return rows, None


def _head(text: str, separator: str) -> list[list[str]]:
    try:
        return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), HEAD_ROWS))
    except csv.Error:
        return []
