"""What the tests of the trust page play with: Acme's controls and entries, and visitors who come from somewhere."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.factories import Account
from tests.records.cast import Json, checked
from tests.trust.cast import act, settings
from trustwright.db import Tx
from trustwright.trust_page import actions
from trustwright.trust_page.controls import Category, Control, ControlFields
from trustwright.trust_page.model import Content, Item, Kind, NewItem, Replaced

CONTROLS = "/public/trust-center/controls"
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def fields(code: str = "AC-1", **changes: Any) -> ControlFields:
    given: dict[str, Any] = {"category": Category.DATA_SECURITY, "name": f"Control {code}", **changes}
    return ControlFields(code=code, **given)


def control(account: Account, code: str = "AC-1", workspace_id: int | None = None, **changes: Any) -> Control:
    """A new control of the account."""
    at = workspace_id or account.workspace_id

    async def add(tx: Tx) -> Control:
        return await actions.create_control(tx, at, fields(code, **changes))

    return act(account, add)


def noted(account: Account, control: Control, *, passes: bool, days_ago: float = 0) -> Control:
    """The control after a result of some time ago."""

    async def note(tx: Tx) -> Control:
        return await actions.note_result(tx, control.id, passes, tx.now - timedelta(days=days_ago))

    return act(account, note)


def replace_controls(account: Account, *wanted: ControlFields) -> Replaced:
    async def replace(tx: Tx) -> Replaced:
        return await actions.replace_controls(tx, account.workspace_id, list(wanted))

    return act(account, replace)


def item(account: Account, content: Content, **more: Any) -> Item:
    """A new entry of the account's page."""

    async def add(tx: Tx) -> Item:
        return await actions.create_item(tx, account.workspace_id, content, **more)

    return act(account, add)


def replace_items(account: Account, kind: Kind, *contents: Content) -> Replaced:
    async def replace(tx: Tx) -> Replaced:
        news = [NewItem(content=content) for content in contents]
        return await actions.replace_items(tx, account.workspace_id, kind, news)

    return act(account, replace)


def get_controls(account: Account, **query: Any) -> Json:
    answer = checked(account.alice).get(CONTROLS, params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def put_status(account: Account, code: str, *, query: Json | None = None, **body: Any) -> httpx.Response:
    return checked(account.alice).put(f"{CONTROLS}/{code}/status", json=body, params=query or {})


def slug(account: Account) -> str:
    return f"acme-{account.id}"


def publish(account: Account, **more: Any) -> str:
    """The name of the account's trust center, which is published now."""
    settings(account, slug=slug(account), isPublished=True, **more)
    return slug(account)


def page(account: Account) -> Json:
    """What a visitor sees of the published page."""
    answer = account.visitor().get(f"/trust/{slug(account)}.json")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found
