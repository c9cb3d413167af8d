"""What the tests of access play with: documents of Acme's, a grant that opens them for Bob, and his browsers."""

import re
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx

from tests.factories import Account
from tests.trust.cast import document, put_settings
from trustwright.access import actions
from trustwright.access.model import Grant, Person
from trustwright.db import Tx

Json = dict[str, Any]
T = TypeVar("T")

URL = "https://trust.acme.test"
BOB = Person(email="bob@initech.test", name="Bob Porter", company="Initech")
CODE = re.compile(r"^(\d{6})$", re.MULTILINE)
LINK = re.compile(r"https?://\S+/access/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")

DEVICE = "trust_device"
SESSION = "trust_session"


class Desk:
    """An account whose trust center needs no agreement, and the grants that it gives."""

    def __init__(self, account: Account) -> None:
        self.account = account
        answer = put_settings(account, flowType="NO_NDA_REQUIRED")
        assert answer.status_code == 200, answer.text

    def document(self, name: str = "SOC 2 report", **more: Any) -> int:
        """The id of a new private document."""
        document_id: int = document(self.account, name, **more)["id"]
        return document_id

    def do(self, work: Callable[[Tx], Coroutine[Any, Any, T]], *, later: timedelta = timedelta()) -> T:
        """Runs actions in a transaction of their own, `later` than now."""

        async def run() -> T:
            async with self.account.world.database.begin(self.account.who) as tx:
                tx.now += later
                return await work(tx)

        return self.account.world.run(run())

    def give(
        self,
        *document_ids: int,
        days: int | None = 30,
        person: Person = BOB,
        request_id: UUID | None = None,
        asks: bool = False,
        moves_end: bool = False,
        later: timedelta = timedelta(),
    ) -> Grant:
        async def give(tx: Tx) -> Grant:
            return await actions.give(
                tx,
                self.account.workspace_id,
                person,
                list(document_ids),
                request_id or uuid4(),
                None if days is None else tx.now + timedelta(days=days),
                asks_on_new_device=asks,
                moves_end=moves_end,
            )

        return self.do(give, later=later)

    def link(self, grant: Grant, *, rotate: bool = False, later: timedelta = timedelta()) -> str:
        """The path of a new link."""
        link = self.do(lambda tx: actions.new_link(tx, grant, URL, rotate=rotate), later=later)
        return link.removeprefix(URL)

    def revoke(self, grant: Grant, request_id: UUID) -> bool:
        return self.do(lambda tx: actions.revoke(tx, grant.id, request_id))

    def browser(self) -> "Browser":
        return Browser(self.account)

    def visiting(self, *document_ids: int, **more: Any) -> "Browser":
        """A browser in which a new grant of these documents was opened."""
        browser = self.browser()
        browser.open(self.link(self.give(*document_ids, **more)))
        return browser

    def mails(self) -> list[tuple[str, str, str]]:
        """Recipient, subject and text of the account's mails."""
        return self.account.sql("select recipient, subject, body_text from mails where account_id = %s order by id")

    def codes(self) -> list[str]:
        """The codes that were mailed, the oldest first."""
        return [code for _, _, text in self.mails() for code in CODE.findall(text)]

    def log(self) -> list[tuple[Any, ...]]:
        """Action, document, version, address, IP and browser of the lines of the access log."""
        return self.account.sql(
            """
            select action, document_id, version, email, ip, user_agent from access_log where account_id = %s order by id
            """
        )

    def events(self) -> list[tuple[str, str]]:
        """Type and description of what happened to grants."""
        return self.account.sql(
            "select type, description from events where account_id = %s and target->>'kind' = 'grant' order by seq"
        )


class Browser:
    """A visitor's: it keeps its cookies, and follows no redirect by itself."""

    def __init__(self, account: Account) -> None:
        self.client = account.visitor()

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.client.post(path, **more)

    def open(self, link: str) -> None:
        """Presses the button, which must open the room."""
        answer = self.post(link)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/access"), answer.text

    def room(self) -> Json:
        answer = self.get("/access.json")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def names(self) -> list[str]:
        """The documents of the room."""
        return [each["name"] for each in self.room()["documents"]]

    def view(self, document_id: int, *, download: bool = False) -> httpx.Response:
        return self.get(f"/access/documents/{document_id}", params={"download": "1"} if download else None)
