"""The document of each page: its language from the first byte, our name and look, and words for Streamlit's."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from liyi.core.words import translate
from liyi.media.kinds import SUFFIXES
from liyi.ui import look, streamlit_words
from liyi.ui.pages import all_pages
from liyi.ui.shell import document, shell


@pytest.fixture(scope="module")
def client():
    async def inner(request):
        return PlainTextResponse("Streamlit's")

    with TestClient(Starlette(routes=[Route("/{rest:path}", inner)], middleware=[shell()])) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), ("", "en-GB,en;q=0.9,zh;q=0.8", "en"), ("?lang=en", "zh-CN", "en"),
     ("?lang=zh", "en-GB", "zh-CN"), ("?lang=fr", "en-GB", "en"), ("?job=1", "fr-FR", "en")],
)  # fmt: skip
def test_the_language_stands_in_the_first_byte(client, query, accepted, lang):
    for address in ["", *(page.address for page in all_pages())]:
        answer = client.get(f"/{address}{query}", headers={"accept-language": accepted})
        assert re.findall(r"<html lang=\"(.*?)\">", answer.text) == [lang], address
        assert answer.headers["vary"] == "accept-language"
        assert answer.headers["cache-control"] == "no-cache"


def test_what_is_no_page_is_streamlits(client):
    for path in ("/_stcore/health", "/static/js/index.js", "/nothing", "/recordings/more"):
        assert client.get(path).text == "Streamlit's"
    assert client.post("/recordings").text != document("zh")


def test_the_files_that_it_names_are_there(client):
    named = re.findall(r'(?:href|src)="\.(/(?:seal|shell)[^"]*)"', document("en"))
    assert {path: client.get(path).headers["content-type"].split(";")[0] for path in named} == {
        "/seal.svg": "image/svg+xml", "/shell.mjs": "text/javascript"
    }  # fmt: skip
    assert client.get("/seal.svg").text == look.seal().read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_of_streamlits_own_is_left(lang):
    text = document(lang)
    assert f"<title>{translate('Liyi', lang)}</title>" in text
    shown = re.sub(
        r"<script type=.application/json.*?</script>|<style.*?</style>|<link rel=.modulepreload.*?>",
        "",
        text,
        flags=re.DOTALL,
    )
    assert not re.search(r"streamlit|agent|favicon\.png|woff2", shown, re.IGNORECASE)
    assert text.count("<noscript>") == text.count("nomodule") == text.count('id="liyi-look"') == 1
    assert look.style() in text
    assert '<div id="root"></div>' in text


def words(lang):
    found = re.search(r'<script type="application/json" id="liyi-words">(.*?)</script>', document(lang), re.DOTALL)
    return json.loads(found.group(1))


def test_the_words_are_found_again_and_said_in_each_language():
    assert words("en")["lang"] == "en"
    said = words("zh")["said"]

    def ours(text, lang):
        pattern, told = next((pattern, told) for pattern, told in said if re.search(pattern, text, re.DOTALL))
        return re.sub(pattern, re.sub(r"\$(\d)", r"\\\1", told[lang]), text, flags=re.DOTALL)

    assert ours("Remove a $1 (b).mp4", "zh") == translate("Remove {name}", "zh", name="a $1 (b).mp4")
    assert ours("1GB per file", "en") == translate("or drop one here, up to {size} GB", "en", size="1")
    assert ours("application/pdf files are not allowed.", "zh").startswith("不能使用这个文件")
    assert ours("• MP4, MOV", "zh") == ""
    assert ours("Help for Exam mode", "zh") == "说明：Exam mode"
    assert not any(re.search(pattern, "Practise") for pattern, told in said)


# Sentences that Streamlit puts together: what of each stands in its files.
PARTS = {
    r"Press (.*Enter) to .*": r"\1 to ${", r".*[GM]B per file": "} per file",
    r"\w+ icon": "} icon", r"(.* exist)(\. Running.*)": r"\1|${t}\2",
}  # fmt: skip


@cache
def streamlits() -> str:
    files = (Path(streamlit.__file__).parent / "static" / "static" / "js").glob("*.js")
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_streamlit_says_what_is_looked_for():
    """A newer Streamlit that says it otherwise is found here, not by a reader of English in a Chinese page."""
    unsaid = []
    for sentence in streamlit_words.SAID:
        parts = [part.strip() for part in re.split(r"\{\w+\}", sentence)]
        for pattern, put_together in PARTS.items():
            if found := re.fullmatch(pattern, sentence):
                parts = found.expand(put_together).replace("⌘", "").replace("Ctrl", "").split("|")
        if not all(part in streamlits() for part in parts):
            unsaid.append(sentence)
    assert unsaid == []


def test_the_list_of_kinds_of_files_is_not_too_long_to_be_taken_out():
    """Streamlit prints all of them behind the limit; the script passes over texts longer than any of Streamlit's."""
    script = (Path(streamlit_words.__file__).parent / "static" / "shell.mjs").read_text(encoding="utf-8")
    longest = int(re.search(r"const LONGEST = (\d+);", script)[1])
    assert len("• " + ", ".join(SUFFIXES)) * 2 < longest
