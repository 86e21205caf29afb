"""Help and usage errors in the reader's language: no English is left over in Chinese, nothing is cut off."""

from __future__ import annotations

import re

import pytest
import typer
from typer.testing import CliRunner

from liyi.cli import app, localized
from liyi.cli.localized import choose_lang, display_width, wrapped
from liyi.core.errors import LiyiError

ROOT = typer.main.get_command(app)
# What Chinese help says in Latin letters too: names of formats and programs, an id.
SAME = {"liyi", "csv", "parquet", "xlsx", "pem", "https", "ctranslate2", "id", "tcp", "zip", "tar", "toml"}


def commands(command=ROOT, path=()):
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


COMMANDS = dict(commands())


def literals(command) -> set[str]:
    """Words that are typed as they are: names of commands and options, choices, defaults."""
    words = {word for path in COMMANDS for name in path for word in name.split("-")}
    for parameter in command.params:
        words |= {word for name in parameter.opts for word in re.findall(r"[a-z]+", name)}
        words |= {str(choice) for choice in parameter.type_descriptor.choices or ()}
        words |= set((parameter.metavar or "").split("|")) if "|" in (parameter.metavar or "") else set()
        words |= set(re.findall(r"\w+", str(parameter.default)))
    return words | {"help", "none", "auto", "front", "side", "zh", "en"}


def english(text: str, allowed: set[str]) -> list[str]:
    text = re.sub(r"`[^`]*`|[\w-]+\.(?:json|html|csv|parquet)|\./\S+", "", text)
    return [word for word in re.findall(r"[A-Za-z][A-Za-z0-9_]+", text) if word.lower() not in allowed | SAME]


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def ask(*args: str, answer: str = ""):
    return CliRunner().invoke(app, list(args), prog_name="liyi", input=answer)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_english_is_left_over_in_chinese_help(path, chinese):
    shown = ask(*path, "--help")
    assert shown.exit_code == 0
    command = COMMANDS[path]
    columns = {"recording", "rater", "criterion", "score", "session"} if path == ("agreement",) else set()
    tracks = {"v2", "a1"}  # as --track is given
    roles = {"trainee", "trainer", "evaluator", "admin", "private"} if path == ("records", "retention") else set()
    names = {parameter.name for parameter in command.params if parameter.param_type_name == "argument"}
    said = shown.output.replace(" ".join(("liyi", *path)), "")
    assert english(said, literals(command) - names | columns | roles | tracks) == []
    assert max(map(display_width, shown.output.splitlines())) <= 80


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_english_help_says_everything(path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    shown = " ".join(ask(*path, "--help").output.split())
    command = COMMANDS[path]
    assert not re.search("[一-鿿]", shown.replace("礼仪", ""))
    for text in [*localized.paragraphs(command.help), *filter(None, (p.help for p in command.params))]:
        assert " ".join(text.split()) in shown
    for name, inner in getattr(command, "commands", {}).items():
        assert f"{name} {localized.paragraphs(inner.help)[0]}" in shown


FAULTS = [
    ("score",),
    ("score", "a.mp4", "--outt", "x"),
    ("score", "a.mp4", "--zzz"),
    ("score", "a.mp4", "--lang", "fr"),
    ("score", "a.mp4", "b.mp4"),
    ("score", "--out"),
    ("scor",),
    ("zzz",),
    ("norms", "zzz"),
    ("batch", "a.mp4"),
    ("batch", "a.mp4", "--out", "x", "--resume=1"),
    ("batch", "a.mp4", "--out", "x", "--workers", "0"),
    ("agreement", "a", "b", "--scale", "7"),
    ("records", "exempt", "a", "b", "--from", "x"),
    ("app", "--port", "x"),
    ("app", "--port", "0"),
    ("app", "--port", "70000"),
    ("records", "delete"),
    ("records", "exempt", "x", "y", "--from", "2026-13-01"),
    ("records", "found", "x", "--admin", "y"),
    ("records", "retention", "trainee"),
    ("records", "retention", "trainee", "x"),
    ("records", "adopt"),
    ("records", "discard"),
]


@pytest.mark.parametrize("args", FAULTS, ids=" ".join)
def test_no_english_is_left_over_in_faults_of_usage(args, chinese):
    shown = ask(*args)
    assert shown.exit_code == 2
    typed = {word for arg in args for word in re.findall(r"\w+", arg)}
    known = literals(COMMANDS.get(args[:2]) or COMMANDS.get(args[:1]) or ROOT)
    assert english(shown.output, typed | known | {"person", "unknown"}) == []
    assert "错误：" in shown.output


@pytest.mark.parametrize(
    "typed",
    ["recordings", "required", "standing", "{file} is not there: assess the recording first.", "No such command 'x'."],
)
def test_what_was_typed_is_told_as_it_was_typed(typed, chinese):
    for args in ((typed,), ("score", "a.mp4", "--lang", typed), ("score", "a.mp4", typed)):
        shown = ask(*args)
        assert shown.exit_code == 2
        assert typed.replace("'x'", "“x”") in shown.output


def test_groups_without_a_command_show_their_help(chinese):
    for path in ((), ("records",), ("norms",), ("models",)):
        assert ask(*path).output == ask(*path, "--help").output


def test_any_answer_but_yes_leaves_everything_as_it_was(chinese):
    for answer in ("", "\n", "n\n", "maybe\n"):
        shown = ask("records", "delete", "x", answer=answer)
        assert shown.exit_code == 1
        assert "已取消" in shown.output
        assert english(shown.output, {"maybe"}) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((), "zh"), (("--lang", "en"), "en"), (("--lang=en",), "en"), (("--lang",), "zh"), (("--lang", "fr"), "zh")],
)
def test_the_language_is_that_of_the_option_or_the_locale(arguments, expected, chinese):
    assert choose_lang(["score", "a.mp4", *arguments]) == expected


def test_help_follows_the_option(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    assert "用法：" in ask("score", "--lang", "zh", "--help").output


def test_chinese_breaks_between_characters_and_never_before_a_closing_mark():
    assert list(wrapped("录像，或录音。", 6)) == ["录像，", "或录", "音。"]
    assert list(wrapped("a（b）cd ef", 4)) == ["a", "（b）", "cd", "ef"]
    assert list(wrapped("short", 2)) == ["short"]


@pytest.mark.parametrize("quiet", [False, True])
def test_rejudge_says_that_it_works(quiet, tmp_path, monkeypatch, capfd):
    """Half an hour of measures takes it ten seconds."""

    def stopped(*_, **__):
        raise LiyiError("{file} is not there: assess the recording first.", file="measures.parquet")

    monkeypatch.setattr("liyi.scoring.rejudge.rejudge", stopped)
    arguments = ["rejudge", str(tmp_path), "--lang", "en", *(["--quiet"] if quiet else [])]
    assert CliRunner().invoke(app, arguments).exit_code == 1
    assert ("Judging stored measures" in capfd.readouterr().err) is not quiet
