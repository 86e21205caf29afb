"""A small server that keeps what the browser half sends, message by message, and whose lines can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from liyi.modelfiles.registry import folder
from liyi.ui.live.policy import middleware

STATIC = Path(__file__).resolve().parents[2] / "liyi" / "ui" / "live" / "static"
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}
CHECKED = ("light", "distance", "framing", "sound", "angle")
POSE = np.dtype([("t_s", "<f8"), ("landmarks", "<f4", (33, 7))])

# Stands in for Streamlit: mounts the component in a shadow root and keeps what it calls back.
PAGE = """<!doctype html><html><head><style>{css}</style></head><body><main><div id="host"></div></main>
<script type="module">
import {{ mount }} from "/live/T/files/rehearsal.mjs";
const parent = document.getElementById("host").attachShadow({{ mode: "open" }});
const style = document.createElement("style");
style.textContent = document.querySelector("head style").textContent;
const place = document.createElement("div");
place.id = "rehearsal";
parent.append(style, place);
window.fired = {{}};
window.figures = [];
document.addEventListener("liyi:figures", (event) => window.figures.push(event.detail));
const data = {data};
const component = {{ parentElement: parent, data, setTriggerValue: (name, value) => (window.fired[name] = value) }};
window.rerun = (news) => mount({{ ...component, data: {{ ...data, ...news }} }});
window.leave = mount(component);
window.host = parent;
</script></body></html>"""


@dataclass
class Line:
    """What has arrived, and how the server behaves."""

    sequence: list[int] = field(default_factory=list)
    sound: list[tuple[float, np.ndarray]] = field(default_factory=list)
    poses: list[tuple[float, np.ndarray]] = field(default_factory=list)
    models: list[int] = field(default_factory=list)
    said: list[dict] = field(default_factory=list)
    chunks: dict[int, bytes] = field(default_factory=dict)
    ended: bool = False
    again: int = 0  # messages that came although they were held
    checked: dict = field(default_factory=lambda: {name: {"mark": "good", "text": "好"} for name in CHECKED})
    calibrations: list = field(default_factory=list)  # what is said of each, one after the other; then they are good
    discarded: list[int] = field(default_factory=list)
    disordered: int = 0  # messages whose poses are not in the order of time, which the app refuses
    up: bool = True
    sockets: list = field(default_factory=list)
    loop: asyncio.AbstractEventLoop | None = None
    address: str = ""

    def take(self, data: bytes) -> None:
        kind, seq = struct.unpack_from("<BI", data)
        if self.sequence and seq <= self.sequence[-1]:
            self.again += 1
            return
        self.sequence.append(seq)
        if kind == 1:
            (t_s,) = struct.unpack_from("<d", data, 5)
            self.sound.append((t_s, np.frombuffer(data[13:], "<i2")))
        else:
            _width, _height, model, n = struct.unpack_from("<HHBB", data, 5)
            samples = np.frombuffer(data[11:], POSE)
            assert len(samples) == n
            self.models.append(model)
            self.disordered += bool((np.diff(samples["t_s"]) <= 0).any())
            self.poses += [(float(s["t_s"]), s["landmarks"]) for s in samples]

    def answer(self, said: dict) -> dict | None:
        """What the server says at once to a text message."""
        if said["type"] == "check":
            return {"type": "check", **self.checked}
        if said["type"] == "calibrate":
            text = self.calibrations.pop(0) if self.calibrations else ""
            return {"type": "calibration", "good": text == "", "text": text}
        return None

    def cut(self) -> None:
        """Close every line and take no new one, nor a piece of recording."""
        self.up = False
        for socket in list(self.sockets):
            asyncio.run_coroutine_threadsafe(socket.close(1011), self.loop).result(5)

    def send(self, message: dict) -> None:
        for socket in list(self.sockets):
            asyncio.run_coroutine_threadsafe(socket.send_text(json.dumps(message)), self.loop).result(5)


def _pages(data: dict) -> list[Route]:
    async def page(_request):
        css = (STATIC / "rehearsal.css").read_text(encoding="utf-8")
        return HTMLResponse(PAGE.format(css=css, data=json.dumps(data)))

    async def files(request):
        name = request.path_params["name"]
        path = next((p for p in (STATIC / name, folder() / name) if p.is_file()), None)
        if path is None:
            return Response(status_code=404)
        return FileResponse(path, media_type=TYPES.get(path.suffix, "application/octet-stream"))

    return [Route("/", page), Route("/live/T/files/{name}", files)]


def _recording(line: Line) -> list[Route]:
    async def chunk(request):
        if not line.up:
            return Response(status_code=503)
        line.chunks.setdefault(int(request.query_params["n"]), await request.body())
        return Response(status_code=204)

    async def discard(request):
        line.discarded.append(int(request.query_params["before"]))
        line.chunks = {n: piece for n, piece in line.chunks.items() if n >= line.discarded[-1]}
        return Response(status_code=204)

    async def end(_request):
        line.ended = True
        return Response(status_code=204)

    return [Route(f"/live/T/{each.__name__}", each, methods=["POST"]) for each in (chunk, discard, end)]


def _socket(line: Line) -> WebSocketRoute:
    async def socket(websocket):
        line.loop = asyncio.get_running_loop()
        if not line.up:
            await websocket.close()
            return
        await websocket.accept()
        line.sockets.append(websocket)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # cut, from this side or the other
            await websocket.send_text(json.dumps({"type": "ack", "seq": len(line.sequence)}))
            while (message := await websocket.receive())["type"] == "websocket.receive":
                if message.get("bytes"):
                    line.take(message["bytes"])
                    await websocket.send_text(json.dumps({"type": "ack", "seq": line.sequence[-1]}))
                else:
                    line.said.append(json.loads(message["text"]))
                    if told := line.answer(line.said[-1]):
                        await websocket.send_text(json.dumps(told))
        line.sockets.remove(websocket)

    return WebSocketRoute("/live/T/socket", socket)


def serve(line: Line, data: dict, port: int) -> uvicorn.Server:
    """Run the server in a thread until ``should_exit`` is set."""
    config = uvicorn.Config(
        Starlette(routes=[*_pages(data), *_recording(line), _socket(line)], middleware=middleware()),
        port=port,
        log_level="error",
    )
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    line.address = f"http://127.0.0.1:{port}"
    return server
