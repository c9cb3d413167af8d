"""The roles of people in an account, by the names that the API knows."""

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    EMPLOYEE = "EMPLOYEE"
    TECHGOV = "TECHGOV"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"
    ACT_AS_READ_ONLY = "ACT_AS_READ_ONLY"
    APP = "APP"
    RISK_MANAGER = "RISK_MANAGER"
    WORKSPACE_ADMINISTRATOR = "WORKSPACE_ADMINISTRATOR"
    SERVICE_USER = "SERVICE_USER"
    REVIEWER = "REVIEWER"
    CONTROL_MANAGER = "CONTROL_MANAGER"
    PEOPLE_OPS = "PEOPLE_OPS"
    POLICY_MANAGER = "POLICY_MANAGER"
    DEVOPS_ENGINEER = "DEVOPS_ENGINEER"
    KNOWLEDGE_BASE = "KNOWLEDGE_BASE"
    TRUST_CENTER_MANAGER = "TRUST_CENTER_MANAGER"
    TRUST_CENTER_REVIEWER = "TRUST_CENTER_REVIEWER"
    RISK_REGISTER_OWNER = "RISK_REGISTER_OWNER"
    INTERNAL_AUDITOR = "INTERNAL_AUDITOR"
    RESTRICTED_CONTROL_MANAGER = "RESTRICTED_CONTROL_MANAGER"
    RESTRICTED_RISK_MANAGER = "RESTRICTED_RISK_MANAGER"
    READONLY_ADMIN = "READONLY_ADMIN"
    READONLY_TECHGOV = "READONLY_TECHGOV"
    READONLY_RISK_MANAGER = "READONLY_RISK_MANAGER"
    READONLY_CONTROL_MANAGER = "READONLY_CONTROL_MANAGER"
    READONLY_POLICY_MANAGER = "READONLY_POLICY_MANAGER"
    READONLY_PEOPLE_OPS = "READONLY_PEOPLE_OPS"
    READONLY_WORKSPACE_ADMINISTRATOR = "READONLY_WORKSPACE_ADMINISTRATOR"
    READONLY_RESTRICTED_CONTROL_MANAGER = "READONLY_RESTRICTED_CONTROL_MANAGER"
    READONLY_RESTRICTED_RISK_MANAGER = "READONLY_RESTRICTED_RISK_MANAGER"
    READONLY_RISK_REGISTER_OWNER = "READONLY_RISK_REGISTER_OWNER"
    READONLY_REVIEWER = "READONLY_REVIEWER"
    READONLY_DEVOPS_ENGINEER = "READONLY_DEVOPS_ENGINEER"
    READONLY_TRUST_CENTER_MANAGER = "READONLY_TRUST_CENTER_MANAGER"
    TRUST_USER = "TRUST_USER"

    @property
    def id(self) -> int:
        """Its number in the API: the place in this list, which therefore only grows at its end."""
        return list(Role).index(self) + 1


class Action(StrEnum):
    READ = "READ"
    MANAGE = "MANAGE"


class Right(Struct, frozen=True):
    """What a role may do to which kind of object, in the API's words."""

    action: Action
    subject: str


SUBJECTS: dict[Role, tuple[str, ...]] = {
    Role.ADMIN: ("ALL",),
    Role.TECHGOV: ("Company", "Connection", "CustomConnections", "Monitors", "Vendor", "Event", "TrustCenter"),
    Role.WORKSPACE_ADMINISTRATOR: ("Workspace", "CustomConnections", "Monitors", "Vendor", "TrustCenter"),
    Role.DEVOPS_ENGINEER: ("Connection", "CustomConnections", "Monitors"),
    Role.CONTROL_MANAGER: ("Control", "Monitors"),
    Role.RESTRICTED_CONTROL_MANAGER: ("Control",),
    Role.RISK_MANAGER: ("Risk", "Vendor", "SecurityQuestionnaire"),
    Role.RESTRICTED_RISK_MANAGER: ("Risk", "Vendor"),
    Role.RISK_REGISTER_OWNER: ("RiskRegisters",),
    Role.REVIEWER: ("Vendor",),
    Role.PEOPLE_OPS: ("Personnel",),
    Role.POLICY_MANAGER: ("Policy",),
    Role.TRUST_CENTER_MANAGER: ("TrustCenter", "TrustCenterRequest"),
    Role.TRUST_CENTER_REVIEWER: ("TrustCenterRequest",),
    Role.KNOWLEDGE_BASE: ("KnowledgeBase",),
}
READERS: dict[Role, tuple[str, ...]] = {
    Role.AUDITOR: ("AuditHub", "Control", "Monitors", "Event"),
    Role.INTERNAL_AUDITOR: ("AuditHub", "Control", "Monitors", "Event"),
    Role.ACT_AS_READ_ONLY: ("ALL",),
    Role.TRUST_USER: ("TrustCenter",),
}


def rights(role: Role) -> list[Right]:
    """What the role may do; a READONLY role reads what its namesake manages."""
    if role in READERS:
        return [Right(Action.READ, subject) for subject in READERS[role]]
    managed = role.removeprefix("READONLY_")
    action = Action.MANAGE if managed == role else Action.READ
    return [Right(action, subject) for subject in SUBJECTS.get(Role(managed), ())]


def allows(roles: list[str], wanted: Right) -> bool:
    """Whether one of the roles gives a right; who manages also reads."""
    return any(
        right.subject in ("ALL", wanted.subject) and right.action in (Action.MANAGE, wanted.action)
        for role in roles
        for right in rights(Role(role))
    )
