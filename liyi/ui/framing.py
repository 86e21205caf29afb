"""What the frame around the pages says of who looks, and of whose data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.records import demo
from liyi.records.engine import data_folder
from liyi.records.operations import people as persons
from liyi.records.role_names import ROLE_NAMES
from liyi.ui import people
from liyi.ui.bar import SignedIn

if TYPE_CHECKING:
    from liyi.records.viewer import Viewer


def who_is_signed_in() -> SignedIn | None:
    """Who is signed in; None on a machine of one person, where nobody needs to be."""
    return signed_in(people.viewer()) if people.team() else None


def signed_in(viewer: Viewer) -> SignedIn:
    """The viewer as the bar names them, the highest role first."""
    store = people.records()
    held = {str(each.role) for each in persons.roles(store, viewer, viewer.person_id)}
    name = persons.person(store, viewer, viewer.person_id).name
    return SignedIn(name, tuple(role for role in reversed([*ROLE_NAMES]) if role in held))


def is_demo() -> bool:
    """Whether all that is kept here was made up (`liyi demo-class`)."""
    return demo.is_demo(data_folder())
