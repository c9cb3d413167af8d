"""People as other objects show them."""

from typing import Any

from trustwright.accounts.model import User
from trustwright.http.wire import Timestamp, Wire, iso, iso_or_none


class UserCompact(Wire, frozen=True):
    id: int
    email: str
    first_name: str | None
    last_name: str | None
    created_at: Timestamp
    updated_at: Timestamp

    @staticmethod
    def of(user: User) -> "UserCompact":
        return UserCompact(
            id=user.id,
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            created_at=iso(user.created_at),
            updated_at=iso(user.updated_at),
        )


class UserAnswer(Wire, frozen=True):
    """A person in full, as version 1 shows them; what is not kept here is empty."""

    id: int
    entry_id: str
    email: str
    first_name: str | None
    last_name: str | None
    job_title: str | None
    avatar_url: str | None
    drata_terms_agreed_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    roles: list[str]
    background_checks: list[dict[str, Any]]
    identities: list[dict[str, Any]]
    documents: list[dict[str, Any]]

    @staticmethod
    def of(user: User) -> "UserAnswer":
        return UserAnswer(
            id=user.id,
            entry_id=str(user.entry_id),
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            job_title=user.job_title,
            avatar_url=user.avatar_url,
            drata_terms_agreed_at=iso_or_none(user.terms_agreed_at),
            created_at=iso(user.created_at),
            updated_at=iso(user.updated_at),
            roles=user.roles,
            background_checks=[],
            identities=[],
            documents=[],
        )
