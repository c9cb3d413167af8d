"""trustwright key: API keys."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from trustwright.accounts import actions, store
from trustwright.accounts.model import ApiKey
from trustwright.accounts.permissions import Permission
from trustwright.cli.common import AsJson, DatabaseUrl, DataDir, as_operator, run, show
from trustwright.db import Database
from trustwright.errors import NotFound

app = typer.Typer(no_args_is_help=True, help="API keys")


@app.command()
def create(
    account: Annotated[int, typer.Option("--account")],
    name: Annotated[str, typer.Option("--name")] = "API key",
    permission: Annotated[list[str] | None, typer.Option("--permission", help="May be repeated; none: all")] = None,
    expires: Annotated[datetime | None, typer.Option("--expires", help="UTC; none: never")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an API key. Its text is shown this once."""
    permissions = [_permission(text) for text in permission] if permission else None
    expires_at = expires.replace(tzinfo=UTC) if expires else None

    async def work(database: Database) -> tuple[ApiKey, str]:
        async with database.begin(as_operator(account)) as tx:
            return await actions.create_key(tx, name, permissions, None, expires_at)

    key, text = run(data_dir, database_url, work)
    show({"keyId": key.id, "key": text}, as_json)


@app.command()
def revoke(key_id: int, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """End an API key at once."""

    async def work(database: Database) -> ApiKey:
        account_id = await store.account_of_key(database, key_id)
        if account_id is None:
            raise NotFound(f"No API key {key_id}")
        async with database.begin(as_operator(account_id)) as tx:
            return await actions.revoke_key(tx, key_id)

    key = run(data_dir, database_url, work)
    show({"keyId": key.id, "revokedAt": key.revoked_at}, as_json=False)


def _permission(text: str) -> Permission:
    for permission in Permission:
        if permission == text:
            return permission
    raise typer.BadParameter(f"{text} is no permission; they are: {', '.join(Permission)}")
