"""Who asks again: while the first request waits, while access is live, and after it; and whom a rule lets in."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.access_requests.cast import ACCOUNTS, BOB, HERE, Desk, Json, days_until, refused
from tests.documents import pdf
from tests.factories import Account
from tests.trust.cast import ADDRESSES, COMPANY_INFO, nda, settings
from trustwright.access_requests import directory, submission
from trustwright.access_requests.model import AccessRequest, CrmAccount, NewRequest, Status
from trustwright.cli import app
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.trust.model import DocumentType, FlowType


def preapprove(desk: Desk, *domains: str) -> None:
    desk.ok(desk.alice.put(COMPANY_INFO, json={"preapprovedEmailDomains": list(domains)}))


def crm(desk: Desk, **account: object) -> None:
    """The one row of the table that stands for a CRM."""
    known = {"name": "Initech", "domain": "initech.test", "relationshipOk": True, "ndaOnFile": True, **account}
    desk.ok(desk.alice.put(ACCOUNTS, json={"accounts": [known]}))


def test_what_is_asked_for_meanwhile_joins_the_request_that_waits(desk: Desk) -> None:
    first = desk.ask()
    second = desk.ask(desk.document("Pentest"), desk.report, company="Other")

    assert second["requestId"] == first["requestId"]
    assert second["company"] == "Initech"
    assert {each["name"] for each in desk.get(first)["documents"]} == {"SOC 2 report", "Pentest"}
    assert desk.statuses(first) == ["PENDING"]
    assert len(desk.mails("access_requested")) == 1


def test_the_receipt_says_the_same_each_time(desk: Desk) -> None:
    desk.ask()
    desk.ask()

    first, second = desk.mails("access_receipt")
    assert first == second


def test_after_an_hour_the_team_is_told_of_more_documents(desk: Desk) -> None:
    made = desk.ask()
    long_ago = "update access_requests set team_told_at = team_told_at - interval '61 minutes' where account_id = %s"
    desk.account.sql(long_ago)

    desk.ask()
    assert len(desk.mails("access_requested")) == 1
    desk.ask(desk.document("Pentest"))

    assert len(desk.mails("access_requested")) == 2
    assert "Pentest" in desk.mails("access_requested")[-1][2]
    assert desk.statuses(made) == ["PENDING"]


def test_a_merged_request_asks_as_much_of_people_as_the_stricter(acme: Account) -> None:
    desk = Desk(acme, "SELF")
    desk.ask(flowType="NO_NDA_REQUIRED")

    assert desk.ask(flowType="DIGITAL_SIGNATURE")["flowType"] == "DIGITAL_SIGNATURE"
    assert desk.ask(flowType="SELF")["flowType"] == "DIGITAL_SIGNATURE"


def test_who_holds_it_already_gets_a_link_at_once(desk: Desk) -> None:
    first = desk.ask()
    desk.approve(first, expiration=30)

    again = desk.ask()

    assert again["requestId"] != first["requestId"]
    assert (again["status"], again["isAutoApproved"]) == ("AUTO_APPROVED", True)
    assert days_until(again["expirationDate"]) == 30
    assert desk.listed(status="PENDING") == []
    old, new = desk.links()
    assert desk.opens(old)
    assert desk.opens(new)


def test_only_what_is_lacking_waits_for_a_reviewer(desk: Desk) -> None:
    desk.approve(desk.ask())

    made = desk.ask(desk.report, desk.document("Pentest"))

    assert made["status"] == "PENDING"
    assert [each["name"] for each in desk.get(made)["documents"]] == ["Pentest"]
    assert len(desk.links()) == 2
    assert "SOC 2 report" in desk.mails("access_given")[-1][2]
    assert "Pentest" not in desk.mails("access_given")[-1][2]


def test_asking_often_is_answered_alike_when_there_are_no_more_links(desk: Desk) -> None:
    desk.approve(desk.ask())

    answers = [desk.post() for _ in range(12)]

    assert {answer.status_code for answer in answers} == {201}
    assert len(desk.links()) == 10


def test_who_was_denied_may_ask_again(desk: Desk) -> None:
    first = desk.ask()
    desk.deny(first)

    again = desk.ask()

    assert again["requestId"] != first["requestId"]
    assert again["status"] == "PENDING"


def test_the_reviewer_learns_who_had_access_before(desk: Desk) -> None:
    first = desk.ask()
    desk.approve(first)
    desk.revoke(first)

    desk.ask()

    before, after = (text for _, _, text in desk.mails("access_requested"))
    assert "had access before" not in before
    assert "had access before" in after


@pytest.mark.parametrize("by", ["domain", "address"])
def test_who_is_preapproved_needs_no_reviewer(desk: Desk, by: str) -> None:
    if by == "domain":
        preapprove(desk, "initech.test")
    else:
        desk.ok(desk.alice.put(ADDRESSES, json={"emails": [BOB.upper()]}))

    made = desk.ask(email="BOB@initech.test")

    assert (made["status"], made["isAutoApproved"]) == ("AUTO_APPROVED", True)
    found = desk.get(made)
    assert (found["autoApproveType"], found["managedBy"]) == ("NO_NDA_REQUIRED", "")
    assert found["documents"][0]["approvedAt"] is not None
    assert days_until(made["expirationDate"]) == 365
    assert desk.mails("access_requested") == []
    assert desk.opens(desk.links()[-1])
    assert [type_ for type_, _, _ in desk.events()] == ["NEW_REQUEST", "AUTO_APPROVE_REQUEST"]


@pytest.mark.parametrize("email", ["bob@mail.initech.test", "bob@notinitech.test", "bob@initech.test.evil.test"])
def test_a_preapproved_domain_is_exactly_that(desk: Desk, email: str) -> None:
    preapprove(desk, "initech.test")

    assert desk.ask(email=email)["status"] == "PENDING"


def test_some_documents_always_get_a_reviewer(desk: Desk) -> None:
    preapprove(desk, "initech.test")
    desk.account.sql("update trust_documents set needs_review = true where account_id = %s")

    assert desk.ask()["status"] == "PENDING"


def test_who_is_preapproved_signs_all_the_same(signing: Desk) -> None:
    preapprove(signing, "initech.test")

    made = signing.ask()

    assert (made["status"], made["isAutoApproved"]) == ("NDA_SENT", True)
    assert signing.sources(made) == [("AUTO_APPROVED", "DOCUSIGN"), ("NDA_SENT", "DOCUSIGN")]
    assert signing.get(made)["autoApproveType"] == "DIGITAL_SIGNATURE"
    signing.sign(signing.approve(made)["trackingId"])
    assert signing.statuses(made)[-1] == "FILES_SENT"


def test_who_signed_within_the_year_does_not_sign_again(signing: Desk) -> None:
    signing.signed()
    second = signing.ask(signing.document("Pentest"))

    assert signing.approve(second) == {"isApproved": True}

    assert signing.statuses(second) == ["PENDING", "APPROVED", "FILES_SENT"]
    assert signing.count("envelopes") == 1


def test_the_memory_counts_from_the_last_approval(signing: Desk) -> None:
    signing.signed()
    long_ago = "update nda_acceptances set accepted_at = accepted_at - interval '900 days' where account_id = %s"
    signing.account.sql(long_ago)
    near = signing.ask(signing.document("Pentest"))
    signing.decide(near, days=364)
    far = signing.ask(signing.document("Audit"))
    signing.decide(far, days=364 + 364)
    late = signing.ask(signing.document("Policy"))
    signing.decide(late, days=364 + 364 + 366)

    assert signing.statuses(near)[-1] == "FILES_SENT"
    assert signing.statuses(far)[-1] == "FILES_SENT"
    assert signing.statuses(late)[-1] == "NDA_SENT"


def test_a_new_agreement_is_signed_anew(signing: Desk) -> None:
    signing.signed()
    nda(signing.account, pdf("Another NDA"))
    second = signing.ask(signing.document("Pentest"))

    signing.approve(second)

    assert signing.statuses(second)[-1] == "NDA_SENT"


def test_whose_access_was_revoked_signs_anew(signing: Desk) -> None:
    made = signing.signed()
    signing.revoke(made)

    signing.approve(made, isNewExpiration=True)

    assert signing.statuses(made)[-3:] == ["REVOKED", "APPROVED", "NDA_SENT"]


@pytest.fixture
def customers(acme: Account) -> Desk:
    """Acme's, which asks its CRM."""
    return Desk(acme, "SALESFORCE_CRM")


