"""The look at everything finds what a fault could have broken, and nothing in what is whole."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.conftest import cloned
from tests.factories import Account, World
from tests.faults.invariants import Connection, Found, at_rest, promises, structure
from tests.faults.load import Told

# What breaks, and how it is told. `%(account)s` is the account's id, and there is one row of each table in VENDOR.
BROKEN = {
    "a session that is ACTIVE and not what its resource shows": """
        insert into connections (account_id, provider_type) values (%(account)s, 'CUSTOM');
        insert into resources (account_id, connection_id, name, schema, display_name_key)
            select account_id, id, 'Devices', '{}', 'name' from connections;
        insert into sessions (account_id, resource_id, session_id, status)
            select account_id, id, 'monday', 'ACTIVE' from resources""",
    "a review from a request with a file that has not one document": """
        insert into reviews (account_id, vendor_id, type, status, title, requested_at, review_deadline_at)
            select account_id, id, 'SOC_REPORT', 'IN_PROGRESS', 'report-1', now(), now() from vendors""",
    "a completed review without one entry that completed it": """
        insert into reviews (account_id, vendor_id, type, status, completed_at, requested_at, review_deadline_at)
            select account_id, id, 'SOC_REPORT', 'COMPLETED', now(), now(), now() from vendors""",
    "a request whose status is not the last of its history": """
        insert into access_requests (account_id, workspace_id, email, first_name, last_name, company, flow_type,
                accepts_terms, status, is_public)
            select account_id, id, 'bob@buyer.test', 'Bob', 'P', 'Buyer', 'SELF', true, 'PENDING', true
            from workspaces""",
    "a history of a request that its table of states does not allow": """
        insert into access_requests (account_id, workspace_id, email, first_name, last_name, company, flow_type,
                accepts_terms, status, is_public)
            select account_id, id, 'bob@buyer.test', 'Bob', 'P', 'Buyer', 'SELF', true, 'FILES_SENT', true
            from workspaces;
        insert into access_request_statuses (account_id, access_request_id, status, source, created_at)
            select account_id, id, step, 'SELF', now()
            from access_requests, unnest(array['PENDING', 'DENIED', 'FILES_SENT']) step""",
    "files refers to blobs": """
        set local session_replication_role = replica;
        insert into files (account_id, sha256, name, content_type, size, scan_state)
            values (%(account)s, 'x', 'a.pdf', 'application/pdf', 1, 'CLEAN')""",
    "records that nobody can reach": """
        insert into records (account_id, dataset_id, record_id, position, attributes, created_at, updated_at)
            values (%(account)s, 999, 'a', 1, '{}', now(), now())""",
    "a mail that was not sent": """
        insert into mails (account_id, event, recipient, subject, body_text, body_html)
            values (%(account)s, 'news', 'bob@buyer.test', 'News', '', '')""",
    "a job in hand that no worker works on": """
        insert into procrastinate_jobs (queue_name, task_name, status) values ('default', 'lost', 'doing')""",
}


@pytest.fixture(scope="module")
def whole(worker_id: str) -> Iterator[tuple[World, Account]]:
    """A database in which nothing is wrong."""
    with cloned(f"trustwright_faults_{worker_id}") as url:
        world = World(url, "")
        account = world.account()
        with psycopg.connect(url) as connection:
            connection.execute(
                """
                insert into vendors (account_id, name, risk, has_pii, password_requires_min_length,
                    password_requires_number, password_requires_symbol, password_mfa_enabled, is_sub_processor,
                    custom_fields, integrations)
                values (%s, 'Initech', 'NONE', false, false, false, false, false, false, '{}', '{}')
                """,
                (account.id,),
            )
            connection.execute("delete from mails")
            connection.execute("delete from procrastinate_jobs")
        yield world, account
        world.close()


@pytest.fixture
def connection(whole: tuple[World, Account]) -> Iterator[Connection]:
    """One whose changes nobody sees, and that are gone after the test."""
    with psycopg.connect(whole[0].database_url) as connection:
        yield connection
        connection.rollback()


def looked_at(connection: Connection, *looks: Callable[[Connection, Found], None]) -> list[str]:
    """What is wrong, by its name."""
    found = Found()
    for look in looks or (structure, at_rest):
        look(connection, found)
    assert found.checks > 0
    return [violation.partition(":")[0].partition(" (")[0] for violation in found.violations]


def test_nothing_is_found_where_nothing_is_wrong(connection: Connection) -> None:
    assert looked_at(connection) == []


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found(what: str, connection: Connection, whole: tuple[World, Account]) -> None:
    for statement in BROKEN[what].split(";"):
        connection.execute(statement.encode(), {"account": whole[1].id})

    assert what in looked_at(connection)


def test_what_was_acknowledged_and_is_gone_is_found(connection: Connection, whole: tuple[World, Account]) -> None:
    told = Told()
    told.vendors = {1, 2_000_000}
    told.records = {"a": 1}
    told.asked_level = {"a": 1}
    told.canceled = {"monday"}
    told.runs = {1: ("PASSED", 0)}

    wrong = looked_at(connection, lambda c, found: promises(c, whole[1].id, told, ("/1", "/2"), found))

    assert wrong == [
        "records that were acknowledged",
        "sessions that were acknowledged",
        "vendors that were acknowledged",
        "vendors without just one event VENDOR_CREATED",
        "runs that were acknowledged",
    ]
