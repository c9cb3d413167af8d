"""Documents, the NDA and the rules of access in the console: what is refused, and what nobody may see."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.documents import pdf
from tests.factories import Account, World
from tests.trust.cast import document, managed, nda, settings
from trustwright.accounts.roles import Role

DOCUMENTS = "/trust-center/documents"
ACCESS = "/trust-center/access"


@pytest.fixture
def browser(acme: Account) -> httpx.Client:
    """Of Alice, whose trust center needs no NDA."""
    settings(acme, flowType="NO_NDA_REQUIRED")
    return acme.browser()


def revision(browser: httpx.Client, path: str) -> str:
    return browser.get(path).text.partition('name="revision" value="')[2].partition('"')[0]


def at(made: dict[str, object], rest: str = "") -> str:
    return f"{DOCUMENTS}/{made['type']}/{made['id']}{rest}"


def upload(browser: httpx.Client, content: bytes | None = None, **changes: str) -> httpx.Response:
    fields = {"name": "Pen test", "type": "SECURITY_REPORT", "visibility": "ON_REQUEST", "mode": "VIEW"}
    files = (
        {"file": ("report.pdf", pdf("x") if content is None else content)} if content != b"" else {"none": ("", b"")}
    )
    return browser.post(f"{DOCUMENTS}/new", data={**fields, "is_published": "yes", **changes}, files=files)


def test_an_uploaded_document_is_as_it_was_chosen(acme: Account, browser: httpx.Client) -> None:
    answer = upload(browser, expires="2030-06-30")

    assert answer.status_code == 303
    (made,) = managed(acme).values()
    chosen = [made[name] for name in ("name", "isPublic", "mode", "isPublished", "needsReview", "expiresAt")]
    assert chosen == ["Pen test", False, "VIEW", True, False, "2030-07-01T00:00:00.000Z"]


@pytest.mark.parametrize(
    ("content", "changes"),
    [(None, {"name": " "}), (None, {"type": ""}), (b"", {}), (b"no pdf", {}), (None, {"expires": "soon"})],
)
def test_a_document_that_cannot_be_kept_is_asked_for_again(
    acme: Account, browser: httpx.Client, content: bytes | None, changes: dict[str, str]
) -> None:
    answer = upload(browser, content, **{"name": "<Kept>", **changes})

    assert answer.status_code == 400
    assert ('value="&lt;Kept&gt;"' in answer.text) is ("name" not in changes)
    assert managed(acme) == {}


def test_documents_are_listed_by_type_visibility_and_name(acme: Account, browser: httpx.Client) -> None:
    document(acme, "Alpha", "POLICY", True)
    document(acme, "<Beta>", "COMPLIANCE", False)

    assert "Alpha" not in browser.get(f"{DOCUMENTS}/COMPLIANCE").text
    assert "&lt;Beta&gt;" in browser.get(f"{DOCUMENTS}/COMPLIANCE").text
    assert "Alpha" not in browser.get(f"{DOCUMENTS}?visibility=ON_REQUEST").text
    assert "Alpha" not in browser.get(f"{DOCUMENTS}?q=bet").text
    assert len(browser.get(f"{DOCUMENTS}?format=csv").text.splitlines()) == 3
    assert browser.get(f"{DOCUMENTS}/NOTHING").status_code == 404


def test_an_edit_leaves_an_end_alone_that_was_not_touched(acme: Account, browser: httpx.Client) -> None:
    made = document(acme)
    noon = "2030-01-01T12:00:00.000Z"
    acme.alice.put(f"/public{at(made)}", json={"expiresAt": noon}).raise_for_status()
    path = at(made, "/edit")
    form = {"name": "Renamed", "visibility": "ON_REQUEST", "mode": "VIEW", "expires": "2030-01-01"}

    assert browser.post(path, data={**form, "revision": revision(browser, path)}).status_code == 303

    (after,) = managed(acme).values()
    assert (after["name"], after["expiresAt"], after["isPublished"]) == ("Renamed", noon, False)


def test_the_second_editor_of_a_document_is_told(acme: Account, browser: httpx.Client) -> None:
    made = document(acme)
    path = at(made, "/edit")
    seen = revision(browser, path)
    acme.alice.put(f"/public{at(made)}", json={"name": "Theirs"}).raise_for_status()

    answer = browser.post(path, data={"name": "Mine", "revision": seen})

    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text
    assert [each["name"] for each in managed(acme).values()] == ["Theirs"]


def test_a_new_version_takes_the_place_of_the_old_one_which_can_be_had(acme: Account, browser: httpx.Client) -> None:
    made = document(acme, content=pdf("first"))
    sent = {"revision": revision(browser, at(made))}

    answer = browser.post(at(made, "/versions"), data=sent, files={"file": ("second.pdf", pdf("second"))})

    assert answer.status_code == 303
    assert "second.pdf" in browser.get(at(made)).text
    assert browser.get(at(made, "/versions/1")).status_code == 303
    assert browser.get(at(made, "/versions/3")).status_code == 404


def test_a_deleted_document_is_gone(acme: Account, browser: httpx.Client) -> None:
    made = document(acme)

    assert browser.post(at(made, "/delete"), data={"revision": revision(browser, at(made))}).status_code == 303

    assert browser.get(at(made)).status_code == 404


def test_the_rules_are_saved_and_a_bad_one_is_shown_again(acme: Account, browser: httpx.Client) -> None:
    path = f"{ACCESS}/edit"
    form = {
        "flowType": "NO_NDA_REQUIRED",
        "defaultExpirationDays": "",
        "ndaMemoryDays": "30",
        "signingWindowDays": "7",
        "slaTime": "2",
        "tellsDenied": "yes",
        "securityEmails": "a@acme.test\nb@acme.test",
        "legalEmail": "",
    }

    assert browser.post(path, data={**form, "revision": revision(browser, path)}).status_code == 303
    bad = browser.post(path, data={**form, "signingWindowDays": "0", "revision": revision(browser, path)})
    late = browser.post(path, data={**form, "revision": "2020-01-01T00:00:00.000Z"})

    kept = settings(acme)
    names = ("defaultExpirationDays", "ndaMemoryDays", "signingWindowDays")
    assert [kept[name] for name in names] == [None, 30, 7]
    assert "a@acme.test, b@acme.test" in browser.get(ACCESS).text
    assert (bad.status_code, late.status_code) == (400, 409)
    assert "a whole number of days from 1" in bad.text


def test_domains_and_addresses_are_added_and_removed_one_by_one(acme: Account, browser: httpx.Client) -> None:
    path = f"{ACCESS}/preapproved"

    assert browser.post(f"{path}/add", data={"names": "initech.test\nBob@Other.test"}).status_code == 303
    refused = browser.post(f"{path}/add", data={"names": "gmail.com"})

    assert refused.status_code == 400
    assert "gmail.com</textarea>" in refused.text
    lines = browser.get(f"{path}?format=csv").text.splitlines()[1:]
    assert [line.split(",")[:2] for line in lines] == [["ADDRESS", "bob@other.test"], ["DOMAIN", "initech.test"]]
    number = browser.get(f"{path}?kind=ADDRESS").text.split("/remove")[0].rpartition("/")[2]
    assert browser.post(f"{path}/{number}/remove", data={}).status_code == 303
    assert "bob@other.test" not in browser.get(path).text.partition('id="list"')[2]
    assert browser.post(f"{path}/{number}/remove", data={}).status_code == 404


def test_an_nda_is_replaced_and_goes_only_when_nothing_needs_it(acme: Account, browser: httpx.Client) -> None:
    path = f"{ACCESS}/nda"
    assert browser.post(f"{path}/upload", files={"file": ("nda.pdf", pdf("NDA"))}).status_code == 303
    assert browser.post(f"{path}/upload", files={"file": ("nda.txt", b"NDA")}).status_code == 400
    settings(acme, flowType="SELF")
    document(acme, "Held back")

    kept = browser.post(f"{path}/remove", data={})

    assert kept.status_code == 400
    assert "Held back" in kept.text
    settings(acme, flowType="NO_NDA_REQUIRED")
    assert browser.post(f"{path}/remove", data={}).status_code == 303
    assert browser.get(f"{path}/file").status_code == 404


def test_acceptances_are_found_by_the_beginning_of_an_address(acme: Account, browser: httpx.Client) -> None:
    nda(acme)
    made = document(acme)
    for who in ("ann@ahead.test", "bob@initech.test"):
        asked = [{"documentId": made["id"], "type": made["type"]}]
        body = {"email": who, "name": "N", "lastname": "", "company": "", "acceptTerms": True, "documents": asked}
        acme.alice.post("/public/trust-center/requests", json={**body, "flowType": "SELF"}).raise_for_status()
    path = f"{ACCESS}/acceptances"

    found = browser.get(f"{path}?q=ANN").text

    assert ("ann@ahead.test" in found, "bob@initech.test" in found) == (True, False)
    assert len(browser.get(f"{path}?format=csv").text.splitlines()) == 3
    assert str(datetime.now(UTC).year) in found


def test_who_may_only_read_changes_nothing(acme: Account, browser: httpx.Client) -> None:
    made = document(acme)
    acme.user("reader@acme.test", Role.ACT_AS_READ_ONLY)
    reader = acme.browser("reader@acme.test")

    assert reader.get(at(made)).status_code == 200
    assert "/edit" not in reader.get(at(made)).text
    for path in (at(made, "/edit"), at(made, "/delete"), f"{ACCESS}/edit", f"{ACCESS}/nda/remove"):
        assert reader.post(path, data={}).status_code == 403


def test_who_only_decides_requests_sees_no_documents(acme: Account, browser: httpx.Client) -> None:
    acme.user("reviewer@acme.test", Role.TRUST_CENTER_REVIEWER)

    assert acme.browser("reviewer@acme.test").get(DOCUMENTS).status_code == 403


@pytest.mark.parametrize("rest", ["", "/edit", "/versions/1"])
def test_a_document_of_another_account_is_not_there(
    world: World, acme: Account, browser: httpx.Client, rest: str
) -> None:
    stranger = world.account("Strangers").browser()

    assert stranger.get(at(document(acme), rest)).status_code == 404


@pytest.mark.parametrize("rest", ["/edit", "/delete"])
def test_nobody_changes_a_document_of_another_account(
    world: World, acme: Account, browser: httpx.Client, rest: str
) -> None:
    made = document(acme)

    assert world.account("Strangers").browser().post(at(made, rest), data={"name": "x"}).status_code == 404
