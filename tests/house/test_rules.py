"""Claims about the house itself: who may import whom, what is documented, and what never stands in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.formulation.levers import levers

HOUSE = Path(__file__).resolve().parents[2]
MODEL = sorted((HOUSE / "model").rglob("*.py"))
PAGES = sorted((HOUSE / "pages").rglob("*.py"))
CODE = [*MODEL, *PAGES, HOUSE / "app.py"]
MODEL_FLOORS = (
    ("errors", "arrays", "caching"),
    ("evidence", "lp", "parallel"),
    ("formulation",),
    ("provenance", "results"),
    ("engine",),
    ("analysis",),
    ("analyses",),
    ("export",),
    ("cli",),
    ("__main__",),
)
"""The import rule of the model is the folder rule: a folder uses itself and the floors before it."""
PART_FLOORS = (
    ("tasks", "text"),
    ("charts",),
    ("session",),
    ("sharing",),
    ("components",),
    ("alternatives", "disruptions", "doubt", "evidence", "tradeoffs", "workshop"),
    ("compare",),
)
"""The same for `pages/parts/`; Compare puts what other pages draw side by side."""
TOP_MOST = 14
"""So many entries at the top of the model, the package's own two files apart: a stranger draws them from memory."""
WITH_STREAMLIT = ("session", "sharing", "tasks", "components")
"""Folders of `pages/parts/` that put things on the screen; elsewhere only files called `view.py` and the workshop's sides do."""


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
    """First folders or modules of the model that a file imports: 'evidence', 'errors'."""
    names = {file.stem if file.suffix == ".py" else file.name for file in (HOUSE / "model").iterdir()}
    return {
        parts[1] for parts in (name.split(".") for name in imports(path)) if parts[0] == "model" and len(parts) > 1
    } & names


def module_name(path: Path) -> str:
    """'model.lp.solve' for its file; a package's own name for its `__init__.py`."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(floors: tuple[tuple[str, ...], ...], name: str) -> int:
    """How high a folder stands."""
    return next(height for height, floor in enumerate(floors) if name in floor)


def top(path: Path) -> set[str]:
    """First words of what a file imports."""
    return {name.split(".")[0] for name in imports(path)}


def nodes(path: Path) -> Iterator[ast.AST]:
    """Every node of a file's syntax tree."""
    yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def test_the_house_is_where_these_tests_look() -> None:
    """The tests below would all pass in an empty house."""
    assert {"model.evidence.store", "model.lp.persistent", "model.formulation.case", "model.engine.engine"} <= {
        module_name(path) for path in MODEL
    }
    assert len(PAGES) > 50


def test_the_top_of_the_model_can_be_drawn_from_memory() -> None:
    """Every entry stands on a floor, and there are few of them."""
    found = {p.stem for p in (HOUSE / "model").iterdir() if not p.name.startswith("__")}
    assert found == {name for floor in MODEL_FLOORS for name in floor} - {"__main__"}
    assert len(found) <= TOP_MOST
    parts = {p.name for p in (HOUSE / "pages" / "parts").iterdir() if p.is_dir() and not p.name.startswith("__")}
    assert parts == {name for floor in PART_FLOORS for name in floor}


@pytest.mark.parametrize("path", MODEL, ids=where)
def test_the_model_knows_nothing_of_the_screen(path: Path) -> None:
    """It runs in a terminal, a test or a cluster: no Streamlit, no pages, no charts."""
    assert not top(path) & {"streamlit", "pages", "pydeck", "app", "tests", "altair"}


@pytest.mark.parametrize("path", [path for path in MODEL if path.name != "__init__.py"], ids=where)
def test_a_folder_of_the_model_uses_itself_and_what_stands_below(path: Path) -> None:
    """Evidence, linear program and processes; formulation; results; engine; analysis; export; the command line."""
    mine = module_name(path).split(".")[1]
    height = floor_of(MODEL_FLOORS, mine)
    for used in rooms(path) - {mine}:
        assert floor_of(MODEL_FLOORS, used) < height, f"{where(path)} imports {used}"


def parts_of(path: Path) -> set[str]:
    """Folders of `pages/parts/` that a file imports."""
    found = {
        parts[2]
        for parts in (name.split(".") for name in imports(path))
        if parts[:2] == ["pages", "parts"] and len(parts) > 2
    }
    return found & {name for floor in PART_FLOORS for name in floor}


PARTS = [path for path in PAGES if path.parent.parent.name == "parts"]


@pytest.mark.parametrize("path", PARTS, ids=where)
def test_a_folder_of_parts_uses_itself_and_what_stands_below(path: Path) -> None:
    """Sentences and tasks; charts; the session; what shares it; components; the pages."""
    height = floor_of(PART_FLOORS, path.parent.name)
    for used in parts_of(path) - {path.parent.name}:
        assert floor_of(PART_FLOORS, used) < height, f"{where(path)} imports {used}"


