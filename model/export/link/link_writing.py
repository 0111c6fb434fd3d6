"""A share link written out."""

from __future__ import annotations

from urllib.parse import quote

from model.export.link.link_format import FORMAT, NO_MIX, OWN_LENGTH, SIGNS, UNSOLVED, Link, _digest, checksum
from model.export.link.pins import encode_pins
from model.formulation.levers import Value


def encode(link: Link) -> str:
    """The link as the query of an address, without the question mark; ASCII only. A name whose head HTML takes for a sign begins with
    its first letter in numbers."""
    signs = tuple(sign[1:] for sign in SIGNS.values())
    return "&".join(
        (f"%{ord(name[0]):02X}{name[1:]}" if name.startswith(signs) else name) + f"={quote(value, safe='')}"
        for name, value in parameters(link).items()
    )


def parameters(link: Link) -> dict[str, str]:
    """The link as parameters in their order, the checksum last."""
    found = {
        "link": FORMAT,
        "page": link.page,
        "year": "" if link.year is None else str(link.year),
        "story": link.story,
    }
    found |= {name: shown(value) for name, value in link.choice.values().items()}
    own = "" if left_out(link) else link.own
    found |= {"compare": "~".join(link.compare), "beside": link.beside, "look": link.look}
    found["stage"] = f"{link.step}~{link.shown}" if link.step is not None else ""
    found |= {"own": own, "pins": encode_pins(link.pins)}
    found |= {"data": link.data, "model": link.model.replace("+", "~")}  # a plus would be read as a space
    found["digest"] = _digest(link.data, link.model, link.choice)
    found["said"] = "~".join(f"{name}~{value!r}" for name, value in link.said.items()) if link.solved else UNSOLVED
    found["sides"] = "~".join(NO_MIX if total is None else repr(total) for total in link.sides)
    found = {name: value for name, value in found.items() if value}
    return {**found, "sum": checksum(found)}


def left_out(link: Link) -> tuple[str, ...]:
    """Names of what is too long for a link and stays out of it, to be told to whoever makes it: 'own' or nothing."""
    return ("own",) if len(link.own) > OWN_LENGTH else ()


def shown(value: Value) -> str:
    """A lever's value as a link holds it, exact: 60.0 -> '60', 0.5 -> '0.5', True -> 'true'."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
