"""What the tests of vendors play with: ways to add and change vendors through the API, and reviews beside it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from tests.documents import pdf
from tests.factories import Account
from tests.records.cast import Json, checked, everything, refused, together
from trustwright.accounts.roles import Role

__all__ = ["Json", "checked", "everything", "refused", "together"]

VENDORS = "/public/v2/vendors"
VENDORS_V1 = "/public/vendors"
TYPES = "/public/v2/vendor-types"
STATS = "/public/v2/vendors-stats"
SETTINGS = "/public/v2/vendor-settings"

NOBODYS = 2**31 - 1
MALFORMED = ["0", "-1", "1.0", "1e3", "abc", "2147483648", "%00", "%FF"]


def post(account: Account, **fields: Any) -> httpx.Response:
    """Alice adds a vendor."""
    return checked(account.alice).post(VENDORS, json={"name": "Initech", **fields})


def add(account: Account, **fields: Any) -> Json:
    """A new vendor, as its creation is answered."""
    made = post(account, **fields)
    assert made.status_code == 201, made.text
    vendor: Json = made.json()
    return vendor


def put(account: Account, vendor: Json, **fields: Any) -> httpx.Response:
    return checked(account.alice).put(f"{VENDORS}/{vendor['id']}", json=fields)


def change(account: Account, vendor: Json, **fields: Any) -> Json:
    """The vendor after a good change."""
    changed = put(account, vendor, **fields)
    assert changed.status_code == 200, changed.text
    after: Json = changed.json()
    return after


def get(account: Account, vendor: Json, *expand: str) -> Json:
    found = checked(account.alice).get(f"{VENDORS}/{vendor['id']}", params={"expand[]": list(expand)})
    assert found.status_code == 200, found.text
    shown: Json = found.json()
    return shown


def names(account: Account, **query: Any) -> list[str]:
    """The names of the vendors that a query finds, all pages of it."""
    return [vendor["name"] for vendor in everything(checked(account.alice), VENDORS, **query)]


def names_v1(account: Account, **query: Any) -> list[str]:
    """The names of the vendors that version 1 finds, its first page."""
    answer = checked(account.alice).get(VENDORS_V1, params=query)
    assert answer.status_code == 200, answer.text
    return [vendor["name"] for vendor in answer.json()["data"]]


def new_type(account: Account, name: str) -> Json:
    made = checked(account.alice).post(TYPES, json={"name": name})
    assert made.status_code == 201, made.text
    type_: Json = made.json()
    return type_


def colleague(account: Account, *roles: Role) -> int:
    """The id of a new user of these roles."""
    return account.user(f"{len(roles)}-{datetime.now(UTC).timestamp()}@colleagues.test", *roles)


def deactivate(account: Account, user_id: int) -> None:
    """The person has left."""
    account.sql("update users set deactivated_at = now() where account_id = %s and id = %s", user_id)


def start_review(account: Account, vendor: Json, type_: str = "SECURITY") -> None:
    """A review of the vendor, by the API."""
    given = {
        "reviewDeadlineAt": in_days(30),
        "securityReviewStatus": "IN_PROGRESS",
        "securityReviewType": type_,
        "title": "Yearly",
    }
    account.alice.post(f"{VENDORS}/{vendor['id']}/security-reviews", json=given).raise_for_status()


def upload_papers(account: Account, vendor: Json) -> None:
    """A report and a finished questionnaire of the vendor's."""
    path = f"{VENDORS}/{vendor['id']}"
    report = {"file": ("report.pdf", pdf("Report"), "application/pdf")}
    account.alice.post(f"{path}/documents", files=report, data={"type": "COMPLIANCE_REPORT"}).raise_for_status()
    caiq = {"files": ("caiq.csv", b"Question,Answer\r\nWho?,We\r\n", "text/csv")}
    account.alice.post(f"{path}/security-questionnaires", files=caiq).raise_for_status()


def review(
    account: Account,
    vendor: Json,
    status: str,
    *,
    due: int = 0,
    finished: int | None = None,
    created: int | None = None,
) -> None:
    """A review of the vendor, straight in the database: the API cannot say when it was finished. Days from today."""
    account.sql(
        """
        insert into reviews (account_id, vendor_id, type, status, requested_at, review_deadline_at, completed_at,
            created_at)
        values (%s, %s, 'SECURITY', %s, now(), %s, %s, %s)
        """,
        vendor["id"],
        status,
        noon(due),
        None if finished is None else noon(finished),
        noon(finished or 0 if created is None else created),
    )


def noon(days: int) -> datetime:
    return datetime.combine(today(), datetime.min.time(), UTC) + timedelta(days=days, hours=12)


def today() -> date:
    return datetime.now(UTC).date()


def in_days(days: int) -> str:
    """The date so many days from today, as the API writes it."""
    return (today() + timedelta(days=days)).isoformat()


def events(account: Account, *types: str) -> list[Json]:
    """What the events of these types say, the oldest first."""
    rows = account.sql(
        """
        select type, target, before, after, user_id from events where account_id = %s and type = any (%s) order by seq
        """,
        list(types),
    )
    return [dict(zip(("type", "target", "before", "after", "userId"), row, strict=True)) for row in rows]
