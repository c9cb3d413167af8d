"""Globex sees and changes nothing of Acme's page."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.factories import Account
from tests.trust.cast import act, document
from tests.trust_page.cast import control, get_controls, item, page, publish, put_status, slug
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound
from trustwright.trust_page import actions
from trustwright.trust_page.model import Faq

Work = Callable[[Tx], Coroutine[Any, Any, Any]]

FAQ = Faq(question="Where?", answer="In Norway.")


def test_another_account_reads_no_controls(acme: Account, globex: Account) -> None:
    control(acme)

    assert get_controls(globex)["controls"] == {}
    assert get_controls(globex, workspaceId=acme.workspace_id)["controls"] == {}


def test_another_account_notes_no_result(acme: Account, globex: Account) -> None:
    control(acme)

    assert put_status(globex, "AC-1", isPassing=True).status_code == 400
    assert put_status(globex, "AC-1", query={"workspaceId": acme.workspace_id}, isPassing=True).status_code == 400
    assert get_controls(acme)["controls"]["DATA_SECURITY"][0]["status"] == "NOT_MONITORED"


def test_another_account_changes_nothing(acme: Account, globex: Account) -> None:
    one, entry = control(acme), item(acme, FAQ)
    fields = one.fields

    missing: tuple[Work, ...] = (
        lambda tx: actions.update_control(tx, one.id, fields),
        lambda tx: actions.archive_control(tx, one.id),
        lambda tx: actions.note_result(tx, one.id, True, tx.now),
        lambda tx: actions.update_item(tx, entry.id, FAQ, is_published=False),
        lambda tx: actions.delete_item(tx, entry.id),
    )
    elsewhere: tuple[Work, ...] = (
        lambda tx: actions.reorder_controls(tx, acme.workspace_id, [one.id]),
        lambda tx: actions.create_control(tx, acme.workspace_id, fields),
        lambda tx: actions.create_item(tx, acme.workspace_id, FAQ),
        lambda tx: actions.replace_controls(tx, acme.workspace_id, []),
        lambda tx: actions.page(tx, acme.workspace_id),
    )

    for work in missing:
        with pytest.raises(NotFound):
            act(globex, work)
    for work in elsewhere:
        with pytest.raises(Invalid):
            act(globex, work)

    assert len(get_controls(acme)["controls"]["DATA_SECURITY"]) == 1


def test_the_page_of_one_account_shows_nothing_of_another(acme: Account, globex: Account) -> None:
    control(acme)
    item(acme, FAQ)
    document(acme, "Policy", "POLICY", is_public=True)
    publish(acme, about="Acme's")
    publish(globex)

    shown = page(globex)

    assert (shown["controls"], shown["faq"], shown["documents"], shown["about"]["text"]) == ([], [], [], "")


def test_a_document_is_downloaded_from_its_own_page_only(acme: Account, globex: Account) -> None:
    made = document(acme, "Policy", "POLICY", is_public=True)
    publish(acme)
    publish(globex)
    somebody = acme.visitor()

    assert somebody.get(f"/trust/{slug(acme)}/documents/POLICY/{made['id']}").status_code == 200
    assert somebody.get(f"/trust/{slug(globex)}/documents/POLICY/{made['id']}").status_code == 404
