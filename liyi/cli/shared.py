"""What the commands share: the application itself, options, and how a fault is told."""

from __future__ import annotations

import inspect
import os
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from liyi.cli.localized import Commands
from liyi.core.options import OptionError, Options, known

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from liyi.core.options import Option

app = Commands("Liyi 礼仪: a recording in, a fair and explained assessment of bearing and voice out.")


class Lang(StrEnum):
    """Languages of the report and the messages."""

    zh = "zh"
    en = "en"


def system_lang() -> Lang:
    """Chinese where the terminal's locale is Chinese, else English."""
    locale = next((os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "")
    return Lang.zh if locale.startswith("zh") else Lang.en


LangOption = Annotated[Lang, typer.Option("--lang", default_factory=system_lang, show_default="system locale",
                                          help="Language of report and messages.")]  # fmt: skip
QuietOption = Annotated[bool, typer.Option("--quiet", help="Do not tell how far it is.")]
PackOption = Annotated[str, typer.Option("--norms", help="Norm pack: a shipped id or the path of a .toml file.")]


def fail(error: Exception, lang: Lang, code: int = 1) -> NoReturn:
    """Print one sentence and leave."""
    from liyi.core.errors import LiyiError
    from liyi.core.words import explain_error

    text = explain_error(error, lang.value) if isinstance(error, LiyiError) else str(error)
    typer.echo(text, err=True)
    raise typer.Exit(code)


def fail_unforeseen(recording: Path, error: Exception, lang: Lang) -> NoReturn:
    """Tell a fault that nobody foresaw in one sentence and leave; with LIYI_TRACEBACK=1 as Python tells it."""
    from liyi.core.errors import FAULT, MediaError
    from liyi.core.logs import fault

    if os.environ.get("LIYI_TRACEBACK") == "1":
        raise error
    fail(MediaError(recording, FAULT, fault=", ".join(fault(error).values())), lang)


def takes_options(command: Callable[..., None]) -> Callable[..., None]:
    """``command``, which has a parameter ``options``, with an option of the terminal for each field of `Options`.

    A text that an option does not take is one sentence and exit code 2.
    """
    signature = inspect.signature(command, eval_str=True)

    @wraps(command)
    def run(**given: Any) -> None:
        """Gather the options of the terminal into one `Options`, then run the command."""
        texts = {option.name: _joined(given.pop(id)) for id, option in known().items()}
        try:
            options = Options().with_texts(texts)
        except OptionError as error:
            fail(error, given["lang"], 2)
        command(**given, options=options)

    made = [_parameter(id, option) for id, option in known().items()]
    own = [parameter for name, parameter in signature.parameters.items() if name != "options"]
    at = list(signature.parameters).index("options")
    parameters = [*own[:at], *made, *own[at:]]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _parameter(id: str, option: Option) -> inspect.Parameter:
    """What Typer makes an option of."""
    metavar = option.metavar or ("|".join(option.choices) or None)
    about = typer.Option(f"--{option.name}", help=option.help, metavar=metavar)
    kind: Any = list[str] | None if option.many else str | None
    default = getattr(Options(), id)
    return inspect.Parameter(
        id,
        inspect.Parameter.KEYWORD_ONLY,
        default=default if isinstance(default, str) else None,
        annotation=Annotated[kind, about],
    )


def _joined(given: str | list[str] | None) -> str:
    return given or "" if not isinstance(given, list) else ",".join(given)


def megabytes(size: int) -> str:
    """Size for people."""
    return f"{size / 1e6:.{int(0 < size < 9_950_000)}f} MB"


def say(sentence: str, lang: Lang, *, err: bool = False, **fields: object) -> None:
    """Print a sentence of the catalogue; with ``err`` beside what a command lists, to standard error."""
    from liyi.core.words import translate

    typer.echo(translate(sentence, lang.value, **fields), err=err)


def confirm(question: str, lang: Lang) -> None:
    """Ask a question of the catalogue; leave with exit code 1 at any answer but yes."""
    from liyi.core.words import translate

    answer = typer.prompt(f"{translate(question, lang.value)} [y/N]", default="n", show_default=False)
    if answer.strip().lower() not in ("y", "yes", "是"):
        raise typer.Abort
