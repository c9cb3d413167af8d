"""trustwright mail: list and show."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import free_port
from tests.mail.postman import Office
from trustwright.cli import app


def trustwright(office: Office, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--database-url", office.world.database_url])


def as_json(office: Office, *words: str) -> Any:
    result = trustwright(office, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_mails_of_an_account_are_listed_newest_first(office: Office) -> None:
    older, newer = office.send("older"), office.send("newer", subject="[red]Später[/red]")

    mails = as_json(office, "mail", "list", "--account", str(office.account.id))["mails"]

    assert [mail["id"] for mail in mails] == [newer, older]
    assert mails[0] == {
        "id": newer,
        "accountId": office.account.id,
        "event": "newer",
        "state": "QUEUED",
        "recipient": "bob@initech.test",
        "subject": "[red]Später[/red]",
        "attempts": 0,
        "lastError": None,
        "createdAt": mails[0]["createdAt"],
        "sentAt": None,
    }


def test_without_an_account_the_mails_of_all_are_listed(office: Office) -> None:
    other = Office(office.world, office.world.account("Globex"), "")
    ours, theirs = office.send(), other.send()

    assert [mail["id"] for mail in as_json(office, "mail", "list", "--limit", "2")["mails"]] == [theirs, ours]


def test_a_list_for_people_shows_subjects_as_they_are(office: Office) -> None:
    mail_id = office.send(subject="[red]x[/red]")

    shown = trustwright(office, "mail", "list", "--account", str(office.account.id)).output

    assert str(mail_id) in shown
    assert "[red]x" in "".join(shown.split())


def test_a_mail_is_shown_with_both_its_parts(office: Office) -> None:
    mail_id = office.send()

    shown = as_json(office, "mail", "show", str(mail_id))

    assert (shown["id"], shown["accountId"]) == (mail_id, office.account.id)
    assert shown["text"].startswith("This is about Initech")
    assert shown["html"].startswith("<!doctype html>")


def test_a_mail_is_shown_to_people_as_text(office: Office) -> None:
    mail_id = office.send(values={"vendor": "[bold]Initech"})

    shown = trustwright(office, "mail", "show", str(mail_id)).output

    assert "recipient: bob@initech.test" in shown
    assert "This is about [bold]Initech: https://trust.acme.test/q#token123" in shown
    assert "<html" not in shown


def test_a_mail_that_does_not_exist_ends_the_command_with_1(office: Office) -> None:
    result = trustwright(office, "mail", "show", str(2**31 - 1))

    assert result.exit_code == 1


@pytest.mark.parametrize(("url", "line"), [("", "mails are kept"), ("smtp://{address}", "answers"), ("x", "FAIL")])
def test_the_doctor_looks_at_the_server(
    office: Office, post: tuple[Any, str], monkeypatch: pytest.MonkeyPatch, url: str, line: str
) -> None:
    monkeypatch.setenv("TRUSTWRIGHT_SMTP_URL", url.format(address=post[1]))

    shown = trustwright(office, "doctor").output

    (about_mail,) = [text for text in shown.splitlines() if "Mail:" in text]
    assert line in about_mail


def test_the_doctor_finds_a_server_that_is_not_there(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTWRIGHT_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")

    result = trustwright(office, "doctor")

    assert result.exit_code == 1
    assert "FAIL Mail: Error connecting" in result.output
