"""Grants: one live one a person, what it opens and until when, and what of that is on record."""

import threading
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.access.cast import BOB, Desk
from trustwright.access import actions
from trustwright.access.model import Action, Grant, visitor_hash
from trustwright.db import Tx
from trustwright.errors import NotFound

DAY = timedelta(days=1)


def live(desk: Desk, *, later: timedelta = timedelta()) -> Grant | None:
    return desk.do(lambda tx: actions.live_grant(tx, desk.account.workspace_id, BOB.email), later=later)


def opened(desk: Desk, grant: Grant) -> set[int]:
    return desk.do(lambda tx: actions.granted_documents(tx, grant.id))


def ended(desk: Desk, *, later: timedelta = timedelta()) -> list[int]:
    return [grant.id for grant in desk.do(actions.ended_grants, later=later)]


def test_a_second_gift_goes_under_the_live_grant_and_leaves_its_end(desk: Desk) -> None:
    one, two = desk.document("One"), desk.document("Two")
    first = desk.give(one, days=30)

    second = desk.give(two, one, days=90)

    assert (second.id, second.expires_at) == (first.id, first.expires_at)
    assert opened(desk, first) == {one, two}


def test_the_end_moves_when_it_shall(desk: Desk) -> None:
    report = desk.document()
    first = desk.give(report, days=30)

    assert desk.give(report, days=None, moves_end=True).expires_at is None
    moved = desk.give(report, days=10, moves_end=True)

    assert moved.id == first.id
    assert moved.expires_at is not None
    assert first.expires_at is not None
    assert moved.expires_at < first.expires_at


def test_a_grant_comes_to_ask_new_browsers_and_never_ceases_to(desk: Desk) -> None:
    report = desk.document()

    asks = [desk.give(report, asks=asks).asks_on_new_device for asks in (False, True, False)]

    assert asks == [False, True, True]


def test_after_its_end_a_grant_opens_nothing_whatever_the_timers_do(desk: Desk) -> None:
    grant = desk.give(desk.document(), days=30)

    assert live(desk, later=30 * DAY - timedelta(minutes=1)) is not None
    assert live(desk, later=30 * DAY) is None
    assert not grant.is_live(grant.created_at + 30 * DAY)


def test_who_asks_again_after_the_end_gets_a_grant_of_their_own(desk: Desk) -> None:
    one, two = desk.document("One"), desk.document("Two")
    old = desk.give(one, days=30)

    new = desk.give(two, days=30, later=31 * DAY)

    assert new.id != old.id
    assert opened(desk, new) == {two}
    assert ended(desk, later=31 * DAY) == [old.id]
    assert ended(desk, later=31 * DAY) == []
    expired = [what for _, what in desk.events() if "expired" in what]
    assert expired == ["The access of bob@initech.test expired"]


def test_the_end_is_written_down_once(desk: Desk) -> None:
    grant = desk.give(desk.document(), days=30)
    desk.give(desk.document(), days=None, person=BOB.__class__(email="eve@hooli.test", name="Eve", company=""))

    assert ended(desk) == []
    assert ended(desk, later=30 * DAY) == [grant.id]
    assert ended(desk, later=31 * DAY) == []
    assert desk.events()[-1] == ("REQUEST_STATUS_CHANGED", "The access of bob@initech.test expired")


def test_grants_that_end_soon_are_found_by_their_end(desk: Desk) -> None:
    grant = desk.give(desk.document(), days=14)

    def ending(after: int, until: int) -> list[Grant]:
        return desk.do(lambda tx: actions.ending_grants(tx, tx.now + after * DAY, tx.now + until * DAY))

    assert [found.id for found in ending(13, 14)] == [grant.id]
    assert ending(0, 13) == []
    assert ending(14, 20) == []


def test_extending_moves_the_end_of_a_live_grant(desk: Desk) -> None:
    grant = desk.give(desk.document(), days=30)

    extended = desk.do(lambda tx: actions.extend(tx, grant, tx.now + 60 * DAY))

    assert extended.expires_at is not None
    assert live(desk, later=59 * DAY) is not None
    assert desk.events()[-1] == ("REQUEST_STATUS_CHANGED", "The access of bob@initech.test got a new end")


def test_what_is_over_is_not_extended(desk: Desk) -> None:
    request_id = uuid4()
    grant = desk.give(desk.document(), request_id=request_id)
    desk.revoke(grant, request_id)

    with pytest.raises(NotFound):
        desk.do(lambda tx: actions.extend(tx, grant, None))


