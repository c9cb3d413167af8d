"""The documents of a trust center."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pikepdf
import pytest

from tests.documents import pdf
from tests.factories import Account
from tests.trust.cast import (
    DOCUMENTS,
    NOBODYS,
    PNG,
    act,
    at,
    change_document,
    checked,
    document,
    events,
    listed,
    managed,
    nda,
    post_document,
    post_version,
    put_document,
    refused,
    settings,
    workspace,
)
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.files.model import KeptFile, ScanState
from trustwright.trust import actions
from trustwright.trust.model import DocumentType

MALFORMED = ["0", "-1", "1.0", "abc", "2147483648", "%00", "%FF"]


def locked(password: str = "secret") -> bytes:
    """A PDF that cannot be stamped."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf("Locked"))) as opened:
        opened.save(made, encryption=pikepdf.Encryption(owner=password, user=password))
    return made.getvalue()


def content(account: Account, file: str) -> bytes:
    """What the address of a file downloads, without a key."""
    address = urlsplit(file)
    answer = account.client(None).get(f"{address.path}?{address.query}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_document_is_answered_as_the_private_ones_are_listed(acme: Account) -> None:
    sent = pdf("All is well")

    made = document(acme, "SOC 2 report", "SECURITY_REPORT", False, sent)

    (found,) = listed(acme)
    assert {**found, "file": ""} == {**made, "file": ""}
    assert set(made) == {"id", "name", "type", "file", "created_at", "version", "isPublic"}
    assert (made["name"], made["type"], made["version"], made["isPublic"]) == (
        "SOC 2 report",
        "SECURITY_REPORT",
        1,
        False,
    )
    assert content(acme, found["file"]) == content(acme, made["file"]) == sent


@pytest.mark.parametrize(("sent", "shown"), [("true", True), ("false", False), ("null", None), ("1", True)])
def test_it_is_public_or_private_or_unlisted(acme: Account, sent: str, shown: bool | None) -> None:
    assert document(acme, is_public=sent)["isPublic"] is shown


@pytest.mark.parametrize("type_", list(DocumentType))
def test_every_type_of_the_reference_is_taken(acme: Account, type_: str) -> None:
    assert document(acme, type=type_)["type"] == type_


@pytest.mark.parametrize(
    ("flow", "has_nda", "is_public"),
    [
        ("NO_NDA_REQUIRED", False, False),
        ("NO_NDA_REQUIRED", True, False),
        ("SELF", True, False),
        ("DIGITAL_SIGNATURE", True, False),
        ("SELF", False, True),
        ("DIGITAL_SIGNATURE", False, True),
        ("SALESFORCE_CRM", False, True),
    ],
)
def test_without_a_word_it_is_private_where_it_may_be(acme: Account, flow: str, has_nda: bool, is_public: bool) -> None:
    settings(acme, flowType=flow)
    if has_nda:
        nda(acme)

    assert document(acme, is_public=None)["isPublic"] is is_public


@pytest.mark.parametrize("flow", ["SELF", "DIGITAL_SIGNATURE", "SALESFORCE_CRM"])
@pytest.mark.parametrize("sent", ["false", "null"])
def test_a_private_document_needs_an_agreement(acme: Account, flow: str, sent: str) -> None:
    settings(acme, flowType=flow)
    public = document(acme, is_public=True)

    refused(post_document(acme, is_public=sent), 400, "upload an NDA first")
    refused(put_document(acme, public, isPublic={"false": False, "null": None}[sent]), 400, "upload an NDA first")

    assert listed(acme) == []
    nda(acme)
    assert document(acme, is_public=sent)["isPublic"] is not True
    assert change_document(acme, public, isPublic=False)["isPublic"] is False


def test_an_agreement_of_another_workspace_does_not_count(acme: Account) -> None:
    settings(acme, flowType="SELF")
    nda(acme, workspaceId=workspace(acme))

    refused(post_document(acme), 400, "upload an NDA first")


def test_a_private_document_stays_so_when_the_flow_comes_to_need_an_agreement(acme: Account) -> None:
    made = document(acme)
    settings(acme, flowType="SELF")

    assert change_document(acme, made, name="Renamed")["isPublic"] is False


@pytest.mark.parametrize(
    ("file_name", "sent"),
    [("table.csv", b"a,b\r\n1,2\r\n"), ("seal.png", PNG), ("REPORT.PDF", pdf("Loud"))],
)
def test_files_of_several_kinds_are_taken(acme: Account, file_name: str, sent: bytes) -> None:
    assert content(acme, document(acme, content=sent, file_name=file_name)["file"]) == sent


@pytest.mark.parametrize(
    ("fields", "files", "words"),
    [
        ({"name": None}, ..., "name"),
        ({"name": "  "}, ..., "name: a document needs one"),
        ({"name": "n" * 256}, ..., "name"),
        ({"name": "a\0b"}, ..., "NUL"),
        ({"type": None}, ..., "type"),
        ({"type": "CERTIFICATE"}, ..., "type"),
        ({"isPublic": "perhaps"}, ..., "isPublic"),
        ({"mode": "PRINT"}, ..., "mode"),
        ({}, {}, "file"),
        ({}, {"file": ("empty.pdf", b"")}, "the file is empty"),
        ({}, {"file": ("page.html", b"<html>")}, "one of these kinds"),
        ({}, {"file": ("fake.pdf", b"no pdf at all")}, "fake.pdf"),
    ],
)
def test_a_bad_upload_is_refused_and_keeps_nothing(acme: Account, fields: Any, files: Any, words: str) -> None:
    given = {"name": "Report", "type": "POLICY", "isPublic": "false", **fields}
    data = {name: value for name, value in given.items() if value is not None}
    sent = {"file": ("report.pdf", pdf("Report"))} if files is ... else files

    answer = checked(acme.alice).post(DOCUMENTS, data=data, files=sent or {"other": b"x"})

    refused(answer, 400, words)
    assert managed(acme) == {}
    assert acme.sql("select id from files where account_id = %s") == []
    assert events(acme) == []


def test_a_name_keeps_its_html_as_text(acme: Account) -> None:
    assert document(acme, " <b>SOC 2</b> & more ")["name"] == "<b>SOC 2</b> & more"


@pytest.mark.parametrize("mode", ["VIEW", "DOWNLOAD"])
def test_a_private_pdf_that_cannot_be_stamped_is_refused(acme: Account, mode: str) -> None:
    refused(post_document(acme, content=locked(), mode=mode), 400, "without a stamp")

    assert managed(acme) == {}
    assert acme.sql("select id from files where account_id = %s") == []


def test_a_pdf_that_cannot_be_stamped_goes_out_as_it_is(acme: Account) -> None:
    assert document(acme, content=locked(), mode="ORIGINAL")["isPublic"] is False
    assert document(acme, content=locked(), is_public=True)["isPublic"] is True
    assert document(acme, content=b"a,b\r\n", file_name="table.csv")["isPublic"] is False


@pytest.mark.parametrize("is_public", [False, None])
def test_it_cannot_become_what_has_to_be_stamped(acme: Account, is_public: bool | None) -> None:
    public = document(acme, content=locked(), is_public=True)
    original = document(acme, content=locked(), mode="ORIGINAL")
    before = managed(acme)

    refused(put_document(acme, public, isPublic=is_public), 400, "without a stamp")
    refused(put_document(acme, original, mode="VIEW"), 400, "without a stamp")

    assert {id_: each["isPublic"] for id_, each in managed(acme).items()} == {public["id"]: True, original["id"]: False}
    assert managed(acme)[original["id"]]["mode"] == before[original["id"]]["mode"] == "ORIGINAL"
    assert change_document(acme, public, isPublic=is_public, mode="ORIGINAL")["isPublic"] is is_public


def test_a_version_that_cannot_be_stamped_is_refused(acme: Account) -> None:
    made = document(acme)

    refused(post_version(acme, made, locked()), 400, "without a stamp")

    assert managed(acme)[made["id"]]["version"] == 1


def test_a_file_that_can_be_stamped_takes_the_fault_away(acme: Account) -> None:
    made = document(acme, content=locked(), is_public=True)

    assert post_version(acme, made, pdf("Open")).status_code == 201

    assert change_document(acme, made, isPublic=False)["isPublic"] is False


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"name": " Renamed "}, {"name": "Renamed"}),
        ({"isPublic": True}, {"isPublic": True}),
        ({"isPublic": None}, {"isPublic": None}),
        ({"mode": "VIEW"}, {"mode": "VIEW"}),
        ({"isPublished": False}, {"isPublished": False}),
        ({"needsReview": True}, {"needsReview": True}),
        ({"expiresAt": "2031-01-01T01:00:00+01:00"}, {"expiresAt": "2031-01-01T00:00:00.000Z"}),
        ({"expiresAt": "2031-01-01"}, {"expiresAt": "2031-01-01T00:00:00.000Z"}),
        ({}, {}),
    ],
)
def test_what_is_sent_changes_and_the_rest_stays(acme: Account, change: Any, shown: Any) -> None:
    made = document(acme)
    before = {**managed(acme)[made["id"]], "file": ""}

    changed = {**change_document(acme, made, **change), "file": ""}

    assert changed == {**before, **shown}
    assert {**managed(acme)[made["id"]], "file": ""} == changed


