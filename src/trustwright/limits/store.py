"""SQL of rates. No statement is of an account: it is asked before anybody knows whose call it is."""

from datetime import timedelta

from msgspec import Struct

from trustwright.db import Database
from trustwright.limits.model import Rate


class Wait(Struct, frozen=True):
    microseconds: int


class Count(Struct, frozen=True):
    rows: int


async def take(database: Database, name: str, rate: Rate) -> int:
    """Counts a call (`model.placed`, by the clock of the database); the microseconds that it has to wait."""
    found = await database.lookup(
        Wait,
        """
        insert into rate_limits as line (name, busy_until) values (%(name)s, clock_timestamp() + %(gap)s)
        on conflict (name) do update set (busy_until, wait) = (
            select
                case when place.wait > '0' then line.busy_until else place.until end,
                greatest(place.wait, '0')
            from (select clock_timestamp() as now) clock
            cross join lateral (select greatest(line.busy_until, clock.now) + %(gap)s as until) taken
            cross join lateral (select taken.until, taken.until - (clock.now + %(period)s) as wait) place
        )
        returning (extract(epoch from wait) * 1000000)::bigint as microseconds
        """,
        name=name,
        gap=timedelta(microseconds=rate.gap),
        period=timedelta(microseconds=rate.period),
    )
    return found.microseconds if found else 0


async def forget_idle(database: Database) -> int:
    """Removes the names whose line has ended: to be unknown lets as many calls pass. Returns how many."""
    found = await database.lookup(
        Count,
        """
        with idle as (delete from rate_limits where busy_until < clock_timestamp() returning 1)
        select count(*) as rows from idle
        """,
    )
    return found.rows if found else 0
