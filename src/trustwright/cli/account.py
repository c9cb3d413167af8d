"""trustwright account: the tenants of this installation."""

from enum import StrEnum
from typing import Annotated

import typer

from trustwright.accounts import actions, store
from trustwright.accounts.model import Account, Entitlement
from trustwright.cli.common import AsJson, DatabaseUrl, DataDir, as_operator, run, show
from trustwright.db import Database
from trustwright.sign_in import providers

app = typer.Typer(no_args_is_help=True, help="Accounts (tenants)")


class Terms(StrEnum):
    ACCEPTED = "accepted"
    PENDING = "pending"


@app.command()
def create(
    name: str,
    admin_email: Annotated[str, typer.Option("--admin-email")],
    admin_password: Annotated[str | None, typer.Option("--admin-password")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Create an account with a workspace, an admin and an API key, which is shown this once."""

    made = run(data_dir, database_url, lambda database: make(database, name, admin_email, admin_password))
    show(
        {
            "accountId": made.account.account_id,
            "workspaceId": made.workspace.id,
            "adminUserId": made.admin.id,
            "keyId": made.key.id,
            "apiKey": made.api_key,
        },
        as_json,
    )


@app.command("set")
def set_(
    account_id: int,
    entitlements: Annotated[str | None, typer.Option(help="A,B or none or all")] = None,
    terms: Annotated[Terms | None, typer.Option()] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Change what an account may use, and whether its terms are accepted."""
    wanted = None if entitlements is None else _entitlements(entitlements)
    accepted = None if terms is None else terms is Terms.ACCEPTED

    async def work(database: Database) -> Account:
        async with database.begin(as_operator(account_id)) as tx:
            return await actions.set_plan(tx, wanted, accepted)

    account = run(data_dir, database_url, work)
    show(
        {
            "accountId": account.account_id,
            "entitlements": account.entitlements,
            "terms": Terms.ACCEPTED if account.terms_accepted_at else Terms.PENDING,
        },
        as_json,
    )


@app.command("allow-passwords")
def allow_passwords(
    account_id: int, as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Let passwords in again where single sign-on is the only way and the identity provider has gone."""

    async def work(database: Database) -> None:
        async with database.begin(as_operator(account_id)) as tx:
            await providers.allow_passwords(tx)

    run(data_dir, database_url, work)
    show({"accountId": account_id}, as_json)


async def make(database: Database, name: str, admin_email: str, password: str | None) -> actions.NewAccount:
    """A new account. Raises Invalid."""
    account_id = await store.new_account_id(database)
    async with database.begin(as_operator(account_id)) as tx:
        return await actions.create_account(tx, name, admin_email, password)


def _entitlements(text: str) -> list[Entitlement]:
    if text == "none":
        return []
    if text == "all":
        return list(Entitlement)
    try:
        return [Entitlement(word.strip()) for word in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"{error}; use {', '.join(Entitlement)}, all or none") from error