def test_an_end_can_be_taken_away(acme: Account) -> None:
    made = document(acme)
    change_document(acme, made, expiresAt="2031-01-01")

    assert change_document(acme, made, expiresAt=None)["expiresAt"] is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "name: a document needs one"),
        ({"name": None}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"isPublic": "false"}, "isPublic"),
        ({"mode": "PRINT"}, "mode"),
        ({"isPublished": None}, "isPublished"),
        ({"expiresAt": "tomorrow"}, "expiresAt: must be a date"),
        ({"expiresAt": "0001-01-01"}, "expiresAt: must lie between"),
    ],
)
def test_a_bad_change_is_refused_and_changes_nothing(acme: Account, change: Any, words: str) -> None:
    made = document(acme)
    before = events(acme)

    refused(put_document(acme, made, **{"needsReview": True, **change}), 400, words)

    assert managed(acme)[made["id"]]["needsReview"] is False
    assert events(acme) == before


def test_a_new_version_takes_the_place_of_the_last_which_is_kept(acme: Account) -> None:
    made = document(acme, content=pdf("First"))

    answer = post_version(acme, made, pdf("Second"), "second.pdf")

    assert answer.status_code == 201
    after = answer.json()
    assert (after["id"], after["name"], after["version"]) == (made["id"], made["name"], 2)
    assert content(acme, after["file"]) == content(acme, listed(acme)[0]["file"]) == pdf("Second")
    kept = acme.sql(
        """
        select v.version, v.user_id, f.sha256 from trust_document_versions v
        join files f on f.account_id = v.account_id and f.id = v.file_id
        where v.account_id = %s order by v.version
        """,
    )
    assert kept == [
        (1, acme.alice_id, hashlib.sha256(pdf("First")).digest()),
        (2, acme.alice_id, hashlib.sha256(pdf("Second")).digest()),
    ]


