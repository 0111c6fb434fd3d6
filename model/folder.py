"""A data folder in one zip file: as a template to take away, and read back with the checks of any data folder.

An archive from a stranger is unpacked only as far as it can be a data folder: few files, small, text, with plain names.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from model.evidence import Evidence, EvidenceError, load_evidence

FILES_MOST, BYTES_MOST = 1 << 8, 1 << 23
"""An archive with more files, or more bytes unpacked, is not read."""
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
    """The evidence in a zip file that holds a data folder, at its top or in one folder of any name. Raises `EvidenceError`
    that names file, entry and reason; nothing outside a folder of its own is written."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, TemporaryDirectory() as place:
            _unpack(archive, Path(place))
            tops = [Path(place), *(path for path in Path(place).iterdir() if path.is_dir())]
            top = next((path for path in tops if (path / "facts").is_dir()), None)
            if top is None:
                raise EvidenceError("zip file: it holds no folder named facts, so it is no data folder")
            return load_evidence(top)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, UnicodeError):
        raise EvidenceError("zip file: it is damaged, locked or no zip file") from None


def _unpack(archive: zipfile.ZipFile, place: Path) -> None:
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > FILES_MOST:
        raise EvidenceError(f"zip file: {len(members)} files are more than a data folder has")
    left = BYTES_MOST
    for info in members:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in info.filename or len(name.parts) > 4:
            raise EvidenceError(f"zip file: the name {info.filename[:60]!r} leads out of the folder")
        if name.suffix not in ENDINGS or any(part.startswith((".", "__MACOSX")) for part in name.parts):
            continue
        with archive.open(info) as packed:
            text = packed.read(left + 1)
        left -= len(text)
        if left < 0:
            raise EvidenceError(f"zip file: more than {BYTES_MOST:,} bytes unpacked")
        target = place.joinpath(*name.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
