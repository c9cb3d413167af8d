"""Structured logs: one event a line, with what the request bound (request id, account, key id; never a key)."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

SECRETS = ("authorization", "password", "api_key", "cookie")


def configure(form: str) -> None:
    """`form`: "json" for machines, "console" for people. Everything goes to standard error."""
    renderer: Any = structlog.processors.JSONRenderer(_json) if form == "json" else _console()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    exceptions = [structlog.processors.format_exc_info] if form == "json" else []
    structlog.configure(
        processors=[*shared, *exceptions, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_strip_meta, *exceptions, renderer])
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _json(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _strip_meta(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: "[hidden]" if name.lower() in SECRETS else value for name, value in event.items()}


def _console() -> structlog.dev.ConsoleRenderer:
    # The renderer's own tracebacks print local variables, and those may hold secrets.
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
