"""A data folder in a zip file: what goes out comes in again, and what is no data folder is refused in a sentence."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import EvidenceError
from model.evidence.data_archive import BYTES_MOST, FILES_MOST, folder_zip, read_folder
from model.evidence.loading import DATA, STORY, load_evidence
from model.evidence.story import load_story


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def template() -> dict[str, str]:
    """The files of the template by name."""
    archive = zipfile.ZipFile(io.BytesIO(folder_zip(DATA)))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_template_is_the_evidence() -> None:
    """Same version, so the same numbers; twice the same bytes."""
    template = folder_zip(DATA)
    assert folder_zip(DATA) == template
    assert read_folder(template).version == load_evidence().version


def test_a_changed_number_is_read() -> None:
    archive = zipfile.ZipFile(io.BytesIO(folder_zip(DATA)))
    files = {name: archive.read(name).decode() for name in archive.namelist()}
    name = next(name for name in files if name.endswith("facts/macro.yaml"))
    before = load_evidence().facts["social_discount_rate"]
    changed = files[name].replace(f"value: {before.value}", "value: 0.0777")
    assert changed != files[name]
    assert read_folder(zipped({**files, name: changed})).version != load_evidence().version


def test_the_story_comes_with_the_folder() -> None:
    """What is uploaded lies nowhere afterwards; its workshop can be held all the same. A story moves no number, so no version."""
    files = template()
    steps = load_story(load_evidence())
    assert load_story(read_folder(zipped(files))) == steps
    other = [{"id": "only", "preset": steps[0].preset, "chart": "magnets", "note": "Look.", "ask": "What now?"}]
    name = next(name for name in files if name.endswith(STORY))
    own = read_folder(zipped({**files, name: yaml.safe_dump(other)}))
    assert [step.id for step in load_story(own)] == ["only"]
    assert [step.id for step in load_story(own.with_values({"tail_share": 0.1}))] == ["only"]
    assert own.version == load_evidence().version
    assert load_story(read_folder(zipped({n: text for n, text in files.items() if n != name}))) == ()
    with pytest.raises(EvidenceError, match=r"story\.yaml, entry only.*preset"):
        read_folder(zipped({**files, name: yaml.safe_dump([{**other[0], "preset": "nowhere"}])}))


def test_a_wrong_number_is_named_with_its_file() -> None:
    archive = zipfile.ZipFile(io.BytesIO(folder_zip(DATA)))
    files = {name: archive.read(name).decode() for name in archive.namelist()}
    name = next(name for name in files if name.endswith("facts/macro.yaml"))
    files[name] = files[name].replace("unit: ", "unit: furlongs per ", 1)
    with pytest.raises(EvidenceError, match=r"macro\.yaml.*unit"):
        read_folder(zipped(files))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no zip file"),
        (b"PK\x03\x04 not really", "no zip file"),
        (zipped({"readme.md": "hello"}), "no data folder"),
        (zipped({"../facts/x.yaml": "- 1"}), "leads out"),
        (zipped({"/facts/x.yaml": "- 1"}), "leads out"),
        (zipped({"c:\\facts\\x.yaml": "- 1"}), "leads out"),
        (zipped({f"facts/{i}.yaml": "" for i in range(FILES_MOST + 1)}), "more than"),
        (zipped({"facts/bomb.yaml": " " * (BYTES_MOST + 10)}), "unpacked"),
        (zipped({"facts/x.yaml": "- 1", "facts\\x.yaml": "- 2"}), "facts/x.yaml twice"),
        (zipped({"facts/x.yaml": "- 1", "./facts//x.yaml": "- 2"}), "facts/x.yaml twice"),
        (zipped({"facts/x.yaml": "- 1", "facts/x.yaml/y.yaml": "- 2"}), "same name"),
        (zipped({f"facts/{'x' * 300}.yaml": "- 1"}), "cannot be written.*too long"),
        (zipped({"facts/x.yaml": "!!python/object/apply:os.system ['true']"}), "notes.yaml"),
    ],
)
def test_what_is_no_data_folder_is_refused_in_a_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason) as error:
        read_folder(content)
    assert len(str(error.value)) < 300


def test_empty_folders_are_no_files() -> None:
    """Programs that pack a folder write an entry for each folder in it; only files are counted, and a folder is never one."""
    folders = {f"data/kept/{i}/": "" for i in range(FILES_MOST)} | {"data/old.yaml/": "", "data/facts/": ""}
    assert read_folder(zipped({**folders, **template()})).version == load_evidence().version
    with pytest.raises(EvidenceError, match="leads out"):
        read_folder(zipped({"../elsewhere/": "", **template()}))


def test_what_the_disk_refuses_is_not_called_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is no fault of the visitor's file."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(EvidenceError, match=os.strerror(errno.ENOSPC)) as error:
        read_folder(zipped(template()))
    assert "same name" not in str(error.value)


def test_a_folder_with_a_broken_file_is_refused_in_a_sentence() -> None:
    """Bytes changed on the way: the packing itself notices, deep in the reading."""
    whole = bytearray(zipped({"facts/x.yaml": "".join(map(str, range(5_000)))}))
    for place in range(60, 1_000, 7):
        whole[place] ^= 0xFF
    with pytest.raises(EvidenceError, match="zip file: it is no whole zip file"):
        read_folder(bytes(whole))


@settings(max_examples=50)
@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(EvidenceError):
        read_folder(content)
