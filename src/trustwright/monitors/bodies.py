"""Bodies of what monitors found: runs, the records that failed, and those that pass, in both versions."""

from datetime import datetime
from typing import Any, ClassVar, Self

from msgspec import UNSET, UnsetType
from msgspec.json import encode

from trustwright.http.lists import Pagination
from trustwright.http.wire import Timestamp, Wire, iso, iso_or_none
from trustwright.monitors.model import Cause, Failure, Outcome, RanGroup, ResultStatus, Run

EXAMPLE_CAUSE = {"fact": "encrypted", "operator": "equal", "value": True, "result": False, "factResult": False}


class GroupAnswer(Wire, frozen=True):
    """What one group saw and found. `sessionId`: of the records it read, null for direct uploads alone. `seen`: all of
    them; `evaluated`: those in scope and not excluded. `measured`: of a population check."""

    connection_id: int
    resource_id: int
    provider_name: str
    resource_name: str
    session_id: str | None
    pushed_at: Timestamp | None
    check_result_status: ResultStatus
    seen: int
    evaluated: int
    failed: int
    excluded: int
    out_of_scope: int
    out_of_scope_missing: int
    measured: float | None
    note: str | None

    @staticmethod
    def of(group: RanGroup) -> "GroupAnswer":
        return GroupAnswer(
            connection_id=group.connection_id,
            resource_id=group.resource_id,
            provider_name=group.provider_name,
            resource_name=group.resource_name,
            session_id=group.session_id,
            pushed_at=iso_or_none(group.pushed_at),
            check_result_status=group.status,
            seen=group.seen,
            evaluated=group.evaluated,
            failed=group.failed,
            excluded=group.excluded,
            out_of_scope=group.out_of_scope,
            out_of_scope_missing=group.out_of_scope_missing,
            measured=group.measured,
            note=group.note,
        )


class TargetAnswer(Wire, frozen=True):
    """What failed: a record, or a resource that failed a population check. `group`: the place of its group, from 0.
    `isExcluded`: it was excluded then, and counts as such. `cause` is empty behind the first thousand."""

    example: ClassVar = {
        "group": 0,
        "targetId": "laptop-7",
        "targetName": "Lab laptop",
        "isExcluded": False,
        "cause": [EXAMPLE_CAUSE],
    }

    group: int
    target_id: str
    target_name: str
    is_excluded: bool
    cause: list[dict[str, Any]]

    @staticmethod
    def of(failure: Failure) -> "TargetAnswer":
        return TargetAnswer(
            group=failure.group_number,
            target_id=failure.target_id,
            target_name=failure.target_name,
            is_excluded=failure.is_excluded,
            cause=failure.cause or [],
        )


class OutcomeAnswer(Wire, frozen=True):
    """Totals over the groups, and the first 100 failures. `outOfScopeMissing`: of those out of scope, how many because
    they lack what the filtering criteria ask for."""

    check_result_status: ResultStatus
    evaluated: int
    passed: int
    failed: int
    excluded: int
    out_of_scope: int
    out_of_scope_missing: int
    groups: list[GroupAnswer]
    failures: list[TargetAnswer]

    @classmethod
    def of(cls, outcome: Outcome, **more: Any) -> Self:
        """`more` are the fields that not every answer has."""
        return cls(
            check_result_status=outcome.status,
            evaluated=outcome.evaluated,
            passed=outcome.passed,
            failed=outcome.failed,
            excluded=outcome.excluded,
            out_of_scope=outcome.out_of_scope,
            out_of_scope_missing=outcome.out_of_scope_missing,
            groups=list(map(GroupAnswer.of, outcome.groups)),
            failures=list(map(TargetAnswer.of, outcome.failures)),
            **more,
        )


class RanAnswer(OutcomeAnswer, frozen=True, kw_only=True):
    """A run that was stored. `message`: why it is an ERROR."""

    run_id: int
    message: str | None


class RunAnswer(Wire, frozen=True):
    """One run. `version`: of the definition that it ran. `checkResultStatus` and `finishedAt` are null while it goes
    on. `asOf`: what dates were compared with."""

    id: int
    version: int
    cause: Cause
    check_result_status: ResultStatus | None
    message: str | None
    evaluated: int
    passed: int
    failed: int
    excluded: int
    out_of_scope: int
    out_of_scope_missing: int
    groups: list[GroupAnswer]
    as_of: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    finished_at: Timestamp | None

    @classmethod
    def of(cls, run: Run, **more: Any) -> Self:
        """`more` are the fields that not every answer has."""
        return cls(
            id=run.id,
            version=run.version,
            cause=run.cause,
            check_result_status=run.status,
            message=run.message,
            evaluated=run.evaluated,
            passed=run.passed,
            failed=run.failed,
            excluded=run.excluded,
            out_of_scope=run.out_of_scope,
            out_of_scope_missing=run.out_of_scope_missing,
            groups=list(map(GroupAnswer.of, run.groups)),
            as_of=iso_or_none(run.now_at),
            created_at=iso(run.created_at),
            updated_at=iso(run.updated_at),
            finished_at=iso_or_none(run.finished_at),
            **more,
        )


