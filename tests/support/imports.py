"""Which modules of the model a module leans on, near or far."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"^ *from (model\.[\w.]+) import", re.MULTILINE)


def leans_on(module: str) -> set[str]:
    """Full names of the modules that a module imports, directly or through others, and its own."""
    found: set[str] = set()
    left = {module}
    while left:
        found |= left
        texts = [file_of(name).read_text(encoding="utf-8") for name in left]
        left = {name for text in texts for name in NAMED.findall(text) if file_of(name).is_file()} - found
    return found


def file_of(module: str) -> Path:
    """The file of a module that is no package."""
    return TOP.joinpath(*module.split(".")).with_suffix(".py")
