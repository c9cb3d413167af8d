"""Behind the link: the room, its documents, and when the visit ends."""

import io
import re
from uuid import uuid4

import pypdf
import pytest

from tests.access.cast import BOB, DEVICE, SESSION, Browser, Desk
from tests.documents import pdf
from tests.trust.cast import DOCUMENTS
from tests.trust.cast import nda as upload_nda
from trustwright.agreements import actions as agreements
from trustwright.agreements.model import Signer
from trustwright.db import Tx


def texts(content: bytes) -> list[str]:
    """The text of each page of a PDF."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_the_room_says_who_until_when_and_what(desk: Desk) -> None:
    report = desk.document("SOC 2 report")
    browser = desk.visiting(report, days=30)

    room = browser.room()
    page = browser.get("/access")

    assert (room["company"], room["email"], room["name"]) == ("Acme", BOB.email, BOB.name)
    assert room["expiresAt"].endswith("Z")
    address = f"/access/documents/{report}"
    assert room["documents"] == [
        {
            "id": report,
            "name": "SOC 2 report",
            "type": "SECURITY_REPORT",
            "version": 1,
            "view": address,
            "download": f"{address}?download=1",
        }
    ]
    assert page.status_code == 200
    for text in (BOB.name, BOB.email, "SOC 2 report", address, "Ask for more time", "Sign out"):
        assert text in page.text


def test_access_without_end_has_nothing_to_ask_for(desk: Desk) -> None:
    browser = desk.visiting(desk.document(), days=None)

    assert browser.room()["expiresAt"] is None
    assert "Ask for more time" not in browser.get("/access").text


def test_names_are_shown_as_text(desk: Desk) -> None:
    browser = desk.visiting(desk.document("<img src=x onerror=alert(1)>"))

    page = browser.get("/access").text

    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_every_page_of_what_goes_out_says_whose_it_is(desk: Desk) -> None:
    report = desk.document(content=many_pages(7))
    request_id = uuid4()
    browser = desk.visiting(report, request_id=request_id)

    for answer in (browser.view(report), browser.view(report, download=True)):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        pages = texts(answer.content)
        assert len(pages) == 7
        for number, text in enumerate(pages):
            assert f"Sheet {number}" in text
            for stamped in (BOB.email, BOB.company, "UTC", str(request_id), "Confidential"):
                assert stamped in text


def many_pages(count: int) -> bytes:
    writer = pypdf.PdfWriter()
    for number in range(count):
        writer.append(io.BytesIO(pdf(f"Sheet {number}")))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_a_view_is_shown_and_a_download_is_saved(desk: Desk) -> None:
    report = desk.document()
    browser = desk.visiting(report)

    assert browser.view(report).headers["content-disposition"].startswith("inline;")
    assert browser.view(report, download=True).headers["content-disposition"].startswith("attachment;")
    for name, value in {"cache-control": "no-store", "x-content-type-options": "nosniff"}.items():
        assert browser.view(report).headers[name] == value


def test_a_grant_gets_the_same_copy_again_and_another_one_its_own(desk: Desk) -> None:
    report = desk.document()
    bob = desk.visiting(report)
    eve = desk.visiting(report, person=BOB.__class__(email="eve@hooli.test", name="Eve", company="Hooli"))

    first, again, other = bob.view(report), bob.view(report), eve.view(report)

    assert first.content == again.content
    assert BOB.email in texts(first.content)[0]
    assert "eve@hooli.test" in texts(other.content)[0]
    assert BOB.email not in texts(other.content)[0]


def test_what_may_only_be_viewed_is_not_downloaded(desk: Desk) -> None:
    report = desk.document(mode="VIEW")
    browser = desk.visiting(report)

    assert browser.view(report).status_code == 200
    refused = browser.view(report, download=True)
    assert refused.status_code == 403
    assert "can be viewed, and not downloaded" in refused.text
    assert browser.room()["documents"][0]["download"] is None


def test_an_original_goes_out_as_it_is(desk: Desk) -> None:
    content = pdf("As it is")
    report = desk.document(mode="ORIGINAL", content=content)
    browser = desk.visiting(report)

    assert browser.view(report).content == content
    assert browser.view(report, download=True).content == content


def test_other_formats_are_only_downloaded(desk: Desk) -> None:
    table = desk.document("Controls", content=b"a,b\r\n1,2\r\n", file_name="controls.csv")
    browser = desk.visiting(table)

    answer = browser.view(table)

    assert answer.content == b"a,b\r\n1,2\r\n"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert browser.room()["documents"][0]["view"] is None
    assert [line[0] for line in desk.log()] == ["OPEN", "DOWNLOAD"]


def test_what_cannot_be_stamped_after_all_does_not_go_out(desk: Desk) -> None:
    report = desk.document(mode="ORIGINAL", content=pdf("Secret").replace(b"startxref", b"startxxxx"))
    desk.account.sql("update trust_documents set mode = 'DOWNLOAD' where account_id = %s and id = %s", report)
    browser = desk.visiting(report)

    answer = browser.view(report)

    assert answer.status_code == 409
    assert "cannot be prepared for you" in answer.text
    assert [line[0] for line in desk.log()] == ["OPEN"]


def test_what_the_scanner_found_something_in_does_not_go_out(desk: Desk) -> None:
    report = desk.document()
    desk.account.sql("update files set scan_state = 'INFECTED', scan_detail = 'Eicar' where account_id = %s")
    browser = desk.visiting(report)

    assert browser.view(report).status_code == 409


@pytest.mark.parametrize(
    "change",
    ["deleted_at = now()", "is_published = false", "expires_at = now() - interval '1 minute'"],
    ids=["deleted", "unpublished", "out of date"],
)
def test_what_is_not_offered_any_more_is_gone_at_once(desk: Desk, change: str) -> None:
    report = desk.document()
    browser = desk.visiting(report, desk.document("Other"))

    desk.account.sql(f"update trust_documents set {change} where account_id = %s and id = %s", report)

    assert browser.view(report).status_code == 404
    assert browser.names() == ["Other"]


def test_what_became_public_stays_in_the_room(desk: Desk) -> None:
    report = desk.document()
    browser = desk.visiting(report)

    answer = desk.account.alice.put(f"{DOCUMENTS}/SECURITY_REPORT/{report}", json={"isPublic": True})

    assert answer.status_code == 200
    assert browser.view(report).status_code == 200


def test_after_a_new_version_that_one_goes_out(desk: Desk) -> None:
    report = desk.document(content=pdf("Old"))
    browser = desk.visiting(report)
    assert "Old" in texts(browser.view(report).content)[0]

    file = ("new.pdf", pdf("New"))
    answer = desk.account.alice.post(f"{DOCUMENTS}/SECURITY_REPORT/{report}/versions", files={"file": file})

    assert answer.status_code == 201, answer.text
    shown = texts(browser.view(report).content)[0]
    assert "New" in shown
    assert BOB.email in shown
    assert browser.room()["documents"][0]["version"] == 2


@pytest.mark.parametrize("which", ["other", "0", "-1", "x", "99999999999", "2147483648", "%00"])
def test_a_document_that_was_not_given_is_not_there(desk: Desk, which: str) -> None:
    other = desk.document("Other")
    browser = desk.visiting(desk.document())

    assert browser.get(f"/access/documents/{other if which == 'other' else which}").status_code == 404


def test_every_open_view_and_download_is_logged(desk: Desk) -> None:
    report = desk.document()
    browser = desk.browser()
    browser.client = desk.account.client(None)
    browser.client.headers["User-Agent"] = "Netscape"
    browser.open(desk.link(desk.give(report)))
    browser.view(report)
    browser.view(report, download=True)
    browser.get("/access")

    who = (BOB.email, "127.0.0.1", "Netscape")
    assert desk.log() == [
        ("OPEN", None, None, *who),
        ("VIEW", report, 1, *who),
        ("DOWNLOAD", report, 1, *who),
    ]


def test_a_visit_is_over_after_twelve_hours(desk: Desk) -> None:
    report = desk.document()
    browser = desk.visiting(report)

    desk.account.sql("update visitor_sessions set expires_at = now() where account_id = %s")

    assert refusals(browser, report) == {401}


def test_a_revoked_grant_ends_its_visits_at_once(desk: Desk) -> None:
    report, request_id = desk.document(), uuid4()
    grant = desk.give(report, request_id=request_id)
    browser = desk.browser()
    browser.open(desk.link(grant))

    assert desk.revoke(grant, request_id)

    assert refusals(browser, report) <= {401, 429}


def test_an_expired_grant_ends_its_visits_at_once(desk: Desk) -> None:
    report = desk.document()
    browser = desk.visiting(report)

    desk.account.sql("update grants set expires_at = now() where account_id = %s")

    assert refusals(browser, report) == {410}


def refusals(browser: Browser, document_id: int) -> set[int]:
    reads = [browser.get("/access"), browser.get("/access.json"), browser.view(document_id)]
    return {answer.status_code for answer in [*reads, browser.post("/access/renewal")]}


def test_what_was_taken_back_for_one_request_is_gone_at_once(desk: Desk) -> None:
    report, other, request_id = desk.document(), desk.document("Other"), uuid4()
    grant = desk.give(report, request_id=request_id)
    desk.give(other)
    browser = desk.browser()
    browser.open(desk.link(grant))

    assert not desk.revoke(grant, request_id)

    assert browser.view(report).status_code == 404
    assert browser.names() == ["Other"]


@pytest.mark.parametrize("cookie", [None, "", "x", chr(34), "a" * 4000, "A" * 43])
def test_a_forged_session_opens_nothing(desk: Desk, cookie: str | None) -> None:
    report = desk.document()
    desk.visiting(report)
    forger = desk.browser()
    if cookie is not None:
        forger.client.headers["Cookie"] = f"{SESSION}={cookie}"

    # Who tries out too many is not answered any more, which other tests may have brought about.
    assert refusals(forger, report) <= {401, 429}


def test_leaving_ends_the_visit_on_the_server_too(desk: Desk) -> None:
    report = desk.document()
    browser = desk.visiting(report)
    session = browser.client.cookies[SESSION]

    answer = browser.post("/access/leave")

    assert answer.status_code == 200
    assert SESSION not in browser.client.cookies
    browser.client.cookies.set(SESSION, session, path="/")
    assert browser.get("/access").status_code in (401, 429)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.test"},
        {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/access/leave", "/access/renewal", "link"])
def test_forms_of_other_sites_do_nothing(desk: Desk, headers: dict[str, str], path: str) -> None:
    report = desk.document()
    grant = desk.give(report)
    browser = desk.browser()
    link = desk.link(grant)
    browser.open(link)

    answer = browser.post(link if path == "link" else path, headers=headers)

    assert answer.status_code == 403
    assert browser.get("/access").status_code == 200
    assert [line[0] for line in desk.log()] == ["OPEN"]


def test_our_own_forms_work_in_new_and_old_browsers(desk: Desk) -> None:
    link = desk.link(desk.give(desk.document()))
    host = desk.account.world.address

    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": host}, {"Origin": "null"}, {}):
        assert desk.browser().post(link, headers=headers).status_code == 303


def test_more_time_can_be_asked_for(desk: Desk) -> None:
    browser = desk.visiting(desk.document())

    answer = browser.post("/access/renewal")

    assert (answer.status_code, answer.headers.get("location")) == (303, "/access?asked")
    page = browser.get("/access?asked")
    assert "passed it on" in page.text
    assert desk.account.sql("select status, is_renewal, email from access_requests where account_id = %s") == [
        ("PENDING", True, BOB.email)
    ]


def test_cookies_are_for_the_server_and_these_pages_only(desk: Desk) -> None:
    answer = desk.browser().post(desk.link(desk.give(desk.document())))

    cookies = {cookie.partition("=")[0]: cookie.lower() for cookie in answer.headers.get_list("set-cookie")}
    assert cookies.keys() == {SESSION, DEVICE}
    for cookie in cookies.values():
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/" in cookie
    assert f"max-age={12 * 3600};" in f"{cookies[SESSION]};"


def test_what_was_signed_can_be_had_by_who_signed_it_alone(desk: Desk) -> None:
    bob = desk.visiting(desk.document())
    eve = desk.visiting(desk.document("Policy"), person=BOB.__class__(email="eve@hooli.test", name="Eve", company="H"))
    paper = signed(desk, BOB.email)

    (agreement,) = bob.room()["agreements"]
    copy = bob.get(agreement["download"])

    assert agreement["download"] == f"/access/agreements/{paper}"
    assert copy.headers["content-disposition"].startswith("attachment;")
    assert copy.content.startswith(b"%PDF")
    assert eve.room()["agreements"] == []
    assert eve.get(agreement["download"]).status_code == 404


def signed(desk: Desk, email: str) -> int:
    """Puts an agreement in force that somebody then accepted by ticking the box; the id of the acceptance."""
    upload_nda(desk.account)

    async def accept(tx: Tx) -> int:
        nda = await agreements.current_nda(tx, desk.account.workspace_id)
        assert nda is not None
        signer = Signer(
            workspace_id=desk.account.workspace_id, request_id=uuid4(), email=email, name="Bob", company="Initech"
        )
        return (await agreements.accept_by_click(tx, nda, signer, None, None)).id

    return desk.do(accept)


def test_the_browsers_own_viewer_is_not_given_what_may_only_be_viewed(desk: Desk) -> None:
    policy = desk.document("Policy", mode="VIEW")
    browser = desk.visiting(policy)
    address = f"/access/documents/{policy}"

    answer = browser.get(address, headers={"Sec-Fetch-Dest": "document"})
    page = browser.get(f"{address}/view").text

    assert (answer.status_code, answer.headers["location"]) == (303, f"{address}/view")
    assert f'data-pdf="{address}"' in page
    assert "download" not in page.lower()


def test_what_the_viewer_loads_is_served(desk: Desk) -> None:
    page = desk.visiting(policy := desk.document("Policy")).get
    text = page(f"/access/documents/{policy}/view").text
    loaded = re.findall(r'(?:src|href|data-pdf-\w+)="(/visitor/static/[^"]+)"', text)

    assert len(loaded) > 5
    assert [address for address in loaded if page(address).status_code != 200] == []
