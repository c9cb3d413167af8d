"""Traces: what a receiver of OpenTelemetry is told, and what it is not."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.factories import Account
from tests.http.conftest import OwnService, Serve
from tests.jobs import job_context
from trustwright import tracing
from trustwright.accounts.permissions import Permission
from trustwright.accounts.store import get_account
from trustwright.http.operations import Call, Operation, Version
from trustwright.settings import Settings
from trustwright.worker import traced

SECRET = "swordfish"
OURS = Settings(jobs_in_web=False)
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Receiver:
    """Takes traces on loopback by OTLP over HTTP, and decodes them."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.raw = b""
        self.services: set[str] = set()
        self.spans: list[Span] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def take(self, path: str, body: bytes) -> None:
        self.paths.append(path)
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {each.key: each.value.string_value for each in resource.resource.attributes}
            self.services.add(named["service.name"])
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    def named(self, name: str) -> Span:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """One that this process traces to; `tracing.stop()` sends it what is left."""
    made = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
    monkeypatch.setenv("NO_PROXY", "*")
    tracing.start()
    yield made
    tracing.stop()
    made.close()


@contextmanager
def told(receiver: Receiver) -> Iterator[Receiver]:
    """The receiver, when it has heard all."""
    tracing.stop()
    yield receiver


async def get_thing(call: Call) -> dict[str, str]:
    async with call.begin() as tx:
        await get_account(tx)
        await tx.value("select %(secret)s::text", secret=SECRET)
        await tx.defer("tests.traced", secret=SECRET)
    return {"name": SECRET}


async def fail(call: Call) -> None:
    raise RuntimeError(f"the password is {SECRET}")


OPERATIONS = [
    Operation(version=Version.V2, method="GET", path=path, handler=handler, permissions=(Permission.USERS_GET,))
    for path, handler in (("/things/{thingId}", get_thing), ("/broken", fail))
]


@pytest.fixture
def service(serve: Serve) -> OwnService:
    return serve(OPERATIONS, OURS)


def attributes(span: Span) -> dict[str, object]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def ask(service: OwnService, account: Account, path: str, **headers: str) -> None:
    service.request("GET", f"/public/v2/{path}?q={SECRET}", key=account.api_key, headers=headers)


def test_a_request_is_a_span_with_its_route_its_status_and_its_id(
    acme: Account, service: OwnService, receiver: Receiver
) -> None:
    ask(service, acme, f"things/{SECRET}", **{"X-Request-Id": "order-7"})

    with told(receiver):
        span = receiver.named("GET /public/v2/things/{thingId}")

    assert span.kind == Span.SPAN_KIND_SERVER
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/public/v2/things/{thingId}",
        "http.response.status_code": 200,
        "trustwright.request_id": "order-7",
    }
    assert set(receiver.paths) == {"/v1/traces"}
    assert receiver.services == {"trustwright"}


def test_statements_are_children_named_by_the_function_that_sends_them(
    acme: Account, service: OwnService, receiver: Receiver
) -> None:
    ask(service, acme, "things/1")

    with told(receiver):
        request = receiver.named("GET /public/v2/things/{thingId}")
        children = [span for span in receiver.spans if span.parent_span_id == request.span_id]

    names = [span.name for span in children]
    ours = f"{__name__}.get_thing"
    assert "accounts.store.authenticate" in names
    assert names[-5:] == ["begin", "accounts.store.get_account", ours, ours, "commit"]
    assert {span.trace_id for span in children} == {request.trace_id}
    assert {attributes(span)["db.system.name"] for span in children} == {"postgresql"}


def test_nothing_that_anybody_sent_or_has_stands_in_a_trace(
    acme: Account, service: OwnService, receiver: Receiver
) -> None:
    headers = {"Cookie": f"a={SECRET}", "User-Agent": SECRET, "X-Forwarded-For": "203.0.113.4"}
    ask(service, acme, f"things/{SECRET}", **headers)
    ask(service, acme, "broken")

    with told(receiver):
        assert receiver.spans

    for unsaid in (SECRET, acme.api_key, acme.alice_email, acme.name, "203.0.113.4", "127.0.0.1"):
        assert unsaid.encode() not in receiver.raw


