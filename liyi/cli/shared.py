"""What the commands share: the application itself, options, and how a fault is told."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    help="Liyi 礼仪: a recording in, a fair and explained assessment of bearing and voice out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: a third of the start-up time
    pretty_exceptions_enable=False,
)


class Lang(StrEnum):
    """Languages of the report and the messages."""

    zh = "zh"
    en = "en"


class Camera(StrEnum):
    """Where the camera stood."""

    auto = "auto"
    front = "front"
    side = "side"


def system_lang() -> Lang:
    """Chinese where the terminal's locale is Chinese, else English."""
    locale = next((os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "")
    return Lang.zh if locale.startswith("zh") else Lang.en


LangOption = Annotated[Lang, typer.Option("--lang", default_factory=system_lang, show_default="system locale",
                                          help="Language of report and messages.")]  # fmt: skip
PackOption = Annotated[str, typer.Option("--norms", help="Norm pack: a shipped id or the path of a .toml file.")]


def fail(error: Exception, lang: Lang, code: int = 1) -> NoReturn:
    """Print one sentence and leave."""
    from liyi.core.errors import LiyiError
    from liyi.core.words import explain_error

    text = explain_error(error, lang.value) if isinstance(error, LiyiError) else str(error)
    typer.echo(text, err=True)
    raise typer.Exit(code)


def megabytes(size: int) -> str:
    """Size for people."""
    return f"{size / 1e6:.0f} MB"


def say(sentence: str, lang: Lang, **fields: object) -> None:
    """Print a sentence of the catalogue."""
    from liyi.core.words import translate

    typer.echo(translate(sentence, lang.value, **fields))
