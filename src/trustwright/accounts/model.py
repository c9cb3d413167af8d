"""Accounts and those who act in them."""

import hashlib
import re
import secrets
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from trustwright.accounts.permissions import Permission


class Entitlement(StrEnum):
    """Features of the plan (Q4)."""

    TRUST_CENTER_ESSENTIALS = "TRUST_CENTER_ESSENTIALS"
    TRUST_CENTER = "TRUST_CENTER"
    CUSTOM_CONNECTIONS_AND_TESTS = "CUSTOM_CONNECTIONS_AND_TESTS"


ENTITLEMENT_LABELS = {
    Entitlement.TRUST_CENTER_ESSENTIALS: "Trust Center Essentials",
    Entitlement.TRUST_CENTER: "Trust Center Pro",
    Entitlement.CUSTOM_CONNECTIONS_AND_TESTS: "Custom Connections and Tests",
}

ENTITLEMENT_TEXTS = {
    Entitlement.TRUST_CENTER_ESSENTIALS: "Read the trust center",
    Entitlement.TRUST_CENTER: "Manage the trust center and decide who may see its documents",
    Entitlement.CUSTOM_CONNECTIONS_AND_TESTS: "Push records from your own systems and test them",
}


class Account(Struct, frozen=True, kw_only=True):
    """One tenant: the company whose trust is kept here."""

    account_id: int
    name: str
    domain: str
    legal_name: str | None
    description: str | None
    logo_url: str | None
    language: str
    entitlements: list[str]
    terms_accepted_at: datetime | None
    terms_accepted_by: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def entitled_to(self) -> set[str]:
        return implied(self.entitlements)


class Workspace(Struct, frozen=True, kw_only=True):
    id: int
    is_primary: bool
    name: str
    description: str | None
    how_it_works: str | None
    url: str | None
    logo: str | None
    created_at: datetime
    updated_at: datetime


class User(Struct, frozen=True, kw_only=True):
    id: int
    entry_id: UUID
    email: str
    first_name: str | None
    last_name: str | None
    job_title: str | None
    avatar_url: str | None
    roles: list[str]
    terms_agreed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deactivated_at: datetime | None


class ApiKey(Struct, frozen=True, kw_only=True):
    """`permissions` None means all. The key itself is shown once and kept only as a hash."""

    id: int
    name: str
    permissions: list[str] | None
    user_id: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class Caller(Struct, frozen=True, kw_only=True):
    """Who presented a valid key, and what the account and the key allow."""

    account_id: int
    key_id: int
    user_id: int
    permissions: list[str] | None
    entitlements: list[str]
    terms_accepted: bool
    last_used_at: datetime | None

    def may(self, permissions: tuple[Permission, ...]) -> bool:
        return self.permissions is None or any(permission in self.permissions for permission in permissions)

    def entitled(self, entitlement: Entitlement | None) -> bool:
        return entitlement is None or entitlement in implied(self.entitlements)


def implied(entitlements: list[str]) -> set[str]:
    """What the named entitlements amount to: TRUST_CENTER includes its essentials (Q4)."""
    held = set(entitlements)
    if Entitlement.TRUST_CENTER in held:
        held.add(Entitlement.TRUST_CENTER_ESSENTIALS)
    return held


def new_key() -> str:
    """A key of 256 random bits; the prefix lets secret scanners recognise it."""
    return f"tw_{secrets.token_urlsafe(32)}"


def hash_key(key: str) -> bytes:
    """SHA-256: the key is random and long, so a slow hash would add cost and no safety."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")


def is_email(text: str) -> bool:
    return EMAIL.fullmatch(text) is not None