@pytest.mark.parametrize("known", [{}, {"domain": None, "email": "Bob@Initech.test"}])
def test_whom_the_crm_knows_well_needs_no_reviewer(customers: Desk, known: dict[str, object]) -> None:
    crm(customers, **known)

    made = customers.ask(acceptTerms=False)

    assert made["status"] == "AUTO_APPROVED"
    assert customers.get(made)["autoApproveType"] == "SALESFORCE"
    assert customers.sources(made) == [("AUTO_APPROVED", "SALESFORCE")]
    assert customers.opens(customers.links()[-1])


def test_an_address_is_looked_up_before_its_domain(customers: Desk) -> None:
    rows = [
        {"domain": "initech.test", "name": "Initech", "relationshipOk": True, "ndaOnFile": True},
        {"email": BOB, "name": "Bob", "relationshipOk": False, "ndaOnFile": True},
    ]
    customers.ok(customers.alice.put(ACCOUNTS, json={"accounts": rows}))

    assert customers.ask()["status"] == "PENDING"
    assert customers.ask(email="carol@initech.test")["status"] == "AUTO_APPROVED"


@pytest.mark.parametrize(("accepts", "statuses"), [(True, ["APPROVED"]), (False, ["APPROVED", "NDA_SENT"])])
def test_without_an_nda_on_file_it_goes_on_by_the_box_or_by_a_signature(
    customers: Desk, accepts: bool, statuses: list[str]
) -> None:
    crm(customers, ndaOnFile=False)

    made = customers.ask(acceptTerms=accepts)
    assert made["status"] == "PENDING"
    customers.approve(made)

    assert customers.statuses(made) == ["PENDING", *statuses]


