"""The look of the pages of signing in: one template in both languages; no script, nothing from elsewhere."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from liyi.core.templates import template
from liyi.core.words import translate
from liyi.records.passwords import LEAST_PASSWORD
from liyi.ui import look
from liyi.ui.bar import NAME
from liyi.ui.shell import TAGS
from liyi.ui.wording import LANGUAGES

_TEMPLATES = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True)
class Shown:
    """What a page shows: which one it is, what was typed before (no password), who is signed in, what is said."""

    page: Literal["sign_in", "code", "account"]
    account: str = ""
    code: str = ""
    name: str = ""
    local: bool = False
    said: str = ""


def draw(shown: Shown, *, lang: str, next: str, fault: str, provider: bool) -> str:
    """The page as HTML.

    Parameters
    ----------
    shown
        What it shows.
    lang
        ``zh`` or ``en``.
    next
        Where to go on afterwards: an address of this app.
    fault
        What went wrong before, as a sentence; empty where nothing did.
    provider
        Whether people can sign in by the unit's own provider.
    """
    kept = {"next": next} if next != "/" else {}
    others = {code: (name, f"?{urlencode({**kept, 'lang': code})}") for code, name in LANGUAGES.items() if code != lang}
    return template("sign_in.html.j2", _TEMPLATES).render(
        _=partial(_said, lang=lang), shown=shown, lang=lang, tag=TAGS[lang], next=next, fault=fault, provider=provider,
        query=f"?{urlencode({**kept, 'lang': lang})}", others=others, tags=TAGS, brand=NAME, style=look.tokens(),
        seal=_seal(), said=translate(shown.said, lang) if shown.said else "", least=LEAST_PASSWORD,
    )  # fmt: skip


def _said(sentence: str, lang: str = "zh", **fields: object) -> str:
    return translate(sentence, lang, **fields)


@cache
def _seal() -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(look.seal().read_bytes()).decode("ascii")
