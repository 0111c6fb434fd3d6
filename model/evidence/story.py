"""The prepared story of a workshop: steps that each set the levers as a preset does, with a note for the facilitator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from model.errors import EvidenceError
from model.evidence.loading import STORY, entries_of, file_bytes
from model.evidence.store import Evidence

Shown = Literal["magnets", "oxide", "built", "reserve", "shortage"]
"""Charts that a step may show."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]


class Step(BaseModel):
    """One step: the preset that sets the levers, the chart to show, what the facilitator keeps in mind and asks the room."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    preset: str
    chart: Shown
    note: Text
    ask: Text


def load_story(evidence: Evidence) -> tuple[Step, ...]:
    """The steps in their order; none when the evidence has no story. A folder that still stands is read again, so that a
    story can be written while people look at it; else it is the story that came with the evidence. Raises `EvidenceError`
    naming entry and reason."""
    text = _text(evidence)
    if text is None:
        return ()
    steps: list[Step] = entries_of(text, Step, STORY)
    seen: set[str] = set()
    for step in steps:
        if step.preset not in evidence.presets:
            raise EvidenceError(f"{STORY}, entry {step.id}: there is no preset {step.preset[:60]!r}")
        if step.id in seen:
            raise EvidenceError(f"{STORY}, entry {step.id}: the id stands twice")
        seen.add(step.id)
    return tuple(steps)


def _text(evidence: Evidence) -> bytes | None:
    if not evidence.folder.is_dir():
        return evidence.story
    path = evidence.folder / STORY
    return file_bytes(path, STORY) if path.exists() else None


__all__ = ["Shown", "Step", "load_story"]
