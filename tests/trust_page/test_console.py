"""The trust page in the console: what is refused, what is kept, and who may do what."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.trust.cast import PNG, events
from tests.trust_page.cast import control, item, noted, page, publish
from trustwright.accounts.model import Entitlement
from trustwright.accounts.roles import Role
from trustwright.times import iso
from trustwright.trust_page.model import Content, Faq, Framework, Item, Link, Subprocessor, Update, UpdateCategory

EVIL = "<script>alert(1)</script>"
CONTROLS = "/trust-center/controls"
CONTENT = "/trust-center/content"
APPEARANCE = "/trust-center/appearance"


@pytest.fixture
def browser(acme: Account) -> httpx.Client:
    return acme.browser()


def sent(**changes: Any) -> dict[str, Any]:
    return {"code": "AC-1", "name": "Disks", "category": "DATA_SECURITY", "is_published": "yes", **changes}


def settings_of(browser: httpx.Client, **changes: str) -> dict[str, str]:
    text = browser.get(APPEARANCE).text
    revision = text.partition('name="revision" value="')[2].partition('"')[0]
    return {"name": "Acme", "revision": revision, "slaTime": "0", **changes}


def link(account: Account, name: str = "Status", **more: Any) -> Item:
    return item(account, Link(name=name, url="https://acme.example"), **more)


def test_a_control_is_added_and_stands_in_the_list(browser: httpx.Client) -> None:
    answer = browser.post(f"{CONTROLS}/new", data=sent(name=f"Disks {EVIL}", interval_days="7"))

    assert answer.headers["location"] == CONTROLS
    text = browser.get(CONTROLS).text
    assert "Disks &lt;script&gt;" in text
    assert "tested every 7 days" in text


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ""}, "The control needs a name"),
        ({"interval_days": "0"}, "Must be a number of days from 1 to 3650"),
        ({"evidence_until": "soon"}, "is not a day"),
        ({"code": "TAKEN"}, "belongs to another control"),
    ],
)
def test_a_control_that_cannot_be_taken_is_shown_again_as_typed(
    browser: httpx.Client, acme: Account, changes: dict[str, str], fault: str
) -> None:
    control(acme, "TAKEN")

    answer = browser.post(f"{CONTROLS}/new", data=sent(description="Typed long", **changes))

    assert answer.status_code in (400, 409)
    assert fault in answer.text
    assert "Typed long" in answer.text


def test_the_last_day_of_evidence_stays_the_day_that_was_typed(browser: httpx.Client, acme: Account) -> None:
    browser.post(f"{CONTROLS}/new", data=sent(evidence_until="2027-01-31"))

    (found,) = acme.sql("select id, evidence_until from trust_controls where account_id = %s")
    assert found[1] == datetime(2027, 2, 1, tzinfo=UTC)
    assert 'value="2027-01-31"' in browser.get(f"{CONTROLS}/{found[0]}").text


def test_a_second_editor_of_a_control_is_told(browser: httpx.Client, acme: Account) -> None:
    kept = control(acme)
    revision = iso(kept.updated_at)
    assert browser.post(f"{CONTROLS}/{kept.id}", data=sent(revision=revision)).status_code == 303

    answer = browser.post(f"{CONTROLS}/{kept.id}", data=sent(name="Mine", revision=revision))

    assert answer.status_code == 409
    assert "Somebody else changed this control" in answer.text
    assert 'value="Mine"' in answer.text


def test_a_result_is_noted_by_hand(browser: httpx.Client, acme: Account) -> None:
    kept = control(acme)

    browser.post(f"{CONTROLS}/{kept.id}/result", data={"passes": "no"})

    assert "Failing" in browser.get(f"{CONTROLS}/{kept.id}").text
    assert browser.post(f"{CONTROLS}/{kept.id}/result", data={}).status_code == 400


def test_a_control_moves_past_its_neighbour_in_its_category(browser: httpx.Client, acme: Account) -> None:
    first, _, last = control(acme, "A"), control(acme, "B", category="APP_SECURITY"), control(acme, "C")

    browser.post(f"{CONTROLS}/{last.id}/move", data={"to": "up"})
    browser.post(f"{CONTROLS}/{first.id}/move", data={"to": "down"})

    found = acme.sql("select code from trust_controls where account_id = %s order by place")
    assert found == [("C",), ("B",), ("A",)]


def test_controls_are_searched_filtered_and_sent_as_a_file(browser: httpx.Client, acme: Account) -> None:
    noted(acme, control(acme, "PASSES"), passes=True)
    noted(acme, control(acme, "FAILS"), passes=False)

    text = browser.get(CONTROLS, params={"status": "FAILING", "q": "fails"}).text
    file = browser.get(CONTROLS, params={"format": "csv"})

    assert "FAILS" in text
    assert "PASSES" not in text
    assert len(file.text.splitlines()) == 3
    assert file.headers["content-type"].startswith("text/csv")


def test_an_archived_control_leaves_the_page(browser: httpx.Client, acme: Account) -> None:
    publish(acme)
    kept = control(acme)

    browser.post(f"{CONTROLS}/{kept.id}/archive")

    assert page(acme)["controls"] == []
    assert browser.get(f"{CONTROLS}/{kept.id}").status_code == 404


FORMS = {
    "subprocessors": {"name": "Fjord", "purpose": "Hosting", "country": "Norway", "data_categories": "A\r\nB\r\n"},
    "updates": {"title": "News", "text": "Text", "category": "incidents", "published_on": "2026-01-02"},
    "faq": {"question": "Where?", "answer": "Here"},
    "frameworks": {"name": "SOC 2", "status": "Issued", "valid_until": "2027-01-31", "document": ""},
    "links": {"name": "Status", "url": "https://status.example"},
}


@pytest.mark.parametrize("section", FORMS)
def test_an_entry_of_each_section_is_added_and_changed(browser: httpx.Client, acme: Account, section: str) -> None:
    path = f"{CONTENT}/{section}"
    assert browser.get(path).status_code == 200
    assert browser.post(f"{path}/new", data=FORMS[section] | {"is_published": "yes"}).status_code == 303

    ((id_, moment),) = acme.sql("select id, updated_at from trust_items where account_id = %s")
    form = browser.get(f"{path}/{id_}").text
    for value in FORMS[section].values():
        assert value.split("\r")[0] in form
    answer = browser.post(f"{path}/{id_}", data=FORMS[section] | {"revision": iso(moment)})

    assert answer.status_code == 303
    assert "Draft" in browser.get(path).text


def test_the_lines_of_a_list_become_its_values(browser: httpx.Client, acme: Account) -> None:
    publish(acme)

    browser.post(f"{CONTENT}/subprocessors/new", data=FORMS["subprocessors"] | {"is_published": "yes"})

    assert page(acme)["subprocessors"][0]["dataCategories"] == ["A", "B"]


@pytest.mark.parametrize(
    ("section", "changes", "fault"),
    [
        ("links", {"url": "javascript:alert(1)"}, "Must be an address that begins with https://"),
        ("links", {"name": " "}, "Must not be empty"),
        ("frameworks", {"valid_until": "someday"}, "is not a day"),
        ("updates", {"category": "gossip"}, "Choose one of"),
    ],
)
def test_an_entry_that_cannot_be_taken_is_shown_again(
    browser: httpx.Client, section: str, changes: dict[str, str], fault: str
) -> None:
    answer = browser.post(f"{CONTENT}/{section}/new", data=FORMS[section] | changes)

    assert answer.status_code == 400
    assert fault in answer.text


def test_entries_move_are_unpublished_and_deleted(browser: httpx.Client, acme: Account) -> None:
    publish(acme)
    one, two = link(acme, "One"), link(acme, "Two")

    browser.post(f"{CONTENT}/links/{two.id}/move", data={"to": "up"})
    assert [each["name"] for each in page(acme)["links"]] == ["Two", "One"]
    browser.post(f"{CONTENT}/links/{one.id}/publish", data={"to": "draft"})
    assert [each["name"] for each in page(acme)["links"]] == ["Two"]
    browser.post(f"{CONTENT}/links/{two.id}/delete")

    assert page(acme)["links"] == []
    assert {"kind": "trust item", "id": two.id} in [event["target"] for event in events(acme)]


def test_the_preview_is_safe_and_keeps_nothing(browser: httpx.Client, acme: Account) -> None:
    headers = {"HX-Request": "true", "HX-Trigger-Name": "answer"}

    answer = browser.post(f"{CONTENT}/preview", data={"answer": f"**Bold** {EVIL}"}, headers=headers)

    assert "<strong>Bold</strong>" in answer.text
    assert "<script>" not in answer.text
    assert acme.sql("select id from trust_items where account_id = %s") == []


def test_the_appearance_is_saved_and_seen(browser: httpx.Client, acme: Account) -> None:
    sent = {"slug": f"acme-{acme.id}", "isPublished": "yes", "about": "We host.", "facts": "Region: EU\nCity: Oslo: 1"}

    answer = browser.post(APPEARANCE, data=settings_of(browser, **sent))

    assert answer.status_code == 303
    shown = page(acme)
    assert shown["about"]["text"] == "We host."
    assert shown["facts"] == [{"name": "Region", "value": "EU"}, {"name": "City", "value": "Oslo: 1"}]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"slug": "Not a slug"}, "Must have 2 to 63 characters"),
        ({"domain": "https://acme.example"}, "Must be the name of a host"),
        ({"primaryColor": "red"}, "Must be a color like"),
        ({"facts": "nonsense"}, "as a name, a colon"),
        ({"isPublished": "yes"}, "Give the trust center a slug first"),
        ({"contactUrl": "javascript:alert(1)"}, "Must be an address"),
    ],
)
def test_an_appearance_that_cannot_be_taken_is_shown_again(
    browser: httpx.Client, changes: dict[str, str], fault: str
) -> None:
    answer = browser.post(APPEARANCE, data=settings_of(browser, about="Typed long", **changes))

    assert answer.status_code == 400
    assert fault.lower() in answer.text.lower()
    assert "Typed long" in answer.text


def test_the_preview_of_the_page_shows_what_is_typed_and_keeps_nothing(browser: httpx.Client, acme: Account) -> None:
    typed = {"name": f"Acme {EVIL}", "primaryColor": "#ffee00", "headerTemplate": "<b>Top</b><script>1</script>"}

    text = browser.post(f"{APPEARANCE}/preview", data=typed).text

    assert "Acme &lt;script&gt;" in text
    assert "<b>Top</b>" in text
    assert "<script>" not in text
    assert "On light ground the colour is #756d00" in text
    assert acme.sql("select primary_color from trust_centers where account_id = %s") == [("",)]


def test_a_picture_is_put_in_place_and_one_too_large_is_refused(browser: httpx.Client, acme: Account) -> None:
    path = f"{APPEARANCE}/pictures"

    def put(content: bytes) -> httpx.Response:
        revision = settings_of(browser)["revision"]
        return browser.post(path, data={"kind": "logo", "revision": revision}, files={"file": ("logo.png", content)})

    assert put(PNG).status_code == 303
    assert "Logo as it is" in browser.get(path).text
    answer = put(PNG + b"0" * 150_000)

    assert answer.status_code == 400
    assert "must not be larger than 150 kB" in answer.text


def test_who_may_only_look_sees_no_buttons_and_changes_nothing(acme: Account) -> None:
    email = f"rita@account{acme.id}.test"
    acme.user(email, Role.READONLY_TRUST_CENTER_MANAGER)
    browser = acme.browser(email)
    kept = control(acme)
    link(acme)

    assert "Add a control" not in browser.get(CONTROLS).text
    assert "Unpublish" not in browser.get(f"{CONTENT}/links").text
    for path in (f"{CONTROLS}/new", f"{CONTROLS}/{kept.id}", APPEARANCE, f"{CONTENT}/links/new"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"{CONTROLS}/{kept.id}/archive").status_code == 403


def test_another_accounts_control_and_entry_are_not_found(browser: httpx.Client, globex: Account) -> None:
    theirs, entry = control(globex), link(globex)

    assert browser.get(f"{CONTROLS}/{theirs.id}").status_code == 404
    assert browser.post(f"{CONTROLS}/{theirs.id}/move", data={"to": "up"}).status_code == 404
    for rest in ("", "/publish", "/delete", "/move"):
        assert browser.post(f"{CONTENT}/links/{entry.id}{rest}", data={"to": "up"}).status_code == 404


def test_an_entry_is_found_in_its_own_section_only(browser: httpx.Client, acme: Account) -> None:
    entry = link(acme)

    assert browser.get(f"{CONTENT}/faq/{entry.id}").status_code == 404
    assert browser.get(f"{CONTENT}/nonsense").status_code == 404


def test_without_the_plan_it_is_not_there(browser: httpx.Client, acme: Account) -> None:
    acme.plan([Entitlement.TRUST_CENTER_ESSENTIALS])

    assert browser.get(CONTROLS).status_code == 200
    assert browser.get(APPEARANCE).status_code == 402


def test_names_are_escaped_everywhere(browser: httpx.Client, acme: Account) -> None:
    entries: list[Content] = [
        Subprocessor(name=EVIL, purpose=EVIL, country=EVIL, effective_from=date(2026, 1, 1)),
        Update(title=EVIL, text=EVIL, category=UpdateCategory.GENERAL, published_at=datetime(2026, 1, 1, tzinfo=UTC)),
        Faq(question=EVIL, answer=EVIL),
        Framework(name=EVIL, status=EVIL),
    ]
    for section, entry in zip(("subprocessors", "updates", "faq", "frameworks"), entries, strict=True):
        kept = item(acme, entry)
        for path in (f"{CONTENT}/{section}", f"{CONTENT}/{section}/{kept.id}"):
            assert EVIL not in browser.get(path).text
