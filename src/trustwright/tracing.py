"""Traces of requests, their statements and their jobs, told to an OpenTelemetry receiver when its usual variables name
one. Without one nothing of the library is loaded."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Protocol

import structlog

log = structlog.get_logger()

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
OURS = "http/protobuf"

Headers = Iterable[tuple[bytes, bytes]]
# Says of a request: the template of its route, its status, and its id.
Tell = Callable[[str | None, int, str], None]


class Tracing(Protocol):
    """What is traced."""

    def request(self, method: str, headers: Headers) -> AbstractContextManager[Tell]:
        """A request, whose caller may name a trace of its own (W3C Trace Context)."""

    def statement(self, name: str) -> AbstractContextManager[None]:
        """A statement within a request or a job. Without a name it has that of the function that sends it."""

    def job(self, task: str, carried: str) -> AbstractContextManager[None]:
        """A job, and what `carried` returned where it was deferred."""

    def carried(self) -> dict[str, str]:
        """What a job brings along to name the request that deferred it."""

    def stop(self) -> None:
        """Sends what is left. Takes as long as the receiver lets it."""


class Off:
    """Traces nothing."""

    def request(self, method: str, headers: Headers) -> AbstractContextManager[Tell]:
        return nullcontext(_untold)

    def statement(self, name: str) -> AbstractContextManager[None]:
        return NOTHING

    def job(self, task: str, carried: str) -> AbstractContextManager[None]:
        return NOTHING

    def carried(self) -> dict[str, str]:
        return {}

    def stop(self) -> None:
        return


def _untold(route: str | None, status: int, request_id: str) -> None:
    return


NOTHING = nullcontext()


class Process:
    """What this process traces: the variables are read once in each."""

    tracing: Tracing = Off()


def start() -> None:
    """Traces from here on, if the environment of this process names a receiver. To be called where the work is done:
    what sends the traces would not survive a fork."""
    if is_wanted(os.environ):
        if not speaks_ours(os.environ):
            log.warning("traces are sent by http/protobuf and nothing else")
        Process.tracing = import_module("trustwright.spans").Spans()


def stop() -> None:
    """Sends what is left, and traces no more."""
    stopped, Process.tracing = Process.tracing, Off()
    stopped.stop()


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry's variables name a receiver of traces, and nothing switches them off."""
    is_disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    exporter = environment.get("OTEL_TRACES_EXPORTER", "") or "otlp"
    return not is_disabled and exporter == "otlp" and any(environment.get(name) for name in ENDPOINTS)


def speaks_ours(environment: Mapping[str, str]) -> bool:
    """Whether the receiver is to be told in the one way that we speak."""
    return all((environment.get(name) or OURS) == OURS for name in PROTOCOLS)


def request(method: str, headers: Headers) -> AbstractContextManager[Tell]:
    return Process.tracing.request(method, headers)


def statement(name: str = "") -> AbstractContextManager[None]:
    return Process.tracing.statement(name)


def job(task: str, carried: str) -> AbstractContextManager[None]:
    return Process.tracing.job(task, carried)


def carried() -> dict[str, str]:
    return Process.tracing.carried()
