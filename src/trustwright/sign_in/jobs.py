"""Jobs of signing in."""

import procrastinate

from trustwright.db import Who
from trustwright.events.model import Source
from trustwright.jobs import as_scheduler, database_of, jobs
from trustwright.settings import Settings
from trustwright.sign_in import actions, store

SEND_RESETS = "sign_in.send_resets"
NOTE_REFUSALS = "sign_in.note_refusals"


@jobs.task(name=SEND_RESETS, pass_context=True)
async def send_resets(context: procrastinate.JobContext, *, account_id: int, email: str) -> None:
    """Mails the link for another password to the users with an address. A job for every address that anybody gives, so
    that the page answers at the same time whether there are any."""
    settings: Settings = context.additional_context["settings"]
    database = database_of(context)
    for candidate in await store.candidates(database, email):
        async with database.begin(as_scheduler(candidate.account_id)) as tx:
            await actions.send_reset(tx, candidate.user_id, settings.public_url)


@jobs.task(name=NOTE_REFUSALS, pass_context=True)
async def note_refusals(
    context: procrastinate.JobContext, *, account_id: int, email: str, ip: str, user_agent: str
) -> None:
    """Writes down a wrong password where the address has an account. A job for every address here too."""
    database = database_of(context)
    for candidate in await store.candidates(database, email):
        who = Who(account_id=candidate.account_id, source=Source.APP, request="POST /sign-in")
        async with database.begin(who) as tx:
            await actions.note_refusal(tx, candidate.user_id, "wrong password", ip, user_agent)
