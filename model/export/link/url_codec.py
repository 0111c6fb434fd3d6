"""JSON values in few characters that need no quoting in an address, and the way back from a text that may come from anybody."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from typing import Any

LETTERS = re.compile(r"[A-Za-z0-9_-]+")
"""What such a text is made of."""


class NotWhole(ValueError):
    """A text that is none of ours, or no longer; the message says in a few words what is wrong with it."""


def squeezed(value: Any) -> str:
    """A JSON value as letters, digits, - and _; what UTF-8 cannot hold becomes a question mark."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "replace"), 9)).decode().rstrip("=")


def unsqueezed(text: str, length: int, size: int) -> Any:
    """The value in such a text of at most `length` characters that hold at most `size` bytes. Raises `NotWhole`."""
    if len(text) > length:
        raise NotWhole("too long")
    if not LETTERS.fullmatch(text):
        raise NotWhole("damaged")
    odd = len(text) % 4 == 1  # a last letter on its own says nothing: a cut may leave it, a whole text never has it
    text = text[:-1] if odd else text
    reader = zlib.decompressobj()
    try:
        plain = reader.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), size)
    except (binascii.Error, zlib.error):
        raise NotWhole("damaged") from None
    if not reader.eof:
        raise NotWhole("too long" if len(plain) >= size else "cut short")
    if odd or reader.unused_data:
        raise NotWhole("damaged")
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        raise NotWhole("damaged") from None


__all__ = ["LETTERS", "NotWhole", "squeezed", "unsqueezed"]
