"""Text from strangers never becomes a formula, a second line or more than a cell holds."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from liyi.core.spreadsheet_text import LONGEST, OPENERS, cell, csv_cell, plain

WILD = st.text(st.characters(), max_size=40)
FORMULAE = st.builds(
    lambda lead, opener, rest: lead + opener + rest,
    st.text("\t\r\n\x00 \u3000\xa0\u200b\ufeff\u202e", max_size=4),
    st.sampled_from(OPENERS),
    WILD,
)


def first_seen(text: str) -> str:
    """The first character that a program shows, in its plain form."""
    shown = (c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))
    return unicodedata.normalize("NFKC", next(shown, ""))[:1]


@given(FORMULAE | WILD)
@example("=1+1")
@example("\t@SUM(A1)")
@example("　＝1")
@example("\ufeff+1")
@example("\ud800=1")
def test_no_cell_begins_as_a_formula(text):
    assert first_seen(csv_cell(text)) not in tuple("=+-@")


@given(FORMULAE, st.sampled_from(',;|"'))
def test_nor_does_what_another_separator_would_cut_off(formula, separator):
    for part in re.split(r'[,;|"]', csv_cell(f"report{separator}{formula}")):
        assert first_seen(part) not in tuple("=+-@")


@given(WILD)
def test_a_cell_is_one_line_of_valid_text(text):
    for made in (cell(text), csv_cell(text)):
        assert len(made.splitlines()) <= 1
        assert not re.search(r"[\x00-\x1f]", made)
        assert made.encode("utf-8").decode("utf-8") == made


@given(WILD)
def test_csv_reads_back_as_one_row(text):
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_NONNUMERIC).writerow([csv_cell(text), "end"])
    assert list(csv.reader(io.StringIO(file.getvalue()))) == [[csv_cell(text), "end"]]


def test_ordinary_names_stay_as_they_are():
    for name in ("clip-01.mp4", "/data/一班/王芳 (2).mp4", "s3://bucket/a=b/c@d.mp4", "it's 5-3.mp4", "a, b; c.mp4"):
        assert csv_cell(name) == cell(name) == plain(name) == name


def test_every_form_of_an_opener_is_known():
    every = (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    forms = {c for c in every if unicodedata.normalize("NFKC", c)[:1] in tuple("=+-@")}
    assert forms <= set(OPENERS)


def test_long_text_is_cut_where_excel_ends():
    def units(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    assert cell("字" * LONGEST) == "字" * LONGEST
    assert units(cell("字" * (LONGEST + 1))) == LONGEST
    assert units(csv_cell("=" + "😀" * LONGEST)) <= LONGEST
    assert cell("😀" * LONGEST).endswith("😀…")
