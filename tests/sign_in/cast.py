"""Bob, who has a password, and what he does to come in."""

import re
import time
from typing import Any

import httpx
from msgspec import Struct

from tests.factories import Account, World
from trustwright.accounts import actions
from trustwright.accounts.roles import Role
from trustwright.mail.actions import newest_mails
from trustwright.sign_in import actions as signing_in
from trustwright.sign_in import tokens_store
from trustwright.sign_in.attempts import NOBODY
from trustwright.sign_in.codes import STEP, code_at, secret_bytes
from trustwright.sign_in.passwords import hashed
from trustwright.sign_in.pauses import FORGOTTEN_AFTER, Key

PASSWORD = "nine otters juggle quinces"
ANOTHER = "seven herons paint teapots"
# Hashed once: a hash costs more than the rest of a test.
PASSWORD_HASH = hashed(PASSWORD)


class Bob(Struct, frozen=True):
    """A user of an account."""

    account: Account
    id: int
    email: str

    def stranger(self) -> httpx.Client:
        """A browser in which nobody is signed in, at a network of its own. Its forms come from our pages."""
        client = self.account.visitor()
        client.headers["Origin"] = self.account.world.address
        return client

    def attempt(self, browser: httpx.Client, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Signs in, or tries to."""
        sent = {"email": self.email, "password": password, "next": "/events", "kept": "", **more}
        return browser.post("/sign-in", data=sent)

    def browser(self) -> httpx.Client:
        """One in which he is signed in."""
        return self.account.browser(self.email)

    def links(self) -> list[str]:
        """The paths of the links that he was mailed, the newest first."""

        async def find() -> list[str]:
            async with self.account.world.database.begin(self.account.who) as tx:
                mails = [mail for mail in await newest_mails(tx, 20) if mail.recipient == self.email]
            return [path for mail in mails for path in re.findall(r"/sign-in/link/[\w-]{43}", mail.body_text)]

        return self.account.world.run(find())

    def await_link(self, count: int = 1) -> str:
        """The newest link, once there are so many."""
        deadline = time.monotonic() + 20
        while len(found := self.links()) < count:
            assert time.monotonic() < deadline, f"only {len(found)} links"
            time.sleep(0.05)
        return found[0]

    def invited(self) -> str:
        """The link of an invitation."""

        async def invite() -> None:
            async with self.account.world.database.begin(self.account.who) as tx:
                await signing_in.invite(tx, self.id, "https://trust.acme.test")

        self.account.world.run(invite())
        return self.links()[0]


def bob_of(account: Account, name: str = "bob", role: Role = Role.ADMIN) -> Bob:
    """A new user, with a password."""
    email = f"{name}@account{account.id}.test"

    async def make() -> int:
        async with account.world.database.begin(account.who) as tx:
            user = await actions.create_user(tx, email, [role], None)
            await signing_in.strengthen(tx, user.id, PASSWORD_HASH)
            return user.id

    return Bob(account, account.world.run(make()), email)


def tried_often(world: World, key: Key, attempts: int = 9) -> None:
    """As if somebody had tried so often in vain, but not just now: one attempt is taken, and a long wait follows it."""

    async def count() -> None:
        async with world.database.begin(NOBODY) as tx:
            await tokens_store.count_attempts(tx, [key.digest], FORGOTTEN_AFTER)
            await tx.run(
                "update sign_in_attempts set attempts = %(attempts)s where key = %(key)s",
                attempts=attempts,
                key=key.digest,
            )

    world.run(count())


def secret_in(page: str) -> str:
    """The key on the page that sets up a second factor."""
    found = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)
    assert found, page
    return found[1]


# Seconds that a request may take on a busy machine.
SLOWEST = 4


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows so many half minutes from now. A code of the last half minute waits for the next one to begin
    where this one is about to end."""
    left = STEP - time.time() % STEP
    if steps < 0 and left < SLOWEST:
        time.sleep(left)
    return code_at(secret_bytes(secret), int(time.time() // STEP) + steps)


def with_factor(bob: Bob) -> tuple[str, list[str]]:
    """Sets up a second factor, by the code of half a minute ago: its key, and the recovery codes."""
    browser = bob.browser()
    secret = secret_in(browser.get("/me/second-factor").text)
    sent: dict[str, Any] = {"secret": secret, "code": code_of(secret, steps=-1), "current": PASSWORD}
    answer = browser.post("/me/second-factor", data=sent)
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<li>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})", answer.text)
