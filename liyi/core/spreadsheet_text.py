"""Text from elsewhere, made fit for the cell of a spreadsheet: one line, no formula, no longer than Excel holds.

File names, persons and messages come from outside. A spreadsheet takes a cell for a formula by its first character,
and programs that split a line at another separator, or trim, see other first characters than the writer of the file.
"""

from __future__ import annotations

import re

from liyi.core.names import readable_name

LONGEST = 32_767  # of a cell in Excel, in UTF-16 code units

# What NFKC turns into = + - @, since Excel in East Asian locales reads fullwidth forms as their plain ones; U+2212 too.
OPENERS = "=＝﹦⁼₌⩵⩶+＋﹢⁺₊﬩-－﹣−⁻₋@＠﹫"
# What a program may trim or not show: white space, and the characters of format and control.
_UNSEEN = (
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
_OPENED = rf"'*{_UNSEEN}*[{re.escape(OPENERS)}]"
_FORMULA = re.compile(rf'(?:^|(?<=[,;|"])){_OPENED}')
_MADE_TEXT = re.compile(rf"""(?:^|(?<=[,;|"]))'(?={_OPENED})""")
_LINE_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NOT_TEXT = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_FIT = re.compile(rf"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]{{0,{LONGEST // 2}}}")


def plain(text: str) -> str:
    """``text`` with what UTF-8 or XML cannot hold made readable (file names in GBK) or replaced."""
    return _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", readable_name(text))


def cell(text: str) -> str:
    """``text`` on one line, cut to what a cell holds; for a workbook, whose cells are typed as text."""
    if _FIT.fullmatch(text):  # nearly always, and a workbook has a million
        return text
    return _cut(_LINE_BREAKING.sub(" ", plain(text)))


def csv_cell(text: str) -> str:
    """The same for CSV, where nothing but an apostrophe before it says that ``=1+1`` is text; `of_csv` takes it off."""
    return _cut(_FORMULA.sub(lambda found: f"'{found[0]}", cell(text)))


def of_csv(cell: str) -> str:
    """The text of which `csv_cell` made this cell, as far as a cell can hold it."""
    return _MADE_TEXT.sub("", cell)


def _cut(text: str) -> str:
    if len(text) * 2 <= LONGEST:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"
