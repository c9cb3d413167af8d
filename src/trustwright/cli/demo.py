"""trustwright demo: one believable account to click through."""

import asyncio
import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from trustwright.accounts import actions as accounts
from trustwright.accounts.model import hash_key
from trustwright.accounts.roles import Role
from trustwright.accounts.store import authenticate
from trustwright.cli.account import make
from trustwright.cli.common import (
    AsJson,
    DatabaseUrl,
    DataDir,
    migrated_database,
    opened,
    settings_with,
    show,
)
from trustwright.cli.demo_monitors import add_monitors, dice_of, push
from trustwright.cli.demo_papers import add_papers
from trustwright.cli.demo_trust import fill_trust_center
from trustwright.db import Database, Tx, Who
from trustwright.events.model import Source
from trustwright.reviews import actions as reviews
from trustwright.reviews.model import Decision, NewReview, Review, ReviewStatus, ReviewType
from trustwright.reviews.soc_form import FormChange
from trustwright.reviews.states import Performance, ReviewAction
from trustwright.settings import Settings
from trustwright.sign_in.actions import rename
from trustwright.vendors import actions as vendors
from trustwright.vendors.changes import Change
from trustwright.vendors.model import (
    CustomValue,
    DataAccessed,
    EnvironmentAccess,
    ImpactLevel,
    OperationalImpact,
    PasswordPolicy,
    RenewalSchedule,
    VendorCategory,
    VendorKind,
    VendorRisk,
    VendorStatus,
)

KEPT = "demo.json"
ADMIN = "priya.raman@northwind.example"
# Where `trustwright serve` is when nothing else is said; links in the mails of the demo account begin with it.
ADDRESS = "http://127.0.0.1:8000"

PEOPLE = (
    ("maya.chen@northwind.example", "Maya", "Chen", [Role.TECHGOV]),
    ("omar.haddad@northwind.example", "Omar", "Haddad", [Role.DEVOPS_ENGINEER]),
    ("ines.costa@northwind.example", "Inês", "Costa", [Role.TRUST_CENTER_MANAGER, Role.REVIEWER]),
    ("jonas.weber@northwind.example", "Jonas", "Weber", [Role.INTERNAL_AUDITOR]),
)

LAPTOP: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "hostname": {"type": "string"},
        "owner": {"type": "string"},
        "os": {"type": "string"},
        "diskEncrypted": {"type": "boolean"},
        "lastSeen": {"type": "string"},
    },
    "required": ["hostname", "owner", "diskEncrypted"],
}

BACKUP: dict[str, Any] = {
    "type": "object",
    "properties": {
        "job": {"type": "string"},
        "finishedAt": {"type": "string"},
        "succeeded": {"type": "boolean"},
        "restoreTested": {"type": ["string", "null"]},
    },
    "required": ["job", "succeeded"],
}

