"""The product bar on top of every page: the mark, the pages, the language, and who is signed in.

On a desktop the pages are tabs, those over `liyi.ui.pages.MOST_TABS` under "More"; on a telephone all stand in one
menu. The style sheet shows one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import N_, listed
from liyi.records.role_names import ROLE_NAMES
from liyi.ui import pages
from liyi.ui.people import ACCOUNT_PAGE
from liyi.ui.plain import plain
from liyi.ui.wording import LANGUAGES, _, lang

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "礼仪 Liyi"  # the product's, in every language
SIGN_OUT = "/sign-in/out"


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, as the bar says it."""

    name: str
    roles: tuple[str, ...]


def draw_bar(
    start: st.Page,
    tabs: Sequence[tuple[str, st.Page]],
    here: str,
    *,
    who: SignedIn | None = None,
    is_demo: bool = False,
) -> None:
    """Draw it.

    Parameters
    ----------
    start
        The page that the mark leads to.
    tabs
        Address and page of each, in their order.
    here
        Address of the page that is shown.
    who
        Who is signed in; None where nobody needs to be.
    is_demo
        Whether everything that is shown is of made-up people.
    """
    # What the document's script reads (`static/shell.mjs`): it marks the tab and tells screen readers the language.
    st.html(f'<i data-page-lang="{lang()}" data-page-address="{here}"></i>')
    bar = st.container(key="bar", horizontal=True, vertical_alignment="center")
    with bar.container(key="brand", width="content"):
        st.page_link(start, label=NAME)
    if is_demo:
        with bar.container(key="demo", width="content"):
            st.html(f'<span class="demo" title="{escape(_(_DEMO))}">{escape(_("Demo data"))}</span>')
    with bar.container(key="tabs", horizontal=True, width="stretch", gap=None):
        _tabs(tabs, here)
    bar.segmented_control(
        _("Language"),
        list(LANGUAGES),
        format_func=lambda code: LANGUAGES[code],
        default=lang(),
        key="lang",
        required=True,
        label_visibility="collapsed",
    )
    if who is not None:
        # A key of its own for each page: a link that was followed closes what it stood in.
        with bar.container(key="person", width="content"), st.popover(plain(who.name), key=f"person-of-{here}"):
            _person(who)
    with bar.container(key="menu", width="content"), st.popover(_("Menu"), key=f"menu-of-{here}"):
        _links(tabs, "menu")
        if who is not None:
            st.divider()
            _person(who)


_DEMO = N_("These people do not exist: everything here was made up by `liyi demo-class`.")


def _tabs(tabs: Sequence[tuple[str, st.Page]], here: str) -> None:
    most = pages.in_bar(len(tabs))
    for address, page in tabs[:most]:
        with st.container(key=f"tab-{address}", width="content"):
            st.page_link(page)
    if rest := tabs[most:]:
        title = next((page.title for address, page in rest if address == here), None)
        label = _("More") if title is None else _("More: {title}", title=title)
        around = st.container(key="tabs-more" if title is None else "tabs-more-here", width="content")
        with around, st.popover(label, key=f"more-of-{here}"):
            _links(rest, "more")


def _links(tabs: Sequence[tuple[str, st.Page]], where: str) -> None:
    for address, page in tabs:
        with st.container(key=f"{where}-{address}"):
            st.page_link(page, width="stretch")


def _person(who: SignedIn) -> None:
    """Name, roles, and the ways to the account and out: pages of their own, as only they set and remove the cookie."""
    roles = listed([_(ROLE_NAMES[role]) for role in who.roles], lang()) or _("no role yet")
    account = f'<a href="{ACCOUNT_PAGE}" target="_self">{escape(_("Account and password"))}</a>'
    st.html(
        f'<div class="person"><b>{escape(who.name)}</b><span>{escape(roles)}</span>{account}'
        f'<form method="post" action="{SIGN_OUT}"><button type="submit">{escape(_("Sign out"))}</button></form></div>'
    )
