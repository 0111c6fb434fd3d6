"""Claims about the house itself: who may import whom, what is documented, and what never stands in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.formulation.levers import levers

HOUSE = Path(__file__).resolve().parents[2]
MODEL = sorted((HOUSE / "model").glob("*.py"))
PAGES = sorted((HOUSE / "pages").rglob("*.py"))
CODE = [*MODEL, *PAGES, HOUSE / "app.py"]
FLOORS = ("evidence", "levers", "bases", "states", "case", "program", "mix", "live")
"""The line that an answer runs along; each floor stands on those before it. `lp` and `lazy` stand on nothing of the model."""


TECHNICAL = {4_000_000, 32_000, 32_767, 2**31 - 1, *(2**n for n in range(10, 32))}
"""Sizes of files and cells that are no figures of the world."""


def where(path: Path) -> str:
    """A file's name from the top of the house."""
    return path.relative_to(HOUSE).as_posix()


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it, by its full name; `from a import b` counts as a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where(path)}: imports by dots hide where a name comes from"
            assert node.module
            found.add(node.module)
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def rooms(path: Path) -> set[str]:
    """Modules of the model that a file imports."""
    names = {file.stem for file in MODEL}
    return {
        parts[1] for parts in (name.split(".") for name in imports(path)) if parts[0] == "model" and len(parts) > 1
    } & names


def top(path: Path) -> set[str]:
    """First words of what a file imports."""
    return {name.split(".")[0] for name in imports(path)}


def nodes(path: Path) -> Iterator[ast.AST]:
    """Every node of a file's syntax tree."""
    yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def test_the_house_is_where_these_tests_look() -> None:
    """The tests below would all pass in an empty house."""
    assert {"evidence", "levers", "lp", "states", "case", "program", "mix", "live", "__main__"} <= {
        path.stem for path in MODEL
    }
    assert len(PAGES) > 5


@pytest.mark.parametrize("path", MODEL, ids=where)
def test_the_model_knows_nothing_of_the_screen(path: Path) -> None:
    """It runs in a terminal, a test or a cluster: no Streamlit, no pages, no charts."""
    assert not top(path) & {"streamlit", "pages", "pydeck", "app", "tests", "altair"}


@pytest.mark.parametrize("path", MODEL, ids=where)
def test_each_floor_stands_on_those_below(path: Path) -> None:
    """evidence < levers < bases < states < case < program < mix < live < everything else < the command line; lp and lazy stand on nothing."""
    used = rooms(path) - {"__init__", *({"lazy"} if path.stem != "lazy" else ())}
    if path.stem in ("evidence", "lp", "lazy", "__init__"):
        assert not used
    elif path.stem in FLOORS:
        assert used <= {"lp", *FLOORS[: FLOORS.index(path.stem)]}
    else:
        assert "__main__" not in used


def test_nobody_imports_in_a_circle() -> None:
    """What explains, values and takes away may lean on each other, in one direction."""
    uses = {path.stem: rooms(path) - {"__init__", path.stem} for path in MODEL}
    while uses:
        free = [name for name, used in uses.items() if not used & set(uses)]
        assert free, f"a circle among {sorted(uses)}"
        for name in free:
            del uses[name]


def test_only_the_command_line_and_pages_have_no_reader() -> None:
    """A module of the model that no other code imports is dead, whatever tests say of it, unless people start it."""
    read = {name for path in CODE for name in rooms(path)}
    assert {path.stem for path in MODEL} - read - {"__init__", "__main__"} == set()


