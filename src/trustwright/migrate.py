"""Brings a database to the schema of this version."""

import warnings
from contextlib import suppress
from importlib.resources import as_file, files

import psycopg
import yoyo
from procrastinate.schema import SchemaManager

from trustwright.db import APPLICATION_ROLE

LOCK = 7_268_553_101
OLDEST_POSTGRES = 15


class OldPostgres(RuntimeError):
    """The server is too old; the message names its version and the one it needs."""


def migrate(url: str) -> None:
    """Applies what is missing. Any number of processes may call it at once: one works, the others wait."""
    with psycopg.connect(url, autocommit=True) as connection:
        version = connection.info.server_version // 10000
        if version < OLDEST_POSTGRES:
            raise OldPostgres(f"This is PostgreSQL {version}; Trustwright needs {OLDEST_POSTGRES} or newer")
        connection.execute("select pg_advisory_lock(%s)", (LOCK,))
        _create_application_role(connection)
        _apply_own(url)
        _apply_jobs(connection)


def prepare_empty(url: str) -> bool:
    """Readies a database to take a dump; False, and nothing done, when it holds an installation already."""
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("select to_regclass('accounts')").fetchone() != (None,):
            return False
        _create_application_role(connection)
        return True


def _create_application_role(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """The role that the application works as. It owns nothing, so row-level security binds it."""
    with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        connection.execute(f"create role {APPLICATION_ROLE} nologin")
    try:
        connection.execute(f"set role {APPLICATION_ROLE}")
        connection.execute("reset role")
    except psycopg.errors.InsufficientPrivilege:
        connection.execute(f"grant {APPLICATION_ROLE} to current_user")


def _apply_own(url: str) -> None:
    with as_file(files("trustwright") / "migrations") as folder, warnings.catch_warnings():
        # The library looks at its own connection inside a transaction and calls that nested.
        warnings.filterwarnings("ignore", message="Nested transaction requested")
        backend = yoyo.get_backend(url.replace("postgresql://", "postgresql+psycopg://", 1))
        try:
            backend.apply_migrations(backend.to_apply(yoyo.read_migrations(str(folder))))
        finally:
            backend.connection.close()


def _apply_jobs(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """The job queue's tables, in the words of the library that works on them."""
    if connection.execute("select to_regclass('procrastinate_jobs')").fetchone() != (None,):
        return
    with connection.transaction():
        connection.execute(SchemaManager.get_schema())
        connection.execute(
            f"""
            grant select, insert, update, delete on
                procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers
                to {APPLICATION_ROLE};
            grant usage on all sequences in schema public to {APPLICATION_ROLE};
            """
        )
