"""SQL of the doctor: what a server is set to, whoever runs it."""

from datetime import datetime

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from trustwright.db import APPLICATION_ROLE


class Server(Struct, frozen=True, kw_only=True):
    """A server and a database on it. `role` and `time_zone` are those of the connection that asks."""

    role: str
    time_zone: str
    is_durable: bool
    most_connections: int
    now: datetime
    can_bypass: bool


def server(connection: Connection[object]) -> Server:
    """As the connection sees it."""
    with connection.cursor(row_factory=class_row(Server)) as cursor:
        cursor.execute(
            """
            select current_user::text as role,
                current_setting('TimeZone') as time_zone,
                current_setting('fsync')::boolean and current_setting('full_page_writes')::boolean as is_durable,
                current_setting('max_connections')::integer
                    - current_setting('superuser_reserved_connections')::integer as most_connections,
                clock_timestamp() as now,
                (select rolsuper or rolbypassrls from pg_roles where rolname = %s) as can_bypass
            """,
            (APPLICATION_ROLE,),
        )
        (found,) = cursor.fetchall()
    return found


def applied_migrations(connection: Connection[object]) -> set[str]:
    """The names of the steps by which this database came to its schema."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        cursor.execute("select migration_id from _yoyo_migration")
        return set(cursor.fetchall())
