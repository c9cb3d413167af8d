"""The parts of the console, as its side shows them."""

from collections.abc import Callable

from msgspec import Struct

from trustwright.accounts.roles import Action, Right


class Entry(Struct, frozen=True):
    """A line of the navigation, for those who have its right. `icon`: a name among Tabler's."""

    title: str
    path: str
    icon: str
    right: Right | None = None


class Section(Struct, frozen=True):
    """Lines that belong together; the one without a title comes first."""

    title: str
    entries: list[Entry]


VENDORS = Right(Action.READ, "Vendor")
TRUST_CENTER = Right(Action.READ, "TrustCenter")
REQUESTS = Right(Action.READ, "TrustCenterRequest")
DATA = Right(Action.READ, "CustomConnections")
MONITORS = Right(Action.READ, "Monitors")
EVENTS = Right(Action.READ, "Event")
SETTINGS = Right(Action.READ, "Company")

EDIT_VENDORS = Right(Action.MANAGE, "Vendor")
EDIT_TRUST_CENTER = Right(Action.MANAGE, "TrustCenter")
DECIDE_REQUESTS = Right(Action.MANAGE, "TrustCenterRequest")
EDIT_DATA = Right(Action.MANAGE, "CustomConnections")
EDIT_MONITORS = Right(Action.MANAGE, "Monitors")
EDIT_SETTINGS = Right(Action.MANAGE, "Company")
# Users, roles and keys: who has it may give it to anybody.
ADMINISTER = Right(Action.MANAGE, "ALL")

NAVIGATION = [
    Section("", [Entry("Dashboard", "/", "layout-dashboard")]),
    Section(
        "Vendors",
        [
            Entry("Vendors", "/vendors", "building-store", VENDORS),
            Entry("Reviews", "/reviews", "clipboard-check", VENDORS),
            Entry("Questionnaires", "/questionnaires", "forms", VENDORS),
        ],
    ),
    Section(
        "Trust center",
        [
            Entry("Access requests", "/trust-center/requests", "inbox", REQUESTS),
            Entry("Documents", "/trust-center/documents", "files", TRUST_CENTER),
            Entry("Private access", "/trust-center/access", "lock", TRUST_CENTER),
            Entry("Controls", "/trust-center/controls", "shield-check", TRUST_CENTER),
            Entry("Content", "/trust-center/content", "list-details", TRUST_CENTER),
            Entry("Appearance", "/trust-center/appearance", "palette", EDIT_TRUST_CENTER),
            Entry("Reports", "/trust-center/reports", "chart-bar", TRUST_CENTER),
        ],
    ),
    Section(
        "Evidence",
        [
            Entry("Data", "/data", "database", DATA),
            Entry("Monitors", "/monitors", "activity-heartbeat", MONITORS),
        ],
    ),
    Section(
        "Administration",
        [
            Entry("Settings", "/settings", "settings", SETTINGS),
            Entry("Events", "/events", "history", EVENTS),
        ],
    ),
]


def sections_for(may: Callable[[Right | None], bool]) -> list[Section]:
    """What somebody sees of it."""
    shown = [Section(each.title, [entry for entry in each.entries if may(entry.right)]) for each in NAVIGATION]
    return [section for section in shown if section.entries]
