"""Questionnaires over all vendors, in the console."""

from collections.abc import AsyncGenerator
from datetime import datetime

from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import EDIT_VENDORS, VENDORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.http.csv_files import cell
from trustwright.questionnaires import console_one, console_sending, console_templates, sent_lists
from trustwright.questionnaires.model import Listed, State, Wanted, state_of
from trustwright.times import iso

COLUMNS = [
    "id", "title", "vendor", "recipient", "state", "sent", "deadline", "submitted", "completed by", "questions",
    "answered",
]  # fmt: skip


def _asked(visit: Visit) -> tuple[Listing, Wanted]:
    listing = Listing(visit, {"-sent": "date_sent", "deadline": "due_at"}, filters=("state",))
    return listing, Wanted.of(listing.choice("state", State), listing.q)


async def list_questionnaires(visit: Visit) -> Answer:
    """What was sent to vendors, and what came back otherwise."""
    listing, wanted = _asked(visit)
    if listing.wants_csv:
        return csv_file("questionnaires", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        shown = listing.of(await sent_lists.page_sent(tx, listing.slice, wanted))
        states = {each.id: state_of(each, tx.now) for each in shown.rows}
    values = {"listing": listing, "shown": shown, "states": states, "all_states": list(State)}
    values |= {"may_edit": visit.may(EDIT_VENDORS)}
    return visit.page("questionnaire_list", values)


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing, wanted = _asked(visit)
    async with visit.read() as tx:
        async for each in everything(listing, lambda part: sent_lists.page_sent(tx, part, wanted)):
            yield _line(each, tx.now)


def _line(each: Listed, now: datetime) -> list[str]:
    said = [each.id, each.title, each.vendor_name, each.recipient_email, state_of(each, now).value]
    moments = [each.date_sent, each.expires_at, each.completed_at]
    counts = [each.completed_by, each.total_questions, each.total_answered]
    return [*map(cell, said), *(iso(moment) if moment else "" for moment in moments), *map(cell, counts)]


PAGES: list[Page | FormPage | Button] = [
    Page(path="/questionnaires", show=list_questionnaires, right=VENDORS),
    *console_templates.PAGES,
    *console_sending.PAGES,
    *console_one.PAGES,
]
