"""Whose address counts when proxies stand between."""

import pytest

from trustwright.http.visitors import client_of

PROXIES = "10.0.0.0/8, fd00::/8"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("203.0.113.9", "", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", PROXIES, "203.0.113.9"),
        ("10.1.2.3", "198.51.100.1", PROXIES, "198.51.100.1"),
        ("10.1.2.3", "192.0.2.66, 198.51.100.1", PROXIES, "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1, 10.9.9.9", PROXIES, "198.51.100.1"),
        ("fd00::1", "2001:db8::7", PROXIES, "2001:db8::7"),
        ("10.1.2.3", "", PROXIES, "10.1.2.3"),
        ("10.1.2.3", "nonsense", PROXIES, "10.1.2.3"),
        ("10.1.2.3", "10.4.4.4", PROXIES, "10.4.4.4"),
        ("", "198.51.100.1", PROXIES, ""),
    ],
)
def test_only_what_trusted_proxies_say_is_believed(peer: str, forwarded: str, trusted: str, client: str) -> None:
    assert client_of(peer, forwarded, trusted) == client
