"""Every error status that the contract lists for an operation of this domain, provoked (decisions 2 and 3, Q6)."""

from typing import Any

import httpx
import pytest
from msgspec import Struct, field

from tests.contract.contract import documented, required
from tests.factories import Account
from tests.records.cast import CONNECTIONS, SCHEMA, Json, Resource, checked, new_connection, row
from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.records import api_v1, api_v2

V1 = "/public/custom-connections"
NOBODYS = 2**31 - 1
HUGE = b'{"data":' + b" " * 5 * 1024 * 1024 + b"{}}"
BAD = {"id": "bad", "name": 7}

Requests = list[tuple[str | None, Any]]


class Case(Struct, frozen=True):
    """A request that succeeds, and for each error status requests that do not: path and body where they differ.

    `{c}` and `{r}` stand for a connection and its resource, which holds record `a` and the open session `run-1`."""

    method: str
    path: str
    body: Any = None
    errors: dict[int, Requests] = field(default_factory=dict)


def address(connection: object = "{c}", resource: object = "{r}", rest: str = "", root: str = CONNECTIONS) -> str:
    return f"{root}/{connection}/resources/{resource}/{rest}"


def unknown(rest: str, root: str = CONNECTIONS) -> Requests:
    """Another connection, another resource, and none of either."""
    ids = ((NOBODYS, "{r}"), ("{c}", NOBODYS), (NOBODYS, NOBODYS))
    return [(address(connection, resource, rest, root), None) for connection, resource in ids]


def bad_queries(path: str, *more: str) -> Requests:
    """A list asked for in ways that no list takes, and in `more`."""
    queries = ("?size=0", "?cursor=x", "?sort=name", "?sortDir=up", "?includeTotalCount=7", *more)
    return [(path + query, None) for query in queries]


RECORD, ROWS = {"data": row("a")}, {"data": [row("a")]}
BAD_UPLOADS: Requests = [(None, b"{"), (None, {"data": BAD}), (None, {"rows": []})]
# Seen to be wrong before anybody asks whether there is such a resource.
SHAPELESS = [b"{", b'{"data":[{},7]}', b'{"data":[{"name":"\xff"}]}', b'{"data":7}']
CASES = {
    "v2 GET /custom-connections": Case(
        "GET",
        CONNECTIONS,
        errors={400: bad_queries(CONNECTIONS, "?expand[]=x")},
    ),
    "v2 POST /custom-connections": Case(
        "POST", CONNECTIONS, {"name": "Phones", "providerTypes": ["MDM"]}, {400: [(None, {}), (None, b"")]}
    ),
    "v2 GET /custom-connections/{connectionId}": Case(
        "GET", f"{CONNECTIONS}/{{c}}", errors={404: [(f"{CONNECTIONS}/{NOBODYS}", None), (f"{CONNECTIONS}/x", None)]}
    ),
    "v2 PUT /custom-connections/{connectionId}": Case(
        "PUT",
        f"{CONNECTIONS}/{{c}}",
        {"clientAlias": "x"},
        {
            400: [(None, {"clientAlias": 7}), (f"{CONNECTIONS}/x", None), (f"{CONNECTIONS}/{NOBODYS}", b"{")],
            404: [(f"{CONNECTIONS}/{NOBODYS}", None)],
        },
    ),
    "v2 DELETE /custom-connections/{connectionId}": Case("DELETE", f"{CONNECTIONS}/{{c}}"),
    "v2 GET /custom-connections/{connectionId}/resources/{resourceId}/records": Case(
        "GET",
        address(rest="records"),
        errors={
            400: [
                *bad_queries(address(rest="records"), "?sessionId=x"),
                (address(NOBODYS, NOBODYS, "records?size=0"), None),
            ],
            404: unknown("records"),
        },
    ),
    "v2 POST /custom-connections/{connectionId}/resources/{resourceId}/records": Case(
        "POST",
        address(rest="records"),
        ROWS,
        {
            400: [*BAD_UPLOADS, *((address(NOBODYS, NOBODYS, "records"), body) for body in SHAPELESS)],
            404: unknown("records"),
        },
    ),
    "v2 PUT /custom-connections/{connectionId}/resources/{resourceId}/records/{recordId}": Case(
        "PUT",
        address(rest="records/a"),
        RECORD,
        {
            400: [*BAD_UPLOADS, (None, ROWS), (address(rest="records/b"), RECORD)],
            404: [*unknown("records/a"), (address(rest="records/b"), {"data": {"name": "b"}})],
            413: [(None, HUGE), (address(NOBODYS, NOBODYS, "records/a"), HUGE)],
        },
    ),
    "v2 DELETE /custom-connections/{connectionId}/resources/{resourceId}/records/{recordId}": Case(
        "DELETE",
        address(rest="records/a"),
        errors={
            404: [*unknown("records/a"), (address(rest="records/b"), None), (address("x", "y", "records/a"), None)]
        },
    ),
    "v2 GET /custom-connections/{connectionId}/resources/{resourceId}/sessions": Case(
        "GET",
        address(rest="sessions"),
        errors={
            400: bad_queries(address(rest="sessions"), "?status=x"),
            404: unknown("sessions"),
        },
    ),
    "v2 POST /custom-connections/{connectionId}/resources/{resourceId}/sessions/{sessionId}": Case(
        "POST",
        address(rest="sessions/run-1"),
        ROWS,
        {
            400: [
                *BAD_UPLOADS,
                (address(rest="sessions/x"), None),
                (address(rest="sessions/run-2"), None),
                (address(NOBODYS, NOBODYS, "sessions/x"), None),
            ],
            404: unknown("sessions/run-1"),
        },
    ),
    "v2 POST /custom-connections/{connectionId}/resources/{resourceId}/sessions/{sessionId}/actions": Case(
        "POST",
        address(rest="sessions/run-1/actions"),
        {"action": "cancel"},
        {
            400: [(None, {"action": "x"}), (address(NOBODYS, NOBODYS, "sessions/run-1/actions"), b"{")],
            404: [*unknown("sessions/run-1/actions"), (address(rest="sessions/run-2/actions"), None)],
            422: [(address(rest="sessions/run-0/actions"), None)],
        },
    ),
    "v1 POST /custom-connections/{connectionId}/resources/{resourceId}/records": Case(
        "POST",
        address(rest="records", root=V1),
        ROWS,
        {400: BAD_UPLOADS, 404: unknown("records", V1), 413: [(None, HUGE)]},
    ),
    "v1 PUT /custom-connections/{connectionId}/resources/{resourceId}/records/{recordId}": Case(
        "PUT",
        address(rest="records/a", root=V1),
        RECORD,
        {
            400: [*BAD_UPLOADS, (address(rest="records/b", root=V1), RECORD)],
            404: [*unknown("records/a", V1), (address(rest="records/b", root=V1), {"data": {"name": "b"}})],
            413: [(None, HUGE)],
        },
    ),
    "v1 DELETE /custom-connections/{connectionId}/resources/{resourceId}/records/{recordId}": Case(
        "DELETE",
        address(rest="records/a", root=V1),
        errors={
            400: [
                (address(rest="records/" + "x" * 256, root=V1), None),
                (address("x", rest="records/a", root=V1), None),
            ],
            404: [*unknown("records/a", V1), (address(rest="records/b", root=V1), None)],
        },
    ),
}

