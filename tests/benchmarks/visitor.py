"""A visitor without a browser: speaks to the running app as a browser does, over the websocket, with Streamlit's own messages."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from tests.support.browser import Server

WHOLE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
LONGEST = 64 * 2**20
"""Largest message taken, bytes."""


def memory_mb(running: Server) -> float:
    """Memory that the server's process really holds, MB (Linux; 0 elsewhere)."""
    place = Path(f"/proc/{running.process.pid if running.process else 0}/status")
    if not place.exists():
        return 0.0
    line = next(line for line in place.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def processor_s(running: Server) -> float:
    """Processor time that the server's process has taken, seconds (Linux; 0 elsewhere)."""
    place = Path(f"/proc/{running.process.pid if running.process else 0}/stat")
    if not place.exists():
        return 0.0
    user, system = place.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Visit:
    """One visit: a page is asked for, levers are moved, and what the server sends is looked at."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._line: ClientConnection | None = None
        self._ids: dict[str, str] = {}
        self._script = ""
        self.levers: dict[str, float] = {}
        self.headline = ""
        self.numbers: dict[str, tuple[str, str]] = {}
        """Indicators by label: the value and its change, as they are written on screen."""
        self.exceptions: list[str] = []

    async def begin(self, query: str = "", page: str = "") -> None:
        """Open the app at an address and wait for the whole page."""
        parts = urlsplit(self._url)
        self._line = await connect(
            f"ws://{parts.netloc}{parts.path}/_stcore/stream", subprotocols=["streamlit"], max_size=LONGEST,
            origin=f"http://{parts.netloc}", open_timeout=60,
        )  # fmt: skip
        await self._ask(query, page)
        await self._page()

    async def move(self, lever: str, value: float) -> tuple[float, float]:
        """Move a slider; seconds to the headline and to the end of the page."""
        self.levers[lever] = value
        begin = asyncio.get_running_loop().time()
        await self._ask(urlencode({name: f"{v:g}" for name, v in self.levers.items()}), "")
        seen = await self._page()
        end = asyncio.get_running_loop().time()
        return (seen or end) - begin, end - begin

    async def end(self) -> None:
        """Leave."""
        if self._line is not None:
            await self._line.close()

    async def _ask(self, query: str, page: str) -> None:
        message = BackMsg()
        wanted = message.rerun_script
        wanted.query_string, wanted.page_name, wanted.page_script_hash = query, page, self._script
        for name, value in self.levers.items():
            state = wanted.widget_states.widgets.add()
            state.id = self._ids[name]
            state.double_array_value.data.append(value)
        assert self._line is not None
        await self._line.send(message.SerializeToString())

    async def _page(self) -> float | None:
        """Take messages until a run has come to its end; when its headline came, on the clock of the loop."""
        assert self._line is not None
        seen: float | None = None
        while True:
            message = ForwardMsg()
            message.ParseFromString(bytes(await self._line.recv()))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._script, seen = message.new_session.page_script_hash, None
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                if self._look(message.delta.new_element):
                    seen = asyncio.get_running_loop().time()
            elif kind == "script_finished" and message.script_finished in WHOLE:
                return seen

    def _look(self, element: Any) -> bool:
        """Note what matters of an element; whether it is the headline."""
        kind = element.WhichOneof("type")
        if kind == "slider" and element.slider.query_param_key:
            self._ids[element.slider.query_param_key] = element.slider.id
        elif kind == "exception":
            self.exceptions.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "metric":
            self.numbers[element.metric.label] = element.metric.body, element.metric.delta
        elif kind == "markdown" and element.markdown.body.startswith("## "):
            self.headline = element.markdown.body[3:]
            return True
        return False
