"""The statements that the service sends, and the predicates in its source that they come from."""

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints
from uuid import UUID

import psycopg
import pytest

import trustwright
from tests.sources import parsed
from trustwright.db import Slice, Tx, Who
from trustwright.events.model import Source

SOURCE = Path(trustwright.__file__).parent

PREDICATE = re.compile(r"(?:\b\w+\.)?account_id = %\(account_id\)s")


STATEMENT = re.compile(r"\s*(?:select|with|insert|update|delete)\b")

# Values of statements of which only the text is known.
NOW = datetime.now(UTC)
CONSTANTS = {"now": NOW, "start": NOW - timedelta(days=365), "end": NOW + timedelta(days=1), "limit": 50, "most": 50}


PLAIN: dict[Any, Any] = {
    int: 1,
    str: "x",
    bool: True,
    bytes: b"x",
    float: 1.0,
    datetime: NOW,
    date: NOW.date(),
    timedelta: timedelta(days=1),
    UUID: UUID(int=1),
    Any: "x",
    object: "x",
    Slice: Slice(column="id", descending=False, limit=50),
}


class Sent(NamedTuple):
    """A statement with its values, and the modules by whose functions it was sent."""

    text: str
    values: dict[str, Any]
    modules: frozenset[str]


class Predicate(NamedTuple):
    """A place of the source that keeps to the account: in `piece`, a constant text of a module, from `start` on."""

    name: str
    module: str
    piece: str
    start: int
    end: int


@contextmanager
def recorded(patch: pytest.MonkeyPatch) -> Iterator[list[Sent]]:
    """What is sent meanwhile and names the account."""
    found: list[Sent] = []
    with patch.context() as patching:
        for kind in (psycopg.AsyncCursor, psycopg.AsyncServerCursor):
            patching.setattr(kind, "execute", _recording(kind.execute, found))
        yield found


def _recording(execute: Any, found: list[Sent]) -> Any:
    async def record(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        if isinstance(query, str) and isinstance(params, dict) and PREDICATE.search(query):
            found.append(Sent(query, dict(params), _senders()))
        return await execute(self, query, params, **options)

    return record


def _senders() -> frozenset[str]:
    frame: FrameType | None = sys._getframe(2)
    names = set()
    while frame is not None:
        names.add(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    return frozenset(name.removeprefix("trustwright.") for name in names if name.startswith("trustwright."))


@cache
def predicates() -> list[Predicate]:
    """Every one of the source."""
    return [each for path in sorted(SOURCE.rglob("*.py")) for each in _of_module(path)]


def _of_module(path: Path) -> Iterator[Predicate]:
    module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    counts: dict[str, int] = {}
    for owner in parsed(path).body:
        name = _name_of(owner)
        for node in ast.walk(owner):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for found in PREDICATE.finditer(node.value):
                    counts[name] = counts.get(name, 0) + 1
                    yield Predicate(f"{module}.{name} {counts[name]}", module, node.value, found.start(), found.end())


def _name_of(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return getattr(node, "name", "")


class Caught(Exception):
    """A statement that a function was about to send."""


class Catching(Tx):
    """A transaction of no database: it ends with the first statement."""

    def __init__(self, account_id: int) -> None:
        self.who = Who(account_id=account_id, source=Source.APP, user_id=1)
        self.account_id = account_id
        self.now = datetime.now(UTC)

    async def _execute(self, rows: Any, sql: str, values: dict[str, object]) -> Any:
        raise Caught(sql, values)

    def stream(self, kind: Any, sql: str, **values: object) -> Any:
        raise Caught(sql, values)

    def at_end(self, sql: str, **values: object) -> None:
        raise Caught(sql, values)


def caught(account_id: int) -> list[Sent]:
    """The first statement of every function with SQL, called with made-up values, and every statement that is a
    constant of a module. A function that cannot be called so is not in the list."""
    found = []
    for name in sorted({predicate.module for predicate in predicates()}):
        module = importlib.import_module(f"trustwright.{name}")
        for known in vars(module).values():
            if inspect.isfunction(known) and known.__module__ == module.__name__:
                found += _first_statement(known, account_id, name)
            elif isinstance(known, str) and PREDICATE.search(known) and STATEMENT.match(known):
                values = {each: CONSTANTS.get(each) for each in re.findall(r"%\((\w+)\)s", known)}
                found.append(Sent(known, {**values, "account_id": account_id}, frozenset({name})))
    return found


def _first_statement(function: Any, account_id: int, module: str) -> list[Sent]:
    hints = get_type_hints(function)
    names = list(inspect.signature(function).parameters)
    if names[:1] != ["tx"]:
        return []
    try:
        answer = function(Catching(account_id), **{name: made_up(hints[name]) for name in names[1:] if name in hints})
        if inspect.iscoroutine(answer):
            # It waits for nothing before its first statement.
            answer.send(None)
    except Caught as statement:
        text, values = statement.args
        return [Sent(text, {**values, "account_id": account_id}, frozenset({module}))]
    except (TypeError, ValueError, KeyError, AttributeError, LookupError):
        pass
    return []


def made_up(kind: Any) -> Any:
    """A value of a type."""
    parts = get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) in (list, Sequence, Iterable, set, frozenset):
        return [made_up(parts[0])]
    if get_origin(kind) is dict:
        return {made_up(parts[0]): made_up(parts[1])}
    return made_up(next(part for part in parts if part is not type(None))) if parts else _made_up_of_class(kind)


def _made_up_of_class(kind: type[Any]) -> Any:
    if issubclass(kind, Enum):
        return next(iter(kind))
    fields = get_type_hints(kind)
    return kind(**{name: made_up(fields[name]) for name in kind.__struct_fields__})
