"""What a page says when something went wrong in it: one sentence, whoever is to blame."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.records.checkup import examine
from liyi.ui import people, space
from liyi.ui.plain import explain
from liyi.ui.wording import _

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def told() -> Iterator[None]:
    """Show what went wrong in the block and end the page there; a fault of Liyi also costs a line of log.

    Stands around a page, and around each part of it that Streamlit runs by itself.
    """
    try:
        yield
        return
    except LiyiError as error:  # the database is damaged or gone, or its disk full
        sentence = explain(error)
    except Exception as error:
        logs.event("page_failed", error=error)
        sentence = _unforeseen(error)
    st.error(sentence)
    st.stop()


def _unforeseen(error: Exception) -> str:
    """What is to blame: the disk, a value in the database that was never written, or Liyi."""
    fault = space.full(error) if space.is_full(error) else None
    with suppress(LiyiError):
        fault = fault or examine(people.records())
    if fault is not None:
        return explain(fault)
    return _("This page has met a fault in Liyi ({fault}): load it again; if that does not help, run `liyi doctor` and "
             "report the fault.", fault=type(error).__name__)  # fmt: skip
