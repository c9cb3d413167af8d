"""Reviews and documents in the console: what their pages show, take and refuse."""

import csv
import io
import re
from typing import Any

import httpx
import pytest

from tests.documents import pdf
from tests.factories import Account
from tests.reviews.cast import Subject, add, add_vendor
from trustwright.accounts.roles import Role

SCOPE = "complianceScope"
FILLED = {
    "reviewerInformation.reportIssueDate": "2026-02-01",
    f"{SCOPE}.certification": "SOC_2",
    f"{SCOPE}.scopeType": "TYPE_2",
    f"{SCOPE}.auditPeriodRange.start": "2025-01-01",
    f"{SCOPE}.auditPeriodRange.end": "2025-12-31",
    f"{SCOPE}.trustServiceCriteria": ["SECURITY", "PRIVACY"],
    "reportOpinion.reportOpinion": "UNQUALIFIED",
    "reportOpinion.encompassBusinessNeeds": "yes",
}


@pytest.fixture
def review(acme: Account) -> Subject:
    return add(acme, add_vendor(acme), title="SOC 2 of 2027")


def path_of(review: Subject) -> str:
    return f"/vendors/{review.vendor_id}/reviews/{review.id}"


def revision(page: httpx.Response) -> str:
    found = re.search(r'name="revision" value="([^"]+)"', page.text)
    assert found
    return found[1]


def saved(browser: httpx.Client, review: Subject, **sent: Any) -> httpx.Response:
    """The answer to a form that is sent as it was opened, with these fields."""
    page = browser.get(f"{path_of(review)}/soc")
    sent = {name.replace("__", "."): value for name, value in sent.items()}
    return browser.post(f"{path_of(review)}/soc", data={"revision": revision(page), **sent})


def uploaded(browser: httpx.Client, review: Subject, content: bytes, name: str = "SOC 2.pdf") -> httpx.Response:
    return browser.post(
        f"/vendors/{review.vendor_id}/documents/new",
        data={"type": "SOC_DOCUMENT", "review": str(review.id)},
        files={"file": (name, content, "application/pdf")},
    )


def test_a_review_and_its_file_are_added_together_or_not_at_all(acme: Account) -> None:
    vendor_id = add_vendor(acme)
    browser = acme.browser()
    sent = {"type": "SOC_REPORT", "title": "SOC 2", "deadline": "2027-05-31", "reviewer": str(acme.alice_id)}

    def post(content: bytes, name: str) -> httpx.Response:
        return browser.post(f"/vendors/{vendor_id}/reviews/new", data=sent, files={"file": (name, content)})

    refused = post(b"no program", "evil.exe")
    assert refused.status_code == 400
    assert 'value="2027-05-31"' in refused.text
    assert "No review is open" in browser.get(f"/vendors/{vendor_id}").text
    page = browser.get(post(pdf("Report"), "report.pdf").headers["location"])
    assert "report.pdf" in page.text
    assert "31 May 2027" in page.text


def test_a_review_needs_a_type_and_a_day(acme: Account) -> None:
    address = f"/vendors/{add_vendor(acme)}/reviews/new"

    answer = acme.browser().post(address, data={"type": "SECURITY"}, files={"file": ("", b"")})

    assert answer.status_code == 400
    assert "Choose a day" in answer.text


def test_the_form_is_saved_section_by_section_and_lists_are_replaced(acme: Account, review: Subject) -> None:
    browser = acme.browser()
    reviewer = {"reviewerInformation.reviewerUserId": str(acme.alice_id)}
    controls = {
        "endUserControls.userControls.description": ["First", "", "Second"],
        "endUserControls.userControls.inPlace": ["yes", "no", "no"],
        "findings.findings.description": ["One", "Two"],
        "servicesAndLocations.locations.city": ["Oslo"],
        "servicesAndLocations.locations.stateOrCountry": ["Norway"],
    }

    assert saved(browser, review, **FILLED, **reviewer, **controls).status_code == 303
    form = review.get()["socReviewForm"]
    assert form["endUserControls"]["userControls"] == [
        {"description": "First", "inPlace": True},
        {"description": "Second", "inPlace": False},
    ]
    assert form["complianceScope"]["trustServiceCriteria"] == ["SECURITY", "PRIVACY"]
    assert form["findings"]["missingRequiredFields"] == ["findings.hasMaterialImpact"]
    saved(browser, review, **FILLED, **reviewer, **controls | {"findings.findings.description": ["Two", "Three"]})
    assert [each["description"] for each in review.get()["socReviewForm"]["findings"]["findings"]] == ["Two", "Three"]
    _, before, after = review.events()[-1]
    assert [each["description"] for each in before["socForm"]["findings"]["findings"]] == ["One"]
    assert [each["description"] for each in after["socForm"]["findings"]["findings"]] == ["Three"]


