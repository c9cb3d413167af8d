"""What belongs to another account does not exist, and stays as it is (decisions 2)."""

from typing import Any

import httpx
import pytest

from tests.documents import pdf
from tests.factories import Account
from tests.trust.cast import (
    ADDRESSES,
    COMPANY_INFO,
    DOCUMENTS,
    LOGO,
    NDA,
    NOBODYS,
    PNG,
    PRIVATE_ACCESS,
    PRIVATE_DOCUMENTS,
    SETTINGS,
    Json,
    act,
    addresses,
    at,
    checked,
    company_info,
    document,
    domains,
    events,
    listed,
    managed,
    nda,
    preapprove,
    settings,
)
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.trust import actions
from trustwright.trust.model import DocumentType

FILE = {"file": ("report.pdf", pdf("Ours"))}

# Method, path and what is sent, of all that names a workspace.
OF_WORKSPACE: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", SETTINGS, {}),
    ("PUT", SETTINGS, {"json": {"name": "Ours"}}),
    ("GET", PRIVATE_ACCESS, {}),
    ("PUT", COMPANY_INFO, {"json": {"preapprovedEmailDomains": [], "removeNda": True, "securityEmails": ""}}),
    ("PUT", ADDRESSES, {"json": {"emails": []}}),
    ("GET", PRIVATE_DOCUMENTS, {}),
    ("GET", DOCUMENTS, {}),
    ("POST", DOCUMENTS, {"data": {"name": "Ours", "type": "POLICY"}, "files": FILE}),
    ("POST", NDA, {"files": FILE}),
    ("POST", LOGO, {"data": {"kind": "logo"}, "files": {"file": ("a.png", PNG)}}),
]


@pytest.fixture
def theirs(globex: Account) -> Json:
    """A document of Globex's, beside all else that a trust center has."""
    company_info(globex, preapprovedEmailDomains=["hooli.example"], securityEmails="security@globex.example")
    preapprove(globex, "bob@hooli.example")
    nda(globex)
    settings(globex, slug=f"globex-{globex.id}", isPublished=True)
    return document(globex, "Globex SOC 2")


def state(account: Account) -> tuple[Any, ...]:
    """All that a trust center has, but for the links, which are made anew each time."""
    shown = [{**each, "file": ""} for each in managed(account).values()]
    nda_name = company_info(account)["nda"]["name"]
    return settings(account), shown, domains(account), addresses(account), nda_name, events(account)


@pytest.mark.parametrize(("method", "path", "sent"), OF_WORKSPACE)
def test_a_workspace_of_another_account_is_like_one_that_never_was(
    acme: Account, globex: Account, theirs: Json, method: str, path: str, sent: dict[str, Any]
) -> None:
    before = state(globex)

    def ask(workspace_id: int) -> tuple[int, str]:
        answer = checked(acme.alice).request(method, path, params={"workspaceId": workspace_id}, **sent)
        return answer.status_code, answer.json()["message"].replace(str(workspace_id), "...")

    assert ask(globex.workspace_id) == ask(NOBODYS) == (400, "workspaceId: no workspace ... in this account")
    assert state(globex) == before


def test_a_document_of_another_account_is_like_one_that_never_was(acme: Account, globex: Account, theirs: Json) -> None:
    before = state(globex)

    def ask(place: Json) -> list[tuple[int, str]]:
        alice = checked(acme.alice)
        answers: list[httpx.Response] = [
            alice.put(at(place), json={"name": "Ours"}),
            alice.post(at(place, "/versions"), files=FILE),
            alice.delete(at(place)),
        ]
        return [(answer.status_code, answer.text.replace(str(place["id"]), "...")) for answer in answers]

    found = ask(theirs)
    assert {status for status, _ in found} == {400}
    assert found == ask({**theirs, "id": NOBODYS})
    assert state(globex) == before


def test_lists_show_only_what_is_of_the_account(acme: Account, theirs: Json) -> None:
    own = document(acme, "Acme SOC 2")

    assert [each["id"] for each in listed(acme)] == [own["id"]]
    assert listed(acme, q="Globex") == []
    assert set(managed(acme)) == {own["id"]}
    assert (domains(acme), addresses(acme)) == ([], [])
    assert company_info(acme)["nda"] == {"name": "", "file": ""}


def test_what_is_preapproved_there_is_not_here(acme: Account, globex: Account, theirs: Json) -> None:
    async def here(tx: Tx) -> bool:
        looked = [
            await actions.preapproval(tx, workspace_id, "bob@hooli.example")
            for workspace_id in (acme.workspace_id, globex.workspace_id)
        ]
        return any(looked)

    assert act(acme, here) is False


def test_what_is_private_there_cannot_be_requested_here(acme: Account, globex: Account, theirs: Json) -> None:
    wanted = [(DocumentType.SECURITY_REPORT, theirs["id"])]

    async def request(tx: Tx, workspace_id: int) -> None:
        await actions.requested_documents(tx, workspace_id, wanted, listed_only=False)

    for workspace_id in (acme.workspace_id, globex.workspace_id):
        with pytest.raises(Invalid, match="can be asked for"):
            act(acme, lambda tx, workspace_id=workspace_id: request(tx, workspace_id))  # type: ignore[misc]


@pytest.mark.parametrize("table", ["trust_centers", "trust_documents", "trust_document_versions", "preapproved"])
def test_the_database_shows_no_row_of_another_account(acme: Account, globex: Account, theirs: Json, table: str) -> None:
    async def look(tx: Tx) -> int:
        return int(await tx.value(f"select count(*) from {table} where account_id = %(other)s", other=globex.id))

    assert globex.sql(f"select count(*) from {table} where account_id = %s") != [(0,)]
    assert act(acme, look) == 0
