"""trustwright: the words of the command line."""

import typer

from trustwright.cli import account, key, server, user

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(account.app, name="account")
app.add_typer(key.app, name="key")
app.add_typer(user.app, name="user")
app.command()(server.serve)
app.command()(server.worker)
app.command()(server.migrate)
