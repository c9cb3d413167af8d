"""From the outbox to the SMTP server: once, and again when it must be."""

import asyncio
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from tests.conftest import free_port
from tests.factories import Account, World
from tests.jobs import job_context
from tests.mail.postman import VALUES, Office, Postman, on_duty
from trustwright.mail import actions, jobs
from trustwright.mail.model import Mail, MailState, is_given_up, seconds_until_next


def age(office: Office, mail_id: int, by: timedelta) -> None:
    """Makes a mail as old as if nobody had seen to it for that long."""
    office.world.connection.execute(
        "update mails set created_at = created_at - %(by)s, due_at = due_at - %(by)s where id = %(mail_id)s",
        {"by": by, "mail_id": mail_id},
    )


def queued_jobs(world: World, mail_id: int) -> int:
    row = world.connection.execute(
        "select count(*) from procrastinate_jobs where task_name = %s and (args ->> 'mail_id')::integer = %s",
        (actions.DELIVER, mail_id),
    ).fetchone()
    assert row
    return int(row[0])


def run_job(office: Office, mail_id: int) -> None:
    """The task itself, as a worker calls it."""
    given = job_context(database=office.world.database, settings=office.settings)
    office.world.run(jobs.deliver.func(given, account_id=office.account.id, mail_id=mail_id))


