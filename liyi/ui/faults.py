"""What a page says when something went wrong in it: one sentence, whoever is to blame."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import streamlit as st

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.records.checkup import examine
from liyi.ui import people, space
from liyi.ui.plain import explain
from liyi.ui.wording import _, lang

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
    except people.SignedOut as error:
        st.warning(explain(error))
        style = "display: inline-flex; align-items: center; min-height: var(--target); color: var(--accent)"
        st.html(f'<a href="{escape(sign_in_address())}" target="_self" style="{style}">{escape(_("Sign in"))}</a>')
        st.stop()
    except LiyiError as error:  # the database is damaged or gone, or its disk full
        sentence = explain(error)
    except Exception as error:
        logs.event("page_failed", error=error)
        sentence = _unforeseen(error)
    st.error(sentence)
    st.stop()


def sign_in_address() -> str:
    """Where to sign in again, and from there back to the page that is shown."""
    from liyi.ui.sign_in.returning import own_address

    shown = urlsplit(st.context.url or "/")
    query = st.query_params.to_dict()
    wanted = own_address((shown.path or "/") + (f"?{urlencode(query)}" if query else ""))
    return f"/sign-in?{urlencode({'next': wanted, 'lang': lang()})}"


def _unforeseen(error: Exception) -> str:
    """What is to blame: the disk, a value in the database that was never written, or Liyi."""
    fault = space.full(error) if space.is_full(error) else None
    with suppress(LiyiError):
        fault = fault or examine(people.records())
    if fault is not None:
        return explain(fault)
    return _("This page has met a fault in Liyi ({fault}): load it again; if that does not help, run `liyi doctor` and "
             "report the fault.", fault=type(error).__name__)  # fmt: skip
