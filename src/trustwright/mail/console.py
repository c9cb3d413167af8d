"""The outbox, in the console: what was mailed to whom, and what could not be sent."""

from collections.abc import AsyncGenerator

from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import EDIT_SETTINGS, SETTINGS
from trustwright.console.settings import settings_page
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.http.csv_files import cell
from trustwright.mail import actions, store
from trustwright.mail.model import MailState, without_secrets

MAIL = "/settings/mail"
COLUMNS = ["id", "recipient", "subject", "state", "attempts", "last_error", "created", "sent"]


def _asked(visit: Visit) -> tuple[Listing, MailState | None]:
    listing = Listing(visit, {"-created": "created_at"}, filters=("state",))
    return listing, listing.choice("state", MailState)


async def list_mails(visit: Visit) -> Answer:
    """The mails of the account, the newest first."""
    listing, state = _asked(visit)
    if listing.wants_csv:
        return csv_file("mails", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        shown = listing.of(await store.page(tx, listing.slice, state, listing.q))
    values = {
        "listing": listing,
        "shown": shown,
        "states": list(MailState),
        "has_server": bool(visit.settings.smtp_url),
    }
    return settings_page(visit, "settings_mails", values)


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing, state = _asked(visit)
    async with visit.read() as tx:
        async for mail in everything(listing, lambda part: store.page(tx, part, state, listing.q)):
            said = (mail.id, mail.recipient, mail.subject, mail.state.value, mail.attempts, mail.last_error)
            yield [cell(value) for value in (*said, mail.created_at, mail.sent_at)]


async def show_mail(visit: Visit) -> Answer:
    """One mail. Links that open something for their reader are cut: whoever sees the outbox is not that reader."""
    async with visit.read() as tx:
        mail = await actions.get_mail(tx, visit.id("mail_id"))
        attachments = await actions.names_of_attachments(tx, mail)
    text = without_secrets(mail.body_text)
    return settings_page(visit, "settings_mail", {"mail": mail, "attachments": attachments, "text": text})


async def retry(visit: Visit, _: Form) -> Answer:
    """Tries a mail once more."""
    async with visit.begin() as tx:
        mail = await actions.retry(tx, visit.id("mail_id"))
    return visit.see_other(f"{MAIL}/{mail.id}", "The mail is tried once more. Reload to see what became of it.")


async def send_test(visit: Visit, _: Form) -> Answer:
    """Mails whoever asks that mails arrive."""
    async with visit.begin() as tx:
        await actions.send_test(tx, visit.signed_in.email, visit.settings.public_url)
    return visit.see_other(MAIL, f"A test mail to {visit.signed_in.email} is on its way.")


PAGES: list[Page | FormPage | Button] = [
    Page(path=MAIL, show=list_mails, right=SETTINGS),
    Button(path=f"{MAIL}/test", press=send_test, right=EDIT_SETTINGS),
    Page(path=f"{MAIL}/{{mail_id}}", show=show_mail, right=SETTINGS),
    Button(path=f"{MAIL}/{{mail_id}}/retry", press=retry, right=EDIT_SETTINGS),
]
