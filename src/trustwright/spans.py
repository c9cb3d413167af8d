"""Traces as OpenTelemetry's spans. A span says what was done, how long it took and whether it worked: names of routes,
of functions and of tasks. It holds no value of anybody's: no path, no query, no header, no body, no error's text."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from trustwright.tracing import Headers, Tell

PACKAGE = "trustwright"
# What stands between a statement and the function whose statement it is.
BETWEEN = (f"{PACKAGE}.db", f"{PACKAGE}.tracing", __name__, "contextlib")
# The methods of HTTP; what else callers invent has one name.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
W3C = ("traceparent", "tracestate")


class Spans:
    """Sends spans in the background, as OpenTelemetry's variables say: where to, how often, which share of them."""

    def __init__(self) -> None:
        # What the variables say of the service comes before our name for it.
        resource = Resource({SERVICE_NAME: PACKAGE}).merge(_named())
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer(PACKAGE)
        self._w3c = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, method: str, headers: Headers) -> Iterator[Tell]:
        method = method if method in METHODS else "_OTHER"
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        parent = self._w3c.extract({name: given[name] for name in W3C if name in given}, context=Context())
        span = self._tracer.start_span(method, parent, SpanKind.SERVER, {"http.request.method": method})

        def tell(route: str | None, status: int, request_id: str) -> None:
            span.set_attributes({"http.response.status_code": status, "trustwright.request_id": request_id})
            if route:
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
            if status >= 500:
                _fail(span, str(status))

        with _current(span):
            yield tell

    @contextmanager
    def statement(self, name: str) -> Iterator[None]:
        if not trace.get_current_span().get_span_context().is_valid:
            # What the process does by itself would be traces of one statement each.
            yield
            return
        attributes = {"db.system.name": "postgresql"}
        span = self._tracer.start_span(name or _sender(), kind=SpanKind.CLIENT, attributes=attributes)
        with _current(span):
            yield

    @contextmanager
    def job(self, task: str, carried: str) -> Iterator[None]:
        cause = trace.get_current_span(self._w3c.extract({"traceparent": carried}, context=Context()))
        links = [Link(cause.get_span_context())] if cause.get_span_context().is_valid else []
        # A trace of its own: it may run long after the request is forgotten.
        span = self._tracer.start_span(task, Context(), SpanKind.CONSUMER, links=links)
        with _current(span):
            yield

    def carried(self) -> dict[str, str]:
        carrier: dict[str, str] = {}
        self._w3c.inject(carrier)
        return {name: value for name, value in carrier.items() if name == "traceparent"}

    def stop(self) -> None:
        self._provider.shutdown()


def _named() -> Resource:
    """What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say, without the library's name for the nameless."""
    found = Resource.create()
    named = {name: value for name, value in found.attributes.items() if name != SERVICE_NAME}
    service = str(found.attributes.get(SERVICE_NAME, ""))
    return Resource(named if service.startswith("unknown_service") else {**named, SERVICE_NAME: service})


@contextmanager
def _current(span: Span) -> Iterator[None]:
    """Until its block ends. Of an error only the kind is told: its text may hold values."""
    with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except Exception as error:
            _fail(span, type(error).__name__)
            raise


def _fail(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))


def _sender() -> str:
    """The function of ours that sends a statement, such as `vendors.store.get_vendor`."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") in BETWEEN:
        frame = frame.f_back
    module = str(frame.f_globals.get("__name__"))
    return f"{module.removeprefix(f'{PACKAGE}.')}.{frame.f_code.co_qualname}"