# The first is reviewed late, the second soon; the last two are no current vendors.
VENDORS: tuple[dict[str, Any], ...] = (
    {
        "name": "Fjord Cloud Hosting",
        "category": VendorCategory.ENGINEERING,
        "risk": VendorRisk.HIGH,
        "status": VendorStatus.ACTIVE,
        "type": VendorKind.SUPPLIER,
        "critical": True,
        "url": "https://fjord-cloud.example",
        "trust_center_url": "https://trust.fjord-cloud.example",
        "services_provided": "Servers, databases and backups of the patient portal",
        "data_stored": "Appointments, messages and lab results",
        "location": "Oslo, Norway",
        "has_pii": True,
        "is_sub_processor": True,
        "password_policy": PasswordPolicy.SSO,
        "password_mfa_enabled": True,
        "contacts_email": "security@fjord-cloud.example",
        "contact_at_vendor": "Liv Aas",
        "operational_impact": OperationalImpact.CRITICAL,
        "environment_access": EnvironmentAccess.READ_WRITE,
        "impact_level": ImpactLevel.CRITICAL,
        "data_accessed": [DataAccessed.PROTECTED_HEALTH_INFORMATION, DataAccessed.PERSONAL_IDENTIFIABLE_INFORMATION],
        "cost": "18450000",
        "renewal_schedule_type": RenewalSchedule.ONE_YEAR,
        "due_in": -12,
    },
    {
        "name": "Paylane Payroll",
        "category": VendorCategory.HR,
        "risk": VendorRisk.MODERATE,
        "status": VendorStatus.APPROVED,
        "type": VendorKind.VENDOR,
        "url": "https://paylane.example",
        "services_provided": "Salaries and tax forms",
        "has_pii": True,
        "password_policy": PasswordPolicy.USERNAME_PASSWORD,
        "password_requires_min_length": True,
        "password_min_length": 12,
        "contacts_email": "privacy@paylane.example;support@paylane.example",
        "impact_level": ImpactLevel.MAJOR,
        "data_accessed": [DataAccessed.EMPLOYEE_PERSONNEL, DataAccessed.FINANCIAL],
        "cost": "960000",
        "renewal_schedule_type": RenewalSchedule.ONE_YEAR,
        "due_in": 5,
    },
    {
        "name": "Cedar Imaging Labs",
        "category": VendorCategory.PRODUCT,
        "risk": VendorRisk.MODERATE,
        "status": VendorStatus.ACTIVE,
        "type": VendorKind.PARTNER,
        "services_provided": "Reads X-rays for three clinics",
        "has_pii": True,
        "contacts_email": "compliance@cedar-imaging.example",
        "impact_level": ImpactLevel.MODERATE,
        "data_accessed": [DataAccessed.PROTECTED_HEALTH_INFORMATION],
        "renewal_schedule_type": RenewalSchedule.SIX_MONTHS,
    },
    {
        "name": "Brightdesk Support",
        "category": VendorCategory.CS,
        "status": VendorStatus.PROSPECTIVE,
        "type": VendorKind.VENDOR,
        "url": "https://brightdesk.example",
        "contacts_email": "sales@brightdesk.example",
        "impact_level": ImpactLevel.UNSCORED,
    },
    {
        "name": "Lumen Analytics",
        "category": VendorCategory.MARKETING,
        "risk": VendorRisk.LOW,
        "status": VendorStatus.ARCHIVED,
        "type": VendorKind.VENDOR,
        "notes": "Replaced by our own reports; data deleted, certificate on file.",
    },
)


SOC_FORM: dict[str, dict[str, Any]] = {
    "complianceScope": {
        "certification": "SOC_2",
        "scopeType": "TYPE_2",
        "auditPeriodRange": {"start": "2025-01-01", "end": "2025-12-31"},
        "trustServiceCriteria": ["SECURITY", "AVAILABILITY", "CONFIDENTIALITY"],
    },
    "reportOpinion": {"reportOpinion": "UNQUALIFIED", "encompassBusinessNeeds": True},
    "findings": {
        "findings": [{"description": "Two leavers kept their access for more than a week."}],
        "hasMaterialImpact": False,
    },
    "endUserControls": {"userControls": [{"description": "Customers enforce multi-factor sign-in.", "inPlace": True}]},
    "servicesAndLocations": {
        "services": [{"name": "Payroll runs and tax forms"}],
        "locations": [{"city": "Dublin", "stateOrCountry": "Ireland"}],
    },
    "cpaFirm": {"cpaFirm": "Alder & Finch LLP", "cpaProcedurePerformed": "Looked up in the register of auditors."},
}


class Demo(Struct, frozen=True, rename="camel"):
    """What opens the demo account. Everybody in it has the same password."""

    account: str
    account_id: int
    email: str
    password: str
    api_key: str