def test_a_document_that_two_requests_hold_stays_while_one_does(desk: Desk) -> None:
    one, two = desk.document("One"), desk.document("Two")
    first, second = uuid4(), uuid4()
    grant = desk.give(one, two, request_id=first)
    desk.give(one, request_id=second)

    assert not desk.revoke(grant, first)
    assert opened(desk, grant) == {one}
    assert desk.revoke(grant, second)
    assert live(desk) is None


def test_revoking_twice_changes_nothing_more(desk: Desk) -> None:
    request_id = uuid4()
    grant = desk.give(desk.document(), request_id=request_id)
    assert desk.revoke(grant, request_id)
    events = desk.events()

    assert desk.revoke(grant, request_id)

    assert desk.events() == events


def test_revoking_for_a_request_that_gave_nothing_takes_nothing(desk: Desk) -> None:
    report = desk.document()
    grant = desk.give(report)

    assert not desk.revoke(grant, uuid4())

    assert opened(desk, grant) == {report}


def test_what_was_taken_back_can_be_given_again(desk: Desk) -> None:
    one, two, request_id = desk.document("One"), desk.document("Two"), uuid4()
    grant = desk.give(one, request_id=request_id)
    desk.give(two)
    desk.revoke(grant, request_id)

    again = desk.give(one, request_id=request_id)

    assert again.id == grant.id
    assert opened(desk, grant) == {one, two}


def test_who_ever_held_a_grant_is_known(desk: Desk) -> None:
    def held() -> bool:
        return desk.do(lambda tx: actions.held_before(tx, desk.account.workspace_id, BOB.email))

    request_id = uuid4()
    assert not held()
    grant = desk.give(desk.document(), request_id=request_id)
    desk.revoke(grant, request_id)
    assert held()


def test_two_requests_granted_at_once_end_under_one_grant(desk: Desk) -> None:
    documents = [desk.document(f"Document {number}") for number in range(4)]
    grants: list[Grant] = []
    threads = [threading.Thread(target=lambda each=each: grants.append(desk.give(each))) for each in documents]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({grant.id for grant in grants}) == 1
    assert len(grants) == 4
    assert opened(desk, grants[0]) == set(documents)


def test_each_change_is_on_record_with_before_and_after(desk: Desk) -> None:
    one, two, request_id = desk.document("One"), desk.document("Two"), uuid4()
    grant = desk.give(one, request_id=request_id)
    desk.give(two)
    desk.revoke(grant, request_id)

    found: list[Any] = desk.account.sql(
        """
        select type, target->>'id', before->'documentIds', after->'documentIds' from events
        where account_id = %s and target->>'kind' = 'grant' order by seq
        """
    )

    type_, id_ = "REQUEST_STATUS_CHANGED", str(grant.id)
    assert found == [
        (type_, id_, None, [one]),
        (type_, id_, [one], [one, two]),
        (type_, id_, [one, two], [two]),
    ]


def noted(desk: Desk, grant: Grant | None, ip: str, user_agent: str, *, later: timedelta = timedelta()) -> None:
    async def note(tx: Tx) -> None:
        await actions.note(
            tx,
            desk.account.workspace_id,
            Action.PAGE_VIEW,
            ip=ip,
            user_agent=user_agent,
            grant_id=grant.id if grant else None,
        )

    desk.do(note, later=later)


def test_of_who_has_no_grant_no_address_is_kept(desk: Desk) -> None:
    noted(desk, None, "203.0.113.7", "Netscape")
    noted(desk, desk.give(desk.document()), "203.0.113.8", "Mosaic")

    assert [line[4:] for line in desk.log()] == [(None, None), ("203.0.113.8", "Mosaic")]


def test_visitors_of_one_day_are_told_apart_and_of_two_days_not_brought_together(desk: Desk) -> None:
    noted(desk, None, "203.0.113.7", "Netscape")
    noted(desk, None, "203.0.113.7", "Netscape")
    noted(desk, None, "203.0.113.8", "Netscape")
    noted(desk, None, "203.0.113.7", "Mosaic")
    noted(desk, None, "203.0.113.7", "Netscape", later=DAY)

    looks = desk.account.sql("select visitor from access_log where account_id = %s order by id")

    visitors = [visitor for (visitor,) in looks]
    assert visitors[0] == visitors[1]
    assert len(set(visitors)) == 4
    assert all(len(visitor) == 64 for visitor in visitors)


def test_a_visitor_of_two_accounts_is_not_brought_together() -> None:
    day = date(2026, 5, 4).isoformat()

    assert visitor_hash(1, day, "203.0.113.7", "Netscape") != visitor_hash(2, day, "203.0.113.7", "Netscape")
