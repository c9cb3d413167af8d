"""The table of states. `pytest tests/access_requests/test_transitions.py -n 0 -s` prints it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from trustwright.access_requests.model import Status, StatusSource
from trustwright.access_requests.transitions import (
    TABLE,
    Event,
    Move,
    Outcome,
    Refused,
    Stay,
    Work,
    outcome,
    source_of,
)
from trustwright.trust.model import FlowType

# The statuses in which documents are open, and those in which an agreement is on its way.
LIVE = {Status.APPROVED, Status.AUTO_APPROVED, Status.FILES_SENT}


def shown(found: Outcome) -> str:
    match found:
        case Move(to, work):
            return f"[bold]{to}[/bold]" + (f": {work}" if work is not Work.NOTHING else "")
        case Stay(work):
            return "-" if work is Work.NOTHING else f"stays: {work}"
        case Refused(sentence):
            return f"[red]refused[/red]: {sentence}"


def test_every_status_knows_what_to_do_with_every_event() -> None:
    table = Table("status", "event", "outcome", title="What each event does in each status")
    holes = []
    for status in Status:
        for event in Event:
            found = TABLE.get(status, {}).get(event)
            table.add_row(
                status, event, "HOLE" if found is None else shown(found), end_section=event is list(Event)[-1]
            )
            if found is None:
                holes.append((status, event))
    Console(width=150).print(table)

    assert holes == []
    assert table.row_count == len(Status) * len(Event) == 132


def test_what_is_refused_says_what_to_do() -> None:
    refusals = [found for events in TABLE.values() for found in events.values() if isinstance(found, Refused)]

    assert refusals
    assert all(len(each.sentence) > 20 for each in refusals)


@given(st.lists(st.sampled_from(Event), max_size=40))
def test_no_series_of_events_leaves_the_table(events: list[Event]) -> None:
    status = Status.PENDING
    for event in events:
        found = outcome(status, event)
        before, status = status, found.to if isinstance(found, Move) else status
        if status is Status.PENDING:
            assert before is Status.PENDING
        if status in LIVE and before not in LIVE:
            assert event in (Event.APPROVE, Event.APPROVE_ANEW, Event.DELIVERED, Event.RESEND)


@given(st.lists(st.sampled_from(Event), max_size=40))
def test_what_was_denied_or_ended_opens_again_only_by_an_approval(events: list[Event]) -> None:
    approvals = (Event.APPROVE, Event.APPROVE_ANEW)
    for status in (Status.DENIED, Status.REVOKED, Status.ACCESS_EXPIRED):
        now = status
        for event in (event for event in events if event not in approvals):
            found = outcome(now, event)
            now = found.to if isinstance(found, Move) else now
        assert now is status


@pytest.mark.parametrize("status", [Status.REVOKED, Status.ACCESS_EXPIRED])
def test_what_has_ended_opens_again_only_with_a_new_end(status: Status) -> None:
    found = outcome(status, Event.APPROVE)

    assert isinstance(found, Refused)
    assert "isNewExpiration" in found.sentence
    assert outcome(status, Event.APPROVE_ANEW) == Move(Status.APPROVED, Work.BEGIN)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("event", [Event.APPROVE, Event.APPROVE_ANEW, Event.DENY, Event.REVOKE])
def test_the_same_decision_twice_moves_nothing_the_second_time(status: Status, event: Event) -> None:
    first = outcome(status, event)
    if isinstance(first, Move):
        second = outcome(first.to, event)
        assert isinstance(second, Stay)


@pytest.mark.parametrize(
    ("status", "flow", "source"),
    [
        (Status.PENDING, FlowType.SELF, StatusSource.SELF),
        (Status.APPROVED, FlowType.NO_NDA_REQUIRED, StatusSource.SELF),
        (Status.PENDING, FlowType.DIGITAL_SIGNATURE, StatusSource.DOCUSIGN),
        (Status.FILES_SENT, FlowType.DIGITAL_SIGNATURE, StatusSource.DOCUSIGN),
        (Status.AUTO_APPROVED, FlowType.SALESFORCE_CRM, StatusSource.SALESFORCE),
        (Status.NDA_SENT, FlowType.SALESFORCE_CRM, StatusSource.DOCUSIGN),
        (Status.NDA_SIGNED, FlowType.SELF, StatusSource.DOCUSIGN),
        (Status.NDA_EXPIRED, FlowType.SELF, StatusSource.DOCUSIGN),
    ],
)
def test_a_status_has_the_source_of_its_flow_or_of_the_signature(
    status: Status, flow: FlowType, source: StatusSource
) -> None:
    assert source_of(status, flow) is source
