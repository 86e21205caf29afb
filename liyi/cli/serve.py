"""``liyi app``: the web app."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.shared import Lang, LangOption, app, fail
from liyi.cli.team import prepare, require_reachable

if TYPE_CHECKING:
    from collections.abc import Sequence

LOCAL = "127.0.0.1"


@app.command("app")
def web_app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of this machine.")] = 8501,
    *,
    cert: Annotated[Path | None, typer.Option(help="Certificate (PEM, with its chain): serve HTTPS.")] = None,
    key: Annotated[Path | None, typer.Option(help="Private key of the certificate (PEM, without a password).")] = None,
    host_name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Name under which a proxy serves it (may be repeated).")
    ] = None,
    team: Annotated[bool, typer.Option("--team", help="People sign in: for a server that several share.")] = False,
    address: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where it listens; others than 127.0.0.1 with --team and HTTPS only.")
    ] = LOCAL,
    scheduler: Annotated[
        list[str] | None,
        typer.Option(
            metavar="tcp://HOST:PORT", help="Scheduler at which evaluators may run batches (may be repeated)."
        ),
    ] = None,
    recordings: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Folder of this machine from which evaluators may take recordings into a batch (may be repeated).",
        ),
    ] = None,
    organisation: Annotated[str, typer.Option(help="First start with --team: name of the organisation.")] = "",
    admin: Annotated[str, typer.Option(help="First start with --team: name of the first administrator.")] = "",
    account: Annotated[str, typer.Option(help="First start with --team: the administrator's account.")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing on the first start; the administrator gets a one-time code.")
    ] = False,
    lang: LangOption,
) -> None:
    """Open the web app: on this machine only and without sign-in, or with --team for people who sign in."""
    from liyi.batch.schedulers import SCHEDULERS
    from liyi.batch.server_folders import RECORDINGS, check_folder
    from liyi.core.errors import LiyiError
    from liyi.ui.live.access import HOST_NAMES, has_other_names, own_names

    try:
        secure = https_options(cert, key)
        add_to(HOST_NAMES, host_name or ())
        own_names()
        add_to(SCHEDULERS, scheduler or ())
        add_to(RECORDINGS, [str(check_folder(folder)) for folder in recordings or ()], os.pathsep)
        require_reachable(address, team=team, secure=bool(secure), names=has_other_names())
    except LiyiError as error:
        fail(error, lang, 2)
    try:
        require_free_port(port, address)
    except LiyiError as error:
        fail(error, lang, 1)
    if team:
        others = has_other_names() or bool(secure)
        share(organisation, admin, account, yes=yes, https=others, lang=lang)
    typer.echo(f"{'https' if secure else 'http'}://{LOCAL}:{port}")
    become_server(address, port, secure)


def add_to(setting: str, values: Sequence[str], between: str = ",") -> None:
    """Add values to a list in the environment, which the app's processes read."""
    if values:
        os.environ[setting] = between.join([*filter(None, [os.environ.get(setting)]), *values])


def become_server(address: str, port: int, secure: Sequence[str]) -> None:
    """Put Streamlit in the place of this process; ``secure`` as `https_options` gives it."""
    from liyi.core.children import child_environment, python_module
    from liyi.core.shipped import shipped

    # on the command line, so that no configuration elsewhere can open the app to others
    arguments = ["--server.address", address, "--server.port", str(port), "--browser.gatherUsageStats", "false",
                 "--logger.hideWelcomeMessage", "true"]  # fmt: skip  # it is English; the address stands above
    script = shipped("app.py")
    command = python_module("streamlit", "run", str(script), *arguments, *secure)
    environment = child_environment()
    os.chdir(script.parent)  # Streamlit takes its settings from the folder that it stands in
    os.execve(sys.executable, command, environment)


def share(organisation: str, admin: str, account: str, *, yes: bool, https: bool, lang: Lang) -> None:
    """Have people sign in from now on; ``https``: browsers reach the server by HTTPS, itself or through its proxy."""
    from liyi.core.errors import LiyiError
    from liyi.ui.people import TEAM
    from liyi.ui.sign_in.cookie import HTTPS

    try:
        prepare(organisation, admin, account, yes=yes, others_reach_it=https, lang=lang)
    except LiyiError as error:
        fail(error, lang, 2)
    os.environ[TEAM] = "1"
    if https:
        os.environ[HTTPS] = "1"


def require_free_port(port: int, address: str = LOCAL) -> None:
    """Raise LiyiError when something listens on this port already."""
    import socket

    from liyi.core.errors import LiyiError

    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that has just ended is no hindrance
        try:
            probe.bind((address, port))
        except OSError as error:
            raise LiyiError(
                "Port {port} of this machine is in use: close what uses it, or choose another with --port.", port=port
            ) from error


def https_options(cert: Path | None, key: Path | None) -> list[str]:
    """Options for Streamlit that make it serve HTTPS; none without a certificate.

    Raises
    ------
    LiyiError
        Only one of the two files is named, or they are no certificate with its key.
    """
    if cert is None and key is None:
        return []
    import ssl

    from liyi.core.errors import LiyiError

    if cert is None or key is None:
        raise LiyiError("HTTPS needs both files: name the certificate with --cert and its private key with --key.")
    for file in (cert, key):
        if not file.is_file():
            raise LiyiError("There is no file {file}: check the path given with --cert or --key.", file=str(file))
    try:
        # an empty password, so that a key that wants one is refused here instead of asking at the terminal
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except OSError as error:  # ssl.SSLError is one
        raise LiyiError(
            "{cert} and {key} are no certificate with its private key ({fault}): both must be PEM, belong together, "
            "and the key must have no password.",
            cert=str(cert), key=str(key), fault=getattr(error, "reason", None) or error.strerror or str(error),
        ) from error  # fmt: skip
    return ["--server.sslCertFile", str(cert.absolute()), "--server.sslKeyFile", str(key.absolute())]
