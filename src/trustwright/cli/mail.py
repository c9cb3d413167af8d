"""trustwright mail: what the outbox holds."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from trustwright.cli.common import AsJson, DatabaseUrl, DataDir, as_operator, output, run, show
from trustwright.db import Database
from trustwright.errors import NotFound
from trustwright.mail import actions, store
from trustwright.mail.model import Mail

app = typer.Typer(no_args_is_help=True, help="Mails: sent, waiting, and kept where there is no SMTP server")


@app.command("list")
def list_(
    account: Annotated[int | None, typer.Option("--account", help="None: all")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 100,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List the newest mails, without what they say."""

    async def work(database: Database) -> list[Mail]:
        mails: list[Mail] = []
        for account_id in [account] if account is not None else await store.accounts(database):
            async with database.read(as_operator(account_id)) as tx:
                mails += await actions.newest_mails(tx, limit)
        return sorted(mails, key=lambda mail: (mail.created_at, mail.id), reverse=True)[:limit]

    mails = run(data_dir, database_url, work)
    if as_json:
        show({"mails": [_line(mail) for mail in mails]}, as_json)
        return
    table = Table("Id", "Account", "State", "Created", "To", "Subject", "Last error")
    for mail in mails:
        created = f"{mail.created_at:%Y-%m-%d %H:%M} UTC"
        cells = (mail.id, mail.account_id, mail.state, created, mail.recipient, mail.subject, mail.last_error or "")
        table.add_row(*(Text(str(cell)) for cell in cells))
    output.print(table)


@app.command("show")
def show_(mail_id: int, as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Show one mail as its reader gets it: the text, and with --json the HTML too."""

    async def work(database: Database) -> tuple[Mail, list[str]]:
        account_id = await store.account_of(database, mail_id)
        if account_id is None:
            raise NotFound(f"No mail {mail_id}")
        async with database.read(as_operator(account_id)) as tx:
            mail = await actions.get_mail(tx, mail_id)
            return mail, await actions.names_of_attachments(tx, mail)

    mail, attachments = run(data_dir, database_url, work)
    if as_json:
        show({**_line(mail), "attachments": attachments, "text": mail.body_text, "html": mail.body_html}, as_json)
        return
    lines = [f"{name}: {value}" for name, value in _line(mail).items() if value is not None]
    lines += [f"attachment: {name}" for name in attachments]
    output.print("\n".join([*lines, "", mail.body_text]), markup=False, highlight=False, soft_wrap=True)


def _line(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "accountId": mail.account_id,
        "event": mail.event,
        "state": mail.state,
        "recipient": mail.recipient,
        "subject": mail.subject,
        "attempts": mail.attempts,
        "lastError": mail.last_error,
        "createdAt": mail.created_at,
        "sentAt": mail.sent_at,
    }
