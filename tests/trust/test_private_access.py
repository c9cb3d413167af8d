"""Who is let in without a reviewer, who is told of requests, and the agreement."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pikepdf
import pytest

from tests.documents import pdf
from tests.factories import Account
from tests.trust.cast import (
    ADDRESSES,
    COMPANY_INFO,
    LOGO,
    NDA,
    NOBODYS,
    PNG,
    PRIVATE_ACCESS,
    act,
    addresses,
    change_document,
    checked,
    company_info,
    document,
    domains,
    events,
    listed,
    nda,
    post_document,
    post_nda,
    preapprove,
    private_access,
    put_private_access,
    refused,
    settings,
    workspace,
)
from tests.trust.test_documents import content, locked
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.trust import actions
from trustwright.trust.addresses import domain_name, normalized
from trustwright.trust.free_mail import is_free_mail


def test_at_first_nobody_is_preapproved(acme: Account) -> None:
    assert private_access(acme) == {
        "flowType": "NO_NDA_REQUIRED",
        "preapprovedEmailDomains": [],
        "preapprovedEmailAddresses": [],
    }


def test_it_shows_the_flow_and_what_is_preapproved(acme: Account) -> None:
    settings(acme, flowType="SELF")
    company_info(acme, preapprovedEmailDomains=["initech.example"])
    preapprove(acme, "bob@hooli.example")

    found = private_access(acme)

    assert found["flowType"] == "SELF"
    (domain,), (address,) = found["preapprovedEmailDomains"], found["preapprovedEmailAddresses"]
    assert set(domain) == set(address) == {"id", "name", "createdAt", "deletedAt"}
    assert (domain["name"], domain["deletedAt"]) == ("initech.example", None)
    assert (address["name"], address["deletedAt"]) == ("bob@hooli.example", None)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["initech.example"], ["initech.example"]),
        ("initech.example", ["initech.example"]),
        ("initech.example, hooli.example;umbrella.example", ["hooli.example", "initech.example", "umbrella.example"]),
        (" initech.example ,, ; ", ["initech.example"]),
        (["INITECH.example ", "initech.EXAMPLE"], ["initech.example"]),
        (["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"], ["xn--bcher-kva.example"]),
        (["faß.example"], ["xn--fa-hia.example"]),
        (["ｉｎｉｔｅｃｈ。example"], ["initech.example"]),
        (["mail.initech.example"], ["mail.initech.example"]),
        (["gmail.initech.example"], ["gmail.initech.example"]),
        ([], []),
        ("", []),
    ],
)
def test_domains_come_in_many_spellings(acme: Account, sent: Any, kept: list[str]) -> None:
    company_info(acme, preapprovedEmailDomains=["before.example"])

    company_info(acme, preapprovedEmailDomains=sent)

    assert sorted(domains(acme)) == kept


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("*", "wildcards are not understood"),
        ("*.initech.example", "wildcards are not understood"),
        ("initech.*", "wildcards are not understood"),
        ("@initech.example", "without an @"),
        ("bob@initech.example", "without an @"),
        (".initech.example", "leave the leading dot out"),
        ("initech.example.", "leave the dot at its end out"),
        ("initech.example:443", "without a port"),
        ("https://initech.example", "without https://"),
        ("initech.example/trust", "without a path"),
        ("192.0.2.1", "not an IP address"),
        ("127.1", "not an IP address"),
        ("0x7f.0x1", "not an IP address"),
        ("[2001:db8::1]", "without a port"),
        ("localhost", "is not a domain"),
        ("com", "is not a domain"),
        ("", "is not a domain"),
        ("initech example.com", "is not a domain"),
        ("initech..example", "is not a domain"),
        ("-initech.example", "is not a domain"),
        ("in_itech.example", "is not a domain"),
        ("xn--zzzzzzzzzz99999.example", "is not a domain"),
        ("<b>.example", "is not a domain"),
        (f"{'a' * 64}.example", "is not a domain"),
        (f"{'a.' * 127}example", "is not a domain"),
        ("gmail.com", "anybody can have an address there"),
        ("GMail.com", "anybody can have an address there"),
        ("ｇｍａｉｌ.com", "anybody can have an address there"),
        ("yahoo.co.uk", "anybody can have an address there"),
        ("gmx.at", "anybody can have an address there"),
        ("qq.com", "anybody can have an address there"),
    ],
)
def test_what_is_no_single_domain_of_a_company_is_refused(acme: Account, domain: str, words: str) -> None:
    company_info(acme, preapprovedEmailDomains=["before.example"], securityEmails="a@acme.example")
    before = events(acme)

    answer = put_private_access(
        acme, preapprovedEmailDomains=["initech.example", domain], securityEmails="b@acme.example"
    )

    refused(answer, 400, words)
    assert domains(acme) == ["before.example"]
    assert company_info(acme)["securityEmails"] == "a@acme.example"
    assert events(acme) == before


@pytest.mark.parametrize(
    "body",
    [
        {"preapprovedEmailDomains": 7},
        {"preapprovedEmailDomains": None},
        {"preapprovedEmailDomains": [None]},
        {"preapprovedEmailDomains": ["a\0.example"]},
        {"preapprovedEmailDomains": [f"d{number}.example" for number in range(1001)]},
        {"removeNda": "yes"},
        {"removeNda": None},
        {"securityEmails": None},
        {"securityEmails": 1},
        [],
    ],
)
def test_a_body_of_another_shape_is_refused(acme: Account, body: Any) -> None:
    refused(checked(acme.alice).put(COMPANY_INFO, json=body), 400)

    assert domains(acme) == []


def test_the_set_is_replaced_and_what_was_removed_keeps_its_day(acme: Account) -> None:
    company_info(acme, preapprovedEmailDomains=["a.example", "b.example"])
    (_, stays) = private_access(acme)["preapprovedEmailDomains"]

    company_info(acme, preapprovedEmailDomains=["b.example", "c.example"])

    assert domains(acme) == ["b.example", "c.example"]
    assert private_access(acme)["preapprovedEmailDomains"][0] == stays
    kept = acme.sql("select name, deleted_at is null from preapproved where account_id = %s order by name")
    assert kept == [("a.example", False), ("b.example", True), ("c.example", True)]


def test_a_removed_domain_can_come_back(acme: Account) -> None:
    for wanted in (["a.example"], [], ["a.example"]):
        company_info(acme, preapprovedEmailDomains=wanted)

    assert domains(acme) == ["a.example"]


def test_what_is_absent_stays(acme: Account) -> None:
    company_info(acme, preapprovedEmailDomains=["a.example"], securityEmails="a@acme.example")
    preapprove(acme, "bob@hooli.example")
    nda(acme)

    company_info(acme)

    assert domains(acme) == ["a.example"]
    assert addresses(acme) == ["bob@hooli.example"]
    assert company_info(acme, removeNda=False)["securityEmails"] == "a@acme.example"
    assert company_info(acme)["nda"]["name"] == "nda.pdf"


def test_each_difference_leaves_its_event(acme: Account) -> None:
    company_info(acme, preapprovedEmailDomains=["a.example", "b.example"])
    company_info(acme, preapprovedEmailDomains=["b.example", "a.example"])
    company_info(acme, preapprovedEmailDomains=["b.example"])
    preapprove(acme, "bob@hooli.example")
    preapprove(acme, "bob@hooli.example")
    preapprove(acme, "eve@hooli.example")

    found = events(acme)
    assert [(event["type"], event["before"], event["after"]) for event in found] == [
        ("PRE_APPROVED_DOMAIN_ADDED", None, {"name": "a.example"}),
        ("PRE_APPROVED_DOMAIN_ADDED", None, {"name": "b.example"}),
        ("PRE_APPROVED_DOMAIN_REMOVED", {"name": "a.example"}, None),
        ("PRE_APPROVED_EMAIL_ADDED", None, {"name": "bob@hooli.example"}),
        ("PRE_APPROVED_EMAIL_REMOVED", {"name": "bob@hooli.example"}, None),
        ("PRE_APPROVED_EMAIL_ADDED", None, {"name": "eve@hooli.example"}),
    ]
    assert {event["workspaceId"] for event in found} == {acme.workspace_id}


def test_sets_that_are_sent_at_once_do_not_mix(acme: Account) -> None:
    sets = [[f"{letter}{number}.example" for number in range(5)] for letter in "abcd"]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda wanted: put_private_access(acme, preapprovedEmailDomains=wanted), sets))

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(domains(acme)) in sets


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["bob@hooli.example"], ["bob@hooli.example"]),
        ([" Bob@HOOLI.example", "bob@hooli.EXAMPLE"], ["bob@hooli.example"]),
        (["o'neil+x@bücher.example"], ["o'neil+x@xn--bcher-kva.example"]),
        (["bob@gmail.com"], ["bob@gmail.com"]),
        ([], []),
    ],
)
def test_addresses_are_replaced_as_a_set(acme: Account, sent: list[str], kept: list[str]) -> None:
    preapprove(acme, "before@hooli.example")
    company_info(acme, preapprovedEmailDomains=["a.example"])

    assert preapprove(acme, *sent) == private_access(acme)

    assert addresses(acme) == kept
    assert domains(acme) == ["a.example"]


NO_ADDRESSES = [
    "bob",
    "@hooli.example",
    "bob@",
    "bob@localhost",
    "bob@@hooli.example",
    "b b@hooli.example",
    "Bob <bob@hooli.example>",
    "bob@hooli.example, eve@hooli.example",
    "bob@[192.0.2.1]",
    "bob@192.0.2.1",
    "bob@hooli.example.",
    ".bob@hooli.example",
    "b..ob@hooli.example",
    "bób@hooli.example",
    "bob@hooli.example\nBcc: eve@hooli.example",
    f"{'b' * 65}@hooli.example",
    f"bob@{'a.' * 127}example",
    "",
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_refused_and_changes_nothing(acme: Account, address: str) -> None:
    preapprove(acme, "before@hooli.example")

    answer = checked(acme.alice).put(ADDRESSES, json={"emails": ["eve@hooli.example", address]})

    refused(answer, 400, "is not an e-mail address")
    assert addresses(acme) == ["before@hooli.example"]


@pytest.mark.parametrize("body", [{}, {"emails": None}, {"emails": "bob@hooli.example"}, {"emails": [1]}, []])
def test_addresses_come_as_a_list(acme: Account, body: Any) -> None:
    refused(checked(acme.alice).put(ADDRESSES, json=body), 400)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("security@acme.example", "security@acme.example"),
        ("Security@ACME.example; legal@acme.example ,", "security@acme.example,legal@acme.example"),
        ("a@acme.example,A@acme.example;a@ACME.example", "a@acme.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("", ""),
        (" ; , ", ""),
        (",".join(["a@acme.example"] * 51), "a@acme.example"),
    ],
)
def test_security_addresses_are_kept_in_one_spelling(acme: Account, sent: str, kept: str) -> None:
    company_info(acme, securityEmails="before@acme.example")

    assert company_info(acme, securityEmails=sent)["securityEmails"] == kept
    assert company_info(acme)["securityEmails"] == kept


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("security", "'security' is not an e-mail address"),
        ("a@acme.example b@acme.example", "is not an e-mail address"),
        ("a@acme.example, b@", "'b@' is not an e-mail address"),
        ("a@acme.example," * 60, "securityEmails"),
    ],
)
def test_bad_security_addresses_are_refused(acme: Account, sent: str, words: str) -> None:
    company_info(acme, securityEmails="before@acme.example")

    refused(put_private_access(acme, securityEmails=sent), 400, words)

    assert company_info(acme)["securityEmails"] == "before@acme.example"


def test_new_security_addresses_leave_an_event_the_same_ones_none(acme: Account) -> None:
    company_info(acme, securityEmails="a@acme.example")
    company_info(acme, securityEmails=" A@acme.example;")

    (event,) = events(acme)
    assert event["type"] == "TRUST_PAGES_SAVED"
    assert (event["before"], event["after"]) == ({"securityEmails": ""}, {"securityEmails": "a@acme.example"})


def test_the_company_info_has_all_that_is_required(acme: Account) -> None:
    settings(
        acme,
        headerTemplate="<p onclick='x()'>Hi<script>alert(1)</script></p>",
        footerTemplate='<a href="javascript:x()">Bye</a>',
        privacyUrl="https://acme.example/privacy",
        contactUrl="https://acme.example/contact",
        privacyDescription="<b>None</b>",
    )

    found = company_info(acme)

    moments = (found.pop("aboutUpdatedAt"), found.pop("privacyUpdatedAt"))
    assert all(moment.endswith("Z") for moment in moments)
    assert found == {
        "name": "Acme",
        "securityEmails": "",
        "about": "",
        "privacyUrl": "https://acme.example/privacy",
        "privacyDescription": "<b>None</b>",
        "headerTemplate": "<p>Hi</p>",
        "footerTemplate": '<a rel="noopener noreferrer">Bye</a>',
        "favicon": {"name": "", "file": ""},
        "nda": {"name": "", "file": ""},
        "contactUrl": "https://acme.example/contact",
    }
    assert "script" in settings(acme)["headerTemplate"]


def test_an_agreement_is_a_pdf_with_a_hash(acme: Account) -> None:
    sent = pdf("Mutual NDA")

    first = nda(acme, sent)
    second = nda(acme, pdf("Another NDA"))

    assert (first["name"], first["version"], first["sha256"]) == ("nda.pdf", 1, hashlib.sha256(sent).hexdigest())
    assert content(acme, first["file"]) == sent
    assert second["version"] == 2
    assert content(acme, company_info(acme)["nda"]["file"]) == pdf("Another NDA")
    uploads = [event["workspaceId"] for event in events(acme, "NDA_UPLOADED")]
    assert uploads == [acme.workspace_id] * 2


def signed() -> bytes:
    """A PDF that says of itself that it holds signatures."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf("Signed"))) as opened:
        opened.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=[])
        opened.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("file_name", "sent"),
    [
        ("nda.docx", b"PK"),
        ("nda.png", PNG),
        ("nda.pdf", PNG),
        ("nda.pdf", b"%PDF-1.7\nno pdf at all"),
        ("nda.pdf", b""),
        ("nda.pdf", locked()),
        ("nda.pdf", signed()),
    ],
)
def test_what_cannot_be_an_agreement_is_refused(acme: Account, file_name: str, sent: bytes) -> None:
    refused(post_nda(acme, sent, file_name), 400)

    assert company_info(acme)["nda"] == {"name": "", "file": ""}
    assert events(acme) == []