def test_a_new_version_has_the_holders_told(acme: Account) -> None:
    """The job is looked for within the transaction that defers it: after that a worker may have done it already."""
    made = document(acme)
    ((sha256, size, generation),) = acme.sql("select sha256, size, generation from blobs where account_id = %s")
    kept = KeptFile(
        name="second.pdf",
        content_type="application/pdf",
        size=size,
        sha256=sha256,
        generation=generation,
        scan_state=ScanState.UNSCANNED,
    )

    async def replace(tx: Tx) -> Any:
        await actions.add_version(tx, DocumentType(made["type"]), made["id"], kept, None)
        return await tx.value(
            """
            select args from procrastinate_jobs
            where task_name = 'access.tell_holders' and args ->> 'account_id' = %(account_id)s::text
            """
        )

    assert act(acme, replace) == {"account_id": acme.id, "document_id": made["id"]}


@pytest.mark.parametrize(
    ("files", "words"),
    [({"other": b"x"}, "file: send a file"), ({"file": ("fake.pdf", b"no pdf at all")}, "fake.pdf")],
)
def test_a_bad_version_is_refused(acme: Account, files: Any, words: str) -> None:
    made = document(acme)

    refused(checked(acme.alice).post(at(made, "/versions"), files=files), 400, words)

    assert managed(acme)[made["id"]]["version"] == 1


