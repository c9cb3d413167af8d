"""The settings of one process, read once from the environment."""

import os
import re
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from trustwright.limits.model import BadRate, rate_of

MIB = 1024 * 1024

# From `metrics_port` on, one for each process of a machine.
METRICS_PORTS = 64

REACHABLE = re.compile(r"(mailto:|https://|tel:)[!-~]+")


class ReviewActions(StrEnum):
    """Which types of security reviews can be finalized and reopened by actions (decisions 9)."""

    SOC_REPORT = "soc_report"
    ALL = "all"


class RateLimits(StrEnum):
    """Where calls are counted: by each process for itself, or for all of them in the database."""

    MEMORY = "memory"
    POSTGRES = "postgres"


class Settings(Struct, frozen=True, kw_only=True):
    """Sizes are in bytes, times in seconds. Each field is read from TRUSTWRIGHT_<NAME>, or from the file that
    TRUSTWRIGHT_<NAME>_FILE names."""

    data_dir: Path = Path("data")
    database_url: str = ""
    replica_url: str = ""
    public_url: str = ""
    secret_key: str = ""
    storage_url: str = ""
    max_file: int = 25 * MIB
    max_files: int = 10
    collect_after: int = 3600
    clamd_url: str = ""
    require_scan: bool = False
    smtp_url: str = ""
    mail_from: str = "Trustwright <trustwright@localhost>"
    trusted_proxies: str = ""
    rate_limit_key: str = ""
    rate_limit_address: str = ""
    rate_limits: RateLimits = RateLimits.POSTGRES
    security_contact: str = ""
    security_policy: str = ""
    signature_url: str = ""
    signature_secret: str = ""
    webhook_private_networks: str = ""
    webhook_http: bool = False
    single_sign_on_networks: str = ""
    review_actions: ReviewActions = ReviewActions.SOC_REPORT
    pool_size: int = 12
    max_body: int = 5 * MIB
    max_rows: int = 1000
    worker_concurrency: int = 4
    monitor_time_limit: int = 60
    monitor_processes: int = 2
    metrics_token: str = ""
    metrics_port: int = 0
    metrics_host: str = "127.0.0.1"
    jobs_in_web: bool = True
    log_format: str = "console"


SECRET = (
    "database_url",
    "replica_url",
    "secret_key",
    "storage_url",
    "clamd_url",
    "smtp_url",
    "signature_secret",
    "metrics_token",
)


def variable(field: str) -> str:
    """The environment's name of a setting."""
    return f"TRUSTWRIGHT_{field.upper()}"


def to_environment(settings: Settings) -> dict[str, str]:
    """Variables from which `from_environment` reads the same settings."""
    return {variable(field): str(getattr(settings, field)) for field in settings.__struct_fields__}


class InvalidSetting(ValueError):
    """A setting of the environment cannot be read; the message names it and what it must be."""


def from_environment(environment: dict[str, str] | None = None) -> Settings:
    """Settings of the TRUSTWRIGHT_ variables. Raises InvalidSetting."""
    environment = dict(os.environ) if environment is None else environment
    values: dict[str, object] = {}
    for field in Settings.__struct_fields__:
        name = variable(field)
        text = environment.get(name)
        if text is None and (path := environment.get(f"{name}_FILE")):
            text = Path(path).read_text().strip()
        if text is not None:
            values[field] = _parse(name, Settings.__annotations__[field], text)
    settings = msgspec.convert(values, Settings)
    for name in ("rate_limit_key", "rate_limit_address"):
        try:
            rate_of(getattr(settings, name))
        except BadRate as error:
            raise InvalidSetting(f"{variable(name)} {error}") from error
    _require_reachable("security_contact", settings.security_contact)
    _require_reachable("security_policy", settings.security_policy)
    return settings


def _require_reachable(field: str, text: str) -> None:
    """Addresses as security.txt may name them (RFC 9116 2.5)."""
    if text and not all(REACHABLE.fullmatch(each.strip()) for each in text.split(",")):
        raise InvalidSetting(f"{variable(field)} must be addresses like mailto:... or https://..., commas between them")


def _parse(name: str, kind: type, text: str) -> object:
    if kind is bool:
        if text.lower() not in ("true", "false", "1", "0"):
            raise InvalidSetting(f"{name} must be true or false, not {text!r}")
        return text.lower() in ("true", "1")
    if kind is int:
        if not text.isdecimal():
            raise InvalidSetting(f"{name} must be a whole number, not {text!r}")
        return int(text)
    if issubclass(kind, StrEnum) and text not in list(kind):
        raise InvalidSetting(f"{name} must be one of {', '.join(kind)}, not {text!r}")
    return kind(text)