def test_a_fault_of_ours_is_an_error_without_its_text(acme: Account, service: OwnService, receiver: Receiver) -> None:
    ask(service, acme, "broken")

    with told(receiver):
        span = receiver.named("GET /public/v2/broken")

    assert span.status.code == Status.STATUS_CODE_ERROR
    assert attributes(span)["error.type"] == "500"
    assert not span.events
    assert not span.status.message


def test_a_caller_may_name_the_trace_that_its_request_is_a_part_of(
    acme: Account, service: OwnService, receiver: Receiver
) -> None:
    ask(service, acme, "things/1", traceparent=f"00-{TRACE}-{PARENT}-01")
    ask(service, acme, "things/1", traceparent="00-nonsense-01")

    with told(receiver):
        first, second = [span for span in receiver.spans if span.kind == Span.SPAN_KIND_SERVER]

    assert (first.trace_id.hex(), first.parent_span_id.hex()) == (TRACE, PARENT)
    assert second.trace_id.hex() != TRACE
    assert second.parent_span_id == b""


def test_what_callers_invent_becomes_no_name(acme: Account, service: OwnService, receiver: Receiver) -> None:
    service.request("INVENTED", "/invented")

    with told(receiver):
        assert receiver.named("_OTHER")
    assert b"invented" not in receiver.raw.lower()


def test_a_job_is_a_span_linked_to_the_request_that_deferred_it(
    acme: Account, service: OwnService, receiver: Receiver
) -> None:
    ask(service, acme, "things/1")
    carried = deferred(acme)
    given: dict[str, object] = {}

    async def work() -> None:
        given.update(context.job.task_kwargs)
        async with acme.world.database.begin(acme.who) as tx:
            await get_account(tx)

    context = job_context("tests.traced", carried)
    acme.world.run(traced(work, context, None))
    with told(receiver):
        request, ran = receiver.named("GET /public/v2/things/{thingId}"), receiver.named("tests.traced")

    (link,) = ran.links
    assert link.trace_id == request.trace_id
    assert ran.trace_id != request.trace_id
    assert ran.kind == Span.SPAN_KIND_CONSUMER
    assert [span.name for span in receiver.spans if span.parent_span_id == ran.span_id] == [
        "begin",
        "accounts.store.get_account",
        "commit",
    ]
    assert given == {"account_id": acme.id, "secret": SECRET}


def test_a_job_of_a_process_that_traces_runs_in_one_that_does_not(acme: Account) -> None:
    context = job_context("tests.traced", {"account_id": acme.id, "traceparent": f"00-{TRACE}-{PARENT}-01"})

    async def work() -> object:
        return dict(context.job.task_kwargs)

    assert acme.world.run(traced(work, context, None)) == {"account_id": acme.id}


def test_without_tracing_a_job_brings_nothing_along(acme: Account, service: OwnService) -> None:
    ask(service, acme, "things/1")

    assert deferred(acme) == {"account_id": acme.id, "secret": SECRET}


def test_the_variables_name_the_service(
    acme: Account, service: OwnService, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracing.stop()
    monkeypatch.setenv("OTEL_SERVICE_NAME", "trust-of-acme")
    tracing.start()
    ask(service, acme, "things/1")

    with told(receiver):
        assert receiver.services == {"trust-of-acme"}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
    ],
)
def test_the_usual_variables_switch_it_on_and_off(environment: dict[str, str], wanted: bool) -> None:
    assert tracing.is_wanted(environment) is wanted


def test_without_a_receiver_the_library_is_not_loaded() -> None:
    loaded = "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    code = f"import sys, trustwright.app, trustwright.tracing; trustwright.tracing.start(); {loaded}"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={})

    assert json.loads(said.stdout) == []


def deferred(account: Account) -> dict[str, Any]:
    """The arguments of the job that the request has deferred. No worker knows its task, so it goes."""

    async def take() -> dict[str, Any]:
        async with account.world.database.begin(account.who) as tx:
            found: dict[str, Any] = await tx.value(
                """
                delete from procrastinate_jobs
                where task_name = 'tests.traced' and args ->> 'account_id' = %(id)s
                returning args
                """,
                id=str(account.id),
            )
            return found

    return account.world.run(take())
