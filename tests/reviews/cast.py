"""What the tests of reviews play with: a vendor, its reviews and documents, and the ways to ask for them by the API."""

from pathlib import Path
from typing import Any

import httpx
from psycopg.types.json import Jsonb

from tests.factories import Account
from tests.records.cast import Json, checked, everything, refused, together

__all__ = ["Json", "checked", "everything", "refused", "together"]

VENDORS = "/public/v2/vendors"
ACROSS = "/public/v2/vendor-security-reviews"

NOBODYS = 2**31 - 1
DEADLINE = "2027-07-01T16:45:55.246Z"

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"

# What completes each of the sections that a new form lacks; the reviewer is added where it is used.
SCOPE = {
    "certification": "SOC_2",
    "scopeType": "TYPE_2",
    "auditPeriodRange": {"start": "2025-01-01", "end": "2025-12-31"},
    "trustServiceCriteria": ["SECURITY"],
}
OPINION = {"reportOpinion": "UNQUALIFIED", "encompassBusinessNeeds": True}


def reviews_of(vendor_id: int) -> str:
    return f"{VENDORS}/{vendor_id}/security-reviews"


def documents_of(vendor_id: int) -> str:
    return f"{VENDORS}/{vendor_id}/documents"


def good(response: httpx.Response, status: int = 200) -> Json:
    """The body of an answer that must have that status."""
    assert response.status_code == status, response.text
    body: Json = response.json()
    return body


def add_vendor(account: Account, **fields: Any) -> int:
    """The id of a new vendor."""
    made = good(checked(account.alice).post(VENDORS, json={"name": "Initech", **fields}), 201)
    vendor_id: int = made["id"]
    return vendor_id


def delete_vendor(account: Account, vendor_id: int) -> None:
    assert checked(account.alice).delete(f"{VENDORS}/{vendor_id}").status_code == 204


def body(**changes: Any) -> Json:
    """A good new review with some of it changed; None leaves a property out."""
    values = {
        "reviewDeadlineAt": DEADLINE,
        "securityReviewStatus": "NOT_YET_STARTED",
        "securityReviewType": "SOC_REPORT",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def post(account: Account, vendor_id: int, **changes: Any) -> httpx.Response:
    """Alice asks for a new review."""
    return checked(account.alice).post(reviews_of(vendor_id), json=body(**changes))


def add(account: Account, vendor_id: int, **changes: Any) -> "Subject":
    """A new review."""
    return Subject(account, vendor_id, good(post(account, vendor_id, **changes), 201)["id"])


class Subject:
    """A review; what is asked of it, Alice asks."""

    def __init__(self, account: Account, vendor_id: int, review_id: int) -> None:
        self.account = account
        self.vendor_id = vendor_id
        self.id = review_id
        self.path = f"{reviews_of(vendor_id)}/{review_id}"
        self.alice = checked(account.alice)

    def get(self, *expand: str) -> Json:
        return good(self.alice.get(self.path, params={"expand[]": list(expand)}))

    def put(self, **change: Any) -> httpx.Response:
        return self.alice.put(self.path, json=change)

    def save(self, **sections: Any) -> Json:
        """The form after a good save of these sections."""
        form: Json = good(self.put(socForm=sections))["socReviewForm"]
        return form

    def fill(self) -> None:
        """Saves all that is needed to finalize."""
        reviewer = {"reviewerUserId": self.account.alice_id, "reportIssueDate": "2026-02-01"}
        form = self.save(reviewerInformation=reviewer, complianceScope=SCOPE, reportOpinion=OPINION)
        assert form["readyToFinalize"]

    def patch(self, **change: Any) -> httpx.Response:
        return self.alice.patch(self.path, json=change)

    def act(self, action: str, **more: Any) -> httpx.Response:
        return self.alice.post(f"{self.path}/actions", json={"action": action, **more})

    def finalize(self, **more: Any) -> None:
        good(self.act("finalize", **more))

    def actions(self) -> list[str]:
        return [item["action"] for item in good(self.alice.get(f"{self.path}/actions"))["data"]]

    def history(self) -> list[Json]:
        return everything(self.alice, f"{self.path}/history")

    def state(self) -> tuple[str, str]:
        """Status and decision."""
        review = self.get()
        return review["status"], review["decision"]

    def events(self) -> list[tuple[str, Any, Any]]:
        """Type, before and after of each event on the review or a document of it, the oldest first."""
        return recorded(
            self.account,
            "and (target @> %s or target ->> 'securityReviewId' = %s)",
            Jsonb({"kind": "security review", "id": self.id}),
            str(self.id),
        )


def recorded(account: Account, condition: str = "", *values: Any) -> list[tuple[str, Any, Any]]:
    """Type, before and after of the account's events, the oldest first."""
    text = f"select type, before, after from events where account_id = %s {condition} order by seq"
    return account.sql(text, *values)


def deactivate(account: Account, user_id: int) -> None:
    """The person has left."""
    account.sql("update users set deactivated_at = now() where account_id = %s and id = %s", user_id)


TABLES = ("reviews", "review_decisions", "vendor_documents", "files", "blobs", "events")


def traces(account: Account, storages: Path) -> dict[str, int]:
    """How many rows of each table, and how many objects in the storage, the account has. `storages`: a folder above
    the storage."""
    counts = {table: account.sql(f"select count(*) from {table} where account_id = %s")[0][0] for table in TABLES}
    # By their real paths: there are links to the newest folders.
    objects = {path.resolve() for path in storages.glob(f"*/files/{account.id}/**/*") if path.is_file()}
    return counts | {"objects": len(objects)}


def form(**changes: Any) -> dict[str, str]:
    """The fields of a good form with a file, some changed; None leaves one out."""
    values = {
        "title": "Q4 review",
        "reviewDeadlineAt": DEADLINE,
        "securityReviewStatus": "IN_PROGRESS",
        "securityReviewType": "SOC_REPORT",
        **changes,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def upload(name: str = "report.pdf", content: bytes = PDF, content_type: str = "application/pdf") -> Json:
    """The file of a form."""
    return {"file": (name, content, content_type)}


def post_with_file(account: Account, vendor_id: int, files: Any = None, **changes: Any) -> httpx.Response:
    """Alice asks for a new review with a file."""
    path = f"{reviews_of(vendor_id)}/with-file"
    return checked(account.alice).post(path, data=form(**changes), files=upload() if files is None else files)


def post_document(account: Account, vendor_id: int, files: Any = None, **fields: Any) -> httpx.Response:
    """Alice adds a document."""
    data = {name: str(value) for name, value in fields.items()}
    return checked(account.alice).post(documents_of(vendor_id), data=data, files=upload() if files is None else files)
