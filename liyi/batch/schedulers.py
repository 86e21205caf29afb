"""Schedulers at which batches of the web app may be run: those that whoever runs the server has named, and no others.

A scheduler has its workers run whatever it is sent, and recordings travel to them.
"""

from __future__ import annotations

import os

from liyi.core.errors import LiyiError

SCHEDULERS = "LIYI_SCHEDULERS"  # addresses such as tcp://10.0.0.1:8786, separated by commas


def allowed() -> tuple[str, ...]:
    """The addresses, in the order in which they were named."""
    named = (address.strip() for address in os.environ.get(SCHEDULERS, "").split(","))
    return tuple(dict.fromkeys(filter(None, named)))


def require_allowed(address: str) -> None:
    """Raise LiyiError for an address that is none of them."""
    if address not in allowed():
        raise LiyiError("Batches may not be run at {address}: whoever runs the server names the schedulers that may be "
                        "used, with `liyi app --scheduler`.", address=address)  # fmt: skip
