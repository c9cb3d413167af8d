"""Pages by number and by cursor (Q10 to Q12), seen through the lists of users and workspaces."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.factories import Account, World
from trustwright.accounts import actions
from trustwright.accounts.roles import Role
from trustwright.app import OPERATIONS
from trustwright.http.lists import ListQuery, PageQuery
from trustwright.http.operations import Operation
from trustwright.http.routes import PREFIXES

PEOPLE = 5
LISTS = [
    operation
    for operation in OPERATIONS
    if "{" not in operation.path and issubclass(operation.hints.get("filters", object), ListQuery | PageQuery)
]


@pytest.fixture
def staff(world: World, acme: Account) -> Account:
    """Acme with Alice and four more, two of them made in the same moment; they were updated in another order."""

    async def hire(*emails: str) -> None:
        async with world.database.begin(acme.who) as tx:
            for email in emails:
                await actions.create_user(tx, email, [Role.EMPLOYEE])

    for emails in (["zoe@acme.test"], ["bob@acme.test", "carol@acme.test"], ["dave@acme.test"]):
        world.run(hire(*emails))
    acme.sql("update users set updated_at = now() - make_interval(hours => id %% 2) where account_id = %s")
    return acme


def url(operation: Operation) -> str:
    return PREFIXES[operation.version][0] + operation.path


def walk(client: httpx.Client, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    """The pages of a list, first to last."""
    pages: list[list[dict[str, Any]]] = []
    cursor = None
    while cursor is not None or not pages:
        response = client.get(path, params={**query, **({"cursor": cursor} if cursor else {})})
        assert response.status_code == 200, response.text
        body = response.json()
        assert set(body) == {"data", "pagination"}
        pages.append(body["data"])
        cursor = body["pagination"]["cursor"]
        assert len(pages) <= 100, "the walk does not end"
    return pages


def refused(client: httpx.Client, path: str, query: str, field: str) -> None:
    response = client.get(f"{path}?{query}")
    assert response.status_code == 400, query
    assert response.json()["message"].startswith(f"{field}: "), response.text


@pytest.mark.parametrize("operation", LISTS, ids=url)
def test_a_list_refuses_what_is_out_of_range(acme: Account, operation: Operation) -> None:
    by_number = issubclass(operation.hints["filters"], PageQuery)
    limit, beyond = ("limit", "51") if by_number else ("size", "501")

    for wrong in ("0", "-1", beyond, "1.0", "1e1", "0x1", "%201", "ten", "", "99999999999999999999"):
        refused(acme.alice, url(operation), f"{limit}={wrong}", limit)
    for wrong in ("0", "-1", "1.5", "one", "") if by_number else ():
        refused(acme.alice, url(operation), f"page={wrong}", "page")
    if not by_number:
        refused(acme.alice, url(operation), "sort=email", "sort")
        refused(acme.alice, url(operation), "sortDir=asc", "sortDir")
        refused(acme.alice, url(operation), "includeTotalCount=perhaps", "includeTotalCount")


@pytest.mark.parametrize("operation", LISTS, ids=url)
def test_a_list_accepts_the_ends_of_its_range(acme: Account, operation: Operation) -> None:
    limit, largest = ("limit", 50) if issubclass(operation.hints["filters"], PageQuery) else ("size", 500)

    for size in (1, largest):
        assert acme.alice.get(url(operation), params={limit: size}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/public/v2/users", "/public/v2/roles", "/public/v2/roles/role:ADMIN/users", "/public/v2/events"]
)
def test_only_objects_with_a_name_are_sorted_by_it(acme: Account, path: str) -> None:
    refused(acme.alice, path, "sort=name", "sort")


def test_a_numbered_list_echoes_page_and_limit_as_used(staff: Account) -> None:
    plain = staff.alice.get("/public/users").json()
    second = staff.alice.get("/public/users?page=2&limit=2").json()

    assert (plain["page"], plain["limit"], plain["total"], len(plain["data"])) == (1, 20, PEOPLE, PEOPLE)
    assert (second["page"], second["limit"], second["total"]) == (2, 2, PEOPLE)
    assert second["data"] == plain["data"][2:4]


@pytest.mark.parametrize("page", [4, 1000, 2**31 - 1])
def test_a_page_past_the_end_is_empty_and_keeps_the_total(staff: Account, page: int) -> None:
    body = staff.alice.get(f"/public/users?page={page}&limit=2").json()

    assert body == {"data": [], "page": page, "limit": 2, "total": PEOPLE}


@pytest.mark.parametrize("size", range(1, PEOPLE + 2))
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("sort", ["createdAt", "updatedAt"])
def test_a_walk_visits_everything_once_in_order(staff: Account, sort: str, direction: str, size: int) -> None:
    pages = walk(staff.alice, "/public/v2/users", sort=sort, sortDir=direction, size=size)

    seen = [(user[sort], user["id"]) for page in pages for user in page]
    assert seen == sorted(seen, reverse=direction == "DESC")
    assert len({id_ for _, id_ in seen}) == len(seen) == PEOPLE
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert 1 <= len(pages[-1]) <= size


@pytest.mark.parametrize("size", range(1, 5))
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_a_walk_by_name_passes_equal_names(world: World, acme: Account, direction: str, size: int) -> None:
    async def open_workspaces() -> None:
        async with world.database.begin(acme.who) as tx:
            for name in ("Ztl", "Lab", "Lab"):
                await actions.create_workspace(tx, name)

    world.run(open_workspaces())

    pages = walk(acme.alice, "/public/v2/workspaces", sort="name", sortDir=direction, size=size)

    seen = [(workspace["name"], workspace["id"]) for page in pages for workspace in page]
    assert seen == sorted(seen, reverse=direction == "DESC")
    assert [name for name, _ in sorted(seen)] == ["Acme", "Lab", "Lab", "Ztl"]
    assert all(pages)


def test_lists_are_sorted_by_creation_unless_asked_otherwise(staff: Account) -> None:
    asked = walk(staff.alice, "/public/v2/users", sort="createdAt", sortDir="ASC")

    assert walk(staff.alice, "/public/v2/users") == asked


def test_what_is_added_during_a_walk_does_not_shift_it(staff: Account) -> None:
    first = staff.alice.get("/public/v2/users?size=3&sortDir=DESC").json()
    staff.user("erin@acme.test", Role.EMPLOYEE)

    cursor = first["pagination"]["cursor"]
    second = staff.alice.get("/public/v2/users", params={"size": 3, "sortDir": "DESC", "cursor": cursor}).json()

    assert len({user["id"] for user in first["data"] + second["data"]}) == PEOPLE


def test_the_size_may_change_during_a_walk(staff: Account) -> None:
    first = staff.alice.get("/public/v2/users?size=1").json()

    rest = staff.alice.get("/public/v2/users", params={"size": 500, "cursor": first["pagination"]["cursor"]}).json()

    assert len(rest["data"]) == PEOPLE - 1
    assert rest["pagination"] == {"cursor": None}


def test_the_total_is_there_only_when_asked_for_and_only_on_the_first_page(staff: Account) -> None:
    users = "/public/v2/users"
    cursor = staff.alice.get(users, params={"size": 2}).json()["pagination"]["cursor"]

    assert staff.alice.get(f"{users}?includeTotalCount=true").json()["pagination"] == {
        "cursor": None,
        "totalCount": PEOPLE,
    }
    assert staff.alice.get(f"{users}?includeTotalCount=true&size=2").json()["pagination"]["totalCount"] == PEOPLE
    for query in ({}, {"includeTotalCount": "false"}, {"includeTotalCount": "true", "size": 2, "cursor": cursor}):
        assert "totalCount" not in staff.alice.get(users, params=query).json()["pagination"]


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "x",
        "null",
        "!!!!",
        "¡Olé!",
        "A" * 5000,
        packed("text"),
        packed([]),
        packed({"list": "x", "value": "2025-01-01", "key": 1}),
        packed(["x", "not a date", 1]),
        packed(["x", "2025-01-01T00:00:00+00:00", "1"]),
        packed(["x", "2025-01-01T00:00:00+00:00", 1]),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_cursor_that_this_api_never_gave_is_refused(acme: Account, garbage: str) -> None:
    response = acme.alice.get("/public/v2/users", params={"cursor": garbage})

    assert response.status_code == 400
    assert response.json()["message"].startswith("cursor: ")


@pytest.mark.parametrize("forged", [["\0", 1], ["Lab", -1], ["Lab", 2**63], ["Lab", 10**30]])
def test_a_forged_cursor_is_refused(world: World, acme: Account, forged: list[object]) -> None:
    async def open_workspace() -> None:
        async with world.database.begin(acme.who) as tx:
            await actions.create_workspace(tx, "Lab")

    world.run(open_workspace())
    path = "/public/v2/workspaces?sort=name&size=1"
    cursor = acme.alice.get(path).json()["pagination"]["cursor"]
    name, _, _ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))

    assert acme.alice.get(f"{path}&cursor={packed([name, *forged])}").status_code == 400


@pytest.mark.parametrize(
    "other",
    [
        "/public/v2/users?sort=updatedAt",
        "/public/v2/users?sortDir=DESC",
        "/public/v2/users?firstName=a",
        "/public/v2/users?lastName=a",
        "/public/v2/roles/role:ADMIN/users?size=1",
        "/public/v2/workspaces?size=1",
        "/public/v2/roles?size=1",
        "/public/v2/events?size=1",
    ],
)
def test_a_cursor_fits_only_the_list_that_gave_it(staff: Account, other: str) -> None:
    cursor = staff.alice.get("/public/v2/users?size=1").json()["pagination"]["cursor"]

    refused(staff.alice, other.partition("?")[0], f"{other.partition('?')[2]}&cursor={cursor}", "cursor")


def test_what_is_expanded_may_change_during_a_walk(staff: Account) -> None:
    cursor = staff.alice.get("/public/v2/users?size=1").json()["pagination"]["cursor"]

    page = staff.alice.get(f"/public/v2/users?size=1&expand[]=roles&cursor={cursor}").json()

    assert page["data"][0]["roles"] == ["EMPLOYEE"]
