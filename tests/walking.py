"""Every page of the console, with the things of a demo account in the place of each id."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
from psycopg.rows import dict_row

from tests.conftest import free_port, serving
from tests.factories import TLS
from trustwright.app import CONSOLE
from trustwright.cli.demo import KEPT
from trustwright.cli.demo_trust import SLUG
from trustwright.console.visits import Button, Page

Json = dict[str, Any]

# One of each kind, by the names that paths have for it.
THINGS = (
    """
    select r.vendor_id, r.id as review_id, d.id as document_id
    from reviews r join vendor_documents d on d.account_id = r.account_id and d.review_id = r.id
    where r.account_id = %(account_id)s and r.type = 'SOC_REPORT' order by r.id limit 1
    """,
    """
    select vendor_id as open_vendor_id, id as open_review_id from reviews
    where account_id = %(account_id)s and type = 'SECURITY' order by id limit 1
    """,
    """
    select vendor_id as asked_vendor_id, id as questionnaire_id, template_id from questionnaires
    where account_id = %(account_id)s order by id limit 1
    """,
    """
    select id as trust_document_id, type as trust_document_type, 1 as version from trust_documents
    where account_id = %(account_id)s order by id limit 1
    """,
    "select request_id from access_requests where account_id = %(account_id)s order by id limit 1",
    "select id as acceptance_id from nda_acceptances where account_id = %(account_id)s order by id limit 1",
    "select id as preapproved_id from preapproved where account_id = %(account_id)s order by id limit 1",
    """
    select r.connection_id, r.id as resource_id, d.record_id
    from resources r join records d on d.account_id = r.account_id and d.dataset_id = r.live_dataset_id
    where r.account_id = %(account_id)s order by r.id, d.position limit 1
    """,
    """
    select m.test_id, x.id as exclusion_id, m.last_run_id as run_id
    from monitors m join monitor_exclusions x on x.account_id = m.account_id and x.monitor_id = m.id
    where m.account_id = %(account_id)s order by m.id limit 1
    """,
    "select id as control_id from trust_controls where account_id = %(account_id)s order by id limit 1",
    """
    select id as item_id, 'updates' as section from trust_items
    where account_id = %(account_id)s and kind = 'UPDATE' order by id limit 1
    """,
    "select id as event_id from events where account_id = %(account_id)s order by seq limit 1",
    "select id as mail_id from mails where account_id = %(account_id)s order by id limit 1",
    "select id as webhook_id from webhooks where account_id = %(account_id)s order by id limit 1",
    "select id as key_id, user_id from api_keys where account_id = %(account_id)s order by id limit 1",
    "select id as workspace_id from workspaces where account_id = %(account_id)s order by id limit 1",
    "select 1 as type_id, 1 as delivery_id, 1 as file_id",
    # Nobody's, not even that of a stranger who is the first to sign in.
    "select 0 as session_id",
)

# What gives out a file, or leads to another page.
FILES = (
    "/trust-center/content",
    "/vendors/{vendor_id}/documents/{document_id}/download",
    "/vendors/{vendor_id}/documents/{document_id}/content",
    "/vendors/{vendor_id}/questionnaires/{questionnaire_id}/files/{file_id}",
    "/questionnaires/templates/{template_id}/preview/state",
    "/trust-center/documents/{type}/{document_id}/versions/{version}",
    "/trust-center/access/nda/file",
    "/trust-center/access/acceptances/{acceptance_id}/file",
    "/trust-center/requests/{request_id}/agreement",
    "/monitors/{test_id}/export",
)


class Demo:
    """A service with the demo account, and where its things are."""

    def __init__(self, address: str, data_dir: Path, database_url: str) -> None:
        self.address = address
        self.database_url = database_url
        self.data_dir = data_dir
        self.opened: Json = json.loads((data_dir / KEPT).read_text())
        self._clients: list[httpx.Client] = []
        self._api = self._client({"Authorization": f"Bearer {self.opened['apiKey']}"})

    def _client(self, headers: dict[str, str]) -> httpx.Client:
        self._clients.append(httpx.Client(base_url=self.address, headers=headers, timeout=60, verify=TLS))
        return self._clients[-1]

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def nobody(self) -> httpx.Client:
        """A client that is not signed in; its forms come from our own pages."""
        return self._client({"Origin": self.address})

    def browser(self, email: str | None = None, password: str | None = None) -> httpx.Client:
        """A client that is signed in, as the administrator when nobody else is named."""
        client = self.nobody()
        form = {"email": email or self.opened["email"], "password": password or self.opened["password"]}
        answer = client.post("/sign-in", data={**form, "next": "/", "kept": ""})
        assert answer.status_code == 303, answer.text
        return client

    def stranger(self) -> httpx.Client:
        """A client of the administrator of an account that is as old as this call."""
        password = "a password of nobody else"
        words = ["account", "create", "Globex", "--admin-email", "hank@globex.test", "--admin-password", password]
        environment = {**os.environ, "TRUSTWRIGHT_DATABASE_URL": self.database_url}
        subprocess.run([sys.executable, "-m", "trustwright", *words], env=environment, check=True, capture_output=True)
        return self.browser("hank@globex.test", password)

    def outside(self) -> list[str]:
        """The addresses of pages for people who are not signed in."""
        return ["/sign-in", f"/trust/{SLUG}"]

    def pages(self) -> list[str]:
        """The addresses of all pages to look at."""
        return [self.filled(page.path) for page in CONSOLE if not isinstance(page, Button) and page.path not in FILES]

    def files(self) -> list[str]:
        """The addresses that give out a file, or lead to one."""
        return [self.filled(path) for path in FILES]

    def forms(self) -> list[str]:
        """The addresses of all that can be sent."""
        return [self.filled(page.path) for page in CONSOLE if not isinstance(page, Page)]

    def forms_of_things(self) -> list[str]:
        """Those about one of its things, without those with files, which are read before anything is looked up."""
        pages = [page for page in CONSOLE if not isinstance(page, Page) and "{" in page.path]
        return [self.filled(page.path) for page in pages if isinstance(page, Button) or page.files is None]

    def filled(self, path: str) -> str:
        """A path with things of the demo account. Raises KeyError for a name that is not known here yet."""
        things = self.things_of(path)
        if path.endswith("/records"):
            path += "?id={record_id}"
        return re.sub(r"\{(\w+)\}", lambda found: quote(str(things[found[1]]), safe=""), path)

    def things_of(self, path: str) -> Json:
        """What each name in a path stands for; the same name may stand for things of several kinds."""
        return self.things | next((things for start, things in self.things_below.items() if path.startswith(start)), {})

    def get(self, path: str, **params: Any) -> Any:
        return self._api.get(path, params=params).raise_for_status().json()

    @cached_property
    def things(self) -> Json:
        """Ids by the names that paths have for them."""
        self._add_webhook()
        things: Json = {}
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            for statement in THINGS:
                found = connection.execute(statement.encode(), {"account_id": self.opened["accountId"]}).fetchone()
                assert found, f"The demo account has nothing of this: {statement}"
                things |= found
        return things

    @cached_property
    def things_below(self) -> dict[str, Json]:
        """Those that differ below some paths."""
        answered = {"vendor_id": self.things["asked_vendor_id"]}
        document = {"document_id": self.things["trust_document_id"], "type": self.things["trust_document_type"]}
        undecided = {"vendor_id": self.things["open_vendor_id"], "review_id": self.things["open_review_id"]}
        return {
            "/vendors/{vendor_id}/questionnaires/{": answered,
            "/vendors/{vendor_id}/reviews/{review_id}/decide": undecided,
            "/trust-center/documents/": document,
        }

    def _add_webhook(self) -> None:
        """What the demo account lacks. There is no such host, and no news before a monitor changes."""
        if not self.get("/public/v2/webhooks")["data"]:
            self._api.post("/public/v2/webhooks", json={"url": "https://news.example/in"}).raise_for_status()


@contextmanager
def demo_service(database_url: str, data_dir: Path) -> Iterator[Demo]:
    """A service of its own with the demo account, running."""
    with serving(database_url, data_dir, free_port(), "--demo") as address:
        demo = Demo(address, data_dir, database_url)
        yield demo
        demo.close()
