"""What visitors see at /trust/{slug}.json and below, and what they must never see."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.documents import pdf
from tests.factories import Account
from tests.trust.cast import (
    LOGO,
    PNG,
    act,
    change_document,
    document,
    nda,
    post_version,
    settings,
    workspace,
)
from tests.trust_page.cast import control, item, noted, page, publish, slug
from trustwright.accounts.model import Entitlement
from trustwright.trust.model import DocumentType
from trustwright.trust_page import actions
from trustwright.trust_page.controls import Category
from trustwright.trust_page.model import (
    Audience,
    DocumentRef,
    Faq,
    Framework,
    Link,
    Subprocessor,
    Update,
    UpdateCategory,
)

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
PAST = datetime(2026, 1, 1, tzinfo=UTC)
MISSING = {"statusCode": 404, "message": "There is no such page", "code": 10030}


def update(title: str, **changes: Any) -> Update:
    given: dict[str, Any] = {
        "title": title,
        "text": "It is out.",
        "category": UpdateCategory.COMPLIANCE,
        "published_at": PAST,
        **changes,
    }
    return Update(**given)


def get(account: Account, rest: str = ".json", **headers: str) -> httpx.Response:
    return account.visitor().get(f"/trust/{slug(account)}{rest}", headers=headers)


def upload_logo(account: Account, kind: str) -> None:
    account.alice.post(LOGO, data={"kind": kind}, files={"file": ("logo.png", PNG)}).raise_for_status()


def test_an_empty_page_has_all_its_parts(acme: Account) -> None:
    publish(acme)

    shown = page(acme)

    assert shown == {
        "name": "Acme",
        "about": {"text": "", "html": "", "updatedAt": shown["about"]["updatedAt"]},
        "facts": [],
        "contactUrl": "",
        "privacy": {"text": "", "html": "", "url": "", "updatedAt": shown["privacy"]["updatedAt"]},
        "frameworks": [],
        "documents": [],
        "hiddenDocuments": {},
        "slaDays": None,
        "controls": [],
        "subprocessors": [],
        "updates": [],
        "faq": [],
        "links": [],
        "branding": {
            "favicon": None,
            "logo": None,
            "darkLogo": None,
            "primaryColor": "",
            "headerHtml": "",
            "footerHtml": "",
        },
        "nda": {"required": False, "name": None, "address": None},
        "acceptsRequests": True,
        "flowType": "NO_NDA_REQUIRED",
    }


def test_the_company_says_what_it_likes(acme: Account) -> None:
    publish(
        acme,
        name="Acme & Co",
        about="We **care**.",
        facts=[{"name": "Regions", "value": "EU"}],
        contactUrl="https://acme.test/contact",
        privacyDescription="*Little* is kept.",
        privacyUrl="https://acme.test/privacy",
        primaryColor="#1a73e8",
        headerTemplate="<p>Hi</p>",
    )

    shown = page(acme)

    assert (shown["name"], shown["facts"]) == ("Acme & Co", [{"name": "Regions", "value": "EU"}])
    assert (shown["about"]["text"], shown["about"]["html"]) == ("We **care**.", "<p>We <strong>care</strong>.</p>\n")
    assert shown["privacy"]["html"] == "<p><em>Little</em> is kept.</p>\n"
    assert (shown["contactUrl"], shown["privacy"]["url"]) == ("https://acme.test/contact", "https://acme.test/privacy")
    assert (shown["branding"]["primaryColor"], shown["branding"]["headerHtml"]) == ("#1a73e8", "<p>Hi</p>")


def test_entries_are_shown_by_section(acme: Account) -> None:
    publish(acme)
    item(
        acme,
        Subprocessor(
            name="Initech",
            purpose="Hosting",
            country="Norway",
            data_categories=["Names"],
            dpa_url="https://initech.test/dpa",
            effective_from=date(2026, 2, 1),
        ),
    )
    item(acme, update("Old"))
    item(acme, update("New", published_at=PAST + timedelta(days=1)))
    item(acme, Faq(question="Where?", answer="In Norway.", category="Data"))
    item(acme, Link(name="Status", url="https://status.acme.test"))

    shown = page(acme)

    assert shown["subprocessors"] == [
        {
            "name": "Initech",
            "purpose": "Hosting",
            "country": "Norway",
            "dataCategories": ["Names"],
            "dpaUrl": "https://initech.test/dpa",
            "effectiveFrom": "2026-02-01",
        }
    ]
    assert [each["title"] for each in shown["updates"]] == ["New", "Old"]
    assert shown["updates"][1] == {
        "title": "Old",
        "text": "It is out.",
        "category": "compliance",
        "publishedAt": "2026-01-01T00:00:00.000Z",
    }
    assert shown["faq"] == [{"question": "Where?", "answer": "In Norway.", "category": "Data"}]
    assert shown["links"] == [{"name": "Status", "url": "https://status.acme.test"}]


@pytest.mark.parametrize(
    "hidden",
    [
        {"content": update("Secret", audience=Audience.ACCESS_HOLDERS)},
        {"content": update("Secret", published_at=datetime(2999, 1, 1, tzinfo=UTC))},
        {"content": update("Secret"), "is_published": False},
        {"content": Faq(question="Secret", answer="Secret"), "is_published": False},
        {"content": Link(name="Secret", url="https://secret.test"), "is_published": False},
        {"content": Subprocessor(name="Secret", purpose="", country=""), "is_published": False},
        {"content": Framework(name="Secret", status=""), "is_published": False},
    ],
)
def test_what_is_not_for_visitors_is_not_there(acme: Account, hidden: Any) -> None:
    publish(acme)

    item(acme, hidden["content"], is_published=hidden.get("is_published", True))

    assert "ecret" not in get(acme).text


def test_documents_are_listed_open_or_locked(acme: Account) -> None:
    public = document(acme, "Policy", "POLICY", is_public=True)
    locked = document(acme, "SOC 2", "SECURITY_REPORT", is_public=False)
    publish(acme)

    assert sorted(page(acme)["documents"], key=lambda each: bool(each["isLocked"])) == [
        {
            "type": "POLICY",
            "name": "Policy",
            "isLocked": False,
            "address": f"/trust/{slug(acme)}/documents/POLICY/{public['id']}",
        },
        {"type": "SECURITY_REPORT", "name": "SOC 2", "isLocked": True, "id": locked["id"]},
    ]


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("change", [{"isPublished": False}, {"expiresAt": "2020-01-01T00:00:00Z"}])
def test_a_document_that_is_not_offered_is_not_listed(acme: Account, is_public: bool, change: Any) -> None:
    one = document(acme, "Secret", "POLICY", is_public=is_public)
    publish(acme)
    assert len(page(acme)["documents"]) == 1

    change_document(acme, one, **change)

    assert "Secret" not in get(acme).text
    assert get(acme, f"/documents/POLICY/{one['id']}").status_code == 404


def test_an_unlisted_document_is_not_listed(acme: Account) -> None:
    one = document(acme, "Secret", "POLICY", is_public="null")
    publish(acme)

    shown = page(acme)

    assert (shown["documents"], shown["hiddenDocuments"]) == ([], {})
    assert get(acme, f"/documents/POLICY/{one['id']}").status_code == 404


def test_private_names_can_be_hidden(acme: Account) -> None:
    document(acme, "Open", "POLICY", is_public=True)
    locked = document(acme, "Secret", "POLICY", is_public=False)
    document(acme, "Secret too", "COMPLIANCE", is_public=False)
    item(acme, Framework(name="ISO", status="", document=DocumentRef(type=DocumentType.POLICY, id=locked["id"])))
    publish(acme, hidesPrivateNames=True)

    shown = page(acme)

    assert "Secret" not in json.dumps(shown)
    assert [each["name"] for each in shown["documents"]] == ["Open"]
    assert shown["hiddenDocuments"] == {"POLICY": 1, "COMPLIANCE": 1}
    assert shown["frameworks"][0]["document"] is None


def test_a_framework_rests_on_its_document(acme: Account) -> None:
    made = document(acme, "SOC 2", "SECURITY_REPORT", is_public=False)
    soc = Framework(
        name="SOC 2",
        status="Type 2 report",
        period="2025",
        auditor="Alder LLP",
        valid_until=date(2999, 12, 31),
        document=DocumentRef(type=DocumentType.SECURITY_REPORT, id=made["id"]),
    )
    item(acme, soc)
    item(acme, Framework(name="ISO 27001", status="Certified", valid_until=date(2020, 1, 1)))
    publish(acme)

    soc_2, iso = page(acme)["frameworks"]

    assert soc_2 == {
        "name": "SOC 2",
        "status": "Type 2 report",
        "period": "2025",
        "auditor": "Alder LLP",
        "validUntil": "2999-12-31",
        "isCurrent": True,
        "document": {"type": "SECURITY_REPORT", "name": "SOC 2", "isLocked": True, "id": made["id"]},
    }
    assert (iso["isCurrent"], iso["document"]) == (False, None)


def test_visitors_see_controls_without_what_is_behind_them(acme: Account) -> None:
    good = control(acme, "DCF-1", name="Encryption", description="At rest", interval_days=1)
    noted(acme, good, passes=True)
    late = control(acme, "DCF-2", name="Backups", interval_days=1)
    noted(acme, late, passes=False, days_ago=1)
    control(acme, "DCF-3", name="Training", evidence_until=datetime(2999, 1, 1, tzinfo=UTC))
    hushed = control(acme, "DCF-4", name="Doors", is_status_displayed=False, category=Category.CORPORATE_SECURITY)
    noted(acme, hushed, passes=False)
    control(acme, "DCF-5", name="Secret", is_published=False)
    publish(acme, isSLADisplayed=True, slaTime=5)

    shown = page(acme)

    assert shown["slaDays"] == 5
    data, corporate = shown["controls"]
    assert (data["category"], data["title"]) == ("DATA_SECURITY", "Data security")
    assert [{name: value for name, value in each.items() if name != "lastCheckedAt"} for each in data["controls"]] == [
        {"name": "Encryption", "description": "At rest", "status": "PASSING", "isDocumented": False},
        {"name": "Backups", "description": "", "status": "NEEDS_ATTENTION", "isDocumented": False},
        {"name": "Training", "description": "", "status": "NOT_MONITORED", "isDocumented": True},
    ]
    assert corporate["controls"] == [{"name": "Doors", "description": ""}]
    assert "DCF" not in json.dumps(shown)


@pytest.mark.parametrize("sla_time", [0, 1, 100])
def test_a_failing_control_looks_the_same_before_and_after_its_deadline(acme: Account, sla_time: int) -> None:
    noted(acme, control(acme, interval_days=10), passes=False, days_ago=2)
    publish(acme, slaTime=sla_time)

    assert page(acme)["controls"][0]["controls"][0]["status"] == "NEEDS_ATTENTION"


@pytest.mark.parametrize(
    ("flow", "required"),
    [("SELF", True), ("DIGITAL_SIGNATURE", True), ("NO_NDA_REQUIRED", False), ("SALESFORCE_CRM", True)],
)
def test_an_agreement_can_be_read_where_it_is_asked_for(acme: Account, flow: str, required: bool) -> None:
    content = pdf("Mutual NDA")
    nda(acme, content)
    publish(acme, flowType=flow)

    shown = page(acme)["nda"]

    assert shown["required"] is required
    assert (shown["name"], shown["address"]) == (("nda.pdf", f"/trust/{slug(acme)}/nda") if required else (None, None))
    answer = get(acme, "/nda")
    assert (answer.status_code, answer.content == content) == ((200, True) if required else (404, False))


@pytest.mark.parametrize(("flow", "required"), [("SELF", True), ("SALESFORCE_CRM", False)])
def test_without_an_agreement_there_is_none_to_read(acme: Account, flow: str, required: bool) -> None:
    publish(acme, flowType=flow)

    assert page(acme)["nda"] == {"required": required, "name": None, "address": None}
    assert get(acme, "/nda").status_code == 404


def test_requests_are_accepted_by_the_larger_plan(acme: Account) -> None:
    publish(acme)
    acme.plan(entitlements=[Entitlement.TRUST_CENTER_ESSENTIALS])

    assert page(acme)["acceptsRequests"] is False


def test_no_text_becomes_markup(acme: Account) -> None:
    publish(
        acme,
        name=EVIL,
        about=f"{EVIL} [x](javascript:alert(3)) ![y](https://evil.test/pixel.png)",
        privacyDescription=EVIL,
        facts=[{"name": EVIL, "value": EVIL}],
        headerTemplate=f"<b>Hi</b>{EVIL}<a href='javascript:alert(4)'>x</a><style>*{{}}</style>",
        footerTemplate=EVIL,
    )
    item(acme, Faq(question=EVIL, answer=EVIL, category=EVIL))
    item(acme, update(EVIL, text=EVIL))
    item(acme, Subprocessor(name=EVIL, purpose=EVIL, country=EVIL, data_categories=[EVIL]))
    item(acme, Framework(name=EVIL, status=EVIL, period=EVIL, auditor=EVIL))
    item(acme, Link(name=EVIL, url="https://acme.test/%3Cscript%3E"))
    control(acme, name=EVIL, description=EVIL)
    document(acme, EVIL, "POLICY", is_public=True)

    answer = get(acme)
    shown = answer.json()

    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert shown["name"] == shown["faq"][0]["answer"] == shown["controls"][0]["controls"][0]["description"] == EVIL
    branding = shown["branding"]
    pieces = [shown["about"]["html"], shown["privacy"]["html"], branding["headerHtml"], branding["footerHtml"]]
    for html in pieces:
        assert all(bad not in html for bad in ("<script", "onerror=alert(2)>", 'href="javascript', "<style", "pixel"))
    assert "&lt;script&gt;" in shown["about"]["html"]
    assert "<b>Hi</b>" in branding["headerHtml"]


@pytest.mark.parametrize("rest", [".json", "", ".html", "/nda", "/branding/logo", "/documents/POLICY/1"])
def test_a_trust_center_that_is_not_published_is_not_there(acme: Account, rest: str) -> None:
    settings(acme, slug=slug(acme))
    nda(acme)
    settings(acme, flowType="SELF")
    upload_logo(acme, "logo")
    document(acme, "Policy", "POLICY", is_public=True)

    here, nowhere = get(acme, rest), acme.visitor().get(f"/trust/nobodys{rest}")

    assert (here.status_code, here.json()) == (nowhere.status_code, nowhere.json()) == (404, MISSING)


def test_a_trust_center_can_be_taken_down(acme: Account) -> None:
    publish(acme)
    page(acme)

    settings(acme, isPublished=False)

    assert get(acme).status_code == 404


@pytest.mark.parametrize("odd", ["%00", "%FF", "..%2F", "ACME", "a" * 3000, "%27%20or%201=1--"])
def test_an_odd_name_is_nobodys(acme: Account, odd: str) -> None:
    assert acme.visitor().get(f"/trust/{odd}.json").status_code == 404


def test_a_public_document_is_downloaded_at_its_current_version(acme: Account) -> None:
    one = document(acme, "Policy", "POLICY", is_public=True, file_name="../Policý.pdf")
    publish(acme)
    newer = pdf("Second version")
    post_version(acme, one, newer, "Policý 2.pdf").raise_for_status()

    answer = get(acme, f"/documents/POLICY/{one['id']}")

    assert answer.content == newer
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (
        answer.headers["content-disposition"]
        == "attachment; filename=\"Polic_ 2.pdf\"; filename*=UTF-8''Polic%C3%BD%202.pdf"
    )


@pytest.mark.parametrize("rest", ["POLICY/2147483647", "POLICY/x", "POLICY/-1", "POLICY/0", "POLICY/%C2%B2", "X/1"])
def test_a_document_that_is_not_there_is_not_found(acme: Account, rest: str) -> None:
    publish(acme)

    answer = get(acme, f"/documents/{rest}")

    assert (answer.status_code, answer.json()) == (404, MISSING)


def test_a_private_document_is_answered_like_one_that_is_not_there(acme: Account) -> None:
    locked = document(acme, "SOC 2", "SECURITY_REPORT", is_public=False)
    public = document(acme, "Policy", "POLICY", is_public=True)
    labs = document(acme, "Labs", "POLICY", is_public=True, workspace_id=workspace(acme))
    publish(acme)

    for path in (f"SECURITY_REPORT/{locked['id']}", f"COMPLIANCE/{public['id']}", f"POLICY/{labs['id']}"):
        assert get(acme, f"/documents/{path}").json() == MISSING


def test_a_file_that_the_scanner_holds_back_is_not_sent(acme: Account) -> None:
    one = document(acme, "Policy", "POLICY", is_public=True)
    publish(acme)
    acme.sql(
        "update files set scan_state = 'INFECTED', scan_detail = 'Eicar' where account_id = %s returning id",
    )

    answer = get(acme, f"/documents/POLICY/{one['id']}")

    assert answer.status_code == 409
    assert "Eicar" not in answer.text


def test_pictures_are_shown_where_they_are(acme: Account) -> None:
    for kind in ("logo", "darkLogo", "favicon"):
        upload_logo(acme, kind)
    publish(acme)

    branding = page(acme)["branding"]

    for kind in ("logo", "darkLogo", "favicon"):
        assert branding[kind] == f"/trust/{slug(acme)}/branding/{kind}"
        answer = acme.visitor().get(branding[kind])
        assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
        assert answer.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("kind", ["logo", "nonsense", "LOGO"])
def test_a_picture_that_is_not_there_is_not_found(acme: Account, kind: str) -> None:
    publish(acme)

    assert get(acme, f"/branding/{kind}").json() == MISSING


def test_what_a_browser_has_is_not_sent_again(acme: Account) -> None:
    publish(acme)
    first = get(acme)

    again = get(acme, **{"If-None-Match": first.headers["etag"]})
    settings(acme, about="New")
    changed = get(acme, **{"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=60"
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


def test_visits_and_downloads_are_logged_without_who_came(acme: Account) -> None:
    one = document(acme, "Policy", "POLICY", is_public=True)
    publish(acme)
    somebody = acme.visitor()

    somebody.get(f"/trust/{slug(acme)}.json")
    somebody.get(f"/trust/{slug(acme)}/documents/POLICY/{one['id']}")
    somebody.get(f"/trust/{slug(acme)}/documents/POLICY/2147483647")

    logged = acme.sql(
        """
        select action, workspace_id, document_id, version, ip, email from access_log
        where account_id = %s order by id
        """,
    )
    assert logged == [
        ("PAGE_VIEW", acme.workspace_id, None, None, None, None),
        ("DOWNLOAD", acme.workspace_id, one["id"], 1, None, None),
    ]


def test_an_address_may_ask_120_times_a_minute(acme: Account) -> None:
    publish(acme)
    somebody = acme.visitor()

    # The minute may turn once meanwhile.
    answers = [somebody.get("/trust/nobodys.json") for _ in range(245)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert get(acme).status_code == 200


def test_a_page_is_the_same_for_its_keepers_before_it_is_published(acme: Account) -> None:
    settings(acme, about="Soon")
    preview = act(acme, lambda tx: actions.page(tx, acme.workspace_id))

    assert (preview.about.text, preview.accepts_requests) == ("Soon", False)