class RunDetails(RunAnswer, frozen=True, kw_only=True):
    """A run with the definition that it ran, and its first 100 failures, those excluded by then among them."""

    definition: dict[str, Any]
    failures: list[TargetAnswer]


class MonitorFinding(Wire, frozen=True):
    """A record that fails or passes. `id` is its record id. `tags` are there only when they are expanded and it has
    some."""

    id: str
    provider_name: str
    resource_name: str
    account_name: str | None
    client_id: str | None
    resource_arn: str | None
    organizational_unit_id: str | None
    region: str | None
    cause: list[dict[str, Any]]
    tags: dict[str, Any] | UnsetType = UNSET


class FindingsPage(Wire, frozen=True):
    """`lastCheck` is null until the test has run."""

    data: list[MonitorFinding]
    pagination: Pagination
    last_check: Timestamp | None


def finding(
    target_id: str, name: str, provider: str, cause: list[dict[str, Any]] | None, tags: dict[str, Any] | None
) -> MonitorFinding:
    """A record as it is shown; what custom data has no notion of is null. `provider`: its connection's name."""
    return MonitorFinding(
        id=target_id,
        provider_name=provider,
        resource_name=name,
        account_name=None,
        client_id=provider,
        resource_arn=None,
        organizational_unit_id=None,
        region=None,
        cause=cause or [],
        tags=tags or UNSET,
    )


class FindingV1(Wire, frozen=True):
    """A record that failed, as version 1 shows it. What custom data has no notion of is null."""

    id: str
    provider_name: str
    client_id: str | None
    client_alias: str | None
    resource_name: str
    display_name: str
    account_id: str | None
    account_name: str | None
    organizational_unit_id: str | None
    resource_arn: str | None
    cause: list[dict[str, Any]]
    associated_help_article: str | None
    failing_message: str

    @staticmethod
    def of(failure: Failure, run: Run) -> "FindingV1":
        provider = run.groups[failure.group_number].provider_name
        return FindingV1(
            id=failure.target_id,
            provider_name=provider,
            client_id=provider,
            client_alias=provider,
            resource_name=failure.target_name,
            display_name=failure.target_name,
            account_id=None,
            account_name=None,
            organizational_unit_id=None,
            resource_arn=None,
            cause=failure.cause or [],
            associated_help_article=None,
            failing_message=failing_message(failure.cause or []),
        )


class FindingsV1(Wire, frozen=True):
    data: list[FindingV1]


# The columns of the published CSV, and behind them the id by which a record is excluded.
CSV_COLUMNS = [
    "Provider Name",
    "Client ID or Client Alias",
    "Resource Name",
    "Failing message",
    "Org Unit ID",
    "Resource ARN",
    "Account ID",
    "Account Name",
    "Region",
    "Associated Help Article",
    "Excluded By",
    "Exclusion Date",
    "Exclusion Reason",
    "Email",
    "Device Metadata",
    "Resource ID",
]


def csv_row(found: FindingV1, by: str = "", at: datetime | None = None, reason: str = "") -> list[str]:
    """A line of the CSV. `by` is the e-mail address of who excluded the record."""
    return [
        found.provider_name,
        found.client_alias or "",
        found.resource_name,
        found.failing_message,
        *[""] * 6,
        by,
        iso_or_none(at) or "",
        reason,
        *[""] * 2,
        found.id,
    ]


def failing_message(cause: list[dict[str, Any]]) -> str:
    """The reasons in words: `encrypted equal true, found false; backups.length greaterThan 0, missing`."""
    return "; ".join(map(_reason, cause))


def _reason(reason: dict[str, Any]) -> str:
    place = ".".join(part for part in (reason.get("fact"), reason.get("path")) if part)
    negation = "not " if reason.get("not") else ""
    wanted = f" {_json(reason['value'])}" if reason.get("value") is not None else ""
    found = "missing" if reason.get("missing") else f"found {_json(reason.get('factResult'))}"
    return f"{negation}{place} {reason.get('operator')}{wanted}, {found}".strip()


def _json(value: Any) -> str:
    return encode(value).decode()
