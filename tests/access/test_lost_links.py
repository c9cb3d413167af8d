"""A lost link: the page says the same to everybody, and only who holds a grant gets a mail; news of new versions."""

import httpx
import pytest

from tests.access.cast import BOB, LINK, URL, Desk
from tests.documents import pdf
from tests.records.cast import eventually
from tests.trust.cast import DOCUMENTS, put_settings
from trustwright.access import visiting
from trustwright.access.model import Person


def published(desk: Desk) -> str:
    """The slug under which the desk's trust center is published."""
    slug = f"acme-{desk.account.id}"
    answer = put_settings(desk.account, slug=slug, isPublished=True)
    assert answer.status_code == 200, answer.text
    return slug


def lost(desk: Desk, **fields: str) -> httpx.Response:
    return desk.browser().post("/access/lost", data=fields)


def test_the_page_says_the_same_whoever_asks(desk: Desk) -> None:
    slug = published(desk)
    desk.give(desk.document())

    answers = [
        lost(desk, slug=slug, email=BOB.email),
        lost(desk, slug=slug, email="nobody@initech.test"),
        lost(desk, slug="nothing-like-it", email=BOB.email),
    ]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.text for answer in answers}) == 1
    assert BOB.email not in answers[0].text


def test_who_holds_a_grant_gets_a_fresh_link_beside_the_old_one(desk: Desk) -> None:
    slug = published(desk)
    old = desk.link(desk.give(desk.document()))

    lost(desk, slug=slug, email=" BOB@Initech.test ")

    eventually(lambda: len(desk.mails()) == 1)
    ((recipient, subject, text),) = desk.mails()
    assert (recipient, subject) == (BOB.email, "Your link to the documents of Acme")
    (token,) = LINK.findall(text)
    desk.browser().open(f"/access/{token}")
    assert desk.browser().get(old).status_code == 200


def found(desk: Desk, email: str = BOB.email) -> bool:
    """What the job does."""
    return desk.do(lambda tx: visiting.mail_lost_link(tx, desk.account.workspace_id, email, URL))


def test_who_holds_nothing_gets_no_mail(desk: Desk) -> None:
    desk.give(desk.document())
    assert not found(desk, "nobody@initech.test")

    desk.account.sql("update grants set expires_at = now() where account_id = %s")
    assert not found(desk)

    assert desk.mails() == []


def test_asking_again_and_again_mails_ten_links_an_hour_and_says_nothing(desk: Desk) -> None:
    desk.give(desk.document())

    answers = [found(desk) for _ in range(12)]

    assert answers == [True] * 10 + [False] * 2
    assert len(desk.mails()) == 10


@pytest.mark.parametrize("email", ["", "bob", "bob@", "@initech.test", "bob@initech.test\nBcc: eve@hooli.test"])
def test_what_is_no_address_is_said(desk: Desk, email: str) -> None:
    assert lost(desk, slug="acme", email=email).status_code == 400


def test_the_mail_says_until_when(desk: Desk) -> None:
    desk.give(desk.document(), days=None)
    found(desk)
    desk.account.sql("update grants set expires_at = '2100-05-04 13:07Z' where account_id = %s")
    found(desk)

    without, with_end = (text for _, _, text in desk.mails())
    assert "until" not in without
    assert "until 2100-05-04 13:07 UTC" in with_end


def told(desk: Desk, document_id: int) -> int:
    """What the job of a new version does: how many it told."""
    return desk.do(lambda tx: visiting.tell_holders(tx, document_id, URL))


def test_holders_hear_of_a_new_version_once(desk: Desk) -> None:
    report, other = desk.document(), desk.document("Other")
    desk.give(report)
    desk.give(other, person=Person(email="eve@hooli.test", name="Eve", company="Hooli"))
    file = ("new.pdf", pdf("New"))

    answer = desk.account.alice.post(f"{DOCUMENTS}/SECURITY_REPORT/{report}/versions", files={"file": file})

    assert answer.status_code == 201, answer.text
    eventually(lambda: len(desk.mails()) == 1)
    ((recipient, subject, text),) = desk.mails()
    assert (recipient, subject) == (BOB.email, "Acme has a new version of SOC 2 report")
    assert "is now at version 2" in text
    desk.browser().open(f"/access/{LINK.findall(text)[0]}")
    assert told(desk, report) == 0


def test_who_does_not_hold_it_any_more_hears_nothing(desk: Desk) -> None:
    report = desk.document()
    desk.give(report)
    desk.account.sql("update grants set expires_at = now() where account_id = %s")

    assert told(desk, report) == 0


def test_of_a_document_that_is_not_offered_nobody_hears(desk: Desk) -> None:
    report = desk.document()
    desk.give(report)
    desk.account.sql("update trust_documents set is_published = false where account_id = %s")

    assert told(desk, report) == 0


def test_who_was_sent_many_links_hears_of_a_new_version_all_the_same(desk: Desk) -> None:
    report = desk.document()
    grant = desk.give(report)
    for _ in range(10):
        desk.link(grant)

    assert told(desk, report) == 1

    assert "with the link that you were sent before" in desk.mails()[0][2]


def test_names_stand_as_text_in_html_mails(desk: Desk) -> None:
    report = desk.document("<b>Bold</b>")
    desk.give(report)
    told(desk, report)

    ((html,),) = desk.account.sql("select body_html from mails where account_id = %s")

    assert "<b>Bold" not in html
    assert "&lt;b&gt;Bold" in html
