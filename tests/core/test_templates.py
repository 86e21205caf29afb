"""Templates: what is put into a page is escaped, what it lacks is an error."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest

from liyi.core.templates import template

ROOT = Path(__file__).resolve().parents[2] / "liyi"


def test_values_are_escaped_and_blocks_leave_no_blank_lines(tmp_path):
    (tmp_path / "page.html.j2").write_text("{% for each in names %}\n  <p>{{ each }}</p>\n{% endfor %}\n")
    page = template("page.html.j2", tmp_path).render(names=["<b>", "&"])
    assert page == "  <p>&lt;b&gt;</p>\n  <p>&amp;</p>\n"


def test_a_name_that_is_not_given_is_an_error(tmp_path):
    (tmp_path / "page.html.j2").write_text("{{ total }}")
    with pytest.raises(jinja2.UndefinedError):
        template("page.html.j2", tmp_path).render()


def test_folders_are_looked_through_in_their_order(tmp_path):
    for name in ("own", "shared"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part.j2").write_text(name)
    (tmp_path / "shared" / "page.j2").write_text("{% include 'part.j2' %}")
    assert template("page.j2", tmp_path / "own", tmp_path / "shared").render() == "own"
    assert template("page.j2", tmp_path / "shared", tmp_path / "own").render() == "shared"


@pytest.mark.parametrize("page", ["cohort/templates/cohort.html.j2", "agreement/templates/agreement.html.j2"])
def test_a_page_that_borrows_the_reports_sheet_has_its_header_there(page):
    sheet = (ROOT / "report/templates/report.css").read_text(encoding="utf-8")
    header = re.search(r"<header.*?</header>", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)[0]
    named = {name for names in re.findall(r'class="([^"]+)"', header) for name in names.split()}
    assert "jump" in named
    assert {name for name in named if not re.search(rf"\.{name}\b", sheet)} == set()