def test_a_mail_arrives_as_text_and_as_html(office: Office, postman: Postman) -> None:
    mail_id = office.send()

    assert office.deliver(mail_id) is None

    (message,) = postman.mails
    text, html = message.iter_parts()
    assert message.get_content_type() == "multipart/alternative"
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n").startswith("This is about Initech: https://trust.acme.test/q#token")
    assert "<h1" in html.get_content()
    assert message["From"] == "Acme Trust <trust@acme.test>"
    assert message["To"] == "bob@initech.test"
    assert message["Auto-Submitted"] == "auto-generated"
    assert abs(message["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)
    assert postman.recipients == ["bob@initech.test"]
    mail = office.mail(mail_id)
    assert (mail.state, mail.attempts, mail.last_error) == (MailState.SENT, 1, None)
    assert mail.sent_at


def test_umlauts_arrive_in_subject_names_and_bodies(office: Office, postman: Postman) -> None:
    office.settings = replace(office.settings, mail_from="Prüfer & Söhne <trust@acme.test>")

    office.deliver(office.send(values={"vendor": "Käse-Müller"}, subject="Prüfung für Käse-Müller: fällig am 1. März"))

    (message,) = postman.mails
    assert message["Subject"] == "Prüfung für Käse-Müller: fällig am 1. März"
    assert message["From"].addresses[0].display_name == "Prüfer & Söhne"
    for part in message.iter_parts():
        assert "Käse-Müller" in part.get_content()


@pytest.mark.parametrize(
    ("recipient", "reached"),
    [
        ("bob@käse.test", "bob@xn--kse-qla.test"),
        ("jürgen@initech.test", "jürgen@initech.test"),
        ("a;b@initech.test", '"a;b"@initech.test'),
        ("a,b@initech.test", '"a,b"@initech.test'),
    ],
)
def test_an_unusual_address_is_reached_and_no_other(
    office: Office, postman: Postman, recipient: str, reached: str
) -> None:
    office.deliver(office.send(recipient=recipient))

    assert postman.recipients == [reached]
    (address,) = postman.mails[0]["To"].addresses
    assert address.addr_spec.encode("utf-8", "surrogateescape").decode() == reached


def test_a_refused_connection_is_tried_again_until_the_server_is_there(outbox: World) -> None:
    port = free_port()
    office = Office(outbox, outbox.account(), f"smtp://127.0.0.1:{port}")
    mail_id = office.send()

    assert [office.deliver(mail_id), office.deliver(mail_id)] == [10, 20]
    mail = office.mail(mail_id)
    assert (mail.state, mail.attempts, mail.sent_at) == (MailState.QUEUED, 2, None)
    assert mail.last_error
    assert "connecting to 127.0.0.1" in mail.last_error

    with on_duty(port) as (postman, _):
        assert office.deliver(mail_id) is None
    assert len(postman.mails) == 1
    mail = office.mail(mail_id)
    assert (mail.state, mail.attempts, mail.last_error) == (MailState.SENT, 3, None)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_temporary_error_is_tried_again(office: Office, postman: Postman, command: str) -> None:
    mail_id = office.send()
    postman.answers = {command: "451 Try again later"}

    assert office.deliver(mail_id) == 10
    assert office.mail(mail_id).last_error == "451 Try again later"

    postman.answers = {}
    assert office.deliver(mail_id) is None
    assert len(postman.mails) == 1


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_permanent_error_fails_the_mail_at_once(office: Office, postman: Postman, command: str) -> None:
    mail_id = office.send()
    postman.answers = {command: "550 No such person here"}

    assert office.deliver(mail_id) is None

    mail = office.mail(mail_id)
    assert (mail.state, mail.attempts, mail.last_error) == (MailState.FAILED, 1, "550 No such person here")
    postman.answers = {}
    assert office.deliver(mail_id) is None
    assert postman.mails == []


def test_a_refused_sender_is_a_fault_of_the_settings_and_waits(office: Office, postman: Postman) -> None:
    mail_id = office.send()
    postman.answers = {"MAIL": "553 Not your address"}

    assert office.deliver(mail_id) == 10
    assert office.mail(mail_id).state is MailState.QUEUED


def test_an_address_that_the_server_cannot_read_fails_the_mail(outbox: World) -> None:
    with on_duty(enable_SMTPUTF8=False) as (postman, address):
        office = Office(outbox, outbox.account(), f"smtp://{address}")
        mail_id = office.send(recipient="jürgen@initech.test")
        assert office.deliver(mail_id) is None

    mail = office.mail(mail_id)
    assert mail.state is MailState.FAILED
    assert "SMTPUTF8" in str(mail.last_error)
    assert postman.recipients == []


def test_waits_double_up_to_an_hour() -> None:
    waits = [seconds_until_next(attempts) for attempts in range(1, 40)]

    assert waits[:4] == [10, 20, 40, 80]
    assert waits[8:11] == [2560, 3600, 3600]
    assert set(waits[9:]) == {3600}


def test_a_mail_is_given_up_after_a_day(office: Office, postman: Postman) -> None:
    mail_id = office.send()
    postman.answers = {"RCPT": "450 Mailbox busy"}
    age(office, mail_id, timedelta(hours=23, minutes=50))
    assert office.deliver(mail_id) == 10
    age(office, mail_id, timedelta(minutes=20))

    assert office.deliver(mail_id) is None

    mail = office.mail(mail_id)
    assert (mail.state, mail.attempts, mail.last_error) == (MailState.FAILED, 2, "450 Mailbox busy")


def test_an_age_of_a_day_is_old() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    mail = Mail(
        account_id=1,
        id=1,
        event="e",
        recipient="bob@initech.test",
        subject="s",
        body_text="t",
        body_html="h",
        state=MailState.QUEUED,
        attempts=30,
        last_error=None,
        created_at=now - timedelta(days=1),
        sent_at=None,
    )

    assert is_given_up(mail, now)
    assert not is_given_up(mail, now - timedelta(seconds=1))


def test_the_job_comes_again_when_the_mail_is_due(office: Office, postman: Postman) -> None:
    mail_id = office.send()
    postman.answers = {"RCPT": "450 Mailbox busy"}
    with pytest.raises(jobs.Undelivered) as raised:
        run_job(office, mail_id)

    decision = jobs.AsTheMailSays().get_retry_decision(exception=raised.value, job=None)  # type: ignore[arg-type]

    assert decision
    assert decision.retry_at
    assert abs((decision.retry_at - datetime.now(UTC)).total_seconds() - 10) < 5
    postman.answers = {}
    run_job(office, mail_id)
    assert len(postman.mails) == 1


def test_a_job_that_fails_otherwise_is_left_to_the_next_look() -> None:
    job: Any = None

    assert jobs.AsTheMailSays().get_retry_decision(exception=psycopg.OperationalError(), job=job) is None


def test_without_a_server_a_mail_is_kept_and_never_sent_later(office: Office, postman: Postman) -> None:
    mail_id = office.send()
    set_later = office.settings
    office.settings = replace(office.settings, smtp_url="")

    assert office.deliver(mail_id) is None
    kept = office.mail(mail_id)
    assert (kept.state, kept.attempts) == (MailState.KEPT, 0)
    assert "#token123" in kept.body_text

    office.settings = set_later
    age(office, mail_id, timedelta(hours=1))
    look_for_forgotten(office)
    assert office.deliver(mail_id) is None
    assert postman.mails == []


def test_a_server_without_smtp_keeps_mails(acme: Account) -> None:
    office = Office(acme.world, acme, "")

    mail_id = office.send()

    deadline = time.monotonic() + 20
    while office.mail(mail_id).state is MailState.QUEUED and time.monotonic() < deadline:
        time.sleep(0.05)
    assert office.mail(mail_id).state is MailState.KEPT


def test_a_sent_mail_keeps_no_secret_of_its_links(office: Office, postman: Postman) -> None:
    mail_id = office.send()
    assert "#token123" in office.mail(mail_id).body_text

    office.deliver(mail_id)

    mail = office.mail(mail_id)
    assert "token123" not in mail.body_text + mail.body_html
    assert "https://trust.acme.test/q#..." in mail.body_text
    assert "token123" in postman.mails[0].as_string()


def test_nothing_of_a_transaction_that_fails_is_sent(office: Office) -> None:
    async def fail() -> None:
        async with office.world.database.begin(office.account.who) as tx:
            await actions.send(tx, "undone", "bob@initech.test", "note", VALUES)
            (mail,) = await actions.newest_mails(tx, 1)
            raise LookupError(mail.id)

    with pytest.raises(LookupError) as raised:
        office.world.run(fail())

    (mail_id,) = raised.value.args
    assert queued_jobs(office.world, mail_id) == 0
    assert queued_jobs(office.world, office.send("done")) == 1


def test_two_jobs_at_once_send_one_mail(office: Office, postman: Postman) -> None:
    mail_id = office.send()
    postman.before_answer = lambda: time.sleep(0.3)

    async def both() -> tuple[int | None, int | None]:
        attempt = jobs.attempt
        first = asyncio.create_task(attempt(office.world.database, office.settings, office.account.id, mail_id))
        await asyncio.sleep(0.1)
        second = attempt(office.world.database, office.settings, office.account.id, mail_id)
        return await second, await first

    assert office.world.run(both()) == (None, None)
    assert len(postman.mails) == 1
    assert office.mail(mail_id).attempts == 1


def test_a_mail_repeated_after_a_crash_has_the_same_message_id(office: Office, postman: Postman) -> None:
    """The connection dies between the server's OK and the commit."""
    mail_id = office.send()

    def die() -> None:
        with psycopg.connect(office.world.database_url, autocommit=True) as connection:
            connection.execute(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and state = 'idle in transaction'
                """
            )

    postman.before_answer = die
    with pytest.raises(psycopg.OperationalError):
        office.deliver(mail_id)
    assert office.mail(mail_id).state is MailState.QUEUED

    postman.before_answer = lambda: None
    office.deliver(mail_id)

    first, second = postman.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert office.mail(mail_id).state is MailState.SENT


def test_mails_have_message_ids_of_their_own(office: Office, postman: Postman) -> None:
    for event in ("one", "two"):
        office.deliver(office.send(event))

    ids = {message["Message-ID"] for message in postman.mails}
    assert len(ids) == 2
    assert all(name.endswith("@acme.test>") for name in ids)


def look_for_forgotten(office: Office) -> None:
    context: Any = type("Context", (), {"additional_context": {"database": office.world.database}})()
    work: Coroutine[Any, Any, None] = jobs.take_up_forgotten.func(context, 0)
    office.world.run(work)


def test_a_mail_whose_job_was_lost_is_taken_up_again(office: Office) -> None:
    mail_id = office.send()
    look_for_forgotten(office)
    assert queued_jobs(office.world, mail_id) == 1

    age(office, mail_id, timedelta(minutes=11))
    look_for_forgotten(office)
    assert queued_jobs(office.world, mail_id) == 2

    look_for_forgotten(office)
    assert queued_jobs(office.world, mail_id) == 2


def test_a_settled_mail_is_never_taken_up_again(office: Office, postman: Postman) -> None:
    mail_id = office.send()
    office.deliver(mail_id)
    age(office, mail_id, timedelta(days=2))

    look_for_forgotten(office)

    assert queued_jobs(office.world, mail_id) == 1
