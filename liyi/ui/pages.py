"""A page as its own module declares it, and the way to it from another.

Every module of `liyi.ui.screens` has its ``PAGE``; there is no other list.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, NoReturn

import streamlit as st

from liyi.ui import screens
from liyi.ui.people import SOLO
from liyi.ui.wording import _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

Role = Literal["everyone", "trainee", "trainer", "evaluator", "admin"]
# The page that somebody begins with, by role, the highest first: who holds several begins with the first of theirs.
# `SOLO` comes first: the one person of a machine practises, whatever else there is to do.
HOMES = {SOLO: "today", "admin": "care", "trainer": "review", "evaluator": "evaluate", "trainee": "today"}
MOST_TABS = 6  # in the bar of a desktop; what is over stands under "More"


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes
    ----------
    title
        In the navigation, of the browser's tab, and the page's heading: an English sentence key.
    address
        Below the server's own, without a slash.
    role
        Whose page it is, one role or several; ``everyone`` for all roles. For others it is not there.
    place
        In the navigation, from the left; before all stands the home of one's highest role (`HOMES`), also at the
        server's own address.
    draw
        Draws it. It reads only: what changes anything is done when a button was pressed, or by a job.
    team
        Whether it is there only where people sign in: for who is alone it has no use.
    """

    title: str
    address: str
    role: Role | tuple[Role, ...]
    place: int
    draw: Callable[[], None]
    team: bool = False


@cache
def all_pages() -> tuple[Page, ...]:
    """Every page, in the order of the navigation."""
    names = (each.name for each in pkgutil.iter_modules(screens.__path__, f"{screens.__name__}."))
    found: list[Page] = [importlib.import_module(name).PAGE for name in names]
    return tuple(sorted(found, key=lambda page: page.place))


def pages_of(roles: Collection[str]) -> tuple[Page, ...]:
    """The pages of somebody with these roles, each once: the home of the highest role, pages of staff, all others.

    On a machine of one person those for practice come first.
    """
    theirs = [page for page in all_pages() if is_of(page, roles) and not (page.team and SOLO in roles)]
    home = home_among(theirs, [address for role, address in HOMES.items() if role in roles])
    last = ("trainee",) if SOLO not in roles else ()
    return tuple(sorted(theirs, key=lambda page: (page.address != home, bool(last) and is_of(page, last))))


def is_of(page: Page, roles: Collection[str]) -> bool:
    """Whether somebody with these roles has the page."""
    whose = (page.role,) if isinstance(page.role, str) else page.role
    return "everyone" in whose or not set(whose).isdisjoint(roles)


def home_among(theirs: Collection[Page], homes: Collection[str]) -> str | None:
    """Address of the first of ``homes`` that is one of their pages."""
    there = {page.address for page in theirs}
    return next((address for address in homes if address in there), None)


def in_bar(count: int) -> int:
    """How many of ``count`` pages are tabs; where there are more than `MOST_TABS`, "More" takes the last place."""
    return count if count <= MOST_TABS else MOST_TABS - 1


def shown(page: Page, *, default: bool = False) -> st.Page:
    """The page as Streamlit has it; ``default`` for the one at the server's own address."""
    address = f"{page.address}-start" if default else page.address
    return st.Page(page.draw, title=_(page.title), url_path=address, default=default)


def has(address: str, roles: Collection[str]) -> bool:
    """Whether there is a page at ``address`` for somebody with these roles."""
    return any(page.address == address for page in pages_of(roles))


def go(address: str, **query: str) -> NoReturn:
    """Leave for the page at ``address``, with ``query`` in it."""
    st.switch_page(shown(at(address)), query_params=query)


def link(address: str, label: str, **query: str) -> None:
    """A link to the page at ``address``, with ``query`` in it."""
    st.page_link(shown(at(address)), label=label, query_params=query or None)


def at(address: str) -> Page:
    """The page at ``address``."""
    return next(page for page in all_pages() if page.address == address)