def test_nobody_imports_in_a_circle() -> None:
    """Not among modules, and not among the folders that hold them."""
    names = {module_name(path): path for path in [*MODEL, *PAGES]}
    uses = {name: imports(path) & set(names) - {name} for name, path in names.items()}

    def packages(name: str) -> str:
        parts = name.split(".")
        return ".".join(
            parts[:3] if parts[:2] in (["model", "analysis"], ["model", "export"], ["pages", "parts"]) else parts[:2]
        )

    folders: dict[str, set[str]] = {}
    for name, used in uses.items():
        folders.setdefault(packages(name), set()).update({packages(other) for other in used} - {packages(name)})
    inner = {name: {other for other in used if names[other].name != "__init__.py"} for name, used in uses.items()}
    for graph in (inner, folders):
        left = {name: set(used) for name, used in graph.items()}
        while left:
            free = [name for name, used in left.items() if not used & set(left)]
            assert free, f"a circle among {sorted(left)}"
            for name in free:
                del left[name]


def test_only_the_command_line_and_pages_have_no_reader() -> None:
    """A module of the model that no other code imports is dead, whatever tests say of it, unless people start it."""
    import model

    read = {name for path in CODE for name in imports(path)} | {f"model.{room}" for room in model.DOOR}
    mine = {module_name(path) for path in MODEL if path.name != "__init__.py"}
    assert mine - read - {"model.__main__"} == set()


@pytest.mark.parametrize("path", PARTS, ids=where)
def test_what_draws_and_words_does_not_touch_the_screen(path: Path) -> None:
    """A chart is a dictionary and a sentence a string: both can be tested without a browser."""
    if path.parent.name in WITH_STREAMLIT or path.name in SCREEN_FILES:
        return
    assert "streamlit" not in top(path)
    assert not parts_of(path) & {*WITH_STREAMLIT} - {"sharing"}


SCREEN_FILES = ("view.py", "pair_views.py", "facilitator.py", "participant.py", "board.py")
"""Files of a page's folder that arrange what is on the screen."""


@pytest.mark.parametrize("path", [path for path in PARTS if path.name in SCREEN_FILES], ids=where)
def test_a_view_arranges_what_is_on_the_screen(path: Path) -> None:
    """One that does not is no view, and should be tested without a browser."""
    assert "streamlit" in top(path)


def test_a_room_of_a_workshop_knows_evidence_and_levers_alone() -> None:
    """Its file, its limits on guessing and what it stores do not depend on a solver or a screen."""
    folder = HOUSE / "pages" / "parts" / "workshop"
    for name, others in (("room", set()), ("store", {"room"}), ("rate_limit", set())):
        path = folder / f"{name}.py"
        assert rooms(path) <= {"evidence", "formulation", "errors"}
        used = {module.rsplit(".", 1)[1] for module in imports(path) if module.startswith("pages.parts.workshop.")}
        assert used & {file.stem for file in folder.glob("*.py")} == others


@pytest.mark.parametrize("path", [*PAGES, *MODEL], ids=where)
def test_nobody_imports_a_screen(path: Path) -> None:
    """Screens are scripts that arrange; what two of them share is a part."""
    assert not {name.split(".")[1] for name in imports(path) if name.startswith("pages.")} - {"parts"}


def test_every_page_says_its_headline_to_those_who_do_not_see_it() -> None:
    """What a page puts on top is also told to screen readers, which is done in one place; Room and its phones move no headline."""
    screens = [path for path in PAGES if "parts" not in path.parts and path.stem not in ("room", "limits")]
    assert len(screens) > 9
    silent = [
        where(path) for path in screens if not re.search(r"screen\.headline\(|result\.head\(", path.read_text("utf-8"))
    ]
    assert silent == []


STATE = (
    "pages/parts/session/",
    "pages/parts/sharing/",
    "pages/parts/tasks/",
    "pages/parts/workshop/facilitator.py",
    "pages/parts/workshop/participant.py",
)
"""Where something is remembered between runs."""


@pytest.mark.parametrize("path", PAGES, ids=where)
def test_only_the_session_keeps_state_or_caches(path: Path) -> None:
    """One place to look for what is remembered."""
    if where(path).startswith(STATE):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("st", "streamlit")
        ):
            assert node.attr not in ("session_state", "cache_data", "cache_resource"), f"line {node.lineno}"


@pytest.mark.parametrize("path", PAGES, ids=where)
def test_pages_talk_to_the_engine_through_the_session(path: Path) -> None:
    """No page makes an engine, a program or a solver of its own; their types may be named."""
    assert not top(path) & {"pulp", "highspy"}
    if where(path).startswith(STATE):
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
    if path.stem in ("levers", "textbook"):
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


def test_every_slow_test_that_is_named_exists() -> None:
    """A test renamed would come back among the quick ones unseen. Sorted and each once, so that two people's changes meet in peace."""
    named = (HOUSE / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines()
    there = {
        word
        for path in (HOUSE / "tests").rglob("test_*.py")
        for word in re.findall(r"^(?:def |class )?(test_\w+|Test\w+)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set(named) <= there, set(named) - there
    assert named == sorted(set(named))
