"""Every page has its address, and an address without a page leads to the first one, which says so."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from liyi.core.words import translate
from liyi.ui import MAIN, pages, people
from liyi.ui.addresses import MISSING, known_addresses
from liyi.ui.pages import all_pages

PAGE = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def client():
    async def streamlit(request):
        return PlainTextResponse("page")

    with TestClient(Starlette(routes=[Route("/{rest:path}", streamlit)], middleware=[known_addresses()])) as client:
        yield client


@pytest.mark.parametrize("address", ["", *(page.address for page in all_pages())])
def test_a_page_is_answered(client, address):
    for path in (f"/{address}", f"/{address}?job=1"):
        assert client.get(path, headers=PAGE, follow_redirects=False).text == "page"


@pytest.mark.parametrize("address", ["/nothing", "/practise/more", "/practise-start", "/nothing/"])
def test_no_page_leads_to_the_first(client, address):
    answer = client.get(f"{address}?lang=en&job=1", headers=PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"/?lang=en&{MISSING}=1")


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/static/js/index.js", PAGE), ("/favicon.png", PAGE), ("/_stcore/health", PAGE), ("/media/abc", PAGE),
     ("/live/T/recording", PAGE), ("/review/0f/page", PAGE), ("/nothing", {"accept": "*/*"})],
)  # fmt: skip
def test_files_are_left_alone(client, path, headers):
    assert client.get(path, headers=headers, follow_redirects=False).text == "page"


def test_the_first_page_says_it(tmp_path, monkeypatch):
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    shown = AppTest.from_file(str(MAIN), default_timeout=60)
    assert translate("There is no page at this address. The pages that there are stand above.", "zh") not in [
        each.value for each in shown.run().info
    ]
    shown.query_params[MISSING] = "1"
    assert translate("There is no page at this address. The pages that there are stand above.", "zh") in [
        each.value for each in shown.run().info
    ]


def test_a_page_is_in_the_navigation_of_its_roles(monkeypatch):
    made = [
        pages.Page("Title", role, role, place, print) for place, role in enumerate(("everyone", "trainee", "admin"))
    ]
    monkeypatch.setattr(pages, "all_pages", lambda: tuple(made))
    assert [page.address for page in pages.pages_of([])] == ["everyone"]
    assert [page.address for page in pages.pages_of(["trainee"])] == ["everyone", "trainee"]
    assert [page.address for page in pages.pages_of(["admin", "trainee"])] == ["admin", "everyone", "trainee"]


def test_several_roles_begin_with_the_home_of_the_highest(monkeypatch):
    homes = [(role, address) for role, address in pages.HOMES.items() if role != people.SOLO]
    made = [pages.Page("Home", address, role, place, print) for place, (role, address) in enumerate(reversed(homes))]
    made.append(pages.Page("Both", "both", ("trainer", "evaluator"), 9, print))
    monkeypatch.setattr(pages, "all_pages", lambda: tuple(made))

    def of(*roles):
        return [page.address for page in pages.pages_of(roles)]

    assert of("trainer", "evaluator") == ["review", "evaluate", "both"]  # none of them twice
    assert of("admin", "trainee", "trainer") == ["care", "review", "both", "today"]
    assert of("evaluator") == ["evaluate", "both"]
    assert of("trainee") == ["today"]
    made.remove(next(page for page in made if page.address == "care"))
    assert of("admin", "trainer") == ["review", "both"]


def test_what_is_over_stands_under_more():
    assert [pages.in_bar(count) for count in (1, 6, 7, 12)] == [1, 6, 5, 5]


def test_without_sign_in_the_one_person_practises_first(monkeypatch):
    monkeypatch.delenv("LIYI_TEAM", raising=False)
    addresses = [page.address for page in pages.pages_of(people.roles())]
    assert addresses == ["today", "drill", "practise", "assess", "recordings", "progress", "review", "evaluate"]


def test_every_page_has_a_place_of_its_own():
    assert [page.place for page in all_pages()] == sorted({page.place for page in all_pages()})
