"""What a result stands on: versions of data and model, and a digest of its inputs."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

from model import __version__
from model.evidence.store import Evidence
from model.formulation.levers import Choice

CODE = ("arrays.py", "caching.py", "errors.py", "evidence", "lp", "formulation", "results", "engine")
"""Packages and modules of the model that an answer comes from."""
DOCSTRING = re.compile(r'^( *)""".*?"""(?= *(?:#.*)?$)', re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"(?:^ *|  )# .*$", re.MULTILINE)


def digest(evidence: Evidence, choice: Choice) -> str:
    """SHA-256 of the inputs of a result: data version, released model version and every lever's value."""
    return digest_of(evidence.version, __version__, choice)


def digest_of(data: str, model: str, choice: Choice) -> str:
    """The same for a data version and a model version that need not be those at hand. What stands behind the model's release says which
    code worked, which is no input: code may change and give the same numbers."""
    inputs = {"data": data, "model": release(model), "levers": choice.values()}
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def release(model: str) -> str:
    """The release in a model version: '0.2.0+ab12cd34' -> '0.2.0'."""
    return model.partition("+")[0]


def model_version() -> str:
    """The model's release and a mark of the code that works here: '0.2.0+ab12cd34'."""
    return f"{__version__}+{_code_mark()}"


@lru_cache(maxsize=1)
def _code_mark() -> str:
    """Eight hex digits over the files of `CODE`, whatever their docstrings and comments say."""
    texts = [(name, bare(file.read_text(encoding="utf-8"))) for name, file in code_files(*CODE)]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:8]


def code_files(*parts: str) -> list[tuple[str, Path]]:
    """The files of packages and modules of the model ('lp', 'caching.py'), each with its path from `model/`, in the order of names."""
    top = Path(__file__).resolve().parent
    found = [
        file for part in parts for file in ((top / part).rglob("*.py") if (top / part).is_dir() else (top / part,))
    ]
    return sorted((file.relative_to(top).as_posix(), file) for file in found)


def bare(text: str) -> str:
    """A file of this house without docstrings, comments and empty lines: what it does."""
    lines = COMMENT.sub("", DOCSTRING.sub(r"\1...", text)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def versions(evidence: Evidence, choice: Choice) -> dict[str, str]:
    """Data version, model version and digest."""
    return {"data_version": evidence.version, "model_version": model_version(), "digest": digest(evidence, choice)}
