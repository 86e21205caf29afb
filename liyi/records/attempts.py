"""How often signing in failed: counted for the account, known or not, and for the address that it was tried from.

An attempt counts before it is looked at, so that many at once are no way around; a good one takes its count back. After
`FREE` faults each answer takes longer; after `MOST_FAULTS` for an account, or `MOST_FROM_ADDRESS` from an address (a
whole hall may stand behind one), nothing is tried for `LOCKED`.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.records.schema import now
from liyi.records.sign_in_tables import SignInAttempt

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

FREE, MOST_FAULTS, MOST_FROM_ADDRESS = 3, 10, 50
LOCKED = timedelta(minutes=15)
_FIRST_S, _LONGEST_S = 0.5, 4.0  # of the delay, which doubles with each fault
_KEPT = timedelta(days=1)
_NETWORK = 64  # bits
_TOO_MANY = N_("Too many attempts: nothing is tried for this account or from this place for {minutes} minutes. Then "
               "try again; if you have forgotten your password, an administrator gives you a new code.")  # fmt: skip


class LockedError(LiyiError):
    """Nothing is tried at the moment; ``minutes`` until it is again."""

    def __init__(self, minutes: int) -> None:
        super().__init__(_TOO_MANY, minutes=minutes)


def enter(records: Records, account: str, address: str) -> float:
    """Count an attempt; returns for how many seconds its answer is held back.

    Raises
    ------
    LockedError
        When the account or the address is locked; the same words for both.
    """
    for _ in range(3):
        with suppress(IntegrityError):  # two first attempts at the same moment
            return _enter(records, account, address)
    raise LockedError(1)


def succeeded(records: Records, account: str, address: str) -> None:
    """Take the count of a good attempt back: all of the account's, one of the address's."""
    with records.writing() as session:
        session.execute(delete(SignInAttempt).where(SignInAttempt.key == _key("account", account)))
        row = _row(session, _key("address", _place(address)))
        if row is not None:
            row.faults = max(0, row.faults - 1)
            if row.faults < MOST_FROM_ADDRESS:
                row.locked_until = None


def locked_accounts(session: Session, accounts: dict[str, str]) -> set[str]:
    """Of accounts by their `key_of_account` those that are locked now."""
    found = session.scalars(
        select(SignInAttempt.key).where(SignInAttempt.key.in_(accounts), SignInAttempt.locked_until > now())
    )
    return {accounts[key] for key in found}


def key_of_account(account: str) -> str:
    """Under which digest the attempts at an account are counted."""
    return _key("account", account)


def _enter(records: Records, account: str, address: str) -> float:
    at, faults = now(), 0
    limits = {_key("account", account): MOST_FAULTS, _key("address", _place(address)): MOST_FROM_ADDRESS}
    with records.writing() as session:
        session.execute(delete(SignInAttempt).where(SignInAttempt.last_at < at - _KEPT))
        rows = {key: _row(session, key) for key in sorted(limits)}  # in one order, so that no two wait for each other
        until = [row.locked_until for row in rows.values() if row is not None and row.locked_until is not None]
        still = max((each for each in until if each > at), default=None)
        if still is not None:
            raise LockedError(_minutes(still - at))
        for key, row in rows.items():
            faults = max(faults, _count(session, key, row, limits[key], at))
    return min(_LONGEST_S, _FIRST_S * 2 ** (faults - FREE - 1)) if faults > FREE else 0.0


def _count(session: Session, key: str, row: SignInAttempt | None, most: int, at: datetime) -> int:
    """One more for a row; returns how many faults of an account stand in the way. Old ones count no more."""
    if row is None:
        row = SignInAttempt(key=key, faults=0, last_at=at)
        session.add(row)
    if row.last_at < at - LOCKED or row.locked_until is not None:
        row.faults = 0
    row.faults, row.last_at = row.faults + 1, at
    row.locked_until = at + LOCKED if row.faults >= most else None
    session.flush()
    return row.faults if most == MOST_FAULTS else row.faults // (MOST_FROM_ADDRESS // MOST_FAULTS)


def _row(session: Session, key: str) -> SignInAttempt | None:
    return session.scalars(select(SignInAttempt).where(SignInAttempt.key == key).with_for_update()).first()


def _place(address: str) -> str:
    """What counts as one address: of IPv6 the network, as a machine takes any of its addresses that it likes."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(found.ipv4_mapped or ipaddress.ip_network((found, _NETWORK), strict=False))


def _minutes(left: timedelta) -> int:
    return max(1, math.ceil(left.total_seconds() / 60))


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "replace")).hexdigest()