def test_half_a_period_is_said_at_its_field_and_what_was_typed_stays(acme: Account, review: Subject) -> None:
    half = FILLED | {f"{SCOPE}.auditPeriodRange.end": "", "cpaFirm.cpaFirm": "Alder & <Finch>"}

    answer = saved(acme.browser(), review, **half)

    assert answer.status_code == 400
    assert f'id="e-{SCOPE}.auditPeriodRange.end"' in answer.text
    assert "Alder &amp; &lt;Finch&gt;" in answer.text
    assert review.get()["socReviewForm"]["cpaFirm"]["cpaFirm"] is None


def test_a_second_editor_of_the_form_is_told(acme: Account, review: Subject) -> None:
    browser = acme.browser()
    page = browser.get(f"{path_of(review)}/soc")
    review.save(cpaFirm={"cpaFirm": "Alder"})

    told = browser.post(f"{path_of(review)}/soc", data={"revision": revision(page), "cpaFirm.cpaFirm": "Finch"})

    assert told.status_code == 409
    assert 'value="Finch"' in told.text
    again = {"revision": revision(told), "cpaFirm.cpaFirm": "Finch"}
    assert browser.post(f"{path_of(review)}/soc", data=again).status_code == 303


def test_the_check_tells_how_far_the_form_would_be_and_keeps_nothing(acme: Account, review: Subject) -> None:
    before = review.get()

    answer = acme.browser().post(f"{path_of(review)}/soc/check", data=FILLED)

    assert "7 of 8 sections complete" in answer.text
    assert "lacks Reviewer" in answer.text
    assert review.get() == before


def test_a_decision_can_be_taken_once_the_form_is_complete_and_be_reopened(acme: Account, review: Subject) -> None:
    browser = acme.browser()
    assert browser.get(f"{path_of(review)}/decide").status_code == 422
    review.fill()
    page = browser.get(f"{path_of(review)}/decide")
    sent = {"revision": revision(page), "note": "Until <May>"}

    assert browser.post(f"{path_of(review)}/decide", data=sent).status_code == 400
    taken = browser.post(f"{path_of(review)}/decide", data=sent | {"decision": "APPROVED_WITH_CONDITIONS"})

    assert taken.status_code == 303
    assert review.state() == ("COMPLETED", "APPROVED_WITH_CONDITIONS")
    assert "Until &lt;May&gt;" in browser.get(f"{path_of(review)}/print").text
    assert '<fieldset class="whole" disabled>' in browser.get(f"{path_of(review)}/soc").text
    browser.post(f"{path_of(review)}/reopen", data={"reset": "yes"})
    assert review.state() == ("IN_PROGRESS", "PENDING")


def test_details_are_edited_and_the_time_of_a_day_that_stays_is_kept(acme: Account, review: Subject) -> None:
    browser = acme.browser()
    before = review.get()
    page = browser.get(f"{path_of(review)}/edit")
    sent = {"revision": revision(page), "title": "Renamed", "status": "IN_PROGRESS", "deadline": "2027-07-01"}

    assert browser.post(f"{path_of(review)}/edit", data=sent).status_code == 303

    after = review.get("user")
    assert (after["title"], after["status"]) == ("Renamed", "IN_PROGRESS")
    assert after["reviewDeadlineAt"] == before["reviewDeadlineAt"]


def test_a_document_is_given_to_the_viewer_and_by_a_signed_link(acme: Account, review: Subject) -> None:
    browser = acme.browser()
    assert uploaded(browser, review, pdf("Report")).headers["location"] == path_of(review)
    found = re.search(r"/documents/(\d+)/download", browser.get(path_of(review)).text)
    assert found
    base = f"/vendors/{review.vendor_id}/documents/{found[1]}"

    content = browser.get(f"{base}/content")
    link = browser.get(f"{base}/download").headers["location"]

    assert content.content == pdf("Report")
    assert content.headers["content-type"] == "application/pdf"
    assert content.headers["content-disposition"].startswith("inline")
    assert "sandbox" in content.headers["content-security-policy"]
    assert acme.visitor().get(link).content == pdf("Report")
    again = uploaded(browser, review, pdf("Report"))
    assert again.status_code == 400
    assert "already" in again.text