def demo(as_json: AsJson = False, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Fill one believable account, once, and tell how to sign in, and its API key."""
    settings = settings_with(data_dir, database_url)

    async def work(url: str) -> Demo:
        async with opened(url) as database:
            return await fill(database, replace(settings, public_url=settings.public_url or ADDRESS))

    with migrated_database(settings) as url:
        show(msgspec.to_builtins(asyncio.run(work(url))), as_json)


async def fill(database: Database, settings: Settings) -> Demo:
    """What opens the demo account, which is made on the first call; it is kept in the data directory."""
    kept = settings.data_dir / KEPT
    with suppress(FileNotFoundError, msgspec.ValidationError):
        demo = msgspec.json.decode(kept.read_bytes(), type=Demo)
        # Kept by another database, it opens nothing here.
        if await authenticate(database, hash_key(demo.api_key)):
            return demo
    password = secrets.token_urlsafe(9)
    made = await make(database, "Northwind Health", ADMIN, password)
    admin = Who(account_id=made.account.account_id, source=Source.APP, user_id=made.admin.id)
    async with database.begin(admin) as tx:
        await rename(tx, made.admin.id, "Priya", "Raman")
        people = [
            await accounts.create_user(tx, email, roles, password, first_name, last_name)
            for email, first_name, last_name, roles in PEOPLE
        ]
        vendor_ids = await _vendors(tx, people[0].id, people[1].id)
        await _reviews(tx, vendor_ids, people[0].id)
        await push(tx, made.workspace.id, "Employee laptops", LAPTOP, "hostname", _laptops(40))
        await push(tx, made.workspace.id, "Backup jobs", BACKUP, "job", _backups(12))
    await add_papers(database, settings, admin, vendor_ids[1], vendor_ids[0])
    await fill_trust_center(database, settings, admin, made.workspace.id)
    await add_monitors(database, settings, admin, made.workspace.id)
    demo = Demo("Northwind Health", made.account.account_id, ADMIN, password, made.api_key)
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(demo))
    return demo


async def _vendors(tx: Tx, owner_id: int, contact_id: int) -> list[int]:
    today = tx.now.astimezone(UTC).date()
    ids = []
    for place, fields in enumerate(VENDORS):
        given = {"user_id": owner_id, "relationship_user_id": contact_id, **fields}
        if (days := given.pop("due_in", None)) is not None:
            given["renewal_date"] = today + timedelta(days=days)
        tier = CustomValue(id=None, name="Tier", value=str(1 + place // 2))
        ids.append((await vendors.create_vendor(tx, Change(fields=given, custom_values=[tier]))).id)
    return ids


async def _reviews(tx: Tx, vendor_ids: list[int], reviewer_id: int) -> None:
    """A SOC report that is being read, one that was approved last year, and a new vendor under review."""
    late, soon, _, prospect, _ = vendor_ids
    read = await _review(tx, late, ReviewType.SOC_REPORT, "SOC 2, half read", days=-12)
    await reviews.update_review(tx, read, UNSET, _form(reviewer_id, "complianceScope", "findings"))
    done = await _review(tx, soon, ReviewType.SOC_REPORT, "SOC 2 of last year", days=-360)
    done = await reviews.update_review(tx, done, UNSET, _form(reviewer_id, *SOC_FORM))
    await reviews.perform(tx, done, Performance(ReviewAction.FINALIZE, Decision.APPROVED_WITH_CONDITIONS))
    await _review(tx, prospect, ReviewType.SECURITY, "Before we sign", days=21)


async def _review(tx: Tx, vendor_id: int, type_: ReviewType, title: str, *, days: int) -> Review:
    deadline = tx.now + timedelta(days=days)
    new = NewReview(
        type=type_,
        status=ReviewStatus.IN_PROGRESS,
        title=title,
        review_deadline_at=deadline,
        requested_at=deadline - timedelta(days=30),
    )
    return await reviews.create_review(tx, vendor_id, new)


def _form(reviewer_id: int, *sections: str) -> FormChange:
    """Those sections of the SOC form, and who reads the report."""
    reader = {"reviewerUserId": reviewer_id, "reportIssueDate": "2026-02-13"}
    return msgspec.convert({"reviewerInformation": reader, **{name: SOC_FORM[name] for name in sections}}, FormChange)


def _laptops(count: int) -> list[dict[str, Any]]:
    dice = dice_of(7)
    return [
        {
            "id": f"laptop-{number:03d}",
            "hostname": f"nw-{dice.choice(('mbp', 'x1', 'xps'))}-{number:03d}",
            "owner": dice.choice(PEOPLE)[0],
            "os": dice.choice(("macOS 26.1", "Ubuntu 26.04", "Windows 11")),
            "diskEncrypted": dice.random() > 0.08,
            "lastSeen": _days_ago(dice.randrange(20)),
        }
        for number in range(1, count + 1)
    ]


def _backups(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"backup-{number:02d}",
            "job": f"nightly-{number:02d}",
            "finishedAt": _days_ago(number),
            "succeeded": number != 5,
            "restoreTested": _days_ago(30) if number % 4 == 0 else None,
        }
        for number in range(1, count + 1)
    ]


def _days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
