"""Signing in by account and password: answers tell nothing, guessing is slowed, a session is always a new one."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from starlette.requests import Request

from liyi.core.words import translate
from liyi.records import attempts, passwords, sessions, sign_in
from liyi.records.engine import open_records
from liyi.records.operations import accounts, deletion, personal_copy
from liyi.records.operations import people as persons
from liyi.records.schema import now
from liyi.records.sign_in import Proof
from liyi.records.sign_in_tables import Credential, SignInAttempt, SignInSession
from liyi.ui import people
from liyi.ui.sign_in import cookie, sign_in_routes
from tests import in_a_thread
from tests.ui.sign_in.conftest import PASSWORD, sign_in_as

NEW = "a sentence that is new"


@pytest.fixture
def work(monkeypatch):
    """How often a password was held against a hash."""
    done: list[bool] = []
    verify = passwords.verify

    def counted(hashed, password):
        done.append(hashed is not None)
        return verify(hashed, password)

    monkeypatch.setattr(passwords, "verify", counted)
    return done


def set_cookie(answer) -> str:
    [told] = [value for name, value in answer.headers.multi_items()
              if name == "set-cookie" and value.startswith(people.COOKIE)]  # fmt: skip
    return told


def signed_in(page) -> bool:
    return sessions.find(people.records(), page.cookies.get(people.COOKIE)) is not None


def fault(page) -> str:
    found = re.search(r'role="alert">([^<]*)<', page.text)
    return found.group(1) if found else ""


def test_who_signs_in_goes_on_with_a_cookie_that_scripts_do_not_see(client):
    answer = sign_in_as(client, "wang", next="/progress?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/progress?x=1")
    told = set_cookie(answer)
    assert {"httponly", "path=/", "samesite=lax"} <= {part.strip().lower() for part in told.split(";")}
    assert "secure" not in told.lower()
    assert not re.search("max-age|expires|domain", told.lower())
    assert signed_in(client)
    assert client.get("/sign-in", params={"next": "/drill"}).headers["location"] == "/drill"


@pytest.mark.parametrize("how", ["proxy", "setting"])
def test_the_cookie_is_for_https_alone_where_that_is_spoken(client, how, monkeypatch):
    headers = {"x-forwarded-proto": "https", "origin": "https://testserver"} if how == "proxy" else {}
    if how == "setting":
        monkeypatch.setenv(cookie.HTTPS, "1")
    answer = client.post("/sign-in", data={"account": "wang", "password": PASSWORD}, headers=headers)
    assert "secure" in set_cookie(answer).lower()


def test_a_token_is_new_at_every_sign_in_and_the_one_before_is_ended(client, unit):
    planted = sessions.begin(people.records(), unit.zhang)
    client.cookies.set(people.COOKIE, planted)
    answer = client.post("/sign-in", data={"account": "wang", "password": PASSWORD})
    token = set_cookie(answer).partition("=")[2].partition(";")[0]
    assert token != planted
    assert sessions.find(people.records(), planted) is None
    assert sessions.find(people.records(), token).viewer == unit.wang
    with people.records().reading() as rows:
        assert rows.get(SignInSession, token) is None, "only a digest is kept"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/progress/../../x",
     "/live/a/report", "javascript:alert(1)", "/progress\r\nx: y", "https:/progress", "/%2f/evil.example", "/nowhere",
     "/sign-in", "x" * 3000],
)  # fmt: skip
def test_nobody_is_led_elsewhere(client, wanted):
    for answer in (sign_in_as(client, "wang", next=wanted),
                   client.post("/sign-in", data={"account": "wang", "password": PASSWORD, "next": wanted}),
                   client.get("/sign-in", params={"next": wanted})):  # fmt: skip
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_known_and_unknown_accounts_are_answered_alike(client, unit, work, slept, monkeypatch):
    monkeypatch.setattr(attempts, "MOST_FAULTS", 4)
    store = people.records()
    persons.add_person(store, unit.admin, name="No password", account="nobody-yet")
    left = persons.add_person(store, unit.admin, name="Left", account="has-left")
    persons.end_person(store, unit.admin, left.id)
    told, done = [], []
    for account in ("wang", "nobody-yet", "has-left", "unknown", "x\x00y"):
        work.clear()
        pages = [sign_in_as(client, account, "not the password") for _ in range(attempts.MOST_FAULTS + 2)]
        done.append(len(work))
        told.append([(page.status_code, fault(page), sorted(page.headers)) for page in pages])
        with people.records().writing() as rows:  # they are counted by address as well
            rows.query(SignInAttempt).delete()
    assert all(each == told[0] for each in told)
    assert set(done) == {attempts.MOST_FAULTS}, "as many hashes for each"
    by_code = [
        client.post("/sign-in/code", data={"account": account, "code": "ABCD-EFGH-JKLM", "new": NEW, "again": NEW})
        for account in ("wang", "nobody-yet", "unknown")
    ]
    assert len({(page.status_code, fault(page)) for page in by_code}) == 1


def test_guessing_is_slowed_and_then_locked_and_told(client, slept):
    statuses = [sign_in_as(client, "wang", f"guess {n} of many").status_code for n in range(attempts.MOST_FAULTS + 1)]
    assert statuses == [401] * attempts.MOST_FAULTS + [429]
    assert slept[:3] == [0.0, 0.0, 0.0]
    assert slept[3:] == sorted(slept[3:])
    assert slept[3] == 0.5
    assert max(slept) == 4.0
    locked = sign_in_as(client, "wang")
    assert locked.status_code == 429, "the right password neither"
    assert fault(locked) == translate(attempts._TOO_MANY, "zh", minutes=15)
    assert not signed_in(client)
    assert sign_in_as(client, "zhang").status_code == 303, "another account can"


def test_a_lock_ends_and_a_good_attempt_takes_the_count_back(client, unit, monkeypatch):
    for _ in range(attempts.MOST_FAULTS):
        sign_in_as(client, "wang", "not the password")
    states = accounts.accounts(people.records(), unit.admin)
    assert (states[unit.wang.person_id].state, states[unit.zhang.person_id].state) == ("locked", "active")
    later = now() + timedelta(minutes=16)
    monkeypatch.setattr(attempts, "now", lambda: later)
    for _ in range(attempts.MOST_FAULTS - 1):
        assert sign_in_as(client, "wang", "not the password").status_code == 401
    assert sign_in_as(client, "wang").status_code == 303
    for _ in range(attempts.MOST_FAULTS - 1):
        assert sign_in_as(client, "wang", "not the password").status_code == 401


def test_the_same_account_is_counted_however_it_is_written(client):
    written = ("wang", " wang", "wang ", "wa\x00ng", "\x00wang", "wang\t")
    statuses = [sign_in_as(client, written[n % 6], "a guess").status_code for n in range(attempts.MOST_FAULTS + 1)]
    assert statuses[-2:] == [401, 429]
    assert sign_in_as(client, "wang").status_code == 429


def test_one_address_cannot_try_many_accounts(client, unit):
    statuses = [
        sign_in_as(client, f"account {n}", "the same guess").status_code for n in range(attempts.MOST_FROM_ADDRESS + 1)
    ]
    assert statuses[-2:] == [401, 429]
    assert sign_in_as(client, "wang").status_code == 429


def test_a_code_sets_a_password_once(client, unit):
    store = people.records()
    row = persons.add_person(store, unit.admin, name="New", account="new")
    assert accounts.accounts(store, unit.admin)[row.id].state == "none"
    code = accounts.issue_code(store, unit.admin, row.id)
    assert accounts.accounts(store, unit.admin)[row.id].state == "code"
    assert timedelta(hours=71) < code.until - now() < timedelta(hours=73)
    shown = sign_in_as(client, "new", code.text.lower())
    assert (shown.status_code, client.cookies.get(people.COOKIE)) == (200, None), "a code alone opens nothing"
    assert code.text.lower() in shown.text
    form = {"account": "new", "code": code.text.replace("-", " "), "new": NEW, "again": NEW}
    for wrong, status in ({"new": "short", "again": "short"}, 401), ({"again": "another sentence"}, 401):
        assert client.post("/sign-in/code", data={**form, **wrong}).status_code == status
    assert client.post("/sign-in/code", data={**form, "account": "wang"}).status_code == 401, "of another account"
    assert client.post("/sign-in/code", data=form).status_code == 303
    assert signed_in(client)
    assert accounts.accounts(store, unit.admin)[row.id].state == "active"
    client.cookies.clear()
    assert client.post("/sign-in/code", data=form).status_code == 401, "used"
    assert sign_in_as(client, "new", code.text).status_code == 401
    assert sign_in_as(client, "new", NEW).status_code == 303
    with store.reading() as rows:
        kept = rows.get(Credential, row.id)
        assert kept.password_hash.startswith("$argon2id$")
        assert kept.code_sha256 is None


def test_a_code_that_is_too_old_opens_nothing(client, unit, monkeypatch):
    row = persons.add_person(people.records(), unit.admin, name="Late", account="late")
    code = accounts.issue_code(people.records(), unit.admin, row.id)
    later = now() + timedelta(hours=73)
    monkeypatch.setattr(passwords, "now", lambda: later)
    form = {"account": "late", "code": code.text, "new": NEW, "again": NEW}
    assert client.post("/sign-in/code", data=form).status_code == 401


def test_a_forgotten_password_gives_way_to_a_code_and_all_sessions_end(client, unit):
    store = people.records()
    elsewhere = sessions.begin(store, unit.zhang)
    code = accounts.issue_code(store, unit.admin, unit.zhang.person_id)
    assert sessions.find(store, elsewhere), "not before it is used"
    form = {"account": "zhang", "code": code.text, "new": PASSWORD, "again": PASSWORD}
    assert client.post("/sign-in/code", data=form).status_code == 303
    assert sessions.find(store, elsewhere) is None
    lines = [line.action for line in persons.audit_trail(store, unit.admin, size=500)]
    assert {"issue_code", "set_password", "sign_in"} <= set(lines)


def test_a_password_is_changed_by_who_knows_it(client, unit, slept):
    store = people.records()
    sign_in_as(client, "wang")
    elsewhere, before = sessions.begin(store, unit.wang), client.cookies.get(people.COOKIE)
    form = {"password": PASSWORD, "new": NEW, "again": NEW}
    for wrong in ({"password": "another one"}, {"new": "short", "again": "short"}, {"again": "another"}):
        assert client.post("/sign-in/password", data={**form, **wrong}).status_code == 401
    assert sessions.find(store, elsewhere)
    assert client.post("/sign-in/password", data=form).headers["location"] == "/sign-in/account?said=changed"
    assert sessions.find(store, elsewhere) is None
    assert client.cookies.get(people.COOKIE) != before
    assert "密码已修改" in client.get("/sign-in/account?said=changed").text
    for _ in range(attempts.MOST_FAULTS):
        client.post("/sign-in/password", data={**form, "password": "a guess"})
    assert sign_in_as(client, "wang", NEW).status_code == 429, "guesses are counted here too"
    with store.writing() as rows:
        passwords.put(rows, unit.wang.person_id, passwords.hashed(PASSWORD))


def test_signing_out_is_a_post_and_ends_the_session_for_everybody_who_has_it(client, unit):
    sign_in_as(client, "wang")
    token = client.cookies.get(people.COOKIE)
    assert client.get("/sign-in/out").status_code == 404
    assert signed_in(client)
    answer = client.post("/sign-in/out", params={"lang": "en"})
    assert answer.headers["location"] == "/sign-in?said=out&lang=en"
    assert answer.headers["clear-site-data"] == '"storage"'
    assert client.cookies.get(people.COOKIE) is None
    assert sessions.find(people.records(), token) is None
    assert "You are signed out." in client.get(answer.headers["location"]).text
    sign_in_as(client, "wang")
    elsewhere = sessions.begin(people.records(), unit.wang)
    assert client.post("/sign-in/everywhere").status_code == 303
    assert sessions.find(people.records(), elsewhere) is None


def test_forms_of_others_and_what_is_no_form_are_refused(client):
    form = {"account": "wang", "password": PASSWORD}
    assert client.post("/sign-in", data=form, headers={"origin": "http://evil.example"}).status_code == 404
    del client.headers["origin"]
    assert client.post("/sign-in", data=form).status_code == 404
    client.headers["origin"] = "http://testserver"
    assert client.post("/sign-in", json=form).status_code == 400
    assert client.post("/sign-in", data={"account": "x" * 9000}).status_code == 400
    assert client.post("/sign-in", data={f"account{n}": "" for n in range(300)}).status_code == 400
    assert client.post("/sign-in", files={"account": b"wang"}).status_code == 400
    assert client.post("/sign-in").status_code in (400, 401)
    assert not signed_in(client)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_are_whole_in_both_languages_and_show_what_was_typed_as_text(client, lang):
    typed = '"><script>alert(1)</script>'
    for path, form in (("/sign-in", {"account": typed, "password": typed}),
                       ("/sign-in/code", {"account": typed, "code": typed, "new": NEW, "again": NEW})):  # fmt: skip
        page = client.post(path, params={"lang": lang}, data=form)
        assert "<script" not in page.text
        assert "&lt;script&gt;" in page.text
        assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page.text
        assert bool(re.search("[一-鿿]", re.sub(r"礼仪 Liyi|中文", "", page.text))) is (lang == "zh")
        assert page.headers["cache-control"] == "no-store"
        ids = re.findall(r'<input id="(\w+)"', page.text)
        assert ids == re.findall(r'<label for="(\w+)"', page.text)
        assert not re.search(r'value="[^"]*a sentence', page.text), "no password comes back"
        addresses = re.findall(r'(?:href|src|action)="([^"]*)"', page.text)
        assert all(urlsplit(each).scheme in ("", "data") and not urlsplit(each).netloc for each in addresses)


def test_who_leaves_or_loses_a_role_is_signed_out_and_what_was_known_of_signing_in_goes(unit, tmp_path):
    store = people.records()
    row = persons.add_person(store, unit.admin, name="Leaving", account="leaving")
    grant = persons.grant_role(store, unit.admin, row.id, persons.Role.trainer)
    who = sign_in.signed_in(store, "leaving")
    with store.writing() as rows:
        passwords.put(rows, row.id, passwords.hashed(PASSWORD))
    token = sessions.begin(store, who)
    persons.revoke_role(store, unit.admin, grant.id)
    assert sessions.find(store, token) is None
    token = sessions.begin(store, who)
    copy = personal_copy.personal_copy(store, who, tmp_path / "copy.zip").person
    assert copy["password_set_at"]
    assert len(copy["sign_ins"]) == 2
    assert not {"password_hash", "token_sha256", "code_sha256"} & set(str(copy).replace("'", " ").split())
    persons.end_person(store, unit.admin, row.id)
    assert sessions.find(store, token) is None
    persons.return_person(store, unit.admin, row.id)
    assert sessions.find(store, token) is None, "coming back opens no session of before"
    with store.reading() as rows:
        assert rows.get(Credential, row.id) is None
    persons.end_person(store, unit.admin, row.id)
    deletion.delete_person(store, unit.admin, row.id)
    with store.reading() as rows:
        assert not rows.scalars(select(SignInSession).where(SignInSession.person_id == row.id)).all()


def test_a_session_is_shared_by_servers_on_one_database_and_ends_by_itself(unit, monkeypatch):
    store = people.records()
    token = sessions.begin(store, unit.wang)
    other = open_records(store.folder)
    found = sessions.find(other, token)
    assert found.viewer == unit.wang
    start = now()
    for minutes, seen_at in ((0.5, found.seen_at), (1.5, start + timedelta(minutes=1.5))):
        at = start + timedelta(minutes=minutes)
        monkeypatch.setattr(sessions, "now", lambda at=at: at)
        sessions.seen(other, sessions.find(other, token))
        assert abs(sessions.find(store, token).seen_at - seen_at) < timedelta(seconds=1), "once a minute"
    for minutes, there in ((59, True), (61.6, False)):
        monkeypatch.setattr(sessions, "now", lambda at=start + timedelta(minutes=minutes): at)
        assert (sessions.find(store, token) is not None) is there
    monkeypatch.setenv(sessions.IDLE_MINUTES, "90")
    assert sessions.find(store, token)
    for told in ("0", "721", "an hour", "-5"):
        monkeypatch.setenv(sessions.IDLE_MINUTES, told)
        with pytest.raises(Exception, match="LIYI_IDLE_MINUTES must be"):
            sessions.idle()
    monkeypatch.setattr(sessions, "now", now)
    monkeypatch.delenv(sessions.IDLE_MINUTES)
    sessions.end(other, sessions.find(other, token))
    assert sessions.find(store, token) is None
    other.close()


def test_a_person_who_may_do_more_is_out_of_reach_of_a_department(unit):
    store = people.records()
    part = persons.add_department(store, unit.admin, name="Window")
    chief = persons.add_person(store, unit.admin, name="Chief", account="chief", department_id=part.id)
    persons.grant_role(store, unit.admin, chief.id, persons.Role.admin, department_id=part.id)
    head = persons.add_person(store, unit.admin, name="Head", account="head", department_id=part.id)
    there = sign_in.signed_in(store, "chief")
    assert accounts.issue_code(store, there, head.id)
    persons.grant_role(store, unit.admin, head.id, persons.Role.trainer)
    with pytest.raises(Exception, match="nothing like this"):
        accounts.issue_code(store, there, head.id)
    with pytest.raises(Exception, match="their own access"):
        accounts.issue_code(store, unit.admin, unit.admin.person_id)


def test_another_method_is_refused_and_no_fault(client):
    for method, path in (("PUT", "/sign-in"), ("DELETE", "/sign-in/out"), ("PATCH", "/sign-in/nothing")):
        assert client.request(method, path).status_code == 405


def test_a_hall_that_signs_in_at_once_keeps_nobody_else_waiting(unit, monkeypatch):
    let_go = threading.Event()
    monkeypatch.setattr(sign_in, "prove", lambda *_, **named: Proof(None, by_code=not let_go.wait(20), held_back_s=0.0))
    asked = sign_in_routes._Asked(Request({"type": "http", "headers": [], "client": ("10.0.0.1", 1)}))

    async def crowd():
        many = [asyncio.create_task(sign_in_routes._proved(asked, "wang", "a guess")) for _ in range(80)]
        await asyncio.sleep(0.1)
        try:
            await asyncio.wait_for(asyncio.to_thread(people.records), 5)  # as every request asks who is signed in
        finally:
            let_go.set()
            await asyncio.gather(*many)

    in_a_thread.run(crowd())
