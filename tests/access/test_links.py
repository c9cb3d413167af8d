"""Links in mails: opened by their button only, until they or the grant end, and on new devices with a code."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.access.cast import BOB, DEVICE, SESSION, URL, Desk
from trustwright.access import actions
from trustwright.access.model import Grant
from trustwright.errors import TooManyRequests
from trustwright.links import hash_token

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def rows(desk: Desk) -> dict[str, int]:
    """How much there is of everything that opening a link could write."""
    tables = ("access_links", "access_devices", "visitor_sessions", "access_log", "grants", "mails", "events")
    return {name: desk.account.sql(f"select count(*) from {name} where account_id = %s")[0][0] for name in tables}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_that_scanners_open_a_hundred_times_stays_as_it_was(desk: Desk, method: str) -> None:
    link = desk.link(desk.give(desk.document()))
    before = rows(desk)
    scanner = desk.browser()

    for _ in range(100):
        answer = scanner.client.request(method, link)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert answer.text if method == "GET" else not answer.content

    assert rows(desk) == before
    desk.browser().open(link)


def test_the_page_behind_a_link_says_whose_it_is_and_no_more(desk: Desk) -> None:
    report = desk.document("Very secret")

    answer = desk.browser().get(desk.link(desk.give(report)))

    assert "b***@initech.test" in answer.text
    assert BOB.email not in answer.text
    assert "Very secret" not in answer.text
    headers = answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_only_the_hash_of_a_link_is_kept(desk: Desk) -> None:
    token = desk.link(desk.give(desk.document())).rpartition("/")[2]

    ((kept,),) = desk.account.sql("select token_sha256 from access_links where account_id = %s")

    assert kept == hash_token(token)


def test_a_link_works_again_and_again(desk: Desk) -> None:
    link = desk.link(desk.give(desk.document()))
    browser = desk.browser()

    for _ in range(3):
        browser.open(link)
        assert browser.names() == ["SOC 2 report"]


def expired_link(desk: Desk) -> str:
    link = desk.link(desk.give(desk.document(), days=None))
    desk.account.sql("update access_links set expires_at = expires_at - interval '30 days' where account_id = %s")
    return link


def expired_grant(desk: Desk) -> str:
    link = desk.link(desk.give(desk.document()))
    desk.account.sql("update grants set expires_at = now() where account_id = %s")
    return link


def revoked(desk: Desk) -> str:
    request_id = uuid4()
    grant = desk.give(desk.document(), request_id=request_id)
    link = desk.link(grant)
    desk.revoke(grant, request_id)
    return link


def rotated(desk: Desk) -> str:
    grant = desk.give(desk.document())
    link = desk.link(grant)
    desk.browser().open(desk.link(grant, rotate=True))
    return link


@pytest.mark.parametrize("over", [expired_link, expired_grant, revoked, rotated])
def test_a_link_that_is_over_says_so_and_offers_another(desk: Desk, over: Callable[[Desk], str]) -> None:
    link = over(desk)
    sessions = rows(desk)["visitor_sessions"]
    browser = desk.browser()

    answers = [browser.get(link), browser.post(link), browser.post(f"{link}/code", data={"code": "000000"})]

    for answer in answers:
        assert answer.status_code == 410
        assert "This link opens nothing now" in answer.text
        assert 'action="/access/lost"' in answer.text
        assert 'name="email"' in answer.text
    assert SESSION not in browser.client.cookies
    assert rows(desk)["visitor_sessions"] == sessions


@pytest.mark.parametrize("token", ["a" * 43, "x", "%00", "..%2f..", "a" * 2000, "%ff%fe"])
def test_an_unknown_link_opens_nothing(desk: Desk, token: str) -> None:
    browser = desk.browser()

    # Who tries out too many is not answered any more, which other tests may have brought about.
    assert browser.get(f"/access/{token}").status_code in (410, 429)
    assert browser.post(f"/access/{token}").status_code in (410, 429)


def test_who_tries_out_links_is_slowed_down(desk: Desk) -> None:
    guesser = desk.browser()

    answers = [guesser.get(f"/access/{number:043}") for number in range(50)]

    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    desk.browser().open(desk.link(desk.give(desk.document())))


def test_a_link_lasts_a_month_and_no_longer_than_the_grant(desk: Desk) -> None:
    for person, days in ((BOB, None), (BOB.__class__(email="eve@hooli.test", name="Eve", company=""), 5)):
        desk.link(desk.give(desk.document(), person=person, days=days))

    lengths = desk.account.sql(
        "select expires_at - created_at from access_links where account_id = %s order by expires_at desc"
    )

    assert lengths[0][0] == 30 * DAY
    assert 5 * DAY - MINUTE < lengths[1][0] <= 5 * DAY


def test_older_links_live_on_beside_a_new_one_unless_they_are_rotated(desk: Desk) -> None:
    grant = desk.give(desk.document())
    first, second = desk.link(grant), desk.link(grant)
    desk.browser().open(first)
    desk.browser().open(second)

    third = desk.link(grant, rotate=True)

    assert [desk.browser().get(link).status_code for link in (first, second, third)] == [410, 410, 200]


def test_no_more_than_ten_links_are_made_in_an_hour(desk: Desk) -> None:
    grant = desk.give(desk.document())
    for number in range(10):
        desk.link(grant, later=number * MINUTE)

    with pytest.raises(TooManyRequests) as refused:
        desk.link(grant, later=10 * MINUTE)

    assert 49 * 60 <= refused.value.retry_after <= 50 * 60
    desk.link(grant, later=61 * MINUTE)


def test_no_more_links_are_made_for_one_grant_than_ten_but_others_are(desk: Desk) -> None:
    grant = desk.give(desk.document())
    other = desk.give(desk.document(), person=BOB.__class__(email="eve@hooli.test", name="Eve", company=""))
    for _ in range(10):
        desk.link(grant)

    assert desk.link(other)
    assert desk.do(lambda tx: actions.new_link_if_allowed(tx, grant, URL)) is None


def test_a_link_that_was_made_is_on_record_without_its_token(desk: Desk) -> None:
    grant = desk.give(desk.document())
    token = desk.link(grant, rotate=True).rpartition("/")[2]

    assert [type_ for type_, _ in desk.events()] == ["REQUEST_STATUS_CHANGED"] * 2
    assert desk.events()[-1][1] == "A link for bob@initech.test was made, and the older ones ended"
    assert not desk.account.sql("select from events where account_id = %s and events::text like %s", f"%{token}%")


@pytest.fixture
def asking(desk: Desk) -> tuple[Grant, str]:
    """A grant that asks new browsers for a code, opened in one already; and its link."""
    grant = desk.give(desk.document(), asks=True)
    link = desk.link(grant)
    desk.browser().open(link)
    return grant, link


def test_the_first_browser_is_let_in_at_once_and_stays_known(desk: Desk) -> None:
    grant = desk.give(desk.document(), asks=True)
    browser = desk.browser()

    browser.open(desk.link(grant))
    browser.post("/access/leave")
    browser.open(desk.link(grant))

    assert desk.codes() == []


def test_another_browser_is_asked_for_a_code_and_then_known(desk: Desk, asking: tuple[Grant, str]) -> None:
    _, link = asking
    other = desk.browser()

    question = other.post(link)

    assert question.status_code == 200
    assert "b***@initech.test" in question.text
    assert SESSION not in other.client.cookies
    ((recipient, subject, _),) = desk.mails()
    assert recipient == BOB.email
    assert "is your code" in subject
    answer = other.post(f"{link}/code", data={"code": f" {desk.codes()[0]} "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/access")
    assert other.names() == ["SOC 2 report"]
    other.post("/access/leave")
    other.open(link)
    assert len(desk.codes()) == 1


def test_a_grant_that_does_not_ask_is_opened_anywhere(desk: Desk) -> None:
    link = desk.link(desk.give(desk.document(), asks=False))

    desk.browser().open(link)
    desk.browser().open(link)

    assert desk.codes() == []


def test_a_wrong_code_may_be_corrected(desk: Desk, asking: tuple[Grant, str]) -> None:
    _, link = asking
    other = desk.browser()
    other.post(link)
    (code,) = desk.codes()

    answer = other.post(f"{link}/code", data={"code": wrong(code)})

    assert answer.status_code == 400
    assert "that is not the code" in answer.text
    assert SESSION not in other.client.cookies
    assert other.post(f"{link}/code", data={"code": code}).status_code == 303


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_after_five_wrong_codes_the_right_one_is_of_no_use(desk: Desk, asking: tuple[Grant, str]) -> None:
    _, link = asking
    other = desk.browser()
    other.post(link)
    (code,) = desk.codes()

    answers = [other.post(f"{link}/code", data={"code": wrong(code)}) for _ in range(5)]

    assert "This code is over" in answers[-1].text
    assert "This code is over" in other.post(f"{link}/code", data={"code": code}).text
    other.post(link)
    assert other.post(f"{link}/code", data={"code": desk.codes()[-1]}).status_code == 303


def test_a_code_is_over_after_ten_minutes(desk: Desk, asking: tuple[Grant, str]) -> None:
    _, link = asking
    other = desk.browser()
    other.post(link)
    desk.account.sql("update access_devices set code_until = code_until - interval '10 minutes' where account_id = %s")

    answer = other.post(f"{link}/code", data={"code": desk.codes()[0]})

    assert answer.status_code == 400
    assert "This code is over" in answer.text


def test_a_code_works_once_and_only_the_newest(desk: Desk, asking: tuple[Grant, str]) -> None:
    _, link = asking
    other = desk.browser()
    other.post(link)
    other.post(link)
    first, second = desk.codes()

    assert first == second or other.post(f"{link}/code", data={"code": first}).status_code == 400
    assert other.post(f"{link}/code", data={"code": second}).status_code == 303
    assert other.post(f"{link}/code", data={"code": second}).status_code == 400


def test_a_code_opens_the_browser_that_asked_for_it_and_no_other(desk: Desk, asking: tuple[Grant, str]) -> None:
    _, link = asking
    desk.browser().post(link)

    thief = desk.browser()

    assert thief.post(f"{link}/code", data={"code": desk.codes()[0]}).status_code == 400


@pytest.mark.parametrize("code", ["", "000000 or 1=1", "１２３４５６", "<b>"])
def test_what_is_no_code_is_a_wrong_one(desk: Desk, asking: tuple[Grant, str], code: str) -> None:
    _, link = asking
    other = desk.browser()
    other.post(link)

    assert other.post(f"{link}/code", data={"code": code}).status_code == 400


def test_no_more_than_five_codes_are_sent_in_an_hour_whatever_the_browser(
    desk: Desk, asking: tuple[Grant, str]
) -> None:
    _, link = asking
    browsers = [desk.browser() for _ in range(5)]
    assert [browser.post(link).status_code for browser in browsers] == [200] * 5

    refused = browsers[0].post(link)

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "try again" in refused.text
    assert len(desk.codes()) == 5
    desk.account.sql("update access_devices set codes_since = codes_since - interval '1 hour' where account_id = %s")
    assert browsers[0].post(link).status_code == 200


@pytest.mark.parametrize("cookie", ["x", "a" * 43, "<script>"])
def test_a_forged_device_is_a_new_one(desk: Desk, asking: tuple[Grant, str], cookie: str) -> None:
    _, link = asking
    forger = desk.browser()

    answer = forger.post(link, headers={"Cookie": f"{DEVICE}={cookie}"})

    assert answer.status_code == 200
    assert "Code from the mail" in answer.text


def test_a_browser_that_one_grant_knows_is_new_to_another(desk: Desk) -> None:
    report = desk.document()
    eve = BOB.__class__(email="eve@hooli.test", name="Eve", company="Hooli")
    hers = desk.link(desk.give(report, person=eve, asks=True))
    desk.browser().open(hers)
    browser = desk.browser()
    browser.open(desk.link(desk.give(report, asks=True)))

    assert "Code from the mail" in browser.post(hers).text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"code=%ff%fe", 400),
        (b"code=%00", 400),
        (b"\xff\xfe", 400),
        (b"a=1&" * 200, 400),
        (b"code=" + b"1" * 70_000, 413),
    ],
)
def test_a_form_that_is_none_is_refused(desk: Desk, asking: tuple[Grant, str], body: bytes, status: int) -> None:
    _, link = asking

    answer = desk.browser().post(f"{link}/code", content=body)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