def test_an_agreement_needs_a_file(acme: Account) -> None:
    refused(checked(acme.alice).post(NDA, files={"other": b"x"}), 400, "file: send a file")


def test_the_agreement_is_removed(acme: Account) -> None:
    settings(acme, flowType="SELF")
    nda(acme)
    document(acme, is_public=True)

    assert company_info(acme, removeNda=True)["nda"] == {"name": "", "file": ""}

    assert [event["workspaceId"] for event in events(acme, "NDA_DELETED")] == [acme.workspace_id]
    refused(post_document(acme), 400, "upload an NDA first")


def test_to_remove_an_agreement_that_is_not_there_changes_nothing(acme: Account) -> None:
    document(acme)
    settings(acme, flowType="SELF")
    before = events(acme)

    assert company_info(acme, removeNda=True)["nda"] == {"name": "", "file": ""}

    assert events(acme) == before


@pytest.mark.parametrize("flow", ["SELF", "DIGITAL_SIGNATURE", "SALESFORCE_CRM"])
@pytest.mark.parametrize("is_public", [False, None])
def test_private_documents_hold_the_agreement(acme: Account, flow: str, is_public: bool | None) -> None:
    settings(acme, flowType=flow)
    nda(acme)
    change_document(acme, document(acme, "Pen test"), isPublic=is_public)

    answer = put_private_access(acme, removeNda=True, securityEmails="a@acme.example")

    refused(answer, 400, "removeNda: private documents need the NDA: Pen test")
    assert company_info(acme)["nda"]["name"] == "nda.pdf"
    assert company_info(acme)["securityEmails"] == ""


