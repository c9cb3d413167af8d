"""What docs/security.md and docs/threats.md promise is held by tests and targets that exist."""

import ast
import re
from pathlib import Path

import pytest

from tests.sources import parsed

ROOT = Path(__file__).parents[1]
PAGES = [path for name in ("security.md", "threats.md") if (path := ROOT / "docs" / name).exists()]

TEST = re.compile(r"`(tests/[^`:]*)(?:::([^`]*))?`")
TARGET = re.compile(r"`make ([^` ]+)[^`]*`")
TABLE = re.compile(r"^\|.+\|\n\|[-|]+\|\n((?:\|.+\|\n?)+)", re.MULTILINE)


def absent(text: str) -> list[str]:
    """The tests and targets that a page names and that are not there."""
    tests = [f"{path}::{name}" if name else path for path, name in TEST.findall(text) if not is_test(path, name)]
    return tests + [f"make {target}" for target in TARGET.findall(text) if target not in targets()]


def is_test(path: str, name: str) -> bool:
    """Whether there is such a file or folder with tests in it, and in the file a test of the name."""
    place = ROOT / path
    if place.is_dir():
        return not name and any(place.rglob("test_*.py"))
    return place.is_file() and (not name or name in names_in(place))


def names_in(file: Path) -> set[str]:
    found = parsed(file).body
    return {node.name for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def unheld(text: str) -> list[str]:
    """The promises of tables whose last column says what holds each, and which name neither test nor target there."""
    lines = [line for table in TABLE.findall(text) for line in table.splitlines()]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    promises = [row for row in rows if len(row) == 3]
    return [row[0] for row in promises if not TEST.search(row[2]) and not TARGET.search(row[2])]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_and_target_that_a_page_names_is_there(page: Path) -> None:
    assert absent(page.read_text()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_promise_names_what_holds_it(page: Path) -> None:
    assert unheld(page.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "`tests/http/test_nothing.py`",
        "`tests/nowhere/`",
        "`tests/faults/__main__.py::test_nothing`",
        "`tests/test_security_page.py::test_that_never_was`",
        "`tests/test_security_page.py::absent`",
        "`make nothing`",
        "`make nothing DOCS=1`",
    ],
)
def test_a_wrong_name_is_found(text: str) -> None:
    assert len(absent(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`tests/http/`",
        "`tests/http/test_guards.py`",
        "`tests/test_security_page.py::test_a_right_name_is_found`",
        "`make test`",
        "`make screenshots DOCS=1`",
    ],
)
def test_a_right_name_is_found(text: str) -> None:
    assert absent(text) == []


def test_a_promise_that_nothing_holds_is_found() -> None:
    head = "| promise | how | held by |\n|---|---|---|\n"
    table = head + "| It is so | by magic | our word |\n| It runs | so | `make test` |\n"

    assert unheld(table) == ["It is so"]
