"""Which addresses news may go to."""

import pytest

from trustwright.errors import Invalid
from trustwright.webhooks.addresses import Target, is_reachable, networks_of, require_target


@pytest.mark.parametrize(
    ("url", "target", "authority"),
    [
        ("https://hooks.acme.test", Target("https", "hooks.acme.test", 443, "/"), "hooks.acme.test"),
        ("HTTPS://Hooks.Acme.test:8443/a?b=%20", Target("https", "hooks.acme.test", 8443, "/a?b=%20"), None),
        ("https://hooks.acme.test:443/a/../b", Target("https", "hooks.acme.test", 443, "/a/../b"), "hooks.acme.test"),
        ("https://käse.test/", Target("https", "xn--kse-qla.test", 443, "/"), "xn--kse-qla.test"),
        ("https://hooks.acme.test./", Target("https", "hooks.acme.test", 443, "/"), "hooks.acme.test"),
        ("https://1.1.1.1/x", Target("https", "1.1.1.1", 443, "/x"), "1.1.1.1"),
        ("https://[2606:4700::1111]:8443/", Target("https", "2606:4700::1111", 8443, "/"), "[2606:4700::1111]:8443"),
    ],
)
def test_a_url_is_taken_apart(url: str, target: Target, authority: str | None) -> None:
    found = require_target(url, is_http_allowed=False)

    assert found == target
    assert found.authority == (authority or "hooks.acme.test:8443")


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", "must begin with https://"),
        ("hooks.acme.test", "must begin with https://"),
        ("//hooks.acme.test/", "must begin with https://"),
        ("http://hooks.acme.test/", "TRUSTWRIGHT_WEBHOOK_HTTP"),
        ("ftp://hooks.acme.test/", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("gopher://hooks.acme.test/", "must begin with https://"),
        ("https://", "name a host"),
        ("https:///hook", "name a host"),
        ("https://alice:secret@hooks.acme.test/", "user name"),
        ("https://@hooks.acme.test/", "user name"),
        ("https://acme.test@127.0.0.1/", "user name"),
        ("https://acme.test\\@127.0.0.1/", "control characters"),
        ("https://hooks.acme.test/\r\nHost: evil", "control characters"),
        ("https://hooks.acme.test/a b", "spaces"),
        ("https://hooks.acme.test/\x00", "control characters"),
        ("https://hooks.acme.test/käse", "%XX"),
        ("https://hooks.acme.test/#part", "fragment"),
        ("https://hooks.acme.test:0/", "port 0"),
        ("https://hooks.acme.test:70000/", "cannot be read"),
        ("https://hooks.acme.test:http/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://[fe80::1%25eth0]/", "no IPv6 address"),
        ("https://[v1.fe80::a]/", "no IPv6 address"),
        ("https://hooks..test/", "name of a host"),
        ("https://-hooks.test/", "name of a host"),
        ("https://hooks.test%2f@evil/", "user name"),
        ("https://hooks%2etest/", "name of a host"),
        (f"https://{'a' * 64}.test/", "name of a host"),
        (f"https://{'a.' * 127}test/", "name of a host"),
        (f"https://hooks.acme.test/{'a' * 2000}", "2000 characters"),
        ("https://\ud800.test/", "name of a host"),
    ],
)
def test_a_url_that_could_mislead_is_refused(url: str, fault: str) -> None:
    with pytest.raises(Invalid) as raised:
        require_target(url, is_http_allowed=False)

    assert raised.value.message.startswith("url: ")
    assert fault in raised.value.message


def test_http_is_for_those_who_allow_it() -> None:
    target = require_target("http://hooks.acme.test/a", is_http_allowed=True)

    assert (target.scheme, target.port, target.origin) == ("http", 80, "http://hooks.acme.test")


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_the_internet_is_within_reach(address: str) -> None:
    assert is_reachable(address, ())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.170",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "5f00::1",
        "not an address",
        "",
    ],
)
def test_what_is_not_everybodys_is_out_of_reach(address: str) -> None:
    assert not is_reachable(address, ())


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00::7", "1.1.1.1"])
def test_a_network_may_be_allowed(address: str) -> None:
    assert is_reachable(address, networks_of("10.1.2.0/24, fd00::/8"))


@pytest.mark.parametrize("address", ["10.1.3.3", "127.0.0.1", "::ffff:10.1.3.3", "fc00::7"])
def test_another_network_is_not_allowed_with_it(address: str) -> None:
    assert not is_reachable(address, networks_of("10.1.2.0/24, fd00::/8"))


def test_no_network_is_allowed_by_an_empty_setting() -> None:
    assert networks_of(" , ") == ()
