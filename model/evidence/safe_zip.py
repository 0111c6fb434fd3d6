"""A zip file from anybody, read in memory under fixed bounds; nothing in it is run or followed."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath


class BadZip(ValueError):
    """A zip file that is not read; the message says why and begins in the middle of a sentence."""


@dataclass(frozen=True)
class Bounds:
    """The most that is read: how many files (folders do not count), and how many bytes unpacked, of one and of all together."""

    entries: int
    one: int
    whole: int


def unzipped(content: bytes, bounds: Bounds, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The wanted files by their `plain` names. `wanted` is asked for every entry, folders too, and may raise `BadZip` for a
    name that should not be there. Raises `BadZip` for what is broken, locked, a link, named twice or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _files(archive, bounds, wanted)
    except BadZip:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadZip(f"it is no whole zip file, or no zip file at all ({error or type(error).__name__})") from None
    except (NotImplementedError, RuntimeError, ValueError, OSError, OverflowError) as error:
        raise BadZip(f"it cannot be unpacked ({error or type(error).__name__})") from None


def plain(name: str) -> str:
    """A name in the one form that a file has: 'a\\b', 'a//b' and 'a/./b' are 'a/b'."""
    return PurePosixPath(name.replace("\\", "/")).as_posix()


def _files(archive: zipfile.ZipFile, bounds: Bounds, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    infos = archive.infolist()
    number = sum(not info.is_dir() for info in infos)
    if number > bounds.entries:
        raise BadZip(f"it holds {number:,} files, more than the {bounds.entries} that are read")
    files: dict[str, bytes] = {}
    left = bounds.whole
    for info in infos:
        if not wanted(info.filename) or info.is_dir():
            continue
        name = plain(info.filename)
        if name in files:
            raise BadZip(f"it holds {name} twice")
        if info.flag_bits & 0x1:
            raise BadZip(f"{name} is encrypted")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise BadZip(f"{name} is a link")
        most = min(bounds.one, left)
        if info.file_size > most:
            raise BadZip(f"{name} would unpack to {info.file_size:,} bytes, and no more than {most:,} are unpacked")
        with archive.open(info) as stream:
            files[name] = stream.read(most + 1)
        if len(files[name]) > most:
            raise BadZip(f"{name} unpacks to more bytes than it says")
        left -= len(files[name])
    return files


__all__ = ["BadZip", "Bounds", "plain", "unzipped"]
