"""Statements with one of their predicates taken away, run beside what they were."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from tests.security.recording import PREDICATE, Predicate, Sent
from tests.security.twins import OURS, THEIRS, mark_within, tenant_tables
from trustwright.db import connection_options

# How often a statement is tried, each time with other values.
MOST_TRIES = 3
SHIFTS = (timedelta(0), timedelta(days=3000), timedelta(days=-3000))

Json = dict[str, Any]
Places = dict[int, set[str]]
Outcome = tuple[int, list[str]]


class Found:
    """What became of the predicates and statements.

    `proven`: predicates whose removal shows or changes rows of another account where row-level security is off: alone,
    or together with the others of the statement, which say the same once more. `leaking`: those whose removal does so
    although it is on. `leaning`: statements that find other rows where it is off, with all their predicates."""

    def __init__(self) -> None:
        self.proven: set[str] = set()
        self.leaking: set[str] = set()
        self.leaning: set[str] = set()


def tried(database_url: str, account_ids: list[int], statements: list[Sent], predicates: list[Predicate]) -> Found:
    """Each statement in the name of each account, whole and without each of its predicates, as the application's role
    and as the owner, whom row-level security does not bind. Nothing of it lasts."""
    found = Found()
    by_text: dict[str, list[Sent]] = {}
    for sent in statements:
        # A plan is no row of anybody, and its costs differ.
        if not sent.text.lstrip().startswith("explain"):
            by_text.setdefault(sent.text, []).append(sent)
    options: dict[str, Any] = {"row_factory": tuple_row, "autocommit": True, "prepare_threshold": None}
    with (
        psycopg.connect(database_url, **options) as owner,
        psycopg.connect(database_url, **options, **connection_options()) as app,
    ):
        pool = values_by_name(owner)
        for text, sents in by_text.items():
            modules = frozenset[str]().union(*(sent.modules for sent in sents))
            places = {
                each.start(): names_at(text, each.start(), modules, predicates) for each in PREDICATE.finditer(text)
            }
            for account_id, values in product(account_ids, variants(sents, pool)):
                if all(names <= found.proven for names in places.values()):
                    break
                _try(owner, app, account_id, text, values, places, found)
    return found


def _try(owner: Any, app: Any, account_id: int, text: str, values: Json, places: Places, found: Found) -> None:
    whole, bound = outcome(owner, account_id, text, values), outcome(app, account_id, text, values)
    if bound is None or whole is None:
        return
    if whole != bound:
        found.leaning.add(text)
    for start, names in places.items():
        without = text[:start] + PREDICATE.sub("true", text[start:], count=1)
        if outcome(app, account_id, without, values) != bound:
            found.leaking |= names
        if not names <= found.proven and outcome(owner, account_id, without, values) not in (whole, None):
            found.proven |= names
    rest = frozenset[str]().union(*places.values()) - found.proven
    if rest and outcome(owner, account_id, PREDICATE.sub("true", text), values) not in (whole, None):
        found.proven |= rest


def names_at(text: str, start: int, modules: frozenset[str], predicates: list[Predicate]) -> set[str]:
    """Which predicates of the source stand at a place of a statement that one of these modules sent."""
    return {
        each.name
        for each in predicates
        if each.module in modules and text.startswith(each.piece, start - each.start) and start >= each.start
    }


def outcome(connection: Any, account_id: int, text: str, values: Json) -> Outcome | None:
    """How many rows a statement finds or changes, and which; None when it cannot be run with these values."""
    connection.execute(f"begin; select set_config('trustwright.account_id', '{account_id}', true)")
    try:
        cursor = connection.execute(text, {**values, "account_id": account_id})
        # New rows have new ids.
        rows = sorted(map(repr, cursor.fetchall())) if cursor.description and "insert into" not in text else []
        return cursor.rowcount, rows
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.NotSupportedError):
        return None
    finally:
        connection.execute("rollback")


def variants(sents: list[Sent], pool: dict[str, list[Any]]) -> Iterator[Json]:
    """The values that were sent; those that name the same things of the other account; and others of the database."""
    known = [*distinct(sent.values for sent in sents)][:MOST_TRIES]
    for values in known:
        yield values
        if (named := {name: in_theirs(value) for name, value in values.items()}) != values:
            yield named
    for turn, shift in enumerate(SHIFTS):
        yield {name: _other(value, pool.get(name, []), turn, shift) for name, value in known[0].items()}


def _other(value: Any, found: list[Any], turn: int, shift: timedelta) -> Any:
    """A value of the database where there is one of this name; times before and after all that is there, too."""
    other = found[turn % len(found)] if found else value
    return other + shift if isinstance(other, datetime) else other


def distinct(given: Iterable[Json]) -> Iterator[Json]:
    seen = set()
    for values in given:
        if (key := repr(values)) not in seen:
            seen.add(key)
            yield values


def in_theirs(value: Any) -> Any:
    """A text, or texts within lists, as the other account has it."""
    if isinstance(value, str) and OURS in value:
        return value.replace(OURS, THEIRS)
    return mark_within(value, THEIRS) if isinstance(value, str | list) else value


def values_by_name(connection: Any) -> dict[str, list[Any]]:
    """Some values of the database, by the names of the columns that hold them; in the plural, all of them at once."""
    pool: dict[str, list[Any]] = {}
    for table in tenant_tables(connection):
        cursor = connection.execute(SQL("select * from {} order by 1 desc, 2 limit 40").format(Identifier(table)))
        names = [column.name for column in cursor.description]
        for row in cursor.fetchall():
            for name, value in zip(names, row, strict=True):
                values = pool.setdefault(name, [])
                if value is not None and value not in values and len(values) < MOST_TRIES:
                    values.append(value)
    return pool | {f"{name}s": [values] for name, values in pool.items() if values}
