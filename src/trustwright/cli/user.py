"""trustwright user: the people of an account."""

from typing import Annotated

import typer

from trustwright.accounts import actions
from trustwright.accounts.model import User
from trustwright.accounts.roles import Role
from trustwright.cli.common import AsJson, DatabaseUrl, DataDir, as_operator, run, show
from trustwright.db import Database
from trustwright.sign_in import factors
from trustwright.sign_in.actions import end_sessions_of

app = typer.Typer(no_args_is_help=True, help="Users")


@app.callback()
def users() -> None:
    """Users."""


@app.command()
def create(
    account: Annotated[int, typer.Option("--account")],
    email: Annotated[str, typer.Option("--email")],
    role: Annotated[list[Role], typer.Option("--role", help="May be repeated")],
    password: Annotated[str | None, typer.Option("--password")] = None,
    first_name: Annotated[str | None, typer.Option("--first-name")] = None,
    last_name: Annotated[str | None, typer.Option("--last-name")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Add a person to an account."""

    async def work(database: Database) -> User:
        async with database.begin(as_operator(account)) as tx:
            return await actions.create_user(tx, email, role, password, first_name, last_name)

    user = run(data_dir, database_url, work)
    show({"userId": user.id}, as_json)


@app.command("remove-second-factor")
def remove_second_factor(
    account: Annotated[int, typer.Option("--account")],
    email: Annotated[str, typer.Option("--email")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Let somebody in by password alone who has lost the app and the recovery codes. Sessions end."""

    async def work(database: Database) -> User:
        async with database.begin(as_operator(account)) as tx:
            user = await actions.get_user_by_email(tx, email)
            await factors.remove_factor(tx, user.id)
            await end_sessions_of(tx, user.id)
            return user

    user = run(data_dir, database_url, work)
    show({"userId": user.id}, as_json)
