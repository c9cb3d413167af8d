"""What helps from the command line when somebody is shut out."""

from typer.testing import CliRunner, Result

from tests.factories import Account
from tests.sign_in.cast import Bob, with_factor
from trustwright.cli import app


def trustwright(account: Account, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--database-url", account.world.database_url])


def test_a_lost_second_factor_is_removed_and_sessions_end(bob: Bob) -> None:
    with_factor(bob)
    browser = bob.browser()

    named = ["--account", str(bob.account.id), "--email", bob.email]
    assert trustwright(bob.account, "user", "remove-second-factor", *named).exit_code == 0

    assert browser.get("/me").status_code == 303
    assert bob.attempt(bob.stranger()).status_code == 303


def test_without_single_sign_on_there_is_nothing_to_open(acme: Account) -> None:
    assert trustwright(acme, "account", "allow-passwords", str(acme.id)).exit_code != 0
