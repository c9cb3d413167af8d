"""People as other objects show them."""

from trustwright.accounts.model import User
from trustwright.http.wire import Timestamp, Wire, iso


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