def test_of_many_documents_that_hold_the_agreement_some_are_named(acme: Account) -> None:
    for number in range(7):
        document(acme, f"Report {number}")
    nda(acme)
    settings(acme, flowType="SELF")

    refused(
        put_private_access(acme, removeNda=True), 400, "Report 0, Report 1, Report 2, Report 3, Report 4 and 2 more"
    )


def test_private_documents_of_another_workspace_do_not_hold_it(acme: Account) -> None:
    document(acme, workspace_id=workspace(acme))
    settings(acme, flowType="SELF")
    nda(acme)

    assert company_info(acme, removeNda=True)["nda"]["name"] == ""


def test_without_need_of_it_the_agreement_can_go(acme: Account) -> None:
    nda(acme)
    document(acme)

    assert company_info(acme, removeNda=True)["nda"]["name"] == ""
    assert len(listed(acme)) == 1


def test_an_upload_and_a_removal_at_once_leave_no_private_document_without_an_agreement(acme: Account) -> None:
    settings(acme, flowType="SELF")
    nda(acme)

    with ThreadPoolExecutor(2) as pool:
        upload = pool.submit(post_document, acme)
        removal = pool.submit(put_private_access, acme, removeNda=True)

    assert sorted([upload.result().status_code, removal.result().status_code]) in ([200, 400], [201, 400])
    assert (company_info(acme)["nda"]["name"] == "nda.pdf") == bool(listed(acme))


