"""What a server that dies during uploads leaves behind: every acknowledged file, and nothing that belongs to nobody."""

import asyncio
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crashes import calling, command, everything, kill, server
from tests.documents import pdf
from trustwright import embedded
from trustwright.cli.contents import missing
from trustwright.db import Database
from trustwright.files.jobs import collect_account
from trustwright.files.storage import connect
from trustwright.jobs import jobs
from trustwright.settings import Settings

DEATHS = 20
CLIENTS = 3
PADDING = 200_000


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="trustwright-uploads-") as folder:
        yield Path(folder)


def test_no_file_is_lost_and_none_is_left_over(data_dir: Path) -> None:
    account = command(data_dir, "account", "create", "Acme", "--admin-email", "alice@acme.test", "--json")
    told: dict[int, bytes] = {}
    vendor = ""
    for death in range(DEATHS):
        with server(data_dir) as (address, process), calling(address, account) as client:
            vendor = vendor or new_vendor(client)
            clients = [
                threading.Thread(target=upload, args=(client, vendor, f"{death}-{number}", told))
                for number in range(CLIENTS)
            ]
            for thread in clients:
                thread.start()
            time.sleep(0.2 + random.random() * 0.4)
            kill(process, data_dir, with_database=False)
            for thread in clients:
                thread.join()
    with server(data_dir) as (address, _), calling(address, account) as client:
        require_kept(client, vendor, told)
        require_tidy(data_dir, account["accountId"], client, vendor)
    assert len(told) > DEATHS


def new_vendor(client: httpx.Client) -> str:
    made = client.post("/public/v2/vendors", json={"name": "Initech"}).json()
    return f"/public/v2/vendors/{made['id']}"


def upload(client: httpx.Client, vendor: str, name: str, told: dict[int, bytes]) -> None:
    """Adds reviews with files until the server is gone."""
    for number in range(100_000):
        content = pdf(f"{name}-{number}", padding=PADDING)
        fields = {
            "title": f"{name}-{number}",
            "reviewDeadlineAt": "2030-07-01T00:00:00Z",
            "securityReviewStatus": "COMPLETED",
            "securityReviewType": "UPLOAD_REPORT",
        }
        with suppress(httpx.TransportError):
            files = {"file": ("report.pdf", content, "application/pdf")}
            answer = client.post(f"{vendor}/security-reviews/with-file", data=fields, files=files)
            assert answer.status_code == 201, answer.text
            told[answer.json()["id"]] = content
            continue
        return


def require_kept(client: httpx.Client, vendor: str, told: dict[int, bytes]) -> None:
    """Every review has its document, and every acknowledged one is there with its content."""
    reviews = {review["id"]: review for review in everything(client, f"{vendor}/security-reviews")}
    documents = everything(client, f"{vendor}/documents", **{"expand[]": "downloadUrl"})
    assert set(told) <= set(reviews)
    assert len(documents) == len(reviews)
    contents = {httpx.get(document["downloadUrl"]["signedUrl"]).content for document in documents}
    assert set(told.values()) <= contents


def require_tidy(data_dir: Path, account_id: int, client: httpx.Client, vendor: str) -> None:
    """No file without its content; after the collector no content without its file, and nothing half written."""
    postgres = embedded.running(data_dir)
    assert postgres is not None

    async def collect() -> None:
        database = Database(postgres.url, jobs, pool_size=2)
        await database.open()
        await collect_account(database, connect("", data_dir), account_id, 0)
        await database.close()

    asyncio.run(collect())
    assert missing(Settings(data_dir=data_dir), postgres.url) == []
    documents: list[Any] = everything(client, f"{vendor}/documents")
    stored = [path for path in (data_dir / "files").rglob("*") if path.is_file()]
    assert len(stored) == len(documents)
