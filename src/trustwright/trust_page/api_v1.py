"""Version 1 of the API: the controls of a trust center."""

from collections.abc import AsyncGenerator
from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.http.answers import JSON
from trustwright.http.operations import Call, Operation, Reply, Streamed, Version
from trustwright.http.wire import Id, Timestamp, Wire, iso_or_none
from trustwright.trust.actions import default_workspace, get_trust_center
from trustwright.trust_page import actions
from trustwright.trust_page.controls import Category, Control, ControlStatus, by_category, standing
from trustwright.trust_page.etags import A_MINUTE, tagged


class WorkspaceQuery(Wire, frozen=True):
    """Without a workspace the primary one is meant."""

    workspace_id: Id | None = None


class CodePath(Wire, frozen=True):
    code: Annotated[str, Meta(min_length=1, max_length=100)]


class ControlAnswer(Wire, frozen=True):
    """How a control stands. `isMonitored`: it has a test. `isDocumented`: it has none, and its evidence is in date.
    `failingSince` and `slaDueAt` are null unless it fails."""

    id: int
    code: str
    name: str
    description: str
    is_monitored: bool
    is_documented: bool
    status: ControlStatus
    status_displayed: bool
    last_checked_at: Timestamp | None
    failing_since: Timestamp | None
    sla_due_at: Timestamp | None

    @classmethod
    def of(cls, control: Control, sla_time: int, now: datetime) -> "ControlAnswer":
        stands = standing(control, sla_time, now)
        return cls(
            id=control.id,
            code=control.code,
            name=control.name,
            description=control.description,
            is_monitored=control.is_monitored,
            is_documented=stands.is_documented,
            status=stands.status,
            status_displayed=control.is_status_displayed,
            last_checked_at=iso_or_none(stands.last_checked_at),
            failing_since=iso_or_none(stands.failing_since),
            sla_due_at=iso_or_none(stands.sla_due_at),
        )


class ControlsAnswer(Wire, frozen=True):
    """Controls by category, in the order of the page; a category without controls is left out. `slaTime` is in days."""

    is_sla_displayed: bool = field(name="isSLADisplayed")
    sla_time: int
    controls: dict[Category, list[ControlAnswer]]


class ResultBody(Wire, frozen=True):
    """What somebody found who looked; now, unless `checkedAt` says when."""

    is_passing: bool
    checked_at: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET


async def get_controls(call: Call, filters: WorkspaceQuery) -> Reply:
    """Shows the controls of a trust center, and how each of them stands (Q61)."""
    async with call.read() as tx:
        body = msgspec.json.encode(await _controls(tx, filters.workspace_id))
    found = tagged(body, call.headers.get("if-none-match", ""))
    headers = {"ETag": found.etag, "Cache-Control": f"private, max-age={A_MINUTE}"}
    if found.is_known:
        return Reply(304, Streamed(_parts(b""), headers))
    headers |= {"Content-Type": JSON, "Content-Length": str(len(body))}
    return Reply(200, Streamed(_parts(body), headers))


async def put_control_status(call: Call, path: CodePath, filters: WorkspaceQuery, body: ResultBody) -> ControlAnswer:
    """Writes down by hand whether a control passes."""
    async with call.begin() as tx:
        workspace_id = await default_workspace(tx, filters.workspace_id)
        control_id = await actions.control_of_code(tx, workspace_id, path.code)
        checked_at = tx.now if body.checked_at is UNSET else body.checked_at
        control = await actions.note_result(tx, control_id, body.is_passing, checked_at)
        return ControlAnswer.of(control, (await get_trust_center(tx, workspace_id)).sla_time, tx.now)


async def _controls(tx: Tx, workspace_id: int | None) -> ControlsAnswer:
    """Nothing for a workspace that is not there: the contract has no error for it (trust-center 5)."""
    promise = await actions.promise_of(tx, workspace_id)
    if promise is None:
        return ControlsAnswer(is_sla_displayed=False, sla_time=0, controls={})
    controls = await actions.controls_of(tx, promise.workspace_id)
    return ControlsAnswer(
        is_sla_displayed=promise.is_sla_displayed,
        sla_time=promise.sla_time,
        controls={
            category: [ControlAnswer.of(control, promise.sla_time, tx.now) for control in members]
            for category, members in by_category(controls).items()
        },
    )


async def _parts(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


operation = partial(Operation, version=Version.V1)

operations = [
    operation(
        method="GET",
        path="/trust-center/controls",
        handler=get_controls,
        permissions=(Permission.TRUST_CENTER_GET_MONITORING_CONTROLS,),
        entitlement=Entitlement.TRUST_CENTER_ESSENTIALS,
        answers={200: ControlsAnswer},
    ),
    operation(
        method="PUT",
        path="/trust-center/controls/{code}/status",
        handler=put_control_status,
        permissions=(Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS,),
        entitlement=Entitlement.TRUST_CENTER,
        errors=(400,),
        extension=True,
    ),
]
