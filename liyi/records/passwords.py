"""Passwords and one-time codes: how they are made, what is stored of them, how they are verified.

A password's hash is argon2id by the defaults of argon2-cffi (RFC 9106, the profile of little memory: 64 MiB, 3 passes).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from liyi.core.errors import LiyiError
from liyi.records.schema import now
from liyi.records.sign_in_tables import Credential

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

CODE_VALID = timedelta(hours=72)
LEAST_PASSWORD, MOST_PASSWORD = 10, 200  # characters
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that looks like another
_CODE = 12  # letters: 59 bits, which nobody guesses in 72 hours
AT_ONCE = 2  # hashes: each takes 64 MiB and a core for some hundredths of a second
_turns = threading.Semaphore(AT_ONCE)
_hasher = PasswordHasher()


@dataclass(frozen=True)
class Code:
    """A one-time code as it is shown once, and until when it opens the account."""

    text: str
    until: datetime


def issue(session: Session, person_id: UUID) -> Code:
    """Give a person a new code in place of the one before; the password that there is stays until the code is used."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE))
    code = Code("-".join(letters[n : n + 4] for n in range(0, _CODE, 4)), now() + CODE_VALID)
    row = session.get(Credential, person_id)
    if row is None:
        row = Credential(person_id=person_id)
        session.add(row)
    row.code_sha256, row.code_until = _digest(code.text), code.until
    return code


def put(session: Session, person_id: UUID, hashed: str) -> None:
    """Set a person's password by its `hashed`; no code opens the account any more."""
    row = session.get(Credential, person_id)
    if row is None:
        row = Credential(person_id=person_id)
        session.add(row)
    row.password_hash, row.password_set_at = hashed, now()
    row.code_sha256 = row.code_until = None


def forget(session: Session, person_id: UUID) -> None:
    """Remove a person's password and code."""
    row = session.get(Credential, person_id)
    if row is not None:
        session.delete(row)


def is_code(row: Credential | None, text: str) -> bool:
    """Whether a text is the code of this row, and its time is not up."""
    given = _digest(text)
    if row is None or row.code_sha256 is None or row.code_until is None or row.code_until <= now():
        return False
    return hmac.compare_digest(given, row.code_sha256)


def verify(hashed: str | None, password: str) -> bool:
    """Whether a password has this hash. One hash is computed in any case, also where there is none to compare with."""
    with _turns:
        try:
            return _hasher.verify(hashed or _of_nobody(), _as_typed(password)) and hashed is not None
        except (Argon2Error, InvalidHashError):
            return False


def hashed(password: str) -> str:
    """The hash of a new password.

    Raises
    ------
    LiyiError
        When it is too short or too long.
    """
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise LiyiError("A password has at least {least} characters (at most {most}); a short sentence is easy to keep "
                        "in mind and hard to guess.", least=LEAST_PASSWORD, most=MOST_PASSWORD)  # fmt: skip
    with _turns:
        return _hasher.hash(_as_typed(password))


@cache
def _of_nobody() -> str:
    """The hash of a password that nobody has."""
    return _hasher.hash(secrets.token_urlsafe(32))


def _as_typed(password: str) -> bytes:
    """The same bytes whatever keyboard or system composes the characters."""
    return unicodedata.normalize("NFKC", password[: MOST_PASSWORD + 1]).encode("utf-8", "replace")


def _digest(code: str) -> str:
    letters = "".join(character for character in code[:100].upper() if character.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()
