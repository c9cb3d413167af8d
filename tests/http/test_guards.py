"""Who may call, in which order that is asked, and how a refusal reads (decisions 2, Q2 to Q9)."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.factories import Account, World
from tests.http.conftest import Serve
from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.app import OPERATIONS
from trustwright.errors import NotFound
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.routes import PREFIXES
from trustwright.http.wire import Id, Wire
from trustwright.settings import Settings

USERS = "/public/v2/users"


class ProbePath(Wire, frozen=True):
    probe_id: Id


class ProbeQuery(Wire, frozen=True):
    deep: bool = False


async def get_probe(call: Call, path: ProbePath, filters: ProbeQuery) -> dict[str, int]:
    if path.probe_id != 1:
        raise NotFound(f"No probe {path.probe_id}")
    return {"id": path.probe_id}


PROBES = [
    Operation(
        version=version,
        method="GET",
        path="/probes/{probeId}",
        handler=get_probe,
        permissions=(Permission.MONITORS_GET, Permission.MONITORS_GET_MONITOR),
        entitlement=Entitlement.CUSTOM_CONNECTIONS_AND_TESTS,
        errors=(400, 404),
    )
    for version in Version
]


def check_refusal(response: httpx.Response, status: int, version: Version = Version.V2) -> None:
    """The documented body (Q7), with the status inside that it came with."""
    body = response.json()
    assert response.status_code == body["statusCode"] == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert set(body) == {"statusCode", "message", "code"} | ({"name"} if version is Version.V2 else set())
    assert isinstance(body["code"], int)
    assert body["message"]


def pristine(operation: Operation) -> str:
    """An address of the operation whose ids are all malformed: no guard may look at them."""
    path = operation.path
    for name in path.split("{")[1:]:
        path = path.replace("{" + name.partition("}")[0] + "}", "0")
    return PREFIXES[operation.version][0] + path


@pytest.mark.parametrize("prefix", ["/public", "/public/v1", "/public/v2"])
def test_each_guard_speaks_before_the_next(acme: Account, serve: Serve, prefix: str) -> None:
    version = Version.V2 if prefix == "/public/v2" else Version.V1
    service = serve(PROBES, Settings(jobs_in_web=False))
    _, powerless = acme.key(Permission.USERS_GET)
    _, able = acme.key(Permission.MONITORS_GET)
    acme.plan(entitlements=[], terms_accepted=False)
    wrong_in_every_way = f"{prefix}/probes/none?deep=perhaps"

    check_refusal(service.request("GET", wrong_in_every_way), 401, version)
    check_refusal(service.request("GET", wrong_in_every_way, key=powerless), 412, version)
    acme.plan(terms_accepted=True)
    check_refusal(service.request("GET", wrong_in_every_way, key=powerless), 402, version)
    acme.plan(entitlements=[Entitlement.CUSTOM_CONNECTIONS_AND_TESTS])
    check_refusal(service.request("GET", wrong_in_every_way, key=powerless), 403, version)
    check_refusal(service.request("GET", wrong_in_every_way, key=able), 400, version)
    check_refusal(service.request("GET", f"{prefix}/probes/2?deep=perhaps", key=able), 400, version)
    check_refusal(service.request("GET", f"{prefix}/probes/2?deep=true", key=able), 404, version)
    assert service.request("GET", f"{prefix}/probes/1?deep=true", key=able).json() == {"id": 1}


def test_a_missing_entitlement_is_named(acme: Account, serve: Serve) -> None:
    service = serve(PROBES, Settings(jobs_in_web=False))
    _, able = acme.key(Permission.MONITORS_GET)
    acme.plan(entitlements=[Entitlement.TRUST_CENTER])

    message = service.request("GET", "/public/v2/probes/1", key=able).json()["message"]

    assert message == "You must upgrade your plan to use this feature: Custom Connections and Tests"


def test_any_of_several_permissions_will_do(acme: Account, serve: Serve) -> None:
    service = serve(PROBES, Settings(jobs_in_web=False))
    _, second = acme.key(Permission.MONITORS_GET_MONITOR)

    assert service.request("GET", "/public/v2/probes/1", key=second).status_code == 200


def test_a_fault_of_ours_tells_nothing_but_that_it_happened(acme: Account, serve: Serve) -> None:
    async def fail(call: Call) -> None:
        raise RuntimeError("the password is swordfish")

    operations = [
        Operation(version=version, method="GET", path="/broken", handler=fail, permissions=(Permission.USERS_GET,))
        for version in Version
    ]
    service = serve(operations, Settings(jobs_in_web=False))
    _, able = acme.key(Permission.USERS_GET)

    for prefix, version in (("/public", Version.V1), ("/public/v2", Version.V2)):
        response = service.request("GET", f"{prefix}/broken", key=able)
        check_refusal(response, 500, version)
        assert response.json()["message"] == "Internal server error"
        assert response.headers["x-request-id"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {pristine(operation)}")
def test_every_operation_is_guarded(acme: Account, operation: Operation) -> None:
    _, powerless = acme.key()
    anonymous, limited = acme.client(None), acme.client(powerless)
    url = pristine(operation)

    check_refusal(anonymous.request(operation.method, url), 401, operation.version)
    refusal = limited.request(operation.method, url)
    check_refusal(refusal, 403, operation.version)
    assert refusal.json()["message"].endswith(f": it requires {operation.permissions[0].label}")
    if operation.entitlement:
        acme.plan(entitlements=[])
        check_refusal(acme.alice.request(operation.method, url), 402, operation.version)
    acme.plan(terms_accepted=False)
    check_refusal(acme.alice.request(operation.method, url), 412, operation.version)


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"Bearer",
        b"Basic YWxpY2U6c2VjcmV0",
        b"hmac abc",
        b"tw_without_a_scheme",
        b"Bearer tw_nobody_ever_had_this_key",
        b"Bearer \xff\xfe",
        b"Bearer " + b"x" * 5000,
    ],
)
def test_a_request_without_a_valid_key_is_refused(acme: Account, header: bytes | None) -> None:
    headers = {} if header is None else {b"Authorization": header}

    check_refusal(acme.client(None).get(USERS, headers=headers), 401)


def test_a_key_is_not_taken_from_the_query(acme: Account) -> None:
    _, key = acme.key(Permission.USERS_GET)

    check_refusal(acme.client(None).get(USERS, params={"access_token": key}), 401)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(acme: Account, scheme: str) -> None:
    _, key = acme.key(Permission.USERS_GET)

    assert acme.client(None).get(USERS, headers={"Authorization": f"{scheme} {key}"}).status_code == 200


def test_a_key_is_refused_from_the_request_after_its_revocation(acme: Account) -> None:
    key_id, key = acme.key(Permission.USERS_GET)
    client = acme.client(key)

    assert client.get(USERS).status_code == 200
    acme.revoke(key_id)
    check_refusal(client.get(USERS), 401)


def test_a_key_ends_when_it_expires(acme: Account) -> None:
    now = datetime.now(UTC)
    _, over = acme.key(Permission.USERS_GET, expires_at=now - timedelta(seconds=1))
    _, running = acme.key(Permission.USERS_GET, expires_at=now + timedelta(hours=1))

    check_refusal(acme.client(over).get(USERS), 401)
    assert acme.client(running).get(USERS).status_code == 200


def last_used_at(world: World, key_id: int) -> datetime | None:
    row = world.connection.execute("select last_used_at from api_keys where id = %s", (key_id,)).fetchone()
    assert row is not None
    used_at: datetime | None = row[0]
    return used_at


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(world: World, acme: Account) -> None:
    key_id, key = acme.key(Permission.USERS_GET)
    client = acme.client(key)
    assert last_used_at(world, key_id) is None

    client.get(USERS)
    first = last_used_at(world, key_id)
    client.get(USERS)

    assert first is not None
    assert timedelta() <= datetime.now(UTC) - first < timedelta(minutes=1)
    assert last_used_at(world, key_id) == first


def test_a_refused_request_counts_as_a_use_of_its_key(world: World, acme: Account) -> None:
    key_id, key = acme.key(Permission.ROLES_GET)

    check_refusal(acme.client(key).get(USERS), 403)

    assert last_used_at(world, key_id) is not None


def test_a_request_id_comes_back(acme: Account) -> None:
    for url in (USERS, "/public/v2/users/0", "/public/nowhere"):
        response = acme.alice.get(url, headers={"X-Request-Id": "order-7.b_C"})
        assert response.headers.get_list("x-request-id") == ["order-7.b_C"]


@pytest.mark.parametrize("unfit", [None, "", "two words", "x" * 129, "<script>"])
def test_a_request_without_a_fit_id_gets_one(acme: Account, unfit: str | None) -> None:
    headers = {} if unfit is None else {"X-Request-Id": unfit}

    first = acme.alice.get(USERS, headers=headers).headers["x-request-id"]
    second = acme.alice.get(USERS, headers=headers).headers["x-request-id"]

    assert unfit not in (first, second)
    assert first != second
    assert len(first) >= 16


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/public/nowhere", Version.V1),
        ("/public/v1/nowhere", Version.V1),
        ("/public/v1", Version.V1),
        ("/public/v2/nowhere", Version.V2),
        ("/public/v2", Version.V2),
        ("/public/v2/users/1/nowhere", Version.V2),
        ("/public/v2/company/info", Version.V2),
    ],
)
def test_an_unknown_path_is_refused_in_the_words_of_its_version(acme: Account, path: str, version: Version) -> None:
    check_refusal(acme.alice.get(path), 404, version)


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/public/users", Version.V1),
        ("/public/v1/users", Version.V1),
        ("/public/v2/users", Version.V2),
    ],
)
def test_a_method_that_a_path_lacks_is_refused_and_the_others_named(acme: Account, path: str, version: Version) -> None:
    response = acme.alice.delete(path)

    check_refusal(response, 405, version)
    assert "GET" in response.headers["allow"]


def test_version_1_answers_under_both_of_its_prefixes(acme: Account) -> None:
    short, long = acme.alice.get("/public/workspaces"), acme.alice.get("/public/v1/workspaces")

    assert short.status_code == long.status_code == 200
    assert short.json() == long.json()
    assert set(short.json()) == {"data", "page", "limit", "total"}
