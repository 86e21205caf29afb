"""What a batch tells of its lines as it goes on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from liyi.batch.line_states import Tally
from liyi.core.errors import Notice


@pytest.mark.parametrize(("lang", "said"), [("en", "a/1.mp4: too short"), ("zh", "a/1.mp4：too short")])
def test_a_failure_that_names_no_recording_is_told_with_it(tmp_path, lang, said):
    told = []
    lines = [SimpleNamespace(path=path, person=None, cohort=None) for path in ("a/0.mp4", "a/1.mp4", "a/2.mp4")]
    tally = Tally(lines, lambda counts, failure: told.append(failure), lang)
    for at, key in enumerate("xyy"):
        tally.expect(at, key)
    tally.finish("x", Notice("0.mp4 is damaged"))
    tally.finish("y", Notice("too short"))
    assert told == ["0.mp4 is damaged", said]
    assert [row.failure for row in tally.rows(tmp_path)] == ["0.mp4 is damaged", "too short", "too short"]
