"""Sessions of people, and what is asked of their passwords."""

from datetime import datetime, timedelta

from msgspec import Struct

from trustwright.accounts.model import implied
from trustwright.accounts.roles import Right, allows
from trustwright.errors import Problem

# Without a request, and whatever happens.
IDLE = timedelta(hours=12)
LASTS = timedelta(days=14)

SEEN_IS_NOTED_EVERY = timedelta(minutes=1)

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256


class WrongPassword(Problem):
    """The address or the password is wrong; which of them, nobody learns."""

    status = 401
    code = 10001
    name = "UnauthorizedException"
    sentence = "The address or the password is wrong"


class NamedWorkspace(Struct, frozen=True):
    id: int
    name: str


class SignedIn(Struct, frozen=True, kw_only=True):
    """Whose browser it is, and what this person sees and may do."""

    account_id: int
    session_id: int
    user_id: int
    email: str
    first_name: str | None
    last_name: str | None
    roles: list[str]
    account_name: str
    entitlements: list[str]
    terms_accepted: bool
    last_seen_at: datetime
    workspace_id: int
    workspaces: list[NamedWorkspace]

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.email

    def may(self, right: Right | None) -> bool:
        return right is None or allows(self.roles, right)

    def entitled(self, entitlement: str | None) -> bool:
        return entitlement is None or entitlement in implied(self.entitlements)


class Candidate(Struct, frozen=True, kw_only=True):
    """A user with the address that somebody gave."""

    account_id: int
    account_name: str
    user_id: int
    password_hash: str | None