def test_what_belongs_to_another_account_is_not_there(acme: Account, globex: Account) -> None:
    theirs = add(globex, add_vendor(globex))
    uploaded(globex.browser(), theirs, pdf("Secret"))
    document = globex.alice.get(f"/public/v2/vendors/{theirs.vendor_id}/documents").json()["data"][0]["id"]
    browser = acme.browser()

    for path in ("", "/edit", "/soc", "/print", "/decide"):
        assert browser.get(f"{path_of(theirs)}{path}").status_code == 404
    assert browser.post(f"{path_of(theirs)}/soc/check", data=FILLED).status_code == 404
    for path in ("content", "download"):
        assert browser.get(f"/vendors/{theirs.vendor_id}/documents/{document}/{path}").status_code == 404


def test_whoever_may_only_read_reads_reviews_and_changes_none(acme: Account, review: Subject) -> None:
    acme.user(f"bob@account{acme.id}.test", Role.READONLY_REVIEWER)
    bob = acme.browser(f"bob@account{acme.id}.test")

    page = bob.get(path_of(review))

    assert page.status_code == 200
    assert "Fill the form" not in page.text
    assert bob.get(f"{path_of(review)}/print").status_code == 200
    assert bob.get(f"{path_of(review)}/soc").status_code == 403
    assert bob.post(f"{path_of(review)}/soc", data=FILLED).status_code == 403
    assert bob.post(f"{path_of(review)}/reopen").status_code == 403


def test_reviews_of_all_vendors_are_searched_filtered_and_sorted(acme: Account) -> None:
    fjord, paylane = add_vendor(acme, name="Fjord Hosting"), add_vendor(acme, name="Paylane")
    add(acme, fjord, title="Payments checked", reviewDeadlineAt="2027-03-01T00:00:00Z")
    add(acme, paylane, title="SOC 2", securityReviewStatus="IN_PROGRESS", reviewDeadlineAt="2027-01-01T00:00:00Z")
    add(acme, paylane, title="Before we sign", securityReviewType="SECURITY", reviewDeadlineAt="2027-02-01T00:00:00Z")
    browser = acme.browser()

    def titles(query: str) -> list[str]:
        page = browser.get(f"/reviews?{query}").text.partition('id="list"')[2]
        shown = re.findall(r'/reviews/\d+"><bdi>([^<]+)', page)
        answer = browser.get(f"/reviews?format=csv&{query}").text
        assert [line["title"] for line in csv.DictReader(io.StringIO(answer))] == shown
        return shown

    assert titles("") == ["Before we sign", "SOC 2", "Payments checked"]
    assert titles("sort=deadline") == ["SOC 2", "Before we sign", "Payments checked"]
    assert titles("q=pay") == ["Before we sign", "SOC 2", "Payments checked"]
    assert titles("q=jord") == ["Payments checked"]
    assert titles("q=sign%20bef") == ["Before we sign"]
    assert titles("q=%27%3A%2A%20%26%20%21") == []
    assert titles("status=IN_PROGRESS&sort=-deadline") == ["SOC 2"]
    assert titles("type=SECURITY&decision=PENDING") == ["Before we sign"]
    assert titles(f"reviewer={acme.alice_id}") == []


def test_documents_of_a_vendor_are_found_by_name(acme: Account, review: Subject) -> None:
    browser = acme.browser()
    uploaded(browser, review, pdf("One"), "One <b>.pdf")
    uploaded(browser, review, pdf("Two"), "Two.pdf")

    page = browser.get(f"/vendors/{review.vendor_id}/documents?q=one").text.partition('id="list"')[2]
    answer = browser.get(f"/vendors/{review.vendor_id}/documents?format=csv&sort=name").text

    assert "One &lt;b&gt;.pdf" in page
    assert "Two.pdf" not in page
    assert [line["name"] for line in csv.DictReader(io.StringIO(answer))] == ["One <b>.pdf", "Two.pdf"]
