"""A data folder in a zip file: what goes out comes in again, and what is no data folder is refused in a sentence."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.evidence import DATA, EvidenceError, load_evidence
from model.folder import BYTES_MOST, FILES_MOST, folder_zip, read_folder


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


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
        (zipped({"facts/x.yaml": "!!python/object/apply:os.system ['true']"}), "notes.yaml"),
    ],
)
def test_what_is_no_data_folder_is_refused_in_a_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason) as error:
        read_folder(content)
    assert len(str(error.value)) < 300


@settings(max_examples=50)
@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(EvidenceError):
        read_folder(content)
