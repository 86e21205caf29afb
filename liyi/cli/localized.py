"""Help and usage errors of the command in the reader's language.

Typer's own words are not looked up in any catalogue, so they are listed here as sentences with fields. Our own help is
written once, in English, beside each command and option; it is the key of the catalogue as every other sentence is.
"""

from __future__ import annotations

import io
import itertools
import re
import sys
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from liyi.core.words import N_, is_known, translate
from liyi.core.wrapping import display_width, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORDS = frozenset(
    {
        N_("Options"), N_("Arguments"), N_("Commands"), N_("Usage: "), N_("required"), N_("(system locale)"),
        N_("[OPTIONS]"), N_("COMMAND [ARGS]..."), N_("<str>"), N_("<path>"), N_("<int>"), N_("<int range>"),
        N_("<list[str]>"), N_("option"), N_("argument"), N_("Show this message and exit."), N_("Missing command."),
        N_("Input should be a valid integer, unable to parse string as an integer"),
    }
)  # fmt: skip
# What Typer says with something in it; the longer one first where two begin alike.
SENTENCES = (
    N_("default: {value}"),
    N_("Try '{command}' for help."),
    N_("Error: {fault}"),
    N_("No such option: {option} (Possible options: {others})"),
    N_("No such option: {option}"),
    N_("No such command {given}. Did you mean {others}?"),
    N_("No such command {given}."),
    N_("Missing {kind} {name}. Choose from: {choices}"),
    N_("Missing {kind} {name}."),
    N_("Invalid value for {name}: {fault}"),
    N_("Value error, {fault}"),
    N_("{given} is not one of {choices}."),
    N_("{given} does not match the formats {choices}."),
    N_("Input should be greater than or equal to {least}"),
    N_("Input should be less than or equal to {most}"),
    N_("{value} does not match the formats {formats}."),
    N_("Option {option} requires an argument."),
    N_("Option {option} does not take a value."),
    N_("Got unexpected extra argument(s) ({given})"),
)

# Fields that hold what was typed, or what is to be typed: they stay as they are, whatever it means elsewhere.
_AS_TYPED = frozenset({"given", "option", "others", "choices", "command"})

_Function = TypeVar("_Function", bound="Callable[..., Any]")
_lang = "en"  # of this process: one command is run in it


def choose_lang(arguments: Sequence[str]) -> str:
    """Language of help and usage errors: what ``--lang`` says among the arguments, else the terminal's locale."""
    from liyi.cli.shared import Lang, system_lang

    named = [after for before, after in itertools.pairwise(arguments) if before == "--lang"]
    named += [each.partition("=")[2] for each in arguments if each.startswith("--lang=")]
    return named[-1] if named and named[-1] in set(Lang) else system_lang().value


def localized(text: str) -> str:
    """A text of Typer's, or of our own help, in the language that was chosen."""
    text = text.replace("%Y-%m-%d", "年-月-日" if _lang == "zh" else "YYYY-MM-DD")  # what Typer says of a date
    if _lang == "en" or not text:
        return text
    if is_known(text) and "{" not in text:
        return translate(text, _lang)
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(text):
            fields = {name: _quoted(part) if name in _AS_TYPED else localized(part)
                      for name, part in found.groupdict().items()}  # fmt: skip
            return translate(sentence, _lang, **fields)
    return _quoted(text, localized)


def _quoted(text: str, change: Callable[[str], str] = str) -> str:
    """``text`` with the quotation marks of Chinese, and what stands between them changed."""
    return re.sub(r"'([^']*)'", lambda quoted: f"“{change(quoted[1])}”", text).replace("”, “", "”、“")


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(each, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(each)), re.S)) for each in SENTENCES]


def paragraphs(text: str) -> list[str]:
    """A docstring's paragraphs, each in one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]


# What stands for a value: <path>, PATH..., the name of an argument in a usage line or before its type.
_STANDS_FOR = re.compile(r"<[^>]+>|\[OPTIONS\]|COMMAND \[ARGS\]\.\.\.|\b[A-Z]{2,}\b|(?<=[{[])\w+|^\w+(?=(?:\.\.\.)? <)")


def _name(text: str) -> str:
    """The left column of a list, or the arguments of a usage line, with what stands for a value localized."""
    return _STANDS_FOR.sub(lambda each: localized(each[0]), text)


def _about(text: str) -> str:
    """The right column: help, and in brackets what Typer adds."""
    help, brackets, added = text.rpartition("  [")
    if not brackets or not added.endswith("]"):
        return localized(text)
    notes = ("；" if _lang == "zh" else "; ").join(localized(note) for note in added[:-1].split("; "))
    return f"{localized(help)}  [{notes}]"


_Formatter: Any = typer.Context.formatter_class


class Formatter(_Formatter):  # type: ignore[misc]
    """Typer's formatter of help, which knows the width of Chinese and where it breaks."""

    def _write(self, text: str, first: str, others: str) -> None:
        for at, line in enumerate(wrapped(text, self.width - display_width(others))):
            self.write(f"{others if at else first}{line}\n")

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        begin = f"{localized('Usage: ')}{prog} "
        self._write(_name(args), begin, " " * display_width(begin))

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        self.write(f"{'':{self.current_indent}}{localized(heading)}{'：' if _lang == 'zh' else ':'}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs, with an empty line between them."""
        indent = " " * self.current_indent
        for at, part in enumerate(paragraphs(text)):
            self.write("\n" if at else "")
            self._write(localized(part), indent, indent)

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and what they mean, in two columns."""
        shown = [(_name(name), _about(about)) for name, about in rows]
        column = min(max(display_width(name) for name, _ in shown), col_max) + col_spacing
        indent = " " * self.current_indent
        for name, about in shown:
            others = indent + " " * column
            first = indent + name + " " * (column - display_width(name))
            if display_width(name) > column - col_spacing:
                self.write(f"{indent}{name}\n")
                first = others
            self._write(about, first, others)


class Context(typer.Context):
    """The context of a command whose help is put into the reader's language."""

    formatter_class = Formatter


class Command(TyperCommand):
    """A command whose help is put into the reader's language."""

    context_class = Context


class Group(TyperGroup):
    """Commands with one line each in the help, and faults of usage in the reader's language."""

    context_class = Context

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands, each with the first paragraph of its help, which Typer would cut off."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, paragraphs(each.help or "")[0]) for name, each in commands if not each.hidden])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command that the arguments name, and leave with its exit code."""
        global _lang
        _lang = choose_lang(sys.argv[1:] if args is None else args)
        run = partial(super().main, args, prog_name, complete_var, False, windows_expand_args, **extra)
        if not standalone_mode:
            return run()
        try:
            code = run()
        except typer.TyperException as error:
            _explain(error)
            sys.exit(error.exit_code)
        except typer.Abort:
            typer.echo(translate("Nothing was done.", _lang), err=True)
            sys.exit(1)
        sys.exit(code or 0)


def _explain(error: Any) -> None:
    """What Typer prints of a fault, line by line in the reader's language."""
    text = io.StringIO()
    error.show(text)
    for line in text.getvalue().splitlines():
        typer.echo(localized(line), err=True)


class Commands(typer.Typer):
    """A group of commands: plain help in the reader's language, no completion scripts, tracebacks as Python's."""

    def __init__(self, help: str) -> None:
        # Without rich's markup the help is plain, and takes a third less time.
        super().__init__(
            cls=Group, help=help, no_args_is_help=True, add_completion=False, rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )  # fmt: skip

    def command(self, name: str | None = None, **settings: Any) -> Callable[[_Function], _Function]:
        """Decorate a function that is a command."""
        return super().command(name, cls=Command, **settings)
