"""The whole service on one page: the routes of every domain, what guards them, how it starts and ends."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from urllib.parse import urlsplit

from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from trustwright import logs, tracing
from trustwright.access import pages as access
from trustwright.access_requests import api_v1 as access_requests_v1
from trustwright.access_requests import console as access_requests_console
from trustwright.access_requests import pages as request_form
from trustwright.accounts import api_v1 as accounts_v1
from trustwright.accounts import api_v2 as accounts_v2
from trustwright.accounts import console as accounts_console
from trustwright.agreements import pages as signing
from trustwright.agreements.callbacks import called_back
from trustwright.console import dashboard
from trustwright.console.visits import Button, FormPage, Page, routes
from trustwright.db import Database
from trustwright.errors import Problem
from trustwright.events import api_v2 as events_v2
from trustwright.events import console as events_console
from trustwright.files.downloads import download
from trustwright.files.storage import connect
from trustwright.http import docs
from trustwright.http.answers import problem_answer, unexpected_answer
from trustwright.http.incoming import remove_abandoned
from trustwright.http.limits import Limits, limited
from trustwright.http.operations import Operation
from trustwright.http.requests import observed
from trustwright.http.routes import route
from trustwright.http.visitor_pages import framework_answer_as_asked
from trustwright.jobs import jobs
from trustwright.mail import console as mail_console
from trustwright.metrics import pages as metrics
from trustwright.metrics.listening import listening
from trustwright.monitors import api_v1 as monitors_v1
from trustwright.monitors import api_v2 as monitors_v2
from trustwright.monitors import console as monitors_console
from trustwright.monitors import definitions_v2, exclusions_v2, runs_v2
from trustwright.monitors import downloads as monitor_findings_v1
from trustwright.processes import end_with_parent
from trustwright.questionnaires import api_v2 as questionnaires_v2
from trustwright.questionnaires import console as questionnaires_console
from trustwright.questionnaires import pages as portal
from trustwright.records import api_v1 as records_v1
from trustwright.records import api_v2 as records_v2
from trustwright.records import console as records_console
from trustwright.reviews import api_v1 as reviews_v1
from trustwright.reviews import api_v2 as reviews_v2
from trustwright.reviews import console as reviews_console
from trustwright.reviews import documents_v2
from trustwright.settings import Settings, from_environment
from trustwright.sign_in import console as sign_in_console
from trustwright.sign_in import pages as sign_in
from trustwright.trust import api_v1 as trust_v1
from trustwright.trust import console as trust_console
from trustwright.trust import documents_v1 as trust_documents_v1
from trustwright.trust_page import api_v1 as trust_page_v1
from trustwright.trust_page import console as trust_page_console
from trustwright.trust_page import pages as trust_pages
from trustwright.trust_page.domains import with_own_hosts
from trustwright.trust_reports import api_v1 as trust_reports_v1
from trustwright.trust_reports import console as trust_reports_console
from trustwright.vendors import api_v1 as vendors_v1
from trustwright.vendors import api_v2 as vendors_v2
from trustwright.vendors import console as vendors_console
from trustwright.vendors import stats_v2, types_v2
from trustwright.webhooks import api_v2 as webhooks_v2
from trustwright.webhooks import console as webhooks_console
from trustwright.worker import working

OPERATIONS: list[Operation] = [
    *accounts_v1.operations,
    *accounts_v2.operations,
    *events_v2.operations,
    *records_v1.operations,
    *records_v2.operations,
    *vendors_v1.operations,
    *vendors_v2.operations,
    *types_v2.operations,
    *stats_v2.operations,
    *reviews_v1.operations,
    *reviews_v2.operations,
    *documents_v2.operations,
    *questionnaires_v2.operations,
    *trust_v1.operations,
    *trust_documents_v1.operations,
    *trust_page_v1.operations,
    *access_requests_v1.operations,
    *trust_reports_v1.operations,
    *monitors_v1.operations,
    *monitor_findings_v1.operations,
    *monitors_v2.operations,
    *definitions_v2.operations,
    *exclusions_v2.operations,
    *runs_v2.operations,
    *webhooks_v2.operations,
]

# What people see who have neither a key nor a password, and how they come in.
PAGES = (metrics, portal, signing, trust_pages, request_form, access, sign_in)

# What people see who are signed in.
CONSOLE: list[Page | FormPage | Button] = [
    *dashboard.PAGES,
    *vendors_console.PAGES,
    *reviews_console.PAGES,
    *questionnaires_console.PAGES,
    *trust_console.PAGES,
    *trust_page_console.PAGES,
    *access_requests_console.PAGES,
    *trust_reports_console.PAGES,
    *records_console.PAGES,
    *monitors_console.PAGES,
    *accounts_console.PAGES,
    *webhooks_console.PAGES,
    *mail_console.PAGES,
    *sign_in_console.PAGES,
    *events_console.PAGES,
]


def create_app(settings: Settings, database_url: str) -> ASGIApp:
    """The service over a migrated database."""
    database = Database(database_url, jobs, pool_size=settings.pool_size, replica_url=settings.replica_url)
    storage = connect(settings.storage_url, settings.data_dir)
    limits = Limits(settings, database)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await database.open()
        await asyncio.to_thread(remove_abandoned, settings.data_dir)
        try:
            async with listening(settings, database), working_in_web(settings, database_url, database):
                yield
        finally:
            await database.close()
            await asyncio.to_thread(tracing.stop)

    service = Litestar(
        route_handlers=[
            healthz,
            readyz,
            download,
            called_back,
            *docs.handlers(OPERATIONS),
            *(handler for page in PAGES for handler in page.handlers()),
            *routes(CONSOLE),
            *map(route, OPERATIONS),
        ],
        lifespan=[lifespan],
        state=State({"database": database, "settings": settings, "storage": storage, "limits": limits}),
        exception_handlers={
            Problem: problem_answer,
            HTTPException: framework_answer_as_asked,
            Exception: unexpected_answer,
        },
        openapi_config=None,
        logging_config=None,
    )
    at_hosts = with_own_hosts(service, database, urlsplit(settings.public_url).hostname or "")
    return observed(limited(at_hosts, limits, settings))


def working_in_web(settings: Settings, url: str, database: Database) -> AbstractAsyncContextManager[None]:
    """The jobs, where web processes run them."""
    return working(settings, url, database) if settings.jobs_in_web else nullcontext()


@get("/healthz", media_type=MediaType.TEXT, include_in_schema=False)
async def healthz() -> str:
    """The process is up."""
    return "ok"


@get("/readyz", media_type=MediaType.TEXT, include_in_schema=False)
async def readyz(state: State) -> Response[str]:
    """The database answers."""
    database: Database = state.database
    return Response("ready") if await database.answers() else Response("the database does not answer", status_code=503)


def create_worker_app() -> ASGIApp:
    """The service of one web process, its settings read from the environment that `trustwright serve` made."""
    settings = from_environment()
    logs.configure(settings.log_format)
    end_with_parent()
    tracing.start()
    # Batches make thousands of short-lived objects and no cycles; looking through them each time costs a quarter of
    # the process's time.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    return create_app(settings, settings.database_url)