def test_a_deleted_document_is_gone(acme: Account) -> None:
    made = document(acme)

    answer = checked(acme.alice).delete(at(made))

    assert (answer.status_code, answer.content) == (204, b"")
    assert listed(acme) == []
    for again in everything(acme, at(made)):
        refused(again, 400, f"No document {made['id']}")


def test_a_document_is_found_by_type_and_id_together(acme: Account) -> None:
    made = document(acme, type="POLICY")

    for answer in everything(acme, f"{DOCUMENTS}/COMPLIANCE/{made['id']}"):
        refused(answer, 400, f"No document {made['id']} of type COMPLIANCE")
    assert listed(acme)[0]["version"] == 1


@pytest.mark.parametrize("place", [*(f"POLICY/{id_}" for id_ in (*MALFORMED, NOBODYS)), "CERTIFICATE/1", "policy/1"])
def test_an_unknown_document_is_refused(acme: Account, place: str) -> None:
    for answer in everything(acme, f"{DOCUMENTS}/{place}"):
        refused(answer, 400)


def everything(account: Account, path: str) -> list[httpx.Response]:
    """What each operation on a document answers."""
    alice = checked(account.alice)
    return [
        alice.put(path, json={"name": "Mine"}),
        alice.post(f"{path}/versions", files={"file": ("report.pdf", pdf("Mine"))}),
        alice.delete(path),
    ]


def test_the_managers_list_shows_all_and_the_private_one_those_that_are_not_public(acme: Account) -> None:
    public = document(acme, "Policy", "POLICY", is_public=True)
    private = document(acme, "Report")
    unlisted = document(acme, "Pen test", is_public="null")
    change_document(acme, private, isPublished=False, expiresAt="2020-01-01")

    assert [each["id"] for each in listed(acme)] == [private["id"], unlisted["id"]]
    assert set(managed(acme)) == {public["id"], private["id"], unlisted["id"]}


@pytest.mark.parametrize(
    ("q", "found"),
    [("", 3), ("soc", 2), ("SOC 2", 1), ("2025", 2), ("%", 0), ("100%", 0), ("_", 0), ("é", 1), ("É", 1)],
)
def test_q_is_looked_for_in_the_name(acme: Account, q: str, found: int) -> None:
    for name in ("SOC 2 report 2025", "soc 3 report", "Résumé 2025"):
        document(acme, name)

    assert len(listed(acme, q=q)) == found


@pytest.mark.parametrize("query", [{"q": "q" * 101}, {"q": "a\0"}, {"workspaceId": "abc"}, {"workspaceId": 0}])
def test_a_bad_query_is_refused(acme: Account, query: Any) -> None:
    refused(checked(acme.alice).get("/public/trust-center/private-documents", params=query), 400)


def test_without_a_workspace_all_are_listed(acme: Account) -> None:
    second = workspace(acme)
    ours, theirs = document(acme, "Ours"), document(acme, "Theirs", workspace_id=second)

    assert [each["id"] for each in listed(acme)] == [ours["id"], theirs["id"]]
    assert [each["id"] for each in listed(acme, workspaceId=second)] == [theirs["id"]]
    assert set(managed(acme)) == {ours["id"]}
    refused(checked(acme.alice).get("/public/trust-center/private-documents", params={"workspaceId": NOBODYS}), 400)


