"""The public page for people: what it shows, how it is requested from, subscribed to, found, and reached."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.factories import Account
from tests.trust.cast import act, document, nda, settings
from tests.trust_page.cast import control, item, publish, slug
from trustwright.db import Tx
from trustwright.mail.model import Mail, message_of
from trustwright.mail.store import newest
from trustwright.settings import Settings
from trustwright.trust.actions import update_settings
from trustwright.trust.changes import SettingsChange
from trustwright.trust_page import colors, jobs, subscriptions
from trustwright.trust_page.colors import contrast, readable
from trustwright.trust_page.model import Faq, Subprocessor, Update, UpdateCategory

PAGE = {"Accept": "text/html"}
EVIL = "<script>alert(1)</script>"


def update(title: str = "SOC 2 report is out", **changes: Any) -> Update:
    given: dict[str, Any] = {"text": "Read *it*.", "category": UpdateCategory.COMPLIANCE}
    return Update(title=title, **{"published_at": datetime.now(UTC) - timedelta(hours=1), **given, **changes})


def change(account: Account, **settings: Any) -> None:
    async def work(tx: Tx) -> None:
        await update_settings(tx, account.workspace_id, SettingsChange(**settings))

    act(account, work)


def get(account: Account, rest: str = "", **headers: str) -> httpx.Response:
    return account.visitor().get(f"/trust/{slug(account)}{rest}", headers={**PAGE, **headers})


def mails(account: Account) -> list[Mail]:
    async def find(tx: Tx) -> list[Mail]:
        return await newest(tx, 20)

    return act(account, find)


def subscribe(account: Account, email: str = "bob@initech.example") -> httpx.Response:
    return account.visitor().post(f"/trust/{slug(account)}/subscription", data={"email": email}, headers=PAGE)


def link_in(mail: Mail) -> str:
    found = re.search(r"http\S*(/subscriptions/\S+)", mail.body_text)
    assert found
    return found[1]


def subscribed(account: Account) -> str:
    """The path of a confirmed subscription."""
    subscribe(account)
    link = link_in(mails(account)[0])
    account.visitor().post(link, data={"action": "confirm"})
    return link


def told(account: Account) -> list[Mail]:
    """The mails of updates after both jobs have run."""

    async def work(tx: Tx) -> None:
        await subscriptions.take_up_updates(tx)

    act(account, work)
    queued = account.sql(
        "select args from procrastinate_jobs where task_name = 'trust_page.tell_subscribers'"
        " and (args ->> 'account_id')::bigint = %s",
    )

    async def tell(tx: Tx) -> None:
        for (arguments,) in queued:
            values = {name: value for name, value in arguments.items() if name != "account_id"}
            settings = Settings(public_url=account.world.address, secret_key="of the test")
            await jobs.told(tx, settings, **values)

    act(account, tell)
    return [mail for mail in mails(account) if mail.event.startswith("trust_updates")]


def test_the_page_shows_its_sections_and_escapes_what_was_typed(acme: Account) -> None:
    publish(acme, about=f"# Hello\n\n{EVIL}", name=f"Acme {EVIL}")
    control(acme, name=f"Disks {EVIL}")
    item(acme, Subprocessor(name=f"Fjord {EVIL}", purpose=EVIL, country="Norway"))
    item(acme, Faq(question=f"Where? {EVIL}", answer=f"Here {EVIL}"))
    item(acme, update(f"News {EVIL}"))

    answer = get(acme)

    assert answer.headers["content-type"].startswith("text/html")
    for text in ("Disks", "Fjord", "Where?", "News", "Norway", "Data security"):
        assert text in answer.text
    assert "<script>alert" not in answer.text
    assert '<h3 id="q"' not in answer.text
    assert "<h3>Hello</h3>" in answer.text


def test_an_unpublished_page_is_nowhere(acme: Account) -> None:
    settings(acme, slug=slug(acme))

    for rest in ("", ".md", "/updates.atom", "/requests", "/robots.txt", "/sitemap.xml"):
        assert get(acme, rest).status_code == 404
    assert "There is no such page" in get(acme).text


def test_who_has_the_page_is_not_sent_it_again(acme: Account) -> None:
    publish(acme)
    first = get(acme)

    second = get(acme, **{"If-None-Match": first.headers["etag"]})

    assert (second.status_code, second.content) == (304, b"")
    assert first.headers["cache-control"] == "public, max-age=60"


def test_the_page_is_light(acme: Account) -> None:
    publish(acme, primaryColor="#ff8800")
    page = get(acme)
    parts = re.findall(r'(?:href|src)="(/visitor/[^"]+)"', page.text)

    weight = len(page.content) + sum(len(acme.visitor().get(part).content) for part in parts)

    assert "/visitor/colors/ff8800.css" in parts
    assert weight < 60_000
    assert "<script" not in page.text


def test_a_search_shows_what_fits(acme: Account) -> None:
    publish(acme)
    item(acme, Faq(question="Where is our data?", answer="In Norway"))
    item(acme, Faq(question="Who is told?", answer="The contact"))

    shown = get(acme, "?q=norway DATA").text

    assert "Where is our data?" in shown
    assert "Who is told?" not in shown
    assert "1 entry fits" in shown


def test_the_markdown_twin_says_the_same(acme: Account) -> None:
    publish(acme, about="We host things.")
    item(acme, Subprocessor(name="Fjord", purpose="Hosting", country="Norway"))
    paper = document(acme, "Policy", "POLICY", is_public=True)

    text = get(acme, ".md").text

    assert text.startswith("# Acme\n\nWe host things.")
    assert "- Fjord, Norway: Hosting" in text
    assert f"- Policy (Policy): {acme.world.address}/trust/{slug(acme)}/documents/POLICY/{paper['id']}" in text


def test_the_feed_has_what_is_public(acme: Account) -> None:
    publish(acme)
    item(acme, update("Out & about"))
    item(acme, update("A draft"), is_published=False)
    item(acme, update("Tomorrow", published_at=datetime.now(UTC) + timedelta(days=1)))

    answer = get(acme, "/updates.atom")

    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert "<title>Out &amp; about</title>" in answer.text
    assert "&lt;em&gt;it&lt;/em&gt;" in answer.text
    assert "draft" not in answer.text
    assert "Tomorrow" not in answer.text


def test_search_engines_are_told_what_they_may_list(acme: Account) -> None:
    publish(acme)
    assert "noindex" not in get(acme).text
    assert f"/trust/{slug(acme)}</loc>" in acme.visitor().get("/sitemap.xml").text

    change(acme, is_indexed=False)

    assert '<meta name="robots" content="noindex">' in get(acme).text
    assert f"/trust/{slug(acme)}</loc>" not in acme.visitor().get("/sitemap.xml").text
    assert "Disallow: /" in get(acme, "/robots.txt").text
    assert "Disallow: /\n" in acme.visitor().get("/robots.txt").text


def test_the_page_is_at_the_companys_own_host_and_nothing_else_is(acme: Account) -> None:
    publish(acme)
    host = f"trust.acme-{uuid4().hex[:8]}.example"
    change(acme, domain=host)
    there = acme.visitor()
    there.headers["Host"] = host

    page = there.get("/", headers=PAGE)

    assert page.status_code == 200
    assert f'<link rel="canonical" href="http://{host}">' in page.text
    assert there.get("/visitor/static/trust.css").status_code == 200
    assert there.get(f"/trust/{slug(acme)}.json").json()["name"] == "Acme"
    assert f"Sitemap: http://{host}/sitemap.xml" in there.get("/robots.txt").text
    for path in ("/sign-in", "/public/vendors", "/trust/other", "/events"):
        assert there.get(path, headers=PAGE).status_code == 404


def test_two_trust_centers_cannot_have_the_same_host(acme: Account, globex: Account) -> None:
    host = f"trust-{uuid4().hex[:8]}.example"
    change(acme, domain=host)

    with pytest.raises(Exception, match="belongs to another trust center"):
        change(globex, domain=host)


def test_several_documents_are_requested_by_a_form_without_a_script(acme: Account) -> None:
    nda(acme)
    publish(acme, flowType="SELF")
    one, two = document(acme, "SOC 2"), document(acme, "Pentest")
    wanted = [f"SECURITY_REPORT:{each['id']}" for each in (one, two)]
    visitor = acme.visitor()

    shown = visitor.get(f"/trust/{slug(acme)}/requests", params={"documents": wanted[0]}, headers=PAGE).text
    assert shown.count(" checked") == 1
    assert "and accept it" in shown
    person = {"email": "bob@initech.example", "name": "Bob", "lastname": "S", "company": "Initech"}
    sent = {**person, "documents": wanted, "acceptTerms": "true"}
    answer = visitor.post(f"/trust/{slug(acme)}/requests", data=sent, headers=PAGE)

    assert "Your request was received" in answer.text
    assert acme.sql("select count(*) from access_request_documents where account_id = %s") == [(2,)]


def test_a_request_that_cannot_be_taken_is_shown_again_as_typed(acme: Account) -> None:
    nda(acme)
    publish(acme, flowType="SELF")
    one = document(acme, "SOC 2")
    sent = {"email": "bob", "name": 'Bob "B"', "lastname": "", "company": "Initech", "documents": "SECURITY_REPORT:1"}
    visitor = acme.visitor()

    answer = visitor.post(f"/trust/{slug(acme)}/requests", data=sent, headers=PAGE)

    assert answer.status_code == 400
    assert "Write your address like name@company.com" in answer.text
    assert 'value="Bob &#34;B&#34;"' in answer.text
    sent |= {"email": "bob@initech.example", "documents": f"SECURITY_REPORT:{one['id']}"}
    answer = visitor.post(f"/trust/{slug(acme)}/requests", data=sent, headers=PAGE)
    assert (answer.status_code, "Accept the agreement to go on" in answer.text) == (400, True)


def test_documents_whose_names_are_hidden_are_requested_by_their_kind(acme: Account) -> None:
    publish(acme, hidesPrivateNames=True)
    document(acme, "Secret SOC 2")
    document(acme, "Secret pentest")
    visitor = acme.visitor()
    assert "Secret" not in visitor.get(f"/trust/{slug(acme)}/requests", headers=PAGE).text

    sent = {"email": "bob@initech.example", "name": "Bob", "documents": "SECURITY_REPORT:0"}
    visitor.post(f"/trust/{slug(acme)}/requests", data=sent, headers=PAGE)

    assert acme.sql("select count(*) from access_request_documents where account_id = %s") == [(2,)]


def test_nobody_is_mailed_updates_who_did_not_confirm(acme: Account) -> None:
    publish(acme)

    answer = subscribe(acme)
    again = subscribe(acme)

    assert answer.text == again.text
    (mail,) = mails(acme)
    assert mail.recipient == "bob@initech.example"
    assert "Confirm" in acme.visitor().get(link_in(mail)).text
    item(acme, update())
    assert told(acme) == []


def test_who_confirmed_is_mailed_once_and_unsubscribes_by_the_button_of_the_mail_program(acme: Account) -> None:
    publish(acme)
    link = subscribed(acme)
    item(acme, update("SOC 2 is out"))
    item(acme, update("Pentest is out"))
    item(acme, update("Of last year", published_at=datetime(2025, 1, 1, tzinfo=UTC)))

    (mail,) = told(acme)

    assert mail.subject == "Acme: 2 updates"
    assert "Of last year" not in mail.body_text
    message = message_of(mail, "Trustwright <t@example.com>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/subscriptions/" in message["List-Unsubscribe"]
    assert len(told(acme)) == 1
    acme.visitor().post(link, data={"List-Unsubscribe": "One-Click"})
    assert acme.sql("select email from trust_subscribers where account_id = %s") == [(None,)]
    item(acme, update("More"))
    assert len(told(acme)) == 1


def test_a_subscription_link_that_was_made_up_opens_nothing(acme: Account) -> None:
    publish(acme)
    link = subscribed(acme)

    assert acme.visitor().get(link[:-1] + ("a" if link[-1] != "a" else "b")).status_code == 404


@pytest.mark.parametrize("color", ["ffee00", "000000", "ffffff", "0b7285", "ff0000"])
def test_a_color_can_be_read_on_both_grounds(color: str) -> None:
    chosen = (int(color[:2], 16), int(color[2:4], 16), int(color[4:], 16))

    assert contrast(readable(chosen, colors.LIGHT_GROUND, colors.BLACK), colors.LIGHT_GROUND) >= 4.5
    assert contrast(readable(chosen, colors.DARK_GROUND, colors.WHITE), colors.DARK_GROUND) >= 4.5
