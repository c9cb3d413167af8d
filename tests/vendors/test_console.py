"""Vendors in the console: what their pages show, take and refuse."""

import csv
import io
import re
from typing import Any

import httpx
import pytest

from tests.factories import Account
from trustwright.accounts.roles import Role

FORM = {"name": "Fjord Hosting", "risk": "NONE"}


def vendor(account: Account, **fields: Any) -> int:
    answer = account.alice.post("/public/v2/vendors", json={"name": "Fjord Hosting", **fields})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def stored(account: Account, vendor_id: int) -> dict[str, Any]:
    found: dict[str, Any] = account.alice.get(f"/public/v2/vendors/{vendor_id}?expand=customFields").json()
    return found


def revision(page: httpx.Response) -> str:
    found = re.search(r'name="revision" value="([^"]+)"', page.text)
    assert found
    return found[1]


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_new_vendor_has_what_the_form_said(acme: Account) -> None:
    browser = acme.browser()
    vendor(acme, name="Paylane")
    sent = FORM | {"risk": "HIGH", "type": "PARTNER", "critical": "yes", "userId": str(acme.alice_id)}
    sent |= {"cost": "9600.5", "contactsEmail": "a@b.test; c@d.test", "hasPii": "yes", "integrations": "Paylane"}
    sent |= {"renewalScheduleType": "CUSTOM", "renewalDate": "2027-05-31", "newFieldName": "Tier", "newFieldValue": "1"}
    sent |= {"privacyUrl": "https://fjord.test/privacy"}

    answer = browser.post("/vendors/new", data=sent)

    assert answer.status_code == 303
    made = stored(acme, int(answer.headers["location"].rpartition("/")[2]))
    assert (made["risk"], made["type"], made["critical"], made["cost"]) == ("HIGH", "PARTNER", True, "960050")
    assert (made["contactsEmail"], made["renewalDate"]) == ("a@b.test;c@d.test", "2027-05-31")
    assert made["customFields"][0]["value"] == "1"
    page = browser.get(answer.headers["location"]).text
    assert "Paylane" in page
    assert "9,600.50" in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "A vendor needs a name"),
        ("url", "ftp://fjord.test", "Must be an address like"),
        ("cost", "a lot", "An amount like 9600"),
        ("integrations", "Nobody Inc", "There is no vendor named nobody inc"),
        ("renewalDate", "soon", "Must be a date like"),
        ("userId", "999999", "No active user 999999"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_what_was_typed_stays(
    acme: Account, field: str, value: str, said: str
) -> None:
    answer = acme.browser().post("/vendors/new", data=FORM | {"notes": "typed <b>here</b>", field: value})

    assert answer.status_code == 400
    assert said in answer.text
    assert f'id="e-{field}"' in answer.text
    assert "typed &lt;b&gt;here&lt;/b&gt;" in answer.text


def test_an_edited_vendor_loses_what_was_emptied_and_keeps_the_rest(acme: Account) -> None:
    vendor_id = vendor(acme, notes="old", location="Oslo", risk="LOW", confirmed=True)
    browser = acme.browser()
    page = browser.get(f"/vendors/{vendor_id}/edit")
    confirmed = stored(acme, vendor_id)["confirmedAt"]

    sent = FORM | {"risk": "LOW", "location": "Bergen", "confirmed": "yes", "revision": revision(page)}
    answer = browser.post(f"/vendors/{vendor_id}/edit", data=sent)

    assert answer.status_code == 303
    after = stored(acme, vendor_id)
    assert (after["notes"], after["location"], after["confirmedAt"]) == (None, "Bergen", confirmed)


def test_a_second_editor_is_told_and_can_save_the_second_time(acme: Account) -> None:
    vendor_id = vendor(acme)
    browser = acme.browser()
    page = browser.get(f"/vendors/{vendor_id}/edit")
    acme.alice.put(f"/public/v2/vendors/{vendor_id}", json={"location": "Bergen"})

    told = browser.post(f"/vendors/{vendor_id}/edit", data=FORM | {"notes": "mine", "revision": revision(page)})
    saved = browser.post(f"/vendors/{vendor_id}/edit", data=FORM | {"notes": "mine", "revision": revision(told)})

    assert told.status_code == 409
    assert "Somebody else changed this vendor" in told.text
    assert "mine" in told.text
    assert saved.status_code == 303


def test_a_name_that_is_html_is_shown_as_text(acme: Account) -> None:
    vendor_id = vendor(acme, name="<script>alert(1)</script>")
    browser = acme.browser()

    for path in ("/vendors", f"/vendors/{vendor_id}", f"/vendors/{vendor_id}/edit"):
        assert "<script>alert" not in browser.get(path).text
        assert "&lt;script&gt;alert(1)" in browser.get(path).text


def test_the_list_is_searched_filtered_and_sorted(acme: Account) -> None:
    for name, risk, day in (("Beta", "HIGH", "2020-01-01"), ("alpha", "LOW", "2090-01-01"), ("Gamma", "NONE", None)):
        given = {"renewalScheduleType": "CUSTOM", "renewalDate": day} if day else {}
        vendor(acme, name=name, risk=risk, **given)
    browser = acme.browser()

    def names(query: str) -> list[str]:
        return [line["name"] for line in lines(browser.get(f"/vendors?format=csv&{query}"))]

    assert names("") == ["alpha", "Beta", "Gamma"]
    assert names("sort=-risk") == ["Beta", "alpha", "Gamma"]
    assert names("q=ET") == ["Beta"]
    assert names("deadline=OVERDUE") == ["Beta"]
    assert names("sort=renewal") == ["Beta", "alpha", "Gamma"]
    assert names("reviewed=UNDER_REVIEW") == []
    assert names("risk=LOW&status=NONE") == ["alpha"]
    assert "Next" not in browser.get("/vendors").text.partition('id="list"')[2].partition("list-foot")[2]


def test_a_deleted_vendor_is_gone_from_the_console(acme: Account) -> None:
    vendor_id = vendor(acme)
    browser = acme.browser()

    assert browser.post(f"/vendors/{vendor_id}/delete").headers["location"] == "/vendors"

    assert browser.get(f"/vendors/{vendor_id}").status_code == 404
    assert "No vendors yet" in browser.get("/vendors").text


def test_a_vendor_of_another_account_is_not_there(acme: Account, globex: Account) -> None:
    theirs = vendor(globex)
    browser = acme.browser()

    for path in ("", "/edit", "/documents", "/reviews/new"):
        assert browser.get(f"/vendors/{theirs}{path}").status_code == 404
    assert browser.post(f"/vendors/{theirs}/delete").status_code == 404
    assert browser.post(f"/vendors/{theirs}/edit", data=FORM).status_code == 404


def test_whoever_may_only_read_vendors_is_offered_no_change_and_can_make_none(acme: Account) -> None:
    vendor_id = vendor(acme)
    acme.user(f"bob@account{acme.id}.test", Role.READONLY_REVIEWER)
    bob = acme.browser(f"bob@account{acme.id}.test")

    page = bob.get(f"/vendors/{vendor_id}")

    assert page.status_code == 200
    assert "/edit" not in page.text
    assert "/delete" not in page.text
    for path in ("/vendors/new", f"/vendors/{vendor_id}/edit", "/vendors/types", "/vendors/settings"):
        assert bob.get(path).status_code == 403
    assert bob.post(f"/vendors/{vendor_id}/delete").status_code == 403


def test_a_type_of_vendors_is_added_chosen_renamed_and_deleted(acme: Account) -> None:
    browser = acme.browser()
    assert browser.post("/vendors/types", data={"name": "Cloud"}).status_code == 303
    again = browser.post("/vendors/types", data={"name": "cloud"})
    found = re.search(r"/vendors/types/(\d+)/rename", again.text)
    assert found
    made = browser.post("/vendors/new", data=FORM | {"type": found[1]}).headers["location"]
    browser.post(f"/vendors/types/{found[1]}/rename", data={"name": "Cloud & more"})

    assert again.status_code == 409
    assert "There is a vendor type cloud already" in again.text
    assert "Cloud &amp; more" in browser.get(made).text
    assert [line["name"] for line in lines(browser.get(f"/vendors?format=csv&type={found[1]}"))] == ["Fjord Hosting"]
    browser.post(f"/vendors/types/{found[1]}/delete")
    assert "No types of your own" in browser.get("/vendors/types").text
    assert "Cloud &amp; more" in browser.get(made).text


def test_settings_are_kept_and_days_that_are_none_are_refused(acme: Account) -> None:
    browser = acme.browser()
    given = {"window_days": "45", "questionnaire_reminder_days": "3", "questionnaire_reminders_most": "0"}

    refused = browser.post("/vendors/settings", data=given | {"owner_reminder_days": "7, soon"})
    taken = browser.post("/vendors/settings", data=given | {"owner_reminder_days": "14, -1"})

    assert refused.status_code == 400
    assert 'value="7, soon"' in refused.text
    assert taken.status_code == 303
    kept = acme.alice.get("/public/v2/vendor-settings").json()
    assert (kept["windowDays"], kept["recurringReviews"], kept["ownerReminderDays"]) == (45, False, [14, -1])
