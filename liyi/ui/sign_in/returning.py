"""Where somebody goes on after signing in: to a page of this app, and nowhere else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from liyi.ui import pages

_PLAIN = re.compile(r"/[!-\[\]-~]*")  # printable ASCII without a backslash, which browsers read as a slash
_LONGEST = 2000


def own_address(asked: str) -> str:
    """``asked`` where it is the address of a page of this app with its query, else ``/``."""
    if len(asked) > _LONGEST or not _PLAIN.fullmatch(asked) or asked.startswith("//"):
        return "/"
    found = urlsplit(asked)
    if found.scheme or found.netloc or found.path.strip("/") not in {page.address for page in pages.all_pages()}:
        return "/"
    return f"{found.path}?{found.query}" if found.query else found.path
