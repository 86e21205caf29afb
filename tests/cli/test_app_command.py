"""What ``liyi app`` hands to the server that takes its place: address, names, settings; nothing is started."""

from __future__ import annotations

import os
import re
import socket

import pytest
from typer.testing import CliRunner

from liyi import cli
from liyi.cli import team
from liyi.cli.shared import Lang
from liyi.records import sign_in
from liyi.records.engine import open_records
from liyi.ui.live import access


class Started(Exception):
    """The server would run now."""


@pytest.fixture
def start(monkeypatch):
    """Runs the command up to the server's start; returns exit code, output, the server's command and environment."""
    monkeypatch.setenv(access.HOST_NAMES, "")
    given = {}

    def execve(program, command, environment):
        given.update(command=command, environment=environment)
        raise Started

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(os, "chdir", lambda folder: None)

    def run(*arguments):
        done = CliRunner().invoke(cli.app, ["app", "--lang", "en", *arguments])
        return done.exit_code, done.output, given

    return run


def names(given, monkeypatch) -> frozenset[str]:
    """Names under which the server would answer."""
    monkeypatch.setenv(access.HOST_NAMES, given["environment"].get(access.HOST_NAMES, ""))
    return access.own_names()


OF_THIS_MACHINE = {"127.0.0.1", "localhost", "[::1]"}


def test_a_port_that_is_taken_is_told_and_nothing_starts(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, output, given = start("--port", str(port))
    assert (code, given) == (1, {})
    assert output.strip() == (
        f"Port {port} of this machine is in use: close what uses it, or choose another with --port."
    )


def test_without_a_name_only_this_machine_is_served(start, monkeypatch):
    _, output, given = start("--port", "8765")
    assert output.strip() == "http://127.0.0.1:8765"
    assert names(given, monkeypatch) == OF_THIS_MACHINE
    command = given["command"]
    assert command[command.index("--server.address") + 1] == "127.0.0.1"
    assert "-P" in command


def test_names_of_proxies_are_added_to_those_of_the_environment(start, monkeypatch):
    monkeypatch.setenv(access.HOST_NAMES, "old.example.cn")
    _, _, given = start("--host-name", "Coach.example.cn.", "--host-name", "教练.example.cn")
    added = {"old.example.cn", "coach.example.cn", "xn--wcvr97c.example.cn"}
    assert names(given, monkeypatch) == OF_THIS_MACHINE | added
    command = given["command"]
    assert command[command.index("--server.address") + 1] == "127.0.0.1"  # a name opens no other address


@pytest.mark.parametrize("name", ["https://coach.example.cn", "coach.example.cn:8501", "*", "a b", "a,*"])
def test_what_is_no_name_is_refused_before_anything_starts(start, name):
    code, output, given = start("--host-name", name)
    assert code == 2
    assert "is no host name" in output
    assert given == {}


# For several people


@pytest.fixture
def shared(start, tmp_path, monkeypatch):
    """The same with a data folder of its own, and with what a started server is told put back."""
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)
    for name in ("LIYI_TEAM", "LIYI_HTTPS"):
        monkeypatch.setenv(name, "")
    return start


FIRST = ("--team", "--yes", "--organisation", "Hall", "--admin", "Li", "--account", "li")


def test_a_team_server_has_an_administrator_from_its_first_start(shared):
    code, output, given = shared("--team", "--yes")
    assert (code, given) == (1, {})
    assert "name --organisation, --admin and --account" in output
    _, output, given = shared(*FIRST)
    assert "Hall is there; its administrator is li." in output
    assert re.search(r"One-time code of li, .*: [2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}\n", output)
    assert given["environment"]["LIYI_TEAM"] == "1"
    assert given["environment"].get("LIYI_HTTPS", "") == ""
    _, output, _ = shared("--team", "--yes")
    assert output.strip() == "http://127.0.0.1:8501", "only the first start asks"
    done = CliRunner().invoke(cli.app, ["records", "code", "li", "--lang", "en"])
    assert "One-time code of li" in done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--address", "0.0.0.0"), "start it with --team"),
        (("--address", "0.0.0.0", "--host-name", "coach.example.cn"), "start it with --team"),
        (("--address", "0.0.0.0", *FIRST), "by HTTPS only"),
        (("--address", "everywhere", *FIRST), "is no address"),
    ],
)
def test_others_reach_it_only_where_people_sign_in_by_https(shared, arguments, told):
    code, output, given = shared(*arguments)
    assert (code, given) == (2, {})
    assert told in output


def test_behind_a_proxy_it_listens_where_it_is_told_and_its_cookie_is_for_https(shared):
    _, _, given = shared("--address", "0.0.0.0", "--host-name", "coach.example.cn", *FIRST)
    command = given["command"]
    assert command[command.index("--server.address") + 1] == "0.0.0.0"
    assert given["environment"]["LIYI_HTTPS"] == "1"


def test_at_a_terminal_the_first_start_asks_and_takes_a_password(shared, monkeypatch, tmp_path):
    answers = iter(["Hall", "Li", "li", "short", "short", "a sentence to keep", "a sentence to keep"])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(answers))
    monkeypatch.setattr("liyi.cli.team.sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    team.prepare("", "", "", yes=False, others_reach_it=False, lang=Lang.en)
    store = open_records(tmp_path)
    assert sign_in.prove(store, "li", "a sentence to keep", address="a").viewer is not None
    assert sign_in.prove(store, "li", "a guess at it", address="a").viewer is None
    store.close()
