"""What is put into the outbox, and what is not."""

import asyncio
import re
from typing import Any

import pytest
from jinja2 import PackageLoader, UndefinedError

from tests.mail.postman import VALUES, Office, Postman
from trustwright.errors import Invalid
from trustwright.mail import actions
from trustwright.mail.model import MailState
from trustwright.mail.rendering import NoSubject, templates


async def send(office: Office, event: str, **more: Any) -> bool:
    async with office.world.database.begin(office.account.who) as tx:
        return await actions.send(tx, event, "bob@initech.test", "note", VALUES, **more)


def test_a_mail_waits_in_the_outbox_as_it_was_rendered(office: Office) -> None:
    mail = office.mail(office.send("review 7 due"))

    assert (mail.event, mail.recipient, mail.state) == ("review 7 due", "bob@initech.test", MailState.QUEUED)
    assert mail.subject == "A note about Initech"
    assert mail.body_text == "This is about Initech: https://trust.acme.test/q#token123\n\n-- \nAcme\n"
    assert 'href="https://trust.acme.test/q#token123"' in mail.body_html
    assert "Sent for Acme" in mail.body_html
    assert (mail.attempts, mail.last_error, mail.sent_at) == (0, None, None)


def test_a_second_mail_of_the_same_event_is_ignored(office: Office) -> None:
    first = office.send("once")

    assert office.world.run(send(office, "once", subject="Another")) is False
    assert [mail.id for mail in office.mails()] == [first]
    assert office.mail(first).subject == "A note about Initech"


def test_of_two_transactions_at_once_one_sends_the_mail(office: Office, postman: Postman) -> None:
    async def both() -> tuple[bool, bool]:
        async with office.world.database.begin(office.account.who) as tx:
            first = await actions.send(tx, "raced", "bob@initech.test", "note", VALUES)
            second = asyncio.create_task(send(office, "raced"))
            await asyncio.sleep(0.2)
            assert not second.done()
        return first, await second

    assert office.world.run(both()) == (True, False)
    (mail,) = office.mails()
    office.deliver(mail.id)
    office.deliver(mail.id)
    assert len(postman.mails) == 1


def test_the_mail_of_a_transaction_that_failed_is_sent_by_the_next(office: Office) -> None:
    async def fail() -> None:
        async with office.world.database.begin(office.account.who) as tx:
            assert await actions.send(tx, "twice tried", "bob@initech.test", "note", VALUES)
            raise LookupError

    with pytest.raises(LookupError):
        office.world.run(fail())

    assert office.mails() == []
    assert office.world.run(send(office, "twice tried")) is True


@pytest.mark.parametrize(
    "recipient",
    [
        "bob@initech.test\r\nBcc: eve@evil.test",
        "bob@initech.test\nBcc: eve@evil.test",
        "bob@initech.test\n",
        "bob@initech.test, eve@evil.test",
        "Bob <bob@initech.test>",
        "bob",
        "",
        "bob@" + "ü" * 70 + ".test",
        "bob@initech>test",
        "bob@initech,evil.test",
    ],
)
def test_a_recipient_who_is_no_single_address_is_refused(office: Office, recipient: str) -> None:
    with pytest.raises(Invalid, match="recipient"):
        office.send(recipient=recipient)

    assert office.mails() == []


@pytest.mark.parametrize(
    "subject", ["Hello\r\nBcc: eve@evil.test", "Hello\nthere", "Hello\rthere", "Hello\u2028", "\0"]
)
def test_a_subject_with_a_line_break_is_refused(office: Office, subject: str) -> None:
    with pytest.raises(Invalid, match="subject"):
        office.send(subject=subject)

    assert office.mails() == []


def test_a_value_with_a_line_break_stays_within_the_subject(office: Office) -> None:
    mail = office.mail(office.send(values={"vendor": "Initech\r\nBcc: eve@evil.test"}))

    assert mail.subject == "A note about Initech Bcc: eve@evil.test"


def test_a_subject_given_stands_in_place_of_the_templates(office: Office) -> None:
    mail = office.mail(office.send(subject="Über uns"))

    assert mail.subject == "Über uns"
    assert "<title>Über uns</title>" in mail.body_html
    assert "Subject" not in mail.body_text


def test_values_are_escaped_in_html_and_only_there(office: Office) -> None:
    mail = office.mail(office.send(values={"vendor": "<b>Bits & Bytes</b>"}))

    assert mail.subject == "A note about <b>Bits & Bytes</b>"
    assert "<b>Bits & Bytes</b>" in mail.body_text
    assert "&lt;b&gt;Bits &amp; Bytes&lt;/b&gt;" in mail.body_html
    assert "<b>" not in mail.body_html


def test_what_somebody_wrote_keeps_its_lines(office: Office) -> None:
    mail = office.mail(office.send(values={"vendor": "one\r\ntwo\n\n\n<three>"}))

    assert "one<br>two</p>" in mail.body_html
    assert ">&lt;three&gt;</p>" in mail.body_html


def test_the_name_under_a_mail_can_be_another_than_the_accounts(office: Office) -> None:
    mail = office.mail(office.send(values={"account_name": "Acme Europe"}))

    assert mail.body_text.endswith("-- \nAcme Europe\n")
    assert "Sent for Acme Europe" in mail.body_html


def test_a_value_that_nobody_gave_is_an_error(office: Office) -> None:
    async def without_values() -> None:
        async with office.world.database.begin(office.account.who) as tx:
            await actions.send(tx, "incomplete", "bob@initech.test", "note", {})

    with pytest.raises(UndefinedError, match="vendor"):
        office.world.run(without_values())


def test_a_template_without_a_subject_needs_one(office: Office) -> None:
    async def plain(subject: str | None) -> None:
        async with office.world.database.begin(office.account.who) as tx:
            await actions.send(tx, "plain", "bob@initech.test", "plain", {}, subject)

    with pytest.raises(NoSubject):
        office.world.run(plain(None))
    office.world.run(plain("Plain"))
    assert office.mails()[0].body_text == "No subject here\n\n-- \nAcme\n"


SHIPPED = PackageLoader("trustwright.mail").list_templates()


@pytest.mark.parametrize("name", [name for name in SHIPPED if name.endswith(".txt.jinja")])
def test_every_template_has_a_subject_and_a_page_that_loads_nothing(name: str) -> None:
    text, _, _ = PackageLoader("trustwright.mail").get_source(templates, name)
    page = name.replace(".txt.jinja", ".html.jinja")

    assert text.startswith("Subject: ")
    assert page in SHIPPED
    templates.get_template(name)
    source, _, _ = PackageLoader("trustwright.mail").get_source(templates, page)
    assert '{% extends "base.html.jinja" %}' in source
    assert not re.search(r"<(img|script|link|style|iframe)\b", source)
    templates.get_template(page)
