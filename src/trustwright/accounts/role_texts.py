"""The roles as people read them: what they are called, what each lets somebody do here, and which belong together."""

from msgspec import Struct

from trustwright.accounts.roles import Action, Role, rights

SUBJECT_TEXTS = {
    "Company": "the settings",
    "Vendor": "vendors, their reviews and questionnaires",
    "TrustCenter": "the trust center",
    "TrustCenterRequest": "requests for access",
    "CustomConnections": "data",
    "Monitors": "monitors",
    "Event": "the log of events",
}

NAMES = {
    Role.ADMIN: "Administrator",
    Role.TECHGOV: "Technical governance",
    Role.ACT_AS_READ_ONLY: "Read-only guest",
    Role.APP: "Application",
    Role.PEOPLE_OPS: "People operations",
    Role.DEVOPS_ENGINEER: "DevOps engineer",
    Role.READONLY_ADMIN: "Administrator, read-only",
    Role.READONLY_TECHGOV: "Technical governance, read-only",
    Role.READONLY_PEOPLE_OPS: "People operations, read-only",
    Role.READONLY_DEVOPS_ENGINEER: "DevOps engineer, read-only",
}


class RoleGroup(Struct, frozen=True):
    """Roles that are offered together."""

    title: str
    roles: list[Role]


GROUPS = [
    RoleGroup("Everything", [Role.ADMIN, Role.READONLY_ADMIN, Role.ACT_AS_READ_ONLY]),
    RoleGroup(
        "Several areas",
        [
            Role.TECHGOV,
            Role.READONLY_TECHGOV,
            Role.WORKSPACE_ADMINISTRATOR,
            Role.READONLY_WORKSPACE_ADMINISTRATOR,
        ],
    ),
    RoleGroup(
        "Vendors",
        [
            Role.REVIEWER,
            Role.READONLY_REVIEWER,
            Role.RISK_MANAGER,
            Role.READONLY_RISK_MANAGER,
            Role.RESTRICTED_RISK_MANAGER,
            Role.READONLY_RESTRICTED_RISK_MANAGER,
        ],
    ),
    RoleGroup(
        "Trust center",
        [
            Role.TRUST_CENTER_MANAGER,
            Role.READONLY_TRUST_CENTER_MANAGER,
            Role.TRUST_CENTER_REVIEWER,
            Role.TRUST_USER,
        ],
    ),
    RoleGroup(
        "Evidence",
        [
            Role.DEVOPS_ENGINEER,
            Role.READONLY_DEVOPS_ENGINEER,
            Role.CONTROL_MANAGER,
            Role.READONLY_CONTROL_MANAGER,
            Role.AUDITOR,
            Role.INTERNAL_AUDITOR,
        ],
    ),
    # Programs written for the API know them; nothing here asks for what they give.
    RoleGroup(
        "Only known by name",
        [
            Role.EMPLOYEE,
            Role.APP,
            Role.SERVICE_USER,
            Role.PEOPLE_OPS,
            Role.READONLY_PEOPLE_OPS,
            Role.POLICY_MANAGER,
            Role.READONLY_POLICY_MANAGER,
            Role.KNOWLEDGE_BASE,
            Role.RISK_REGISTER_OWNER,
            Role.READONLY_RISK_REGISTER_OWNER,
            Role.RESTRICTED_CONTROL_MANAGER,
            Role.READONLY_RESTRICTED_CONTROL_MANAGER,
        ],
    ),
]


def name_of(role: Role) -> str:
    """What people call it: `Risk manager, read-only`."""
    if role in NAMES:
        return NAMES[role]
    managed = role.removeprefix("READONLY_")
    suffix = "" if managed == role else ", read-only"
    return managed.replace("_", " ").capitalize() + suffix


def text_of(role: Role) -> str:
    """What it lets somebody do, in a sentence."""
    given = rights(role)
    if any(right.subject == "ALL" for right in given):
        if given[0].action is Action.MANAGE:
            return "Does everything, users, keys and plan included."
        return "Sees everything and changes nothing."
    subjects = [SUBJECT_TEXTS[right.subject] for right in given if right.subject in SUBJECT_TEXTS]
    if not subjects:
        return "Opens nothing here but one's own account and the dashboard."
    does = "Sees and changes" if given[0].action is Action.MANAGE else "Sees"
    return f"{does} {_listed(subjects)}."


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
