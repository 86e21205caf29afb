"""``liyi app``: the web app."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from liyi.cli.shared import LangOption, app, fail


@app.command("app")
def web_app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of this machine.")] = 8501,
    *,
    cert: Annotated[Path | None, typer.Option(help="Certificate (PEM, with its chain): serve HTTPS.")] = None,
    key: Annotated[Path | None, typer.Option(help="Private key of the certificate (PEM, without a password).")] = None,
    host_name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Name under which a proxy serves it (may be repeated).")
    ] = None,
    lang: LangOption,
) -> None:
    """Open the web app on 127.0.0.1 (this machine only)."""
    from liyi.core.children import child_environment, python_module
    from liyi.core.errors import LiyiError
    from liyi.core.shipped import shipped
    from liyi.ui.live.access import HOST_NAMES, own_names

    try:
        secure = https_options(cert, key)
        if host_name:
            os.environ[HOST_NAMES] = ",".join([*filter(None, [os.environ.get(HOST_NAMES)]), *host_name])
        own_names()
    except LiyiError as error:
        fail(error, lang, 2)
    try:
        require_free_port(port)
    except LiyiError as error:
        fail(error, lang, 1)
    typer.echo(f"{'https' if secure else 'http'}://127.0.0.1:{port}")
    # on the command line, so that no configuration elsewhere can open the app to others
    arguments = ["--server.address", "127.0.0.1", "--server.port", str(port), "--browser.gatherUsageStats", "false"]
    script = shipped("app.py")
    command = python_module("streamlit", "run", str(script), *arguments, *secure)
    environment = child_environment()
    os.chdir(script.parent)  # Streamlit takes its settings from the folder that it stands in
    os.execve(sys.executable, command, environment)


def require_free_port(port: int) -> None:
    """Raise LiyiError when something listens on this port of 127.0.0.1 already."""
    import socket

    from liyi.core.errors import LiyiError

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that has just ended is no hindrance
        try:
            probe.bind(("127.0.0.1", port))
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