@pytest.mark.parametrize("known", [{"relationshipOk": False}, {"domain": "other.test"}])
def test_whom_the_crm_does_not_vouch_for_waits(customers: Desk, known: dict[str, object]) -> None:
    crm(customers, **known)

    assert customers.ask()["status"] == "PENDING"


def test_a_crm_that_does_not_answer_approves_nobody(customers: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    crm(customers)

    class Down:
        async def find(self, tx: Tx, workspace_id: int, email: str) -> CrmAccount | None:
            raise ConnectionError("no route to host")

    monkeypatch.setattr(directory, "Table", Down)
    new = NewRequest(
        email=BOB,
        first_name="Bob",
        last_name="Porter",
        company="Initech",
        accepts_terms=False,
        flow_type=FlowType.SALESFORCE_CRM,
        documents=[(DocumentType(customers.report["type"]), customers.report["documentId"])],
    )

    async def submit(tx: Tx) -> AccessRequest:
        return await submission.submit(tx, customers.account.workspace_id, new, HERE, is_public=False)

    assert customers.do(submit).status is Status.PENDING


def test_the_table_is_replaced_as_a_whole_and_shown(desk: Desk) -> None:
    crm(desk, domain="Bücher.test")
    crm(desk, domain=None, email="Bob@INITECH.test", ndaOnFile=False)

    assert desk.ok(desk.alice.get(ACCOUNTS)) == {
        "accounts": [
            {"name": "Initech", "email": BOB, "domain": None, "relationshipOk": True, "ndaOnFile": False},
        ]
    }


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        ([{"name": "Nobody"}], "neither an email nor a domain"),
        ([{"email": "nobody"}], "not an e-mail address"),
        ([{"domain": "*.initech.test"}], "wildcards"),
        ([{"domain": "gmail.com"}], "anybody can have an address"),
        ([{"domain": "initech.test"}, {"domain": "INITECH.test"}], "more than once"),
        ([{"domain": "initech.test", "relationshipOk": "yes"}], "relationshipOk"),
        (None, "accounts"),
    ],
)
def test_a_bad_table_is_refused_and_the_old_one_stays(desk: Desk, accounts: object, words: str) -> None:
    crm(desk)

    refused(desk.alice.put(ACCOUNTS, json={"accounts": accounts}), 400, words)

    assert len(desk.ok(desk.alice.get(ACCOUNTS))["accounts"]) == 1


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_table_of_an_unknown_workspace_is_400(desk: Desk, method: str) -> None:
    body: Json = {"accounts": []}

    refused(desk.alice.request(method, ACCOUNTS, json=body, params={"workspaceId": 2**31 - 1}), 400)


def test_a_table_is_read_from_csv() -> None:
    text = '\ufeffName,Relationship_OK,ndaOnFile,DOMAIN,note\r\n"Initech, Inc.",Yes,,initech.test,x\r\n'

    assert directory.read_accounts(text) == [
        CrmAccount(domain="initech.test", email=None, name="Initech, Inc.", relationship_ok=True, nda_on_file=False)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must name the columns"),
        ("name,relationshipOk\nInitech,true\n", "must name the columns"),
        ("domain,relationshipOk\ninitech.test,maybe\n", "Line 2"),
        ('domain,name\ninitech.test,"open\n', "not CSV"),
    ],
)
def test_a_bad_csv_says_where(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        directory.read_accounts(text)


def test_the_default_length_holds_for_whom_a_rule_lets_in(desk: Desk) -> None:
    settings(desk.account, defaultExpirationDays=7)
    preapprove(desk, "initech.test")

    assert days_until(desk.ask()["expirationDate"]) == 7


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text("domain,name,relationshipOk,ndaOnFile\ninitech.test,Initech,true,true\n", encoding="utf-8")
    return path


def run(desk: Desk, file: Path) -> Result:
    """The command line's `trust accounts`."""
    words = ["trust", "accounts", str(file), "--account", str(desk.account.id), "--json"]
    return CliRunner().invoke(app, [*words, "--database-url", desk.account.world.database_url])


def test_the_command_line_reads_the_table_from_a_file(desk: Desk, csv: Path) -> None:
    crm(desk, domain="other.test")

    done = run(desk, csv)

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "accountId": desk.account.id,
        "workspaceId": desk.account.workspace_id,
        "accounts": 1,
    }
    assert [each["domain"] for each in desk.ok(desk.alice.get(ACCOUNTS))["accounts"]] == ["initech.test"]


@pytest.mark.parametrize("content", [None, b"\xff", b"name\nInitech\n"])
def test_a_file_that_cannot_be_read_changes_nothing(desk: Desk, csv: Path, content: bytes | None) -> None:
    crm(desk)
    if content is None:
        csv.unlink()
    else:
        csv.write_bytes(content)

    done = run(desk, csv)

    assert done.exit_code != 0
    assert len(desk.ok(desk.alice.get(ACCOUNTS))["accounts"]) == 1