def written_rows() -> list[tuple[set[str], set[str]]]:
    """The model's rows of the table in CONTRIBUTING.md: rooms, and the rooms that they may import."""
    names, rows = {path.stem for path in MODEL}, []
    for line in (HOUSE / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        mine = set(re.findall(r"`([^`]+)`", cells[0])) if line.startswith("|") else set()
        if len(cells) == 3 and mine and mine <= names:
            rows.append((mine, set(re.findall(r"\w+", cells[2])) & names))
    return rows


def test_the_table_of_the_house_names_every_room_once() -> None:
    """Whoever adds a module says there what lives in it."""
    found = [name for mine, _ in written_rows() for name in mine]
    assert sorted(found) == sorted({path.stem for path in MODEL} - {"__init__"})


def test_the_table_of_the_house_says_who_may_import_whom() -> None:
    """A room imports its own row, the rooms that its row names and what these may import; `lazy` is for all."""
    row_of = {name: row for row in written_rows() for name in row[0]}

    def reached(names: set[str]) -> set[str]:
        """These rooms, those of their rows, and all that these lead to."""
        found: set[str] = set()
        while names - found:
            name = (names - found).pop()
            found |= row_of[name][0]
            names = names | row_of[name][1]
        return found

    for mine, named in written_rows():
        assert not mine & reached(named), f"{sorted(mine)}: the table runs in a circle"
        used = set().union(*(rooms(HOUSE / "model" / f"{name}.py") for name in mine)) - {"__init__", "lazy"}
        assert used <= mine | reached(named), f"{sorted(mine)} import {sorted(used - mine - reached(named))}"


def test_no_row_of_the_table_says_more_than_it_needs() -> None:
    """A row that names a room which none of its own imports, itself or by what it leads to, has grown old."""
    for mine, named in written_rows():
        used = set().union(*(rooms(HOUSE / "model" / f"{name}.py") for name in mine))
        rows = {name: row for row, _ in written_rows() for name in row}
        for name in named:
            assert used & rows[name], f"{sorted(mine)} names {name}"


FRAMES = {
    "board", "challenge", "comparing", "doubted", "explained", "helping", "near", "owned", "panels", "screen", "sharing", "shocks",
    "sidebar", "traced", "contrasting",
}  # fmt: skip
"""Modules of `pages/parts/` that arrange what is on the screen; all others are sentences, drawings and tables."""
PARTS = {path.stem: path for path in (HOUSE / "pages" / "parts").glob("*.py") if path.stem != "__init__"}


def parts_of(path: Path) -> set[str]:
    """Modules right in `pages/parts/` that a file imports; the bridge is one of them."""
    found = {name.split(".")[2] for name in imports(path) if name.startswith("pages.parts.")}
    return found & {*PARTS, "bridge"}


@pytest.mark.parametrize("name", sorted(set(PARTS) - FRAMES))
def test_what_draws_and_words_does_not_touch_the_screen(name: str) -> None:
    """A chart is a dictionary and a sentence a string: both can be tested without a browser."""
    assert "streamlit" not in top(PARTS[name])
    assert not parts_of(PARTS[name]) & {"bridge", *FRAMES}


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_a_frame_arranges_what_is_on_the_screen(name: str) -> None:
    """One that does not is no frame, and should be tested without a browser."""
    assert "streamlit" in top(PARTS[name])


def test_the_bridge_leans_on_sentences_and_no_frame_but_the_explanations() -> None:
    """What a visitor's state needs in words comes from below it; the rooms' file knows evidence and levers alone."""
    for path in (HOUSE / "pages" / "parts" / "bridge").glob("*.py"):
        assert not parts_of(path) & (FRAMES - {"explained"}), where(path)
    for name, others in (("room", set()), ("rooms", {"room"}), ("tries", set())):
        assert rooms(PARTS[name]) <= {"evidence", "levers"}
        assert parts_of(PARTS[name]) == others


@pytest.mark.parametrize("path", [*PAGES, *MODEL], ids=where)
def test_nobody_imports_a_screen(path: Path) -> None:
    """Screens are scripts that arrange; what two of them share is a part."""
    assert not {name.split(".")[1] for name in imports(path) if name.startswith("pages.")} - {"parts"}


def test_every_page_says_its_headline_to_those_who_do_not_see_it() -> None:
    """What a page puts on top is also told to screen readers, which is done in one place; Room and its phones move no headline."""
    screens = [path for path in PAGES if "parts" not in path.parts and path.stem not in ("room", "limits")]
    assert len(screens) > 9
    silent = [
        where(path)
        for path in screens
        if not re.search(r"screen\.headline\(|challenge\.head\(", path.read_text("utf-8"))
    ]
    assert silent == []


@pytest.mark.parametrize("path", PAGES, ids=where)
def test_only_the_bridge_keeps_state_or_caches(path: Path) -> None:
    """One place to look for what is remembered."""
    if where(path).startswith("pages/parts/bridge/"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("st", "streamlit")
        ):
            assert node.attr not in ("session_state", "cache_data", "cache_resource"), f"line {node.lineno}"


@pytest.mark.parametrize("path", PAGES, ids=where)
def test_pages_talk_to_the_engine_through_the_bridge(path: Path) -> None:
    """No page makes an engine, a program or a solver of its own; their types may be named."""
    assert not top(path) & {"pulp", "highspy"}
    if where(path).startswith("pages/parts/bridge/"):
        return
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("Engine", "Worker", "Program", "load_evidence"), f"line {node.lineno}"


def test_no_page_lies_where_streamlit_would_run_it_alone() -> None:
    """A .py file directly in pages/ is run without the frame when a visitor comes by a deep link."""
    assert list((HOUSE / "pages").glob("*.py")) == []


@pytest.mark.parametrize("path", CODE, ids=where)
def test_no_star_imports(path: Path) -> None:
    """PuLP's brings 142 names; after two of them nobody knows where a name comes from."""
    assert not [node for node in nodes(path) if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]


@pytest.mark.parametrize("path", [path for path in CODE if path.stem != "__main__"], ids=where)
def test_nothing_is_printed(path: Path) -> None:
    """What people should see goes to the screen or to a file; only the command line prints."""
    printed = [
        n.lineno
        for n in nodes(path)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ("print", "breakpoint")
    ]
    assert not printed


@pytest.mark.parametrize("path", CODE, ids=where)
def test_no_error_is_swallowed(path: Path) -> None:
    """Nothing is repaired silently: no bare except, no handler that only passes."""
    for node in nodes(path):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: a bare except"
            assert not all(isinstance(step, ast.Pass) for step in node.body), (
                f"line {node.lineno}: an error is passed over"
            )


@pytest.mark.parametrize("path", CODE, ids=where)
def test_everything_public_is_documented(path: Path) -> None:
    """Each module, class, function and method that others may use says in a sentence what it is for. Names that start with _ and what
    stands inside a function are private; special methods explain themselves."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.name != "__init__.py" or tree.body:
        assert ast.get_docstring(tree), f"{where(path)}: the module says nothing"
    silent = []

    def look(body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith(
                "_"
            ):
                if not ast.get_docstring(node):
                    silent.append(f"{node.name} (line {node.lineno})")
                if isinstance(node, ast.ClassDef):
                    look(node.body)

    look(tree.body)
    assert not silent


@pytest.mark.parametrize("path", MODEL, ids=where)
def test_no_source_figure_is_typed_into_the_model(path: Path) -> None:
    """Numbers of the world are facts in data/. Code may hold years of its horizon, unit factors and tolerances; what looks like an amount
    (four digits and more, no power of ten, no year) may not stand there."""
    if path.stem in ("levers", "textbook", "__main__"):
        return  # ranges of sliders, and published cases that are stated in full
    amounts = []
    for node in nodes(path):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            number = abs(node.value)
            round_number = str(int(number)).strip("0") == "1"
            if number >= 1000 and not round_number and number not in TECHNICAL and not 2020 <= number <= 2060:
                amounts.append(f"{node.value} (line {node.lineno})")
    assert amounts == []


@pytest.mark.parametrize("lever", levers(), ids=lambda lever: lever.id)
def test_every_lever_explains_itself(lever: object) -> None:
    """Label, help and what is sensible, each a text of its own that ends as a sentence."""
    for text in (lever.help, lever.sensible):  # type: ignore[attr-defined]
        assert text.strip() == text
        assert text.endswith((".", "!", "?")), text
    assert not lever.label.endswith(".")  # type: ignore[attr-defined]


def test_the_top_of_the_house_is_tidy() -> None:
    """What people see first: the app, its pages, its model, its data, its tests, and what tools need."""
    code = {"app.py", "pages", "model", "data", "tests", "static"}
    papers = {"README.md", "CONTRIBUTING.md", "HOSTING.md", "CHANGELOG.md", "LICENSE", "CITATION.cff"}
    container = {"Dockerfile", "compose.yaml"}
    locks = {f"requirements{part}.{kind}" for part in ("", "-dev", "-cluster") for kind in ("in", "txt")}
    allowed = code | papers | container | locks | {"pyproject.toml"}
    found = {
        path.name for path in HOUSE.iterdir() if not path.name.startswith((".", "__")) and path.name not in ("build",)
    }
    assert found - allowed - {path.name for path in HOUSE.glob("*.egg-info")} == set()
