"""The lock: requirements*.txt pin what was tested, and agree with the ranges in requirements*.in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.versions import CORE, PARTS, SHOWN

HOUSE = Path(__file__).resolve().parents[2]
MACHINES = [
    {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system, "platform_system": name}
    | {"os_name": "nt" if system == "win32" else "posix", "platform_python_implementation": "CPython"}
    for python in ("3.11", "3.12", "3.13")
    for system, name in (("linux", "Linux"), ("darwin", "Darwin"), ("win32", "Windows"))
]
"""What this project runs on, as environment markers name it."""

LINE = re.compile(r"[a-z0-9][a-z0-9-]*==[\w.]+( ; [^#;]+?)?\s+# via [\w.,\[\] -]+")
"""A package, its version, where it applies, and who asks for it."""


def ranges(part: str) -> dict[str, Requirement]:
    """What requirements{part}.in asks for, with the files that it takes in."""
    found: dict[str, Requirement] = {}
    for line in (HOUSE / f"requirements{part}.in").read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            found |= ranges(text.removeprefix("-r requirements").removesuffix(".in"))
        elif text:
            requirement = Requirement(text)
            found[canonicalize_name(requirement.name)] = requirement
    return found


def pins(part: str) -> dict[str, Requirement]:
    """What requirements{part}.txt pins."""
    lines = (HOUSE / f"requirements{part}.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line.partition("#")[0].strip()) for line in lines if not line.startswith("#")]
    assert len({pin.name for pin in found}) == len(found), "a package stands twice"
    return {canonicalize_name(pin.name): pin for pin in found}


def applies(pin: Requirement, machine: dict[str, str]) -> bool:
    """Whether a pin counts on a machine."""
    return pin.marker is None or pin.marker.evaluate(machine)


@pytest.mark.parametrize("part", PARTS)
def test_lock_has_nothing_but_pins(part: str) -> None:
    """Plain pip installs it from wherever it gets its packages: no address, no option, no path, no open range."""
    lines = (HOUSE / f"requirements{part}.txt").read_text(encoding="utf-8").splitlines()
    assert lines[1].split("#")[1].split() == ["python", "-m", "tests.versions", "lock"]
    assert [line for line in lines[2:] if not LINE.fullmatch(line)] == []
    assert len(lines) > 20


@pytest.mark.parametrize("part", PARTS)
def test_lock_and_ranges_agree(part: str) -> None:
    """Whoever changes a range compiles the lock anew: each range has a pin in it, on every Python and system."""
    asked, locked = ranges(part), pins(part)
    assert asked.keys() <= locked.keys(), f"not locked: {sorted(asked.keys() - locked.keys())}"
    for name, requirement in asked.items():
        (pin,) = locked[name].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), f"{name}: {pin} is not in {requirement.specifier}"
        assert all(applies(locked[name], machine) for machine in MACHINES), name


@pytest.mark.parametrize("part", PARTS)
def test_lock_is_closed(part: str) -> None:
    """Every package is asked for by the ranges or by another package of the lock, so none is left over from an older one."""
    lines = (HOUSE / f"requirements{part}.txt").read_text(encoding="utf-8").splitlines()
    locked = pins(part)
    for line in lines[2:]:
        askers = {name.strip() for name in line.partition("# via ")[2].split(",")}
        askers = {name.removesuffix(".in") for name in askers if not name.startswith("-c ")}
        known = {name.removeprefix("-r ").partition("requirements")[2] for name in askers if name.startswith("-r ")}
        others = {canonicalize_name(name.partition("[")[0]) for name in askers if not name.startswith("-r ")}
        assert known <= set(PARTS), line
        assert others <= locked.keys(), line
        assert known or others, line


def test_locks_agree_with_each_other() -> None:
    """The app runs on the versions that the tests ran on."""
    whole = pins(PARTS[0])
    for part in PARTS[1:]:
        locked = pins(part)
        assert {name: str(locked[name].specifier) for name in locked} == {
            name: str(whole[name].specifier) for name in locked
        }
    assert pins("").keys() < pins("-cluster").keys() < whole.keys()


def test_versions_known_to_be_wrong_are_left_out() -> None:
    """HiGHS 1.14.0 gives wrong optima through presolve (its issues 2957 and 3002)."""
    assert not ranges("")["highspy"].specifier.contains("1.14.0")
    assert ranges("")["highspy"].specifier.contains("1.15.0")


def test_versions_command_knows_its_tests_and_packages() -> None:
    """A test that moved would otherwise be missed only when somebody tries other versions."""
    assert [name for name in CORE if not (HOUSE / name).is_file()] == []
    assert set(SHOWN) <= ranges("").keys()
