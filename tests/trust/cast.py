"""What the tests of trust centers play with: settings, documents and agreements, all through the API."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import httpx

from tests.documents import pdf
from tests.factories import Account
from tests.records.cast import Json, checked, refused
from trustwright.accounts import actions as accounts
from trustwright.db import Tx

__all__ = ["Json", "checked", "refused"]

T = TypeVar("T")

TRUST = "/public/trust-center"
SETTINGS = f"{TRUST}/settings"
DOCUMENTS = f"{TRUST}/documents"
NDA = f"{TRUST}/nda"
LOGO = f"{TRUST}/logo"
PRIVATE_ACCESS = f"{TRUST}/private-access"
COMPANY_INFO = f"{TRUST}/company-info/private-access"
PRIVATE_DOCUMENTS = f"{TRUST}/private-documents"
ADDRESSES = f"{TRUST}/preapproved-email-addresses"

NOBODYS = 2**31 - 1

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def put_settings(account: Account, workspace_id: int | None = None, **change: Any) -> httpx.Response:
    return checked(account.alice).put(SETTINGS, json=change, params=_in(workspace_id))


def settings(account: Account, *, workspace_id: int | None = None, **change: Any) -> Json:
    """The settings after a good change, or as they are."""
    answer = (
        put_settings(account, workspace_id, **change)
        if change
        else checked(account.alice).get(SETTINGS, params=_in(workspace_id))
    )
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def post_document(
    account: Account,
    name: str = "SOC 2 report",
    type: str = "SECURITY_REPORT",  # noqa: A002
    is_public: bool | str | None = False,
    content: bytes | None = None,
    *,
    file_name: str = "report.pdf",
    workspace_id: int | None = None,
    **more: str,
) -> httpx.Response:
    """Alice uploads a document. `is_public` is sent as `true` or `false`, a text as it is, None not at all."""
    fields = {"name": name, "type": type, **more}
    if is_public is not None:
        fields["isPublic"] = str(is_public).lower()
    files = {"file": (file_name, pdf(name) if content is None else content)}
    return checked(account.alice).post(DOCUMENTS, data=fields, files=files, params=_in(workspace_id))


def document(
    account: Account,
    name: str = "SOC 2 report",
    type: str = "SECURITY_REPORT",  # noqa: A002
    is_public: bool | str | None = False,
    content: bytes | None = None,
    **more: Any,
) -> Json:
    """A new document, as its upload is answered."""
    made = post_document(account, name, type, is_public, content, **more)
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


def at(document: Json, rest: str = "") -> str:
    """The path of a document."""
    return f"{DOCUMENTS}/{document['type']}/{document['id']}{rest}"


def put_document(account: Account, document: Json, **change: Any) -> httpx.Response:
    return checked(account.alice).put(at(document), json=change)


def change_document(account: Account, document: Json, **change: Any) -> Json:
    """The document after a good change."""
    answer = put_document(account, document, **change)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def post_version(account: Account, document: Json, content: bytes, file_name: str = "report.pdf") -> httpx.Response:
    return checked(account.alice).post(at(document, "/versions"), files={"file": (file_name, content)})


def listed(account: Account, **query: Any) -> list[Json]:
    """The private documents."""
    answer = checked(account.alice).get(PRIVATE_DOCUMENTS, params=query)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["privateDocuments"]
    return found


def managed(account: Account) -> dict[int, Json]:
    """All documents by id, as their managers see them."""
    answer = checked(account.alice).get(DOCUMENTS)
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["documents"]}


def post_nda(
    account: Account, content: bytes | None = None, file_name: str = "nda.pdf", **query: Any
) -> httpx.Response:
    files = {"file": (file_name, pdf("Mutual NDA") if content is None else content)}
    return checked(account.alice).post(NDA, files=files, params=query)


def nda(account: Account, content: bytes | None = None, **query: Any) -> Json:
    """A new agreement in force, as its upload is answered."""
    made = post_nda(account, content, **query)
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


def private_access(account: Account, **query: Any) -> Json:
    answer = checked(account.alice).get(PRIVATE_ACCESS, params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def put_private_access(account: Account, **change: Any) -> httpx.Response:
    return checked(account.alice).put(COMPANY_INFO, json=change)


def company_info(account: Account, **change: Any) -> Json:
    """What is said of the company, after a good change of its private access."""
    answer = put_private_access(account, **change)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def preapprove(account: Account, *emails: str) -> Json:
    """Replaces the preapproved addresses."""
    answer = checked(account.alice).put(ADDRESSES, json={"emails": list(emails)})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def domains(account: Account) -> list[str]:
    return [each["name"] for each in private_access(account)["preapprovedEmailDomains"]]


def addresses(account: Account) -> list[str]:
    return [each["name"] for each in private_access(account)["preapprovedEmailAddresses"]]


def workspace(account: Account, name: str = "Labs") -> int:
    """The id of a second workspace."""

    async def make(tx: Tx) -> int:
        return (await accounts.create_workspace(tx, name)).id

    return act(account, make)


def act(account: Account, work: Callable[[Tx], Coroutine[Any, Any, T]], later: timedelta = timedelta(0)) -> T:
    """Does something in a transaction of the account, at some later time."""

    async def run() -> T:
        async with account.world.database.begin(account.who) as tx:
            tx.now += later
            return await work(tx)

    return account.world.run(run())


def events(account: Account, *types: str) -> list[Json]:
    """What the events say, those of these types or all of the trust center, the oldest first."""
    found = account.sql(
        """
        select type, target, before, after, workspace_id, user_id from events
        where account_id = %s and (type = any (%s) or (%s and category like 'TRUST%%')) order by seq
        """,
        list(types),
        not types,
    )
    return [
        dict(zip(("type", "target", "before", "after", "workspaceId", "userId"), row, strict=True)) for row in found
    ]


def _in(workspace_id: int | None) -> dict[str, int]:
    return {} if workspace_id is None else {"workspaceId": workspace_id}