@pytest.mark.parametrize("kind", ["favicon", "logo", "darkLogo"])
def test_pictures_of_the_page_are_replaced(acme: Account, kind: str) -> None:
    answer = checked(acme.alice).post(LOGO, data={"kind": kind}, files={"file": ("acme.png", PNG)})

    assert answer.status_code == 200, answer.text
    favicon = answer.json()["favicon"]
    assert favicon["name"] == ("acme.png" if kind == "favicon" else "")
    assert not favicon["file"] or content(acme, favicon["file"]) == PNG
    (event,) = events(acme)
    assert (event["type"], list(event["after"])) == ("TRUST_PAGES_SAVED", [f"{kind}FileId"])
    assert acme.sql("select count(*) from files where account_id = %s") == [(1,)]


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("banner", ("acme.png", PNG)),
        (None, ("acme.png", PNG)),
        ("logo", None),
        ("logo", ("acme.svg", b"<svg/>")),
        ("logo", ("acme.pdf", pdf("Logo"))),
        ("logo", ("acme.png", b"GIF89a" + b"0" * 32)),
    ],
)
def test_what_is_no_picture_is_refused(acme: Account, kind: str | None, file: Any) -> None:
    answer = checked(acme.alice).post(LOGO, data={"kind": kind} if kind else {}, files={"file": file or b""})

    refused(answer, 400)
    assert events(acme) == []


