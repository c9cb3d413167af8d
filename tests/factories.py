"""The cast of the tests: accounts, made straight in the database, and the keys and clients that act in them."""

import asyncio
import ssl
import threading
import weakref
from collections.abc import Coroutine
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

import httpx
import psycopg

from trustwright.accounts import actions, store
from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.accounts.roles import Role
from trustwright.console.visits import SESSION
from trustwright.db import Database, Who
from trustwright.events.model import Source
from trustwright.jobs import jobs
from trustwright.sign_in import actions as signing_in

T = TypeVar("T")

places = count()

# Made once: to load the certificates for each of thousands of clients would take a fifth of all the time.
TLS = ssl.create_default_context()


class World:
    """One migrated database and one running server; every test makes its own accounts in it."""

    def __init__(self, database_url: str, address: str) -> None:
        self.database_url = database_url
        self.address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.database = Database(database_url, jobs, pool_size=4)
        self.run(self.database.open())
        # A temporary table may come again with other columns under the same statement, so none is prepared.
        self.connection = psycopg.connect(database_url, autocommit=True, prepare_threshold=None)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine of the project's own functions to its end."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def account(self, name: str = "Acme") -> "Account":
        return Account(self, self.run(self._new_account(name)))

    def everything_kept(self) -> str:
        """Every row of every table, as text."""
        tables = "select quote_ident(tablename) from pg_tables where schemaname = 'public'"
        names = [name for (name,) in self.connection.execute(tables).fetchall()]
        rows = [self.connection.execute(f"select t::text from {name} t").fetchall() for name in names]
        return "\n".join(text for table in rows for (text,) in table)

    def close(self) -> None:
        self.connection.close()
        self.run(self.database.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _new_account(self, name: str) -> actions.NewAccount:
        account_id = await store.new_account_id(self.database)
        async with self.database.begin(Who(account_id=account_id, source=Source.APP)) as tx:
            return await actions.create_account(tx, name, f"alice@account{account_id}.test", None)


class Account:
    """An account of which Alice is the admin; `alice` calls the API with a key that may do everything."""

    def __init__(self, world: World, made: actions.NewAccount) -> None:
        self.world = world
        self.id = made.account.account_id
        self.name = made.account.name
        self.workspace_id = made.workspace.id
        self.alice_id = made.admin.id
        self.alice_email = made.admin.email
        self.who = Who(account_id=self.id, source=Source.APP)
        self.api_key = made.api_key
        self.alice = self.client(made.api_key)

    def sql(self, text: str, *values: Any) -> list[Any]:
        """The rows of a statement whose first parameter is the account; none of one that finds nothing."""
        cursor = self.world.connection.execute(text.encode(), (self.id, *values))
        return cursor.fetchall() if cursor.description else []

    def client(self, key: str | None) -> httpx.Client:
        """A client of the running server that presents `key`."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self._client(httpx.HTTPTransport(verify=TLS), headers)

    def visitor(self) -> httpx.Client:
        """A client without a key, from an address of its own: how often visitors may come is counted by address."""
        place = next(places)
        return self._client(
            httpx.HTTPTransport(verify=TLS, local_address=f"127.0.{1 + place // 250}.{1 + place % 250}"), {}
        )

    def _client(self, transport: httpx.HTTPTransport, headers: dict[str, str]) -> httpx.Client:
        client = httpx.Client(base_url=self.world.address, headers=headers, timeout=60, transport=transport)
        # A socket that is collected before it is closed is a warning, and a warning is a failed test.
        weakref.finalize(client, transport.close)
        return client

    def key(self, *permissions: Permission, expires_at: datetime | None = None) -> tuple[int, str]:
        """Id and text of a new key that holds these permissions and no other."""

        async def make() -> tuple[int, str]:
            async with self.world.database.begin(self.who) as tx:
                key, text = await actions.create_key(tx, "limited", list(permissions), None, expires_at)
                return key.id, text

        return self.world.run(make())

    def revoke(self, key_id: int) -> None:
        async def revoke() -> None:
            async with self.world.database.begin(self.who) as tx:
                await actions.revoke_key(tx, key_id)

        self.world.run(revoke())

    def plan(self, entitlements: list[Entitlement] | None = None, terms_accepted: bool | None = None) -> None:
        """Sets what the account may use."""

        async def set_plan() -> None:
            async with self.world.database.begin(self.who) as tx:
                await actions.set_plan(tx, entitlements, terms_accepted)

        self.world.run(set_plan())

    def browser(self, email: str | None = None) -> httpx.Client:
        """A client that is signed in to the console as a user, Alice when nobody else is named. Its forms come from its
        own pages."""

        async def sign_in() -> str:
            async with self.world.database.begin(self.who) as tx:
                user = await actions.get_user_by_email(tx, email or self.alice_email)
                return await signing_in.sign_in(tx, user.id, "password", "127.0.0.1", "tests")

        client = self._client(httpx.HTTPTransport(verify=TLS), {"Origin": self.world.address})
        client.cookies.set(SESSION, self.world.run(sign_in()))
        return client

    def user(self, email: str, *roles: Role, first_name: str | None = None, last_name: str | None = None) -> int:
        """The id of a new user."""

        async def make() -> int:
            async with self.world.database.begin(self.who) as tx:
                user = await actions.create_user(tx, email, list(roles), None, first_name, last_name)
                return user.id

        return self.world.run(make())
