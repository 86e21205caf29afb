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
from liyi.ui.wording import _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

Role = Literal["everyone", "trainee", "trainer", "evaluator", "admin"]


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
        Whose navigation has it; ``everyone`` for all roles.
    place
        In the navigation, from the left. The first page that somebody has also stands at the server's own address.
    draw
        Draws it. It reads only: what changes anything is done when a button was pressed, or by a job.
    """

    title: str
    address: str
    role: Role
    place: int
    draw: Callable[[], None]


@cache
def all_pages() -> tuple[Page, ...]:
    """Every page, in the order of the navigation."""
    names = (each.name for each in pkgutil.iter_modules(screens.__path__, f"{screens.__name__}."))
    found: list[Page] = [importlib.import_module(name).PAGE for name in names]
    return tuple(sorted(found, key=lambda page: page.place))


def pages_of(roles: Collection[str]) -> tuple[Page, ...]:
    """The pages of somebody with these roles."""
    return tuple(page for page in all_pages() if page.role == "everyone" or page.role in roles)


def shown(page: Page, *, default: bool = False) -> st.Page:
    """The page as Streamlit has it; ``default`` for the one at the server's own address."""
    address = f"{page.address}-start" if default else page.address
    return st.Page(page.draw, title=_(page.title), url_path=address, default=default)


def go(address: str, **query: str) -> NoReturn:
    """Leave for the page at ``address``, with ``query`` in it."""
    st.switch_page(shown(at(address)), query_params=query)


def link(address: str, label: str, **query: str) -> None:
    """A link to the page at ``address``, with ``query`` in it."""
    st.page_link(shown(at(address)), label=label, query_params=query or None)


def at(address: str) -> Page:
    """The page at ``address``."""
    return next(page for page in all_pages() if page.address == address)