@pytest.mark.parametrize("workspace_id", ["0", "abc", "2147483648", str(NOBODYS)])
def test_an_unknown_workspace_is_refused_everywhere(acme: Account, workspace_id: str) -> None:
    alice, query = checked(acme.alice), {"workspaceId": workspace_id}
    file = {"file": ("nda.pdf", pdf("NDA"))}

    refused(alice.get(PRIVATE_ACCESS, params=query), 400, "workspaceId")
    refused(alice.put(COMPANY_INFO, params=query, json={}), 400, "workspaceId")
    refused(alice.put(ADDRESSES, params=query, json={"emails": []}), 400, "workspaceId")
    refused(alice.post(NDA, params=query, files=file), 400, "workspaceId")
    refused(alice.post(LOGO, params=query, data={"kind": "logo"}, files={"file": ("a.png", PNG)}), 400, "workspaceId")
    refused(post_document(acme, workspace_id=workspace_id), 400, "workspaceId")  # type: ignore[arg-type]


def test_workspaces_have_their_own(acme: Account) -> None:
    second = workspace(acme)
    query = {"workspaceId": second}

    checked(acme.alice).put(COMPANY_INFO, params=query, json={"preapprovedEmailDomains": ["b.example"]})
    checked(acme.alice).put(ADDRESSES, params=query, json={"emails": ["bob@b.example"]})

    assert (domains(acme), addresses(acme)) == ([], [])
    assert private_access(acme, workspaceId=second)["preapprovedEmailDomains"][0]["name"] == "b.example"
    assert preapproved_by(acme, "eve@b.example") is None
    assert preapproved_by(acme, "eve@b.example", second) == "b.example"


