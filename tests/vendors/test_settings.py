"""How an account watches over its vendors: an extension of the API."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.factories import Account
from tests.vendors.cast import SETTINGS, events, refused, together

DEFAULTS = {
    "windowDays": 30,
    "recurringReviews": True,
    "ownerReminderDays": [7, 1, -1],
    "questionnaireReminderDays": 7,
    "questionnaireRemindersMost": 3,
}


def test_settings_that_nobody_set_are_the_defaults(acme: Account) -> None:
    assert acme.alice.get(SETTINGS).json() == DEFAULTS
    assert acme.alice.put(SETTINGS, json={}).json() == DEFAULTS
    assert events(acme, "VENDOR_REVIEW_PERIOD_UPDATED") == []


@pytest.mark.parametrize(
    "change",
    [
        {"windowDays": 1},
        {"windowDays": 365},
        {"recurringReviews": False},
        {"ownerReminderDays": []},
        {"ownerReminderDays": [-365, 365]},
        {"questionnaireReminderDays": 1},
        {"questionnaireRemindersMost": 0},
        {"windowDays": 45, "recurringReviews": False, "ownerReminderDays": [14]},
    ],
)
def test_a_setting_stays_as_it_was_set(acme: Account, globex: Account, change: dict[str, Any]) -> None:
    answer = acme.alice.put(SETTINGS, json=change)

    assert (answer.status_code, answer.json()) == (200, DEFAULTS | change)
    assert acme.alice.get(SETTINGS).json() == DEFAULTS | change
    assert acme.alice.put(SETTINGS, json={"questionnaireReminderDays": 9}).json()["questionnaireReminderDays"] == 9
    assert acme.alice.get(SETTINGS).json() == DEFAULTS | change | {"questionnaireReminderDays": 9}
    assert globex.alice.get(SETTINGS).json() == DEFAULTS


@pytest.mark.parametrize(
    "change",
    [
        {"windowDays": 0},
        {"windowDays": 366},
        {"windowDays": None},
        {"recurringReviews": "yes"},
        {"ownerReminderDays": [400]},
        {"ownerReminderDays": list(range(21))},
        {"questionnaireReminderDays": 0},
        {"questionnaireRemindersMost": 21},
        [],
    ],
)
def test_a_setting_that_does_not_fit_is_refused(acme: Account, change: Any) -> None:
    refused(acme.alice.put(SETTINGS, json=change), 400)

    assert acme.alice.get(SETTINGS).json() == DEFAULTS


def test_two_changes_at_once_lose_nothing(acme: Account) -> None:
    changes: list[dict[str, Any]] = [{"windowDays": 9}, {"recurringReviews": False}, {"questionnaireRemindersMost": 1}]

    def setter(change: dict[str, Any]) -> Callable[[], httpx.Response]:
        client = acme.client(acme.api_key)
        return lambda: client.put(SETTINGS, json=change)

    together(*map(setter, changes))

    assert acme.alice.get(SETTINGS).json() == DEFAULTS | {
        name: value for each in changes for name, value in each.items()
    }
