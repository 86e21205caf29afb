"""What ``liyi app`` hands to the server that takes its place: address, names, settings; nothing is started."""

from __future__ import annotations

import os
import socket

import pytest
from typer.testing import CliRunner

from liyi import cli
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