def test_what_is_done_leaves_events_and_nothing_leaves_none(acme: Account) -> None:
    made = document(acme)
    change_document(acme, made, name="SOC 2 report", isPublic=False)
    change_document(acme, made, name="Renamed", isPublic=None)
    post_version(acme, made, pdf("Second"))
    checked(acme.alice).delete(at(made))

    added, renamed, replaced, deleted = found = events(acme)
    assert {event["type"] for event in found} == {"TRUST_CONTENT_SAVED"}
    assert {event["workspaceId"] for event in found} == {acme.workspace_id}
    assert {event["target"]["id"] for event in found} == {made["id"]}
    assert (added["before"], added["after"]["visibility"], added["after"]["version"]) == (None, "ON_REQUEST", 1)
    assert renamed["before"] == {"name": "SOC 2 report", "visibility": "ON_REQUEST"}
    assert renamed["after"] == {"name": "Renamed", "visibility": "UNLISTED"}
    assert (replaced["before"]["version"], replaced["after"]["version"]) == (1, 2)
    assert (deleted["before"]["name"], deleted["after"]) == ("Renamed", None)


def test_requested_documents_are_private_and_offered(acme: Account) -> None:
    private = document(acme, "Private")
    unlisted = document(acme, "Unlisted", is_public="null")

    assert asked_for(acme, private, private) == ["Private"]
    assert asked_for(acme, unlisted, private) == ["Unlisted", "Private"]
    assert asked_for(acme, private, listed_only=True) == ["Private"]


def test_others_cannot_be_requested_and_the_words_do_not_tell_why(acme: Account) -> None:
    second = workspace(acme)
    hidden, over, deleted = (document(acme, name) for name in ("Draft", "Over", "Deleted"))
    change_document(acme, hidden, isPublished=False)
    change_document(acme, over, expiresAt="2020-01-01")
    checked(acme.alice).delete(at(deleted))
    others = [
        {"type": "SECURITY_REPORT", "id": NOBODYS},
        {"type": "POLICY", "id": document(acme)["id"]},
        document(acme, "Public", is_public=True),
        document(acme, "Elsewhere", workspace_id=second),
        document(acme, "Unlisted", is_public="null"),
        hidden,
        over,
        deleted,
    ]

    for other in others:
        words = f"documents: no private document {other['id']} of type {other['type']} can be asked for"
        with pytest.raises(Invalid, match=words):
            asked_for(acme, other, listed_only=True)


def test_at_least_one_document_must_be_requested(acme: Account) -> None:
    with pytest.raises(Invalid, match="at least one"):
        asked_for(acme)


def test_a_document_is_offered_until_its_end(acme: Account) -> None:
    made = document(acme)
    change_document(acme, made, expiresAt="2100-01-01")

    assert asked_for(acme, made) == ["SOC 2 report"]
    with pytest.raises(Invalid):
        asked_for(acme, made, later=timedelta(days=365 * 100))


def asked_for(
    account: Account, *documents: Any, listed_only: bool = False, later: timedelta = timedelta(0)
) -> list[str]:
    """The names of the documents as a request for them finds them."""
    wanted = [(DocumentType(each["type"]), each["id"]) for each in documents]

    async def ask(tx: Tx) -> list[str]:
        found = await actions.requested_documents(tx, account.workspace_id, wanted, listed_only=listed_only)
        return [each.name for each in found]

    return act(account, ask, later)


def test_writes_need_the_permission_to_manage_private_access(acme: Account) -> None:
    needed = Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS
    made = document(acme)
    others = acme.client(acme.key(*(each for each in Permission if each is not needed))[1])
    files = {"file": ("report.pdf", pdf("Mine"))}

    assert others.post(DOCUMENTS, files=files).status_code == 403
    assert others.post(at(made, "/versions"), files=files).status_code == 403
    assert others.put(at(made), json={}).status_code == 403
    assert others.delete(at(made)).status_code == 403
    assert acme.client(acme.key(needed)[1]).put(at(made), json={}).status_code == 200


def test_versions_that_arrive_at_once_are_all_kept(acme: Account) -> None:
    made = document(acme)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda text: post_version(acme, made, pdf(text)), ("b", "c", "d", "e")))

    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5]
    assert managed(acme)[made["id"]]["version"] == 5
