"""trustwright: the words of the command line."""

import typer

from trustwright.cli import account, backup, demo, doctor, events, key, mail, monitors, server, trust, user

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (server.serve, server.worker, server.migrate, demo.demo, doctor.doctor, backup.backup, backup.restore):
    app.command()(command)
app.add_typer(account.app, name="account")
app.add_typer(events.app, name="events")
app.add_typer(key.app, name="key")
app.add_typer(mail.app, name="mail")
app.add_typer(monitors.app, name="monitors")
app.add_typer(trust.app, name="trust")
app.add_typer(user.app, name="user")
