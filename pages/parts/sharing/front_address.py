"""The way into a room: its link on the front address and the code to scan, both made on this machine; no Streamlit."""

from __future__ import annotations

import io
import re
import socket
from urllib.parse import urlencode, urlsplit

import segno

FRONT = "http://localhost:8501/"
"""The front address where the browser's is not known."""
ONLY_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - names to recognise, none to bind to


def front(url: str, page: str) -> str:
    """The front address of the app from the address of one of its pages: without query, without the page's name, and without the
    inner frame of a hosting service; a path that a proxy puts before it stays."""
    base = url.split("?")[0].split("#")[0].replace("/~/+", "").rstrip("/")
    return f"{base.removesuffix('/' + page) if page else base}/" if base else FRONT


def link(base: str, code: str) -> str:
    """The link of a room."""
    return f"{base.rstrip('/')}/?{urlencode({'room': code})}"


def works_only_here(base: str) -> bool:
    """Whether an address means 'this very computer' to every computer."""
    return urlsplit(base).hostname in ONLY_HERE


def is_address(text: str) -> bool:
    """Whether a text is an address that a phone could open: http or https, a computer, perhaps a port and a way."""
    return len(text) <= 200 and re.fullmatch(r"https?://[\w.-]+(:\d{1,5})?(/[\w./~+-]*)?", text) is not None


def for_phones(base: str) -> str:
    """The address under which other machines reach this one: the base itself, or with the computer's own number in the network in
    place of 'localhost' when there is one. Nothing is sent to find it."""
    if not works_only_here(base):
        return base
    own = _own_number()
    return re.sub(r"//[^/:]+|//\[[^\]]*\]", f"//{own}", base, count=1) if own else base


def _own_number() -> str:
    """The address from which this machine would speak to its network; empty when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a number kept for documents; a datagram socket sends nothing to connect
            own = str(probe.getsockname()[0])
        except OSError:
            return ""
    return "" if own.startswith(("127.", "0.")) else own


def picture(text: str) -> str:
    """A code to scan as an SVG picture, dark on white whatever the theme, with its quiet border."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, scale=8, border=4, dark="#000", light="#fff"
    )
    return drawn.getvalue().decode()
