"""On whose behalf the pages act, and in which store: the one place that a sign-in will change."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from typing import TYPE_CHECKING

from liyi.records import sign_in
from liyi.records.engine import data_folder, open_records
from liyi.records.operations import consent
from liyi.records.operations import people as persons

if TYPE_CHECKING:
    from pathlib import Path

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer

SOLO_ROLES = frozenset(("trainee",))  # without sign-in the one person practises, and judges nobody


def records() -> Records:
    """The store, opened once in a process; raises LiyiError when it cannot be used."""
    return _opened(data_folder(), os.environ.get("LIYI_DATABASE_URL"))


@cache
def _opened(folder: Path, url: str | None) -> Records:
    return open_records(folder, url=url)


def viewer() -> Viewer:
    """Who looks; without sign-in, the one person of this machine."""
    return sign_in.local(records())


def team() -> bool:
    """Whether several people sign in here."""
    return os.environ.get("LIYI_TEAM") == "1"


def roles() -> frozenset[str]:
    """Roles of who looks."""
    if not team():
        return SOLO_ROLES
    who = viewer()
    return frozenset(str(each.role) for each in persons.roles(records(), who, who.person_id))


def agree(text: str, *, version: str) -> None:
    """Note that the viewer agreed to a text, once as long as that consent stands.

    Parameters
    ----------
    text
        As it was shown.
    version
        Of the text; changes when its meaning does.
    """
    if not has_agreed(text, version=version):
        shown = hashlib.sha256(text.encode("utf-8")).hexdigest()
        consent.give_consent(records(), viewer(), version=version, text_sha256=shown)


def has_agreed(text: str, *, version: str) -> bool:
    """Whether the viewer agreed to this text and has not taken it back."""
    store, who = records(), viewer()
    shown = hashlib.sha256(text.encode("utf-8")).hexdigest()
    given = consent.consents(store, who, who.person_id)
    return any(row.text_sha256 == shown and row.version == version and row.withdrawn_at is None for row in given)
