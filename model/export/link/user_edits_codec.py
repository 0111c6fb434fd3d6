"""Own numbers packed into a link and read back."""

from __future__ import annotations

from collections.abc import Sequence

from model.errors import EvidenceError
from model.evidence.schema import Edit
from model.evidence.user_edits import COLUMNS, read_edits
from model.export.link.url_codec import NotWhole, squeezed, unsqueezed

PACKED_BYTES = 1 << 18
"""Packed own numbers longer than this, in characters or unpacked, are not read; `MOST` of them with the longest reasons are
shorter. How many of them fit into a link is the link's affair."""


def packed(edits: Sequence[Edit]) -> str:
    """Own numbers as a short text for a link; empty without any."""
    return squeezed([[edit.fact, edit.value, edit.low, edit.high, edit.reason] for edit in edits]) if edits else ""


def unpacked(text: str) -> tuple[Edit, ...]:
    """Own numbers from such a text: whatever `read_edits` accepts comes back whole. Raises `EvidenceError` when it is damaged,
    cut, too long or holds anything else."""
    if not text:
        return ()
    try:
        rows = unsqueezed(text, PACKED_BYTES, PACKED_BYTES)
    except NotWhole as error:
        raise EvidenceError(f"facts in the link: they are {error} and were not read") from None
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == len(COLUMNS) for row in rows):
        raise EvidenceError("facts in the link: they are damaged and were not read")
    return read_edits([dict(zip(COLUMNS, row, strict=True)) for row in rows], "facts in the link")
