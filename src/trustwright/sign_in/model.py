"""Sessions of people, and how somebody who wants one is known."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from trustwright.accounts.model import implied
from trustwright.accounts.roles import Right, allows
from trustwright.errors import Problem

# Without a request, and whatever happens.
IDLE = timedelta(hours=12)
LASTS = timedelta(days=14)

SEEN_IS_NOTED_EVERY = timedelta(minutes=1)

# Between the password and the code of the second factor.
HALFWAY = timedelta(minutes=10)
INVITED = timedelta(days=7)
RESETTABLE = timedelta(hours=1)

FIRST_FACTOR = "password"
PROVIDER = "single sign-on"


class WrongPassword(Problem):
    """The address or the password is wrong; which of them, nobody learns."""

    status = 401
    code = 10001
    name = "UnauthorizedException"
    sentence = "The address or the password is wrong"


class DeadLink(Problem):
    """A link of a mail that was used, has ended, or never was."""

    status = 404
    code = 10030
    name = "NotFoundException"
    sentence = "This link was used already, or has ended. Ask for a new one"


class ProviderFailed(Problem):
    """The identity provider answered with something that lets nobody in; the message says what."""

    status = 502
    code = 10100
    name = "BadGatewayException"
    sentence = "The identity provider did not confirm who you are"


class TokenKind(StrEnum):
    """What a token is for: the first two are links in mails, the last is the step before the second factor."""

    INVITATION = "INVITATION"
    RESET = "RESET"
    SECOND_FACTOR = "SECOND_FACTOR"


MAILED = [TokenKind.INVITATION, TokenKind.RESET]


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
    # How this person came in.
    method: str
    # The account asks for a second factor, and this person has none.
    lacks_second_factor: bool

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
    email: str
    password_hash: str | None
    has_second_factor: bool
    must_use_provider: bool


class Bearer(Struct, frozen=True, kw_only=True):
    """Whose token somebody presents."""

    account_id: int
    account_name: str
    user_id: int
    email: str
    kind: TokenKind
    has_second_factor: bool


class Session(Struct, frozen=True, kw_only=True):
    """A browser in which somebody is signed in."""

    id: int
    method: str
    ip: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime

    @property
    def browser(self) -> str:
        """Its browser and system, as people call them."""
        return browser_of(self.user_agent)


# Each calls itself by the names of those behind it too.
BROWSERS = [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari")]
SYSTEMS = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]


def browser_of(user_agent: str) -> str:
    """What a browser says of itself in two words, for those who look for one that is not theirs."""
    browser = next((name for part, name in BROWSERS if part in user_agent), "")
    system = next((name for part, name in SYSTEMS if part in user_agent), "")
    return " on ".join(filter(None, (browser, system))) or user_agent[:60] or "Unknown browser"
