"""Templates: what is put into a page is escaped, what it lacks is an error."""

from __future__ import annotations

import jinja2
import pytest

from liyi.core.templates import template


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
