"""Who may call what: every operation and every page of the route tables, in each case in which it must refuse.

    pytest tests/security/test_permission_matrix.py -n 0 -s

prints the answers, a line for an operation or page and a column for a case. A new route is in it without being named
here."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from litestar import Router

from tests.conftest import cloned
from tests.contract.contract import label
from tests.documents import pdf
from tests.security.inside import InsideDemo, demo_inside
from tests.security.twins import digests
from tests.security.walks import Addresses
from tests.walking import FILES
from trustwright.accounts.roles import Role, allows
from trustwright.app import CONSOLE, OPERATIONS, PAGES
from trustwright.console.visits import Button, FormPage, Page
from trustwright.http.operations import Operation

Json = dict[str, Any]

# What a refused request may still change: when a key and a session were used last.
USES = ("api_keys", "user_sessions")

AnyPage = Page | FormPage | Button

# What stands in paths and is the same in every account.
OF_NO_ACCOUNT = {"roleId", "section", "type"}

# A name in a path, as the router spells it.
PART = r"{\w+:\w+}"

# No such thing, no such session, a link that is over.
NOTHING = {404, 401, 410}

# Pages that are there whatever the account has, and a file is none.
LOOKED_AT = [page for page in CONSOLE if not isinstance(page, Button) and page.path not in FILES]


class Cell(NamedTuple):
    """What a route answered in one case, and what it may answer."""

    route: str
    case: str
    status: int
    allowed: set[int]


class Cast:
    """Acme, which is the demo account with something at every path; Globex, which must see nothing of it; an account
    that pays for nothing, and one that has not accepted the terms. Whoever calls is here before any call."""

    def __init__(self, demo: InsideDemo) -> None:
        self.demo = demo
        self.acme = demo.account
        self.globex = demo.world.account("Globex")
        self.members = {role: self._member(role) for role in Role}
        self.callers = self._callers()
        self.browsers = self._browsers()
        self.addresses = Addresses(demo)

    def call(self, client: httpx.Client, operation: Operation) -> int:
        """The status that an operation answers on things of Acme's."""
        example = self.addresses.example(operation)
        return client.request(operation.method, self.addresses.of(operation), **example).status_code

    def state(self) -> dict[str, str]:
        """A digest of each table's rows, of all accounts."""
        with psycopg.connect(self.demo.database_url) as connection:
            return {table: text for table, text in digests(connection).items() if table not in USES}

    def _member(self, role: Role) -> httpx.Client:
        email = f"{role.lower()}@northwind.example"
        self.acme.user(email, role)
        return self.acme.browser(email)

    def _callers(self) -> dict[str, httpx.Client]:
        revoked_id, revoked = self.acme.key()
        self.acme.revoke(revoked_id)
        _, expired = self.acme.key(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        _, powerless = self.acme.key()
        unpaid, undecided = self.demo.world.account("Unpaid"), self.demo.world.account("Undecided")
        unpaid.plan(entitlements=[])
        undecided.plan(terms_accepted=False)
        return {
            "no key": self.acme.client(None),
            "malformed": self.acme.client("tw_nobody has ever had this"),
            "revoked": self.acme.client(revoked),
            "expired": self.acme.client(expired),
            "no terms": undecided.alice,
            "no plan": unpaid.alice,
            "no right": self.acme.client(powerless),
            "another's": self.globex.alice,
        }

    def _browsers(self) -> dict[str, httpx.Client]:
        ended, elsewhere, gone = self.acme.browser(), self.acme.browser(), "gone@northwind.example"
        assert ended.post("/sign-out").status_code == 303
        elsewhere.headers["Origin"] = "https://elsewhere.test"
        self.acme.user(gone, Role.ADMIN)
        deactivated = self.acme.browser(gone)
        with psycopg.connect(self.demo.database_url) as connection:
            connection.execute("update users set deactivated_at = now() where email = %s", (gone,))
        unpaid, undecided = self.demo.world.account("Unpaid"), self.demo.world.account("Undecided")
        unpaid.plan(entitlements=[])
        undecided.plan(terms_accepted=False)
        return {
            "signed out": self.demo.nobody(),
            "ended": ended,
            "deactivated": deactivated,
            "other site": elsewhere,
            "no terms": undecided.browser(),
            "no plan": unpaid.browser(),
            "another's": self.globex.browser(),
        }


@pytest.fixture(scope="module")
def cast(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    with (
        cloned(f"trustwright_matrix_{worker_id}") as url,
        demo_inside(url, tmp_path_factory.mktemp("matrix")) as demo,
    ):
        yield Cast(demo)


@pytest.fixture
def unchanged(cast: Cast) -> Iterator[None]:
    """No row of any account is another than before: no event was written, no mail was made."""
    before = cast.state()
    yield
    after = cast.state()
    assert [table for table in after if after[table] != before[table]] == []


def printed(cells: list[Cell]) -> list[Cell]:
    """The cells that are wrong; all of them are printed, a line for each route."""
    known = [case.name for case in (*OF_OPERATIONS, *OF_PAGES)]
    cases = sorted({cell.case for cell in cells}, key=lambda case: (case in known and known.index(case), case))
    found = {(cell.route, cell.case): cell.status for cell in cells}
    routes = list(dict.fromkeys(cell.route for cell in cells))
    width = max(map(len, routes))
    print("\n" + " " * width, *cases, sep="  ")
    for route in routes:
        print(route.ljust(width), *(str(found.get((route, case), "-")).ljust(len(case)) for case in cases), sep="  ")
    print(f"{len(routes)} lines, {len(cells)} cells")
    return [cell for cell in cells if cell.status not in cell.allowed]


class Case(NamedTuple):
    """What a route answers in one case, if the case is about it."""

    name: str
    status: int
    concerns: Callable[[Any], bool] = lambda _: True


def has_ids(route: Any) -> bool:
    return bool(set(re.findall(r"{(\w+)}", route.path)) - OF_NO_ACCOUNT)


# In the order of the guards (decisions 2).
OF_OPERATIONS = (
    Case("no key", 401),
    Case("malformed", 401),
    Case("revoked", 401),
    Case("expired", 401),
    Case("no terms", 412),
    Case("no plan", 402, lambda operation: operation.entitlement is not None),
    Case("no right", 403),
    Case("another's", 404, has_ids),
)
OF_PAGES = (
    Case("signed out", 401),
    Case("ended", 401),
    Case("deactivated", 401),
    Case("other site", 403),
    Case("no terms", 412, lambda page: page.entitlement is not None),
    Case("no plan", 402, lambda page: page.entitlement is not None),
    Case("no right", 403, lambda page: page.right is not None),
    Case("another's", 404, has_ids),
)


def test_an_operation_refuses_whoever_may_not_call_it(cast: Cast, unchanged: None) -> None:
    cells = [
        Cell(label(operation), case.name, cast.call(cast.callers[case.name], operation), {refusal(operation, case)})
        for operation in OPERATIONS
        for case in OF_OPERATIONS
        if case.concerns(operation)
    ]

    assert printed(cells) == []


def refusal(operation: Operation, case: Case) -> int:
    """What is another account's is not there: 404 where the operation lists it, else 400 where it lists that, else 404
    (Q6)."""
    listed = 404 in operation.errors or 400 not in operation.errors
    return 400 if case.name == "another's" and not listed else case.status


def test_a_page_refuses_whoever_may_not_open_it(cast: Cast, unchanged: None) -> None:
    cells = [
        cell
        for place, page in enumerate(CONSOLE)
        for case in OF_PAGES
        if case.concerns(page)
        for cell in answered(cast, page, case, kept_out(cast, page, place) if case.name == "no right" else None)
    ]

    assert printed(cells) == []


def kept_out(cast: Cast, page: AnyPage, place: int) -> httpx.Client:
    """A user whose role does not have the page's right, of another role on each page."""
    roles = [role for role in Role if page.right is not None and not allows([role], page.right)]
    return cast.members[roles[place % len(roles)]]


def answered(cast: Cast, page: AnyPage, case: Case, member: httpx.Client | None) -> Iterator[Cell]:
    client, path = member or cast.browsers[case.name], cast.addresses.of(page)
    # Who is not signed in is led there; no form comes from a page that is looked at.
    looked = 303 if case.status == 401 else case.status
    if not isinstance(page, Button) and case.name != "other site":
        yield Cell(f"GET {page.path}", case.name, client.get(path).status_code, {looked})
    if not isinstance(page, Page):
        files = {"file": ("a.pdf", pdf("A"))} if isinstance(page, FormPage) and page.files else None
        status = client.post(path, data={"name": "x"}, files=files).status_code
        # What cannot be read is refused before anything is looked up.
        yield Cell(f"POST {page.path}", case.name, status, {case.status, 400 if case.name == "another's" else 0})


def test_a_page_opens_for_the_roles_that_have_its_right_and_for_no_other(cast: Cast, unchanged: None) -> None:
    """Every role at one page of each right; which right each page asks for is in the route table."""
    pages = {f"{page.right.action} {page.right.subject}": page for page in LOOKED_AT if page.right}
    cells = [
        Cell(
            role.value,
            name,
            cast.members[role].get(cast.addresses.of(page)).status_code,
            {200 if page.right is None or allows([role], page.right) else 403},
        )
        for role in Role
        for name, page in sorted(pages.items())
    ]

    assert printed(cells) == []


def outside() -> Iterator[tuple[str, str]]:
    """Method and path of each page for people without key and password."""
    for module in PAGES:
        for handler in module.handlers():
            for route in handler.routes if isinstance(handler, Router) else []:
                yield from ((method, route.path) for method in sorted(route.methods - {"OPTIONS"}))


def test_who_makes_up_a_link_gets_nothing(cast: Cast, unchanged: None) -> None:
    nobody = cast.demo.nobody()
    cells = [
        Cell(f"{method} {path}", "made up", nobody.request(method, re.sub(PART, "made-up", path)).status_code, NOTHING)
        for method, path in outside()
        if "{" in path
    ]

    assert printed(cells) == []
