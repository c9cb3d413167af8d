"""Operations of the API: how each is declared, and how a request becomes the call of its function."""

import inspect
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from enum import StrEnum
from functools import cached_property
from typing import Any, get_type_hints
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Request
from msgspec import Struct

from trustwright.accounts.model import Caller, Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.db import Who
from trustwright.errors import MalformedId
from trustwright.events.model import Source
from trustwright.http import bodies, query, uploads
from trustwright.http.acting import Acting


class Version(StrEnum):
    V1 = "v1"
    V2 = "v2"


class Call(Acting):
    """One authenticated request."""

    def __init__(self, request: Request[Any, Any, Any], operation: "Operation") -> None:
        self.caller: Caller = request.scope["state"]["caller"]
        self.headers = request.headers
        who = Who(
            account_id=self.caller.account_id,
            source=Source.PUBLIC_API,
            user_id=self.caller.user_id,
            key_id=self.caller.key_id,
            request=f"{operation.method} {operation.path}",
        )
        super().__init__(request, who)


class Reply(Struct, frozen=True):
    """An answer whose status the handler chose among those its operation declares."""

    status: int
    body: Any


class Streamed(Struct, frozen=True):
    """A body that is made while it is sent, and its headers. Nothing of it may be wrong any more: the status is out."""

    parts: AsyncGenerator[bytes, None]
    headers: dict[str, str]


class Operation(Struct, frozen=True, kw_only=True, dict=True):
    """One line of a route table.

    `permissions`: any of them lets a key pass. `success` and `errors` are the documented statuses; 401, 403, 412, 500
    hold for every operation and 402 for every one with an entitlement, so `errors` leaves them out. `headers`,
    `body` and `answers` describe what the handler's annotations do not say. With `also_json` a form may come as JSON
    too, its file in base64 (Q24)."""

    version: Version
    method: str
    path: str
    handler: Callable[..., Awaitable[Any]]
    permissions: tuple[Permission, ...]
    entitlement: Entitlement | None = None
    success: tuple[int, ...] = (200,)
    errors: tuple[int, ...] = ()
    headers: type[Struct] | None = None
    body: Any = None
    answers: dict[int, Any] | None = None
    also_json: bool = False
    extension: bool = False

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every error status that this operation may answer with."""
        common = (401, 403, 412, 500, 402) if self.entitlement else (401, 403, 412, 500)
        return tuple(sorted({*common, *self.errors}))

    @cached_property
    def hints(self) -> dict[str, Any]:
        return get_type_hints(self.handler, include_extras=True)

    @cached_property
    def name(self) -> str:
        return self.handler.__name__

    @cached_property
    def summary(self) -> str:
        return inspect.getdoc(self.handler) or self.name.replace("_", " ").capitalize()


async def perform(operation: Operation, request: Request[Any, Any, Any]) -> Reply:
    """Decodes what the handler asks for by its annotations, calls it, and names the status of its answer."""
    arguments: dict[str, Any] = {}
    hints = operation.hints
    if "path" in hints:
        arguments["path"] = path_of(request.path_params, hints["path"])
    if "filters" in hints:
        arguments["filters"] = query.parse(request.scope["query_string"], hints["filters"])
    if "body" in hints:
        raw = await bodies.read(request, request.app.state.settings.max_body)
        arguments["body"] = raw if hints["body"] is bytes else bodies.decode(raw, hints["body"])
    call = Call(request, operation)
    if "form" in hints:
        async with uploads.receiving(request, hints["form"], call.settings, also_json=operation.also_json) as form:
            answer = await operation.handler(call, form=form, **arguments)
    else:
        answer = await operation.handler(call, **arguments)
    return answer if isinstance(answer, Reply) else Reply(operation.success[0], answer)


DIGITS = re.compile(r"[0-9]{1,10}")


def path_of(values: dict[str, Any], kind: Any) -> Any:
    """The path's parts, percent-decoded, as a `kind`. Raises MalformedId (Q6, Q14)."""
    decoded: dict[str, object] = {}
    for name, value in values.items():
        try:
            text = unquote_to_bytes(value).decode()
        except UnicodeDecodeError as error:
            raise MalformedId(f"{name}: not UTF-8") from error
        if "\0" in text:
            raise MalformedId(f"{name}: must not contain NUL")
        field = query.kinds(kind).get(name)
        decoded[name] = int(text) if field is int and DIGITS.fullmatch(text) else text
    try:
        return msgspec.convert(decoded, kind)
    except msgspec.ValidationError as error:
        raise MalformedId(bodies.fault(error)) from error
