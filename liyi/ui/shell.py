"""The document that a browser gets for each page: Streamlit's own, with our language, name, look and words.

Streamlit's says ``lang="en"`` under Chinese pages, has Streamlit's name and mark until the page is drawn, is white in
the dark, and offers an interface for programs that is closed here.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse

from liyi.core.words import LANGUAGES, N_, translate
from liyi.ui import look, streamlit_words
from liyi.ui.pages import all_pages

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

TAGS = {"zh": "zh-CN", "en": "en"}  # of <html lang>
_FILES = {"/shell.mjs": (look.STATIC / "shell.mjs", "text/javascript"), "/seal.svg": (look.seal(), "image/svg+xml")}
_DOCUMENT = Path(streamlit.__file__).parent / "static" / "index.html"
_NO_SCRIPT = N_("This page needs JavaScript: allow it in the browser, then load the page again.")
_OLD = N_("This browser is too old for Liyi: use a newer Chrome, Edge or Chromium.")


class Shell:
    """ASGI middleware that answers for a page with `document`, and with the files that it names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless it asks for a page or one of the files."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
        elif scope["path"] in _FILES:
            path, kind = _FILES[scope["path"]]
            await FileResponse(path, media_type=kind, headers={"cache-control": "no-cache"})(scope, receive, send)
        elif scope["path"].strip("/") in {"", "index.html", *(page.address for page in all_pages())}:
            text = document(lang_of(Request(scope)))
            headers = {"cache-control": "no-cache", "vary": "accept-language"}
            await HTMLResponse(text, headers=headers)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def lang_of(asked: Request) -> str:
    """The language that a page will have, as far as its request says: its address, else the browser's first."""
    chosen = asked.query_params.get("lang")
    if chosen in LANGUAGES:
        return chosen
    return "zh" if (asked.headers.get("accept-language") or "zh").lower().startswith("zh") else "en"


@cache
def document(lang: str) -> str:
    """The document of every page, in ``zh`` or ``en``."""
    text = _DOCUMENT.read_text(encoding="utf-8")
    for pattern, ours in (
        (r"<!--.*?-->\s*", ""),
        (r'<html lang="[^"]*">', f'<html lang="{TAGS[lang]}">'),
        (r"<title>[^<]*</title>", f"<title>{translate('Liyi', lang)}</title>"),
        (r'<link rel="shortcut icon"[^>]*>', '<link rel="icon" type="image/svg+xml" href="./seal.svg" />'),
        (r'<link\s+rel="preload"[^>]*as="font"[^>]*>\s*', ""),  # of a typeface that is not used here
        (r'<link rel="service-desc"[^>]*>\s*', ""),
        (r"<noscript>.*?</noscript>", f"<noscript>{_sentences(_NO_SCRIPT)}</noscript>{_for_old_browsers()}"),
        (r"</head>", f"{_head(lang)}</head>"),
    ):
        text = re.sub(pattern, ours.replace("\\", r"\\"), text, flags=re.DOTALL)
    return text


def _head(lang: str) -> str:
    """The look, and the words that the script puts in place of Streamlit's."""
    words = {
        "lang": lang, "tags": TAGS, "said": streamlit_words.table(),
        "names": {each: translate("Pages", each) for each in LANGUAGES},
    }  # fmt: skip
    data = json.dumps(words, ensure_ascii=False).replace("<", r"\u003c")
    return (
        f'<style id="liyi-look">{look.style()}</style>\n'
        f'<script type="application/json" id="liyi-words">{data}</script>\n'
        '<script type="module" src="./shell.mjs"></script>\n'
    )


def _for_old_browsers() -> str:
    """A sentence in a browser that does not know modules, in which Streamlit would show nothing."""
    sentences = json.dumps(_sentences(_OLD))
    return f"<script nomodule>document.body.innerHTML = {sentences}</script>"


def _sentences(sentence: str) -> str:
    """It in both languages: nobody can switch where nothing else is shown."""
    return "".join(f'<p lang="{TAGS[lang]}">{translate(sentence, lang)}</p>' for lang in LANGUAGES)


def shell() -> Middleware:
    """For ``st.App(middleware=…)``."""
    return Middleware(Shell)
