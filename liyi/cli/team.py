"""The first start of a server that a team shares, and one-time codes at its terminal."""

from __future__ import annotations

import ipaddress
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.records import records, store
from liyi.cli.shared import Lang, LangOption, say
from liyi.core.words import N_

if TYPE_CHECKING:
    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer


def require_reachable(address: str, *, team: bool, secure: bool, names: bool) -> None:
    """Raise LiyiError for an address that others reach, where they would not sign in or would be overheard.

    Parameters
    ----------
    address
        On which the server is to listen.
    team
        Whether people sign in.
    secure, names
        Whether it speaks HTTPS itself; whether a proxy, which then does, serves it under a name.
    """
    from liyi.core.errors import LiyiError

    try:
        of_this_machine = ipaddress.ip_address(address).is_loopback
    except ValueError as error:
        raise LiyiError("'{address}' is no address of a network card: give one such as 127.0.0.1 or 0.0.0.0.",
                        address=address) from error  # fmt: skip
    if of_this_machine:
        return
    if not team:
        raise LiyiError(
            "Without sign-in Liyi listens on this machine alone: start it with --team for others to use it."
        )
    if not (secure or names):
        raise LiyiError("Beyond this machine Liyi is served by HTTPS only: name --cert and --key, or with --host-name "
                        "the name under which a proxy serves it by HTTPS.")  # fmt: skip


def prepare(organisation: str, admin: str, account: str, *, yes: bool, others_reach_it: bool, lang: Lang) -> None:
    """Make sure that there is an administrator, on the first start by asking; ``yes`` asks nothing.

    Raises
    ------
    LiyiError
        When something is missing, and may not be asked for.
    """
    from liyi.core.errors import LiyiError
    from liyi.records import passwords, sessions, sign_in
    from liyi.ui.sign_in import oidc

    sessions.idle()
    oidc.settings()
    with store(lang) as opened:
        if sign_in.has_administrator(opened):
            return
        asking = not yes and sys.stdin.isatty()
        if asking:
            say("First start: everything is kept in {folder} (choose another one by LIYI_DATA).", lang,
                folder=str(opened.folder))  # fmt: skip
        organisation = organisation or _answer_to(N_("Name of the organisation"), asking, lang)
        admin = admin or _answer_to(N_("Name of the first administrator"), asking, lang)
        account = account or _answer_to(N_("Account of the first administrator"), asking, lang)
        if not (organisation and admin and account):
            raise LiyiError("There is no administrator yet: name --organisation, --admin and --account.")
        viewer = sign_in.found_organisation(opened, organisation, admin=admin, account=account)
        say(
            "{organisation} is there; its administrator is {account}.", lang, organisation=organisation, account=account
        )
        hashed = _password(lang) if asking else None
        if hashed is None:
            _say_code(opened, viewer, account, lang)
        else:
            with opened.writing() as session:
                passwords.put(session, viewer.person_id, hashed)
    if asking and not others_reach_it:
        say("So far this machine alone reaches it. For others: --cert and --key, or --host-name behind a proxy that "
            "speaks HTTPS.", lang)  # fmt: skip


@records.command("code")
def records_code(account: Annotated[str, typer.Argument(help="Account of the person.")], *, lang: LangOption) -> None:
    """Print a one-time code with which somebody sets a password; where no administrator can sign in."""
    from liyi.records import sign_in

    with store(lang) as opened:
        _say_code(opened, sign_in.signed_in(opened, account), account, lang)


def _say_code(opened: Records, viewer: Viewer, account: str, lang: Lang) -> None:
    from liyi.records import sign_in

    code = sign_in.code_at_the_terminal(opened, viewer)
    say("One-time code of {account}, to set a password on the page of signing in within 72 hours: {code}", lang,
        account=account, code=code.text)  # fmt: skip


def _answer_to(question: str, asking: bool, lang: Lang) -> str:
    """What is answered at the terminal; empty where nothing may be asked."""
    from liyi.core.words import translate

    return str(typer.prompt(translate(question, lang.value))).strip() if asking else ""


def _password(lang: Lang) -> str | None:
    """The hash of a password that is typed twice; None where a code is preferred."""
    from liyi.core.errors import LiyiError
    from liyi.core.words import explain_error, translate
    from liyi.records import passwords

    question = translate("Password (nothing: a one-time code instead)", lang.value)
    again = translate("New password once more", lang.value)
    while True:
        typed = str(typer.prompt(question, default="", show_default=False, hide_input=True))
        if not typed:
            return None
        try:
            if typed != typer.prompt(again, hide_input=True):
                raise LiyiError("The two passwords differ: type the new one twice.")
            return passwords.hashed(typed)
        except LiyiError as error:
            typer.echo(explain_error(error, lang.value), err=True)
