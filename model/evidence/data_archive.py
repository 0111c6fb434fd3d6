"""A data folder in one zip file: as a template to take away, and read back with the checks of any data folder.

An archive from a stranger is unpacked only as far as it can be a data folder: few files, small, text, with plain names.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from model.errors import EvidenceError
from model.evidence.loading import load_evidence
from model.evidence.safe_zip import BadZip, Bounds, plain, unzipped
from model.evidence.store import Evidence
from model.evidence.story import load_story

FILES_MOST, BYTES_MOST = 1 << 8, 1 << 23
"""An archive with more files, or more bytes unpacked, is not read."""
BOUNDS = Bounds(FILES_MOST, BYTES_MOST, BYTES_MOST)
ENDINGS = (".yaml", ".md", ".geojson")
STAMP = (2026, 1, 1, 0, 0, 0)
"""The time that every file of a template bears, so that the same data give the same bytes."""


def folder_zip(folder: Path) -> bytes:
    """A data folder as a zip file, the same bytes for the same data."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in ENDINGS and path.suffix != ".geojson":
                info = zipfile.ZipInfo(f"data/{path.relative_to(folder).as_posix()}", STAMP)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, path.read_bytes())
    return buffer.getvalue()


def read_folder(content: bytes) -> Evidence:
    """The evidence in a zip file that holds a data folder, at its top or in one folder of any name, with its story. Raises
    `EvidenceError` that names file, entry and reason; nothing outside a folder of its own is written."""
    try:
        files = unzipped(content, BOUNDS, _wanted)
    except BadZip as error:
        raise EvidenceError(f"zip file: {error}") from None
    with TemporaryDirectory() as place:
        _write(files, Path(place))
        tops = [Path(place), *sorted(path for path in Path(place).iterdir() if path.is_dir())]
        top = next((path for path in tops if (path / "facts").is_dir()), None)
        if top is None:
            raise EvidenceError("zip file: it holds no folder named facts, so it is no data folder")
        evidence = load_evidence(top)
        load_story(evidence)
        return evidence


def _wanted(name: str) -> bool:
    """Whether a file can belong to a data folder. Raises `BadZip` for a name that leads elsewhere."""
    path = PurePosixPath(plain(name))
    if path.is_absolute() or ".." in path.parts or ":" in name or len(path.parts) > 4:
        raise BadZip(f"the name {name[:60]!r} leads out of the folder")
    return path.suffix in ENDINGS and not any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _write(files: Mapping[str, bytes], place: Path) -> None:
    """Put the files where they belong. Raises `EvidenceError` naming the one that cannot be put there."""
    for name, text in files.items():
        target = place / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise EvidenceError(f"zip file: {name[:60]!r}: a file and a folder have the same name") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise EvidenceError(f"zip file: {name[:60]!r}: it cannot be written to be read ({reason})") from None
