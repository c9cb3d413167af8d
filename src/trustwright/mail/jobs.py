"""Jobs on mails."""

import procrastinate
import structlog
from procrastinate.jobs import Job

from trustwright.db import Database, Tx
from trustwright.files.storage import Storage, connect
from trustwright.jobs import as_scheduler, database_of, jobs
from trustwright.mail import actions, store
from trustwright.mail.model import Attachment, HeldBack, Mail, address_of, message_of
from trustwright.mail.smtp import Refused, Unreachable, transmit
from trustwright.settings import Settings

log = structlog.get_logger()


class Undelivered(RuntimeError):
    """The mail waits for its next attempt, which is due in `wait` seconds."""

    def __init__(self, mail_id: int, wait: int) -> None:
        self.wait = wait
        super().__init__(f"Mail {mail_id} will be tried again in {wait} seconds")


class AsTheMailSays(procrastinate.BaseRetryStrategy):
    """Runs the job again when its mail is due. What else went wrong, the next look for forgotten mails takes up."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, Undelivered):
            return procrastinate.RetryDecision(retry_in={"seconds": exception.wait})
        return None


@jobs.task(name=actions.DELIVER, pass_context=True, retry=AsTheMailSays())
async def deliver(context: procrastinate.JobContext, *, account_id: int, mail_id: int) -> None:
    """Tries to send one mail."""
    settings: Settings = context.additional_context["settings"]
    wait = await attempt(database_of(context), settings, account_id, mail_id, context.additional_context.get("storage"))
    if wait is not None:
        raise Undelivered(mail_id, wait)


async def attempt(
    database: Database, settings: Settings, account_id: int, mail_id: int, storage: Storage | None = None
) -> int | None:
    """Sends a waiting mail while its row is locked; returns the seconds until the next attempt, if there must be one.

    Whoever else has a job for the mail finds the row locked, or not waiting any more. Killed before the server's OK,
    nothing was sent and the mail still waits; killed between the OK and the commit, it is sent once more, under the
    same Message-ID. That gap cannot be closed: the server and the database share no commit, and to commit first would
    be to lose mails instead."""
    async with database.begin(as_scheduler(account_id)) as tx:
        mail = await actions.claim_mail(tx, mail_id)
        if mail is None:
            return None
        if not settings.smtp_url:
            await actions.keep(tx, mail)
            return None
        try:
            attachments = await load(tx, storage or connect(settings.storage_url, settings.data_dir), settings, mail)
            message = message_of(mail, settings.mail_from, attachments)
            await transmit(settings.smtp_url, message, address_of(mail.recipient).addr_spec)
        except (Refused, Unreachable, HeldBack) as error:
            return await put_off(tx, mail, error)
        await actions.mark_sent(tx, mail)
        return None


async def put_off(tx: Tx, mail: Mail, error: Refused | Unreachable | HeldBack) -> int | None:
    """Writes down why a mail did not go out; the seconds until the next attempt, None when there is none."""
    if isinstance(error, Refused) or (isinstance(error, HeldBack) and error.lasting):
        log.warning("mail refused", account_id=mail.account_id, mail_id=mail.id, answer=str(error))
        await actions.mark_refused(tx, mail, str(error))
        return None
    log.warning("mail delayed", account_id=mail.account_id, mail_id=mail.id, reason=str(error))
    return await actions.mark_delayed(tx, mail, str(error))


async def load(tx: Tx, storage: Storage, settings: Settings, mail: Mail) -> list[Attachment]:
    """The files of a mail with their contents. Raises HeldBack."""
    loaded = []
    for file in await actions.attached_files(tx, mail, must_be_scanned=settings.require_scan):
        try:
            parts = [part async for part in await storage.get(mail.account_id, file.sha256)]
        except FileNotFoundError as error:
            raise HeldBack(f"The content of {file.name} has gone", lasting=True) from error
        loaded.append(Attachment(file.name, file.content_type, b"".join(parts)))
    return loaded


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="mail.take_up_forgotten", pass_context=True, queueing_lock="mail.take_up_forgotten")
async def take_up_forgotten(context: procrastinate.JobContext, timestamp: int) -> None:
    """Sees to mails whose job was lost."""
    database = database_of(context)
    for account_id in await store.accounts_with_forgotten(database):
        async with database.begin(as_scheduler(account_id)) as tx:
            await actions.take_up_forgotten(tx)
