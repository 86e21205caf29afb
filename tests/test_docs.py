"""What `make docs` writes is what the code says now."""

from __future__ import annotations

import pytest

from benchmarks.write_docs import PARTS, WHOLE, pages, replaced, stale


def test_made_docs_are_up_to_date():
    assert WHOLE
    assert len(pages()) == len({*WHOLE, *(page for page, _ in PARTS)})
    assert stale() == [], "run `make docs`"


def test_a_part_is_replaced_between_its_markers_only():
    page = "before\n<!-- x: made by make docs -->\nold\n<!-- end of x -->\nafter\n"
    assert replaced(page, "x", "new\n") == page.replace("old", "new")
    with pytest.raises(ValueError, match="0 times"):
        replaced(page, "y", "new")
