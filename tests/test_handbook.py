"""The user's half of the handbook: in both languages alike, and its commands are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from liyi.cli import app

ROOT = Path(__file__).resolve().parents[1]
COMMAND = typer.main.get_command(app)
# What trainees, trainers and evaluators read; what developers read is in English only.
PAIRS = {
    "README.md": "README.zh.md",
    **{f"docs/{name}.md": f"docs/zh/{name}.md"
       for name in ("install", "deploy", "first", "norms", "batch", "agreement", "records", "live", "commands")},
}  # fmt: skip
PAGES = sorted({*(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md")), *PAIRS, *PAIRS.values()})


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def levels(page: str) -> list[int]:
    outside = re.sub(r"^```.*?^```", "", text(page), flags=re.M | re.S)
    return [len(marks) for marks in re.findall(r"^(#+) ", outside, re.M)]


def code(page: str) -> list[str]:
    """Lines of code blocks with what they go on with, and code within lines."""
    blocks = re.findall(r"^```(?!text)[^\n]*\n(.*?)^```", text(page), re.M | re.S)
    lines = [line for block in blocks for line in re.sub(r"\n {8,}", " ", block).splitlines()]
    return lines + re.findall(r"`(liyi [^`]+)`", text(page))


def command_at(path: tuple[str, ...]):
    command = COMMAND
    for name in path:
        assert name in getattr(command, "commands", {}), f"no such command: {' '.join(path)}"
        command = command.commands[name]
    return command


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def asked(line: str) -> list[tuple[tuple[str, ...], set[str]]]:
    """The commands of one line of code, each with the options that it is given.

    ``a|b`` are two commands, and so are ``a X | b Y`` where both are of one group.
    """
    found = re.match(r"\s*(?:exec |\.venv/bin/)?liyi (.*)", line.partition(" #")[0])
    if not found:
        return []
    group: tuple[str, ...] = ()
    first, *more = found[1].split(" | ")
    words = first.split()
    while words and re.fullmatch(r"[a-z-]+", words[0]) and hasattr(command_at((*group, words[0])), "commands"):
        group = (*group, words.pop(0))
    commands: list[tuple[tuple[str, ...], set[str]]] = []
    for part in [" ".join(words), *more]:
        word, _, rest = part.partition(" ")
        if re.fullmatch(r"[a-z][a-z|-]*", word):
            for name in word.split("|"):
                command_at((*group, name))
                commands.append(((*group, name), options_in(rest)))
        elif commands:  # another way to say what the same command works on
            commands[-1][1].update(options_in(part))
        else:
            commands.append((group, options_in(part)))
    return commands


def options_of(path: tuple[str, ...]) -> set[str]:
    return {name for parameter in command_at(path).params for name in parameter.opts} | {"--help"}


@pytest.mark.parametrize("english", PAIRS)
def test_every_page_for_users_has_its_chinese(english):
    chinese = PAIRS[english]
    assert (ROOT / chinese).is_file()
    assert levels(english) == levels(chinese)
    assert len(re.findall("[一-鿿]", text(chinese))) > 200
    links = set(re.findall(r"`docs/zh/(\w+)\.md`", text(chinese)))
    assert links <= {Path(page).stem for page in PAIRS.values()}


@pytest.mark.parametrize("english", PAIRS)
def test_both_languages_show_the_same_commands(english):
    def shown(page: str) -> set[str]:
        return {f"{' '.join(path)} {' '.join(sorted(options))}" for line in code(page) for path, options in asked(line)}

    assert shown(english) == shown(PAIRS[english])


def test_the_chinese_pages_name_the_calibration_as_the_program_does():
    """校准; the other name stands only where a list may use it for its column."""
    catalogue = "liyi/core/locale/zh/LC_MESSAGES/liyi.po"
    for page in (*PAIRS.values(), catalogue):
        assert "校准" in text(page) or page not in ("README.zh.md", "docs/zh/norms.md", "docs/zh/live.md", catalogue)
        assert not re.search("校准段|基准段", text(page).replace("| `calibration` | 校准、基准段 |", "")), page


def test_commands_and_options_of_the_handbook_are_there():
    found = 0
    for page in [*PAGES, "CONTRIBUTING.md"]:
        for line in code(page):
            for path, options in asked(line):
                assert options <= options_of(path), f"{page}: {line}"
                found += 1
    assert found > 60


@pytest.mark.parametrize(
    "line", ["liyi scoer a.mp4", ".venv/bin/liyi norms lst", "liyi records adopt|discrd --unknown"]
)
def test_a_command_that_is_not_there_is_found(line):
    with pytest.raises(AssertionError, match="no such command"):
        asked(line)


def test_a_line_is_read_as_the_terminal_would():
    assert asked("liyi records adopt|discard --unknown  # files") == [
        (("records", "adopt"), {"--unknown"}),
        (("records", "discard"), {"--unknown"}),
    ]
    assert asked("liyi score VIDEO [--norms PACK] [--out DIR]") == [(("score",), {"--norms", "--out"})]
    assert asked("liyi norms list | show PACK | check FILE [--on FOLDER]") == [
        (("norms", "list"), set()),
        (("norms", "show"), set()),
        (("norms", "check"), {"--on"}),
    ]
    assert asked("liyi records delete RECORDING | --person ID") == [(("records", "delete"), {"--person"})]
    assert asked("dask worker --nthreads 1") == []
