"""The files that people look for: README, guides, changelog and container, each true to the project beside it."""

from __future__ import annotations

import re
import shlex
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from model.__main__ import EVERY_VERB
from model.cli.health import URL

HOUSE = Path(__file__).resolve().parents[2]
PAPERS = ("README.md", "CONTRIBUTING.md", "HOSTING.md", "CHANGELOG.md")
README_LINES, GLOSSARY_ROWS = 150, 30


def text(name: str) -> str:
    """A file at the top of the house."""
    return (HOUSE / name).read_text(encoding="utf-8")


def headings(name: str) -> list[str]:
    """The headings of a paper's parts."""
    return re.findall(r"^## (.*)$", text(name), re.M)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads(text("pyproject.toml"))["project"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The one service of compose.yaml."""
    whole = yaml.safe_load(text("compose.yaml"))
    assert set(whole) == {"services", "volumes"}
    assert set(whole["volumes"]) == {"rooms"}
    (service,) = whole["services"].values()
    return service  # type: ignore[no-any-return]


# -- papers ------------------------------------------------------------------------------------------------------------


def test_readme_is_read_in_five_minutes() -> None:
    """What is longer goes into a guide; the glossary fits one screen."""
    readme = text("README.md")
    assert len(readme.splitlines()) <= README_LINES
    assert headings("README.md") == [
        "Two commands",
        "What each user gets",
        "A study in twenty lines",
        "Ground plan",
        "How the model works",
        "Limits of the method",
        "Glossary",
    ]
    rows = [line for line in readme.split("## Glossary")[1].splitlines() if line.startswith("| ")]
    assert 15 <= len(rows) <= GLOSSARY_ROWS


@pytest.mark.parametrize("name", PAPERS)
def test_papers_point_at_what_is_there(name: str) -> None:
    """A file that moved, or a heading that was renamed, leaves no dead link; only the changelog leads to other sites."""
    for target in re.findall(r"\]\(([^)]+)\)", text(name)):
        file, _, heading = target.partition("#")
        if "://" in file:
            assert name == "CHANGELOG.md", target
            continue
        assert not file or (HOUSE / file).is_file(), target
        if heading:
            titles = [title.lower() for title in headings(file or name)]
            assert heading in {re.sub(r"[^\w -]", "", title).replace(" ", "-") for title in titles}, target


@pytest.mark.parametrize("name", PAPERS)
def test_papers_name_files_and_verbs_that_are_there(name: str) -> None:
    """Whoever types a command or opens a file finds it."""
    spoken = re.findall(r"`([^`\n]+)`", text(name))
    lines = [line for fence in re.findall(r"```sh\n(.*?)```", text(name), re.S) for line in fence.splitlines()]
    for command in [*spoken, *lines]:
        for verb in re.findall(r"python -m model ([a-z][a-z-]*)", command):
            assert verb in EVERY_VERB, command
        for module in re.findall(r"python -m (tests\.[\w.]+)", command):
            assert (HOUSE / (module.replace(".", "/") + ".py")).is_file(), command
    for file in spoken:
        if re.fullmatch(r"(?:model|pages|tests|data|static)/[\w/.]+\.\w+|[A-Za-z-]+\.(?:md|txt|in|yaml|toml|py)", file):
            assert (HOUSE / file).is_file() or file == "mine.yaml", file


def test_changelog_ends_at_this_version(project: dict[str, Any]) -> None:
    """Newest first, what is not released on top, parts named as Keep a Changelog names them; one version everywhere."""
    first, *releases = headings("CHANGELOG.md")
    assert first == "[Unreleased]"
    found = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", release) for release in releases]
    assert all(found)
    pairs = [(tuple(map(int, each[1].split("."))), each[2]) for each in found if each]
    assert pairs == sorted(pairs, reverse=True)
    assert pairs[0][0] == tuple(map(int, project["version"].split(".")))
    assert yaml.safe_load(text("CITATION.cff"))["version"] == project["version"]
    parts = set(re.findall(r"^### (.*)$", text("CHANGELOG.md"), re.M))
    assert parts <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_ci_runs_what_the_readme_says() -> None:
    """One command of the README, then the linters; browsers come from the system's packages, and no fonts with them."""
    script = text(".ci/run")
    assert len(re.findall(r"^python3 -m venv .*pytest$", text("README.md"), re.M)) == 1
    for linter in ("ruff check .", "ruff format --check .", "mypy"):
        assert re.search(rf"^\.venv/bin/{re.escape(linter)}$", script, re.M)
    (packages,) = re.findall(r"apt-get install (.*?) >", script)
    assert [word for word in packages.split() if not word.startswith("-")] == ["chromium"]


# -- container ---------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with what follows it."""
    whole = text("Dockerfile").replace("\\\n", " ")
    lines = [line.strip() for line in whole.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def said(word: str) -> list[str]:
    """What follows an instruction, wherever it stands."""
    return [rest for name, rest in instructions() if name == word]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out: of all patterns that match it or a folder above it, the last decides."""
    found, parents = False, ["/".join(path.split("/")[: end + 1]) for end in range(path.count("/") + 1)]
    for line in text(".dockerignore").splitlines():
        pattern = line.partition("#")[0].strip()
        if pattern and any(fnmatch(each, pattern.removeprefix("!").removeprefix("**/")) for each in parents):
            found = not pattern.startswith("!")
    return found


def test_container_has_a_python_that_the_lock_is_made_for(project: dict[str, Any]) -> None:
    """The same that the guide asks of Community Cloud."""
    (image,) = said("FROM")
    version = re.fullmatch(r"python:(\d\.\d+)-slim", image)
    assert version
    assert SpecifierSet(project["requires-python"]).contains(f"{version[1]}.0")
    assert version[1] in ("3.11", "3.12", "3.13")
    assert f"with Python {version[1]};" in text("HOSTING.md")


def test_container_holds_what_the_app_reads_and_nothing_else() -> None:
    """Code, evidence, settings and pinned requirements; no tests, no history, no environment of the machine that builds it."""
    folders = [
        path for top in ("model", "pages", "data", "static", ".streamlit") for path in (HOUSE / top).rglob("*.*")
    ]
    needed = [path.relative_to(HOUSE).as_posix() for path in folders if path.is_file() and path.suffix != ".pyc"]
    assert len(needed) > 100
    for path in (*needed, "app.py", "requirements.txt", "pyproject.toml", "CITATION.cff", "LICENSE"):
        assert (HOUSE / path).is_file(), path
        assert not ignored(path), path
    for path in (
        ".git/HEAD",
        ".venv/bin/python",
        "tests/support/paper.py",
        ".ci/run",
        "requirements-dev.txt",
        "requirements.in",
        "README.md",
    ):
        assert ignored(path), path
    for sources in said("COPY"):
        *names, _ = shlex.split(sources)
        assert all((HOUSE / name).exists() and not ignored(name) for name in names if name != ".")
    assert "pip install --no-cache-dir -r requirements.txt" in said("RUN")


def test_container_runs_the_readmes_server_as_a_user_without_rights() -> None:
    """The command of the README, and one port in Dockerfile, compose.yaml, README and health check."""
    (start,) = said("ENTRYPOINT")
    assert yaml.safe_load(start) == ["streamlit", "run", "app.py", "--server.headless=true"]
    (user,) = said("USER")
    assert user.split(":")[0].isdigit()
    assert int(user.split(":")[0]) > 0
    words = [word for word, _ in instructions()]
    assert words.index("USER") < words.index("ENTRYPOINT")
    (port,) = said("EXPOSE")
    assert f"http://localhost:{port})" in text("README.md")
    assert f":{port}" in URL


def test_container_keeps_rooms_in_the_volume(compose: dict[str, Any]) -> None:
    """Rooms outlive the container, in the folder that the server is told, at the port that it serves."""
    (port,), (volume,) = said("EXPOSE"), said("VOLUME")
    assert f"MAGNET_ROOMS={volume}" in said("ENV")
    assert compose["volumes"] == [f"rooms:{volume}"]
    assert compose["ports"] == [f"{port}:{port}"]
    assert compose["build"] == "."
    assert "healthcheck" not in compose, "the Dockerfile's own asks for data and rooms too"
