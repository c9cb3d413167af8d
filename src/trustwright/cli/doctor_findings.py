"""What the doctor can find, and what it finds in the settings alone."""

import os
from collections.abc import Iterable, Iterator
from enum import StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from trustwright import tracing
from trustwright.db import MOST_BESIDE
from trustwright.errors import Invalid
from trustwright.mail.model import address_of
from trustwright.settings import METRICS_PORTS, SECRET, Settings, variable

NETWORKS = ("trusted_proxies", "webhook_private_networks", "single_sign_on_networks")
# What each key of ours must at least have: what people type is shorter.
SHORTEST = {"secret_key": 32, "signature_secret": 32, "metrics_token": 16}
WORTHLESS = {"secret", "password", "changeme", "change-me", "default", "admin", "postgres", "trustwright", "test"}
AT_LEAST = {
    "max_file": 1,
    "max_files": 1,
    "max_body": 1024,
    "max_rows": 1,
    "pool_size": 2,
    "worker_concurrency": 1,
    "monitor_time_limit": 1,
    "monitor_processes": 1,
    "collect_after": 60,
}
AT_MOST = {"monitor_processes": MOST_BESIDE, "metrics_port": 65535 - METRICS_PORTS}
# The variables of the project's own tests.
OF_TESTS = "TRUSTWRIGHT_TEST_"


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


class Finding(Struct, frozen=True):
    """What is so, and of what is not as it should be the cure in one sentence."""

    grade: Grade
    text: str
    cure: str = ""


def ok(text: str) -> Finding:
    return Finding(Grade.OK, text)


def warning(text: str, cure: str) -> Finding:
    return Finding(Grade.WARN, text, cure)


def failure(text: str, cure: str) -> Finding:
    return Finding(Grade.FAIL, text, cure)


def of_settings(settings: Settings) -> list[Finding]:
    """What is wrong with the settings as they stand, and where they contradict each other."""
    found = [
        *_networks(settings),
        *_numbers(settings),
        *_secrets(settings),
        *_address(settings),
        *_limits(settings),
        *_mail(settings),
        *_others(settings),
        *_variables(os.environ),
    ]
    return found or [ok("they fit together")]


def _networks(settings: Settings) -> Iterator[Finding]:
    for field in NETWORKS:
        for each in filter(None, (part.strip() for part in getattr(settings, field).split(","))):
            try:
                ip_network(each, strict=field == "trusted_proxies")
            except ValueError as error:
                yield failure(
                    f"{variable(field)}: {error}", f"Write {variable(field)} as networks with commas, like 10.0.0.0/8."
                )


def _numbers(settings: Settings) -> Iterator[Finding]:
    for field, least in AT_LEAST.items():
        if getattr(settings, field) < least:
            yield failure(f"{variable(field)} is too small", f"Set {variable(field)} to {least} or more.")
    for field, most in AT_MOST.items():
        if getattr(settings, field) > most:
            yield failure(f"{variable(field)} is too large", f"Set {variable(field)} to {most} or less.")


def _secrets(settings: Settings) -> Iterator[Finding]:
    for field, shortest in SHORTEST.items():
        value = getattr(settings, field)
        if value and (len(value) < shortest or value.lower() in WORTHLESS):
            yield failure(
                f"{variable(field)} can be guessed",
                f"Give {variable(field)} {shortest} or more random characters, as `openssl rand -hex 32` prints them.",
            )
    for field in set(SECRET) - set(SHORTEST):
        if (_password(getattr(settings, field)) or "").lower() in WORTHLESS:
            yield warning(
                f"the password in {variable(field)} is one that everybody tries first",
                f"Give that user another password, and write it into {variable(field)}.",
            )


def _password(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None


def _address(settings: Settings) -> Iterator[Finding]:
    name, url = variable("public_url"), settings.public_url
    if not url:
        if settings.smtp_url:
            yield warning(
                "links in mails lead to the address that the server listens at",
                f"Set {name} to the address at which people reach this, such as https://trust.example.com.",
            )
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        yield failure(f"{name} is no address of a host", f"Write {name} like https://trust.example.com.")
    elif parts.scheme == "http" and not _is_local(parts.hostname):
        yield failure(
            f"{name} is not https, so passwords, sessions and keys go over the network as they are",
            f"Put a proxy with a certificate in front, and let {name} begin with https://.",
        )


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _limits(settings: Settings) -> Iterator[Finding]:
    is_public = bool(settings.public_url) and not _is_local(urlsplit(settings.public_url).hostname or "")
    if is_public and not settings.trusted_proxies:
        yield warning(
            "no proxy is trusted: behind one, all visitors have its address",
            f"Name the proxy's network in {variable('trusted_proxies')}, unless there is none.",
        )
    if is_public and not settings.rate_limit_address:
        yield warning(
            "an address may call as often as it likes", f"Set {variable('rate_limit_address')}, such as 500/60."
        )


def _mail(settings: Settings) -> Iterator[Finding]:
    name = variable("mail_from")
    sender = settings.mail_from.rpartition("<")[2].rstrip("> ")
    if not _is_address(sender):
        yield failure(f"{name} holds no address", f"Write {name} like Trust <trust@example.com>.")
    elif "." not in sender.rpartition("@")[2] and not _is_local(_host(settings.smtp_url) or "localhost"):
        yield warning(
            "mails come from an address of no domain, which most servers refuse", f"Set {name} to an address of yours."
        )


def _is_address(text: str) -> bool:
    try:
        address_of(text)
    except (Invalid, ValueError):
        return False
    return "@" in text


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _others(settings: Settings) -> Iterator[Finding]:
    if settings.signature_url and not settings.signature_secret:
        yield failure(
            "a signature provider is set, and no secret to know its calls by",
            f"Set {variable('signature_secret')} to what the provider signs with.",
        )
    if settings.log_format not in ("console", "json"):
        yield failure(f"{variable('log_format')} is unknown", f"Set {variable('log_format')} to console or json.")
    if settings.metrics_port and not settings.metrics_token and not _is_local(settings.metrics_host):
        yield warning(
            "metrics can be read by whoever reaches their port",
            f"Set {variable('metrics_token')}, or let only Prometheus reach the port.",
        )
    if tracing.is_wanted(os.environ) and not tracing.speaks_ours(os.environ):
        yield failure(
            "OpenTelemetry's variables ask for a protocol that traces are not sent by",
            "Set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf, and the endpoint to the port for that, often 4318.",
        )


def _variables(environment: Iterable[str]) -> Iterator[Finding]:
    names = {variable(field) for field in Settings.__struct_fields__}
    given = {name for name in environment if name.startswith("TRUSTWRIGHT_") and not name.startswith(OF_TESTS)}
    for name in sorted(given - names - {f"{each}_FILE" for each in names}):
        yield warning(f"there is no setting {name}", "Look for its right name in the list above, or remove it.")
    for name in sorted(names & given):
        if f"{name}_FILE" in given:
            yield warning(f"{name} and {name}_FILE are both set; the file is not read", "Remove one of the two.")


def of_secret_file(path: Path) -> Iterator[Finding]:
    """Whether others of this machine can read the key that the service made for itself."""
    if path.exists() and path.stat().st_mode & 0o077:
        yield failure(f"{path} can be read by others", f"Run `chmod 600 {path}`, and make a new key if others came by.")
