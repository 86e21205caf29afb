"""npm as the second package index: the real client against a registry on this machine, and a machine without npm."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import io
import json
import shutil
import tarfile
import threading
from urllib.parse import unquote

import pytest

from liyi.core.errors import LiyiError
from liyi.modelfiles import registry
from liyi.modelfiles.client import Outcome, run_client
from liyi.modelfiles.fetch import fetch
from liyi.modelfiles.registry import Model, ModelFile, Package, Part

RUNTIME = b"export const seen = 33;\n" * 50


def npm_file(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def tarball(monkeypatch, models_folder) -> bytes:
    """A package of npm's form, and a registry of models with one that is made from it."""
    manifest = json.dumps({"name": "@house/sight", "version": "1.0.0"}).encode()
    raw = npm_file({"package/package.json": manifest, "package/wasm/sight.mjs": RUNTIME})
    package = Package(
        "@house/sight@1.0.0", "house-sight-1.0.0.tgz", hashlib.sha256(raw).hexdigest(), len(raw), index="npm"
    )
    made_of = (Part(package, "package/wasm/sight.mjs"),)
    sight = ModelFile("sight.mjs", hashlib.sha256(RUNTIME).hexdigest(), len(RUNTIME), made_of, "join")
    models = {"sight": Model("sight", "sees", "MIT", "", (sight,), use="live")}
    monkeypatch.setattr(registry, "registry", lambda: models)
    return raw


@contextlib.contextmanager
def npm_registry(tarball: bytes):
    """A registry that knows one package; yields its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = f"http://127.0.0.1:{self.server.server_port}"
            if unquote(self.path) == "/@house/sight":
                integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
                dist = {"tarball": f"{address}/sight.tgz", "integrity": integrity}
                versions = {"1.0.0": {"name": "@house/sight", "version": "1.0.0", "dist": dist}}
                answer = json.dumps({"name": "@house/sight", "versions": versions, "dist-tags": {}}).encode()
            elif self.path == "/sight.tgz":
                answer = tarball
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            """Keep the test's output clean."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def asking(address: str):
    """Runs the real npm against one registry."""

    def run(command, scratch, tick) -> Outcome:
        return run_client([*command, f"--registry={address}"], scratch, tick)

    return run


needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on this machine")


@needs_npm
def test_npm_brings_a_file_and_leaves_nothing_else(tarball, models_folder):
    assert registry.missing("live") == ["sight"]
    with npm_registry(tarball) as address:
        assert fetch(run=asking(address)) == ["sight"]
    assert [file.name for file in models_folder.iterdir() if file.name != ".lock"] == ["sight.mjs"]
    assert (models_folder / "sight.mjs").read_bytes() == RUNTIME
    assert registry.missing("live") == []


@needs_npm
def test_another_file_than_the_pinned_one_is_refused(tarball, models_folder):
    other = npm_file({"package/package.json": b"{}", "package/wasm/sight.mjs": RUNTIME + b"// more"})
    with npm_registry(other) as address, pytest.raises(LiyiError, match=r"another house-sight-1\.0\.0\.tgz"):
        fetch(run=asking(address))
    assert not (models_folder / "sight.mjs").exists()


@needs_npm
def test_no_registry_is_one_sentence(tarball):
    with npm_registry(tarball) as address:
        closed = address
    with pytest.raises(LiyiError, match=r"@house/sight@1\.0\.0.*npm says: code ECONNREFUSED.*models import"):
        fetch(run=asking(closed))


def test_without_npm_one_is_borrowed_and_removed(tarball, models_folder, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    commands = []

    def run(command, scratch, tick) -> Outcome:
        commands.append(command)
        if "pack" in command:
            assert command[0].startswith(str(scratch))
            (arrived,) = [word.partition("=")[2] for word in command if word.startswith("--pack-destination")]
            with open(f"{arrived}/house-sight-1.0.0.tgz", "wb") as file:
                file.write(tarball)
        return Outcome(0, "")

    assert fetch(run=run) == ["sight"]
    assert [("pip" in command, "pack" in command) for command in commands] == [(True, False), (False, True)]
    assert [file.name for file in models_folder.iterdir() if file.name != ".lock"] == ["sight.mjs"]


def test_no_npm_and_none_to_be_had_is_one_sentence(tarball, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(LiyiError, match=r"no npm on this machine, and none to be had"):
        fetch(run=lambda command, scratch, tick: Outcome(1, "ERROR: No matching distribution found"))
