"""The service with one path more, `/bare/...`, that selects one row by its key and does nothing else: what a request
costs in this server at the least.

python -m benchmarks.bare serve: as `trustwright serve`."""

import os

import msgspec
from litestar import Litestar, Response, get
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from trustwright.app import create_worker_app
from trustwright.cli import app, server


def create_app() -> ASGIApp:
    """Answers `/bare/{account}/{review}` itself and hands everything else to the service."""
    url = os.environ["TRUSTWRIGHT_DATABASE_URL"]
    pool = AsyncConnectionPool(url, min_size=1, max_size=12, open=False, kwargs={"autocommit": True})

    @get("/bare/{account_id:int}/{review_id:int}")
    async def bare(account_id: int, review_id: int) -> Response[bytes]:
        # Opened by the first request: a second lifespan beside the service's own would be more than this is worth.
        await pool.open()
        async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(
                "select * from reviews where account_id = %(account_id)s and id = %(review_id)s",
                {"account_id": account_id, "review_id": review_id},
            )
            row = await cursor.fetchone()
        return Response(msgspec.json.encode(row), media_type="application/json")

    service, beside = create_worker_app(), Litestar([bare], openapi_config=None, logging_config=None)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        is_bare = scope["type"] == ScopeType.HTTP and scope["path"].startswith("/bare/")
        await (beside if is_bare else service)(scope, receive, send)

    return dispatch


if __name__ == "__main__":
    server.APPLICATION = "benchmarks.bare:create_app"
    app()
