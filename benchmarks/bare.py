"""The service with one path more, `/bare/...`: a handler in the same server, with its log line and its transaction,
that selects one row by its key and does nothing else. What a request costs here at the least.

python -m benchmarks.bare serve: as `trustwright serve`."""

import msgspec
from litestar import Litestar, Response, get
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from trustwright.app import create_worker_app
from trustwright.cli import app, server
from trustwright.db import Database, Who
from trustwright.events.model import Source
from trustwright.http.requests import observed
from trustwright.jobs import jobs
from trustwright.settings import from_environment

REVIEW = "select to_jsonb(r) from reviews r where account_id = %(account_id)s and id = %(review_id)s"


def create_app() -> ASGIApp:
    """Answers `/bare/{account}/{review}` itself and hands everything else to the service."""
    settings = from_environment()
    database = Database(settings.database_url, jobs, pool_size=settings.pool_size)
    is_open = False

    @get("/bare/{account_id:int}/{review_id:int}")
    async def bare(account_id: int, review_id: int) -> Response[bytes]:
        nonlocal is_open
        # Opened by the first request: a second lifespan beside the service's own would be more than this is worth.
        if not is_open:
            is_open = True
            await database.open()
        async with database.read(Who(account_id=account_id, source=Source.APP)) as tx:
            review = await tx.value(REVIEW, review_id=review_id)
        return Response(msgspec.json.encode(review), media_type="application/json")

    service, beside = create_worker_app(), observed(Litestar([bare], openapi_config=None, logging_config=None))

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        is_bare = scope["type"] == ScopeType.HTTP and scope["path"].startswith("/bare/")
        await (beside if is_bare else service)(scope, receive, send)

    return dispatch


if __name__ == "__main__":
    server.APPLICATION = "benchmarks.bare:create_app"
    app()