OPERATIONS = {f"{each.version} {each.method} {each.path}": each for each in (*api_v1.operations, *api_v2.operations)}


@pytest.fixture
def busy(devices: Resource) -> Resource:
    """A resource with record `a`, the active session `run-0` and the open session `run-1`."""
    devices.stage("run-0", "a")
    devices.complete("run-0")
    devices.stage("run-1", "a")
    return devices


def send(client: httpx.Client, resource: Resource, case: Case, path: str | None = None, body: Any = None) -> int:
    """The status of the answer."""
    body = case.body if body is None else body
    sent: Json = {"content": body} if isinstance(body, bytes) else {} if body is None else {"json": body}
    url = (path or case.path).replace("{c}", str(resource.connection_id)).replace("{r}", str(resource.id))
    return client.request(case.method, url, **sent).status_code


def everything_of(resource: Resource) -> Any:
    """What no refused request may change."""
    connections = resource.alice.get(CONNECTIONS, params={"expand[]": "customResources"}).json()
    return connections, resource.live(), resource.live(sessionId="run-1"), resource.states()


@pytest.mark.parametrize("operation", CASES)
def test_it_succeeds(busy: Resource, operation: str) -> None:
    assert send(busy.alice, busy, CASES[operation]) in OPERATIONS[operation].success


@pytest.mark.parametrize("operation", CASES)
def test_who_may_not_is_refused_and_changes_nothing(busy: Resource, operation: str) -> None:
    account, case = busy.account, CASES[operation]
    _, powerless = account.key(*(set(Permission) - set(OPERATIONS[operation].permissions)))
    before = everything_of(busy)

    assert send(checked(account.client(None)), busy, case) == 401
    assert send(checked(account.client(powerless)), busy, case) == 403
    account.plan(entitlements=[])
    assert send(busy.alice, busy, case) == 402
    account.plan(terms_accepted=False)
    assert send(busy.alice, busy, case) == 412

    account.plan(entitlements=[Entitlement.CUSTOM_CONNECTIONS_AND_TESTS], terms_accepted=True)
    assert everything_of(busy) == before


@pytest.mark.parametrize(
    ("operation", "status"), [(operation, status) for operation, case in CASES.items() for status in case.errors]
)
def test_what_does_not_fit_is_refused_and_changes_nothing(busy: Resource, operation: str, status: int) -> None:
    before = everything_of(busy)

    for path, body in CASES[operation].errors[status]:
        assert send(busy.alice, busy, CASES[operation], path, body) == status, (path, body)

    assert everything_of(busy) == before


@required
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_documented_error_is_left_out(operation: str) -> None:
    version, method, path = operation.split()
    found = documented(version, method, path)
    assert found

    listed = {int(status) for status in found["responses"] if int(status) >= 400}

    assert listed - {401, 402, 403, 412, 500} <= set(CASES[operation].errors)


def test_resources_of_other_kinds_of_connections_are_not_found(acme: Account, devices: Resource) -> None:
    body = {"name": "Phones", "providerTypes": ["MDM"]}
    phones = checked(acme.alice).post(CONNECTIONS, json=body).json()["id"]
    other = checked(acme.alice).post(CONNECTIONS, json=new_connection(acme, schema=SCHEMA)).json()

    for connection_id, resource_id in ((phones, 1), (phones, devices.id), (other["id"], devices.id)):
        path = address(connection_id, resource_id)
        assert acme.alice.get(path + "records").status_code == 404
        assert acme.alice.get(path + "sessions").status_code == 404
        assert acme.alice.post(path + "records", json=ROWS).status_code == 404
