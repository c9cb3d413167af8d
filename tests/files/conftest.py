"""A service of one operation that takes a form and keeps its files."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from msgspec import field

from tests.factories import Account
from tests.http.conftest import OwnService, Serve, serve
from trustwright.accounts.permissions import Permission
from trustwright.files import actions
from trustwright.files.model import DOCUMENT_EXTENSIONS, Upload
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.settings import Settings

__all__ = ["serve"]

LIMIT = 600_000

FORM = "/public/v2/parcels"


class Form(Wire, frozen=True):
    """What a parcel holds."""

    file: Upload
    title: str = ""
    owner_id: Id | None = None
    is_urgent: bool = False
    more: list[Upload] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


class KeptAnswer(Wire, frozen=True):
    id: int
    name: str
    content_type: str
    size: int
    link: str


class FormAnswer(Wire, frozen=True):
    title: str
    owner_id: int | None
    is_urgent: bool
    tags: list[str]
    files: list[KeptAnswer]


class Lost(RuntimeError):
    """A handler's failure, at the will of a test."""


async def post_parcel(call: Call, form: Form) -> FormAnswer:
    async with call.keeping([form.file, *form.more], DOCUMENT_EXTENSIONS) as kept, call.begin() as tx:
        files = [await actions.add_file(tx, each) for each in kept]
        if form.title == "fail":
            raise Lost
        if form.title.startswith("wait"):
            await asyncio.sleep(float(form.title.removeprefix("wait")))
    return FormAnswer(
        title=form.title,
        owner_id=form.owner_id,
        is_urgent=form.is_urgent,
        tags=form.tags,
        files=[
            KeptAnswer(
                id=file.id, name=file.name, content_type=file.content_type, size=file.size, link=call.link_to(file)
            )
            for file in files
        ],
    )


class Office:
    """An account, a service that keeps its files, and the folder where it keeps them."""

    def __init__(self, account: Account, service: OwnService, key: str, settings: Settings) -> None:
        self.account = account
        self.settings = settings
        self._service = service
        self._key = key

    @property
    def data_dir(self) -> Path:
        return self.settings.data_dir

    def post(self, **arguments: Any) -> httpx.Response:
        return self._service.request("POST", FORM, key=self._key, **arguments)

    def upload(self, content: bytes = b"a,b\n1,2\n", name: str = "a.csv", **fields: str) -> httpx.Response:
        return self.post(files={"file": (name, content)}, data=fields)

    def get(self, link: str, method: str = "GET") -> httpx.Response:
        return self._service.request(method, link)

    def objects(self) -> list[Path]:
        """What lies in the storage, whole or not."""
        return sorted(path for path in (self.data_dir / "files").rglob("*") if path.is_file())

    def incoming(self) -> list[Path]:
        return [*(self.data_dir / "incoming").glob("*")]

    def rows(self, table: str) -> int:
        with psycopg.connect(self.account.world.database_url) as connection:
            row = connection.execute(
                f"select count(*) from {table} where account_id = %s", [self.account.id]
            ).fetchone()
            return row[0] if row else 0

    def is_empty(self) -> bool:
        """Whether there is no trace of any upload."""
        return not self.objects() and not self.incoming() and not self.rows("blobs") and not self.rows("files")


OpenOffice = Callable[..., Office]


@pytest.fixture
def open_office(acme: Account, serve: Serve, tmp_path: Path) -> OpenOffice:
    """Makes an office of Acme's with these settings."""

    def start(*, also_json: bool = True, **changes: Any) -> Office:
        operation = Operation(
            version=Version.V2,
            method="POST",
            path="/parcels",
            handler=post_parcel,
            permissions=(Permission.USERS_GET,),
            success=(201,),
            errors=(400, 503),
            also_json=also_json,
        )
        given = {"data_dir": tmp_path / "data", "max_file": LIMIT, "max_files": 3, "jobs_in_web": False, **changes}
        settings = Settings(**given)
        _, key = acme.key(Permission.USERS_GET)
        return Office(acme, serve([operation], settings), key, settings)

    return start


@pytest.fixture
def office(open_office: OpenOffice) -> Iterator[Office]:
    office = open_office()
    yield office
    assert office.incoming() == [], "the files of a request outlived it"
