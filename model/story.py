"""The prepared story of a workshop: steps that each set the levers as a preset does, with a note for the facilitator."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from model.evidence import FILE_BYTES, Evidence, EvidenceError, InputError, read_yaml

FILE = "story.yaml"
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
    """The steps in their order, from the data folder of the evidence; none when it has no story. Raises `EvidenceError` naming the
    entry and the reason."""
    path = evidence.folder / FILE
    if not path.exists():
        return ()
    try:
        if path.stat().st_size > FILE_BYTES:
            raise EvidenceError(f"{FILE}: longer than {FILE_BYTES:,} bytes")
        content = read_yaml(path.read_bytes(), FILE)
    except OSError as error:
        raise EvidenceError(f"{FILE}: it cannot be opened ({error.strerror})") from None
    except InputError as error:
        raise EvidenceError(str(error)) from None
    if not isinstance(content, list) or not content:
        raise EvidenceError(f"{FILE}: it must be a list of steps")
    steps: list[Step] = []
    for place, entry in enumerate(content, 1):
        step = _step(entry, place)
        if step.preset not in evidence.presets:
            raise EvidenceError(f"{FILE}, entry {step.id}: there is no preset {step.preset[:60]!r}")
        if step.id in {before.id for before in steps}:
            raise EvidenceError(f"{FILE}, entry {step.id}: the id stands twice")
        steps.append(step)
    return tuple(steps)


def _step(entry: object, place: int) -> Step:
    label = entry.get("id", f"number {place}") if isinstance(entry, dict) else f"number {place}"
    try:
        return Step.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise EvidenceError(f"{FILE}, entry {label}{', ' + field if field else ''}: {first['msg']}") from None
