"""What a workshop's room is: the limits that people set on their phones, the world they are answered in, and who may come in.

A room has a code, which lets people answer, and a secret key, which lets its facilitator read. Neither names nor addresses are
asked for: an answer is three numbers under a random mark that the browser made up for this room.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from model.errors import InputError
from model.formulation.levers import Choice, lever_named

LETTERS = "BCDFGHJKMNPQRTVWXZ"
"""Letters of a code: none that reads like another or like a digit, and no vowels, so that no code is a word."""
CODE_LENGTH = 6
LEVERS = ("premium_limit", "china_limit", "shortfall_limit")
"""What people in a room set, in the order of their screens."""


class RoomError(InputError):
    """What a person wants of a room and cannot have, in one sentence."""


class NoRoom(RoomError):
    """There is no such room, or not with this key."""


@dataclass(frozen=True)
class Limits:
    """What one person would still accept: cost over the cheapest mix, %, dependence on China and worst-case shortfall, % of demand.
    Raises `LeverError` when a value is out of its lever's range."""

    premium_limit: float
    china_limit: float
    shortfall_limit: float

    def __post_init__(self) -> None:
        for name in LEVERS:
            object.__setattr__(self, name, float(lever_named(name).check(getattr(self, name))))

    def on(self, choice: Choice) -> Choice:
        """A choice with these limits in place of its own."""
        return choice.changed(**{name: getattr(self, name) for name in LEVERS})


@dataclass(frozen=True)
class World:
    """What people's own limits are answered in: the facilitator's levers, and own numbers in place of facts, packed by `edits`."""

    choice: Choice
    own: str = ""


@dataclass(frozen=True)
class Key:
    """A room's code and the secret that lets its facilitator in; as text 'CODE-secret'."""

    code: str
    secret: str

    def __str__(self) -> str:
        return f"{self.code}-{self.secret}"

    @classmethod
    def read(cls, text: str) -> Key | None:
        """A key from its text, or None when it is none."""
        found = re.fullmatch(rf"([{LETTERS}]{{{CODE_LENGTH}}})-([A-Za-z0-9_-]{{22}})", text)
        return cls(found[1], found[2]) if found else None


def new_key() -> Key:
    """A random code with a random secret."""
    return Key("".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)), secrets.token_urlsafe(16))


def read_code(text: str) -> str | None:
    """A room's code from what somebody typed, small letters and blanks forgiven, or None when it is none."""
    code = re.sub(r"[\s-]", "", text[:40]).upper()
    return code if re.fullmatch(rf"[{LETTERS}]{{{CODE_LENGTH}}}", code) else None


def is_person(text: str) -> bool:
    """Whether a text is a mark that `new_person` could have made."""
    return re.fullmatch(r"[A-Za-z0-9_-]{22}", text) is not None


def new_person() -> str:
    """A random mark under which one browser's answer is kept."""
    return secrets.token_urlsafe(16)