@pytest.mark.parametrize(
    ("email", "by"),
    [
        ("bob@initech.example", "bob@initech.example"),
        ("eve@initech.example", "initech.example"),
        ("Eve@INITECH.example", "initech.example"),
        ("carol@hooli.example", "carol@hooli.example"),
        ("dave@hooli.example", None),
        ("eve@mail.initech.example", None),
        ("eve@initech.example.evil.example", None),
        ("eve@notinitech.example", None),
        ("eve@removed.example", None),
        ("eve@bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_an_address_is_let_in_before_its_domain_which_must_match_exactly(
    acme: Account, email: str, by: str | None
) -> None:
    company_info(acme, preapprovedEmailDomains=["removed.example"])
    company_info(acme, preapprovedEmailDomains=["initech.example", "BÜCHER.example"])
    preapprove(acme, "bob@initech.example", "carol@hooli.example")

    assert preapproved_by(acme, email) == by


def preapproved_by(account: Account, email: str, workspace_id: int | None = None) -> str | None:
    """The entry that lets somebody in."""

    async def look(tx: Tx) -> str | None:
        found = await actions.preapproval(tx, workspace_id or account.workspace_id, normalized(email))
        return found.name if found else None

    return act(account, look)


@pytest.mark.parametrize(
    "domain",
    "gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.co.uk live.com msn.com yahoo.com yahoo.co.jp"
    " yahoo.com.br icloud.com me.com proton.me protonmail.com gmx.de gmx.net web.de mail.ru yandex.ru qq.com 163.com"
    " 126.com aol.com naver.com orange.fr libero.it wp.pl seznam.cz rediffmail.com zoho.com tutanota.com".split(),
)
def test_free_mail_providers_are_known(domain: str) -> None:
    assert is_free_mail(domain)


@pytest.mark.parametrize(
    "domain", ["acme.com", "gmail.acme.com", "yahoo-inc.com", "mygmail.com", "yahoo.acme.com", "outlook.acme.co.uk"]
)
def test_a_company_is_not_taken_for_a_free_mail_provider(domain: str) -> None:
    assert domain_name(domain) == domain


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", PRIVATE_ACCESS, Permission.TRUST_CENTER_GET_PRIVATE_ACCESS),
        ("PUT", COMPANY_INFO, Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS),
        ("PUT", ADDRESSES, Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS),
        ("POST", NDA, Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS),
        ("POST", LOGO, Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS),
    ],
)
def test_each_operation_needs_its_permission(acme: Account, method: str, path: str, needed: Permission) -> None:
    others = [permission for permission in Permission if permission is not needed]

    assert acme.client(acme.key(needed)[1]).request(method, path, json={}).status_code in (200, 400)
    assert acme.client(acme.key(*others)[1]).request(method, path, json={}).status_code == 403
