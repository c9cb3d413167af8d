"""The permissions an API key may hold: the id that is checked, and the label that people read (Q21)."""

from enum import StrEnum


class Permission(StrEnum):
    label: str

    def __new__(cls, value: str, label: str) -> "Permission":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    COMPANY_SETTINGS_GET_INFO = "company-settings-get-info", "Company Settings: Get Company Settings"
    CUSTOM_CONNECTIONS_DATA_DELETE = (
        "custom-connections-data-delete",
        "Custom Connections Data: Delete Custom Connection Data",
    )
    CUSTOM_CONNECTIONS_DATA_POST = (
        "custom-connections-data-post",
        "Custom Connections Data: Create Custom Connection Data",
    )
    CUSTOM_CONNECTIONS_DATA_PUT = (
        "custom-connections-data-put",
        "Custom Connections Data: Create and Update Custom Connection Data",
    )
    CUSTOM_CONNECTIONS_DELETE = "custom-connections-delete", "Custom Connections Management: Delete Custom Connection"
    CUSTOM_CONNECTIONS_GET = "custom-connections-get", "Custom Connections Management: List Custom Connections"
    CUSTOM_CONNECTIONS_POST = "custom-connections-post", "Custom Connections Management: Create Custom Connection"
    CUSTOM_CONNECTIONS_PUT = "custom-connections-put", "Custom Connections Management: Update Custom Connection"
    EVENT_TRACKING_GET = "event-tracking-get", "Event Tracking: List Events"
    EVENT_TRACKING_GET_EVENT = "event-tracking-get-event", "Event Tracking: Get Event"
    MONITORS_GET = "monitors-get", "Monitoring: List Monitors"
    MONITORS_GET_MONITOR = "monitors-get-monitor", "Monitoring: Get Monitor"
    MONITORS_POST_RETEST = "monitors-post-retest", "Monitoring: Trigger Monitor Test"
    MONITORS_PUT_MONITOR = "monitors-put-monitor", "monitors-put-monitor"
    ROLE_GET = "role-get", "Roles: Get Role"
    ROLES_GET = "roles-get", "Roles: List Roles"
    TRUST_CENTER_GET_MONITORING_CONTROLS = (
        "trust-center-get-monitoring-controls",
        "Trust Center: List Monitoring Controls",
    )
    TRUST_CENTER_GET_PRIVATE_ACCESS = "trust-center-get-private-access", "Trust Center: Manage NDA Settings"
    TRUST_CENTER_GET_PRIVATE_DOCUMENTS = "trust-center-get-private-documents", "Trust Center: List Private Documents"
    TRUST_CENTER_GET_REQUEST = "trust-center-get-request", "Trust Center: View Access Request"
    TRUST_CENTER_GET_REQUESTS = "trust-center-get-requests", "Trust Center: List Access Requests"
    TRUST_CENTER_GET_TRUST_CENTER_REPORTS = (
        "trust-center-get-trust-center-reports",
        "Trust Center: List Trust Center Reports",
    )
    TRUST_CENTER_POST_REQUEST = "trust-center-post-request", "Trust Center: Create Access Request"
    TRUST_CENTER_PUT_PRIVATE_ACCESS = "trust-center-put-private-access", "Trust Center: Manage NDA Settings"
    TRUST_CENTER_PUT_REQUEST_APPROVE = "trust-center-put-request-approve", "Trust Center: Manage Access Request"
    TRUST_CENTER_PUT_REQUEST_DENY = "trust-center-put-request-deny", "Trust Center: Manage Access Request"
    USER_GET = "user-get", "Users: Get User"
    USERS_GET = "users-get", "Users: List Users"
    VENDOR_TYPES_DELETE = "vendor-types-delete", "Vendors: Delete Vendor Type"
    VENDOR_TYPES_GET = "vendor-types-get", "Vendors: List Vendor Types"
    VENDOR_TYPES_POST = "vendor-types-post", "Vendors: Create Vendor Type"
    VENDOR_TYPES_PUT = "vendor-types-put", "Vendors: Update Vendor Type"
    VENDORS_DELETE = "vendors-delete", "Vendors: Delete Vendor"
    VENDORS_GET = "vendors-get", "Vendors: List Vendors"
    VENDORS_GET_QUESTIONNAIRES = "vendors-get-questionnaires", "Vendors: List Vendor Questionnaire"
    VENDORS_GET_SECURITY_REVIEW_ACTIONS = "vendors-get-security-review-actions", "Vendors: List Security Review Actions"
    VENDORS_GET_STATS = "vendors-get-stats", "Vendors: Get Vendors Statistics"
    VENDORS_GET_VENDOR = "vendors-get-vendor", "Vendors: Get Vendor"
    VENDORS_POST = "vendors-post", "Vendors: Create Vendor"
    VENDORS_POST_DOCUMENT = "vendors-post-document", "Vendors: Upload Vendor Report"
    VENDORS_POST_QUESTIONNAIRES = "vendors-post-questionnaires", "Vendors: Send Questionnaire to Vendor"
    VENDORS_POST_SECURITY_REVIEW = "vendors-post-security-review", "Vendors: Create Security Review"
    VENDORS_POST_SECURITY_REVIEW_ACTION = (
        "vendors-post-security-review-action",
        "Vendors: Perform Security Review Action",
    )
    VENDORS_POST_UPLOAD_QUESTIONNAIRES = "vendors-post-upload-questionnaires", "Vendors: Upload Security Questionnaire"
    VENDORS_PUT = "vendors-put", "Vendors: Update Vendor"
    VENDORS_PUT_SECURITY_REVIEW = "vendors-put-security-review", "Vendors: Update Security Review"
    WORKSPACES_GET = "workspaces-get", "Workspaces: List Workspaces"
