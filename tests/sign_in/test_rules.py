"""What is asked of passwords, how codes are made, and how long somebody waits who guesses."""

from datetime import timedelta

import pytest

from trustwright.console.visits import cookie
from trustwright.errors import Invalid
from trustwright.settings import Settings
from trustwright.sign_in import codes, pauses
from trustwright.sign_in.model import browser_of
from trustwright.sign_in.passwords import require_good_password
from trustwright.sign_in.provider import domains_in, require_issuer
from trustwright.sign_in.sealing import Sealer


@pytest.mark.parametrize("password", ["nine otters juggle", "Zx8!kfP2vQ9m", "пароль-из-трёх-слов", "x9 yz! " * 36])
def test_a_good_password_is_taken(password: str) -> None:
    require_good_password(password, "bob@acme.test")


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "x1y2z" * 52,
        "password1234",
        "Passwordpassword",
        "123456789012",
        "qwertyuiopasdf",
        "aaaabbbbaaaa",
        "bob@acme.test",
        "my-Bob@Acme.test-password",
    ],
)
def test_a_password_that_others_would_guess_is_not(password: str) -> None:
    with pytest.raises(Invalid, match="password: "):
        require_good_password(password, "bob@acme.test")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    secret = b"12345678901234567890"

    assert codes.code_at(secret, seconds // 30) == code
    assert codes.step_of(secret, f"{code[:3]} {code[3:]}", seconds + 30) == seconds // 30
    assert codes.step_of(secret, code, seconds + 61) is None
    assert codes.step_of(secret, code, seconds, after=seconds // 30) is None


def test_waits_grow_and_have_an_end() -> None:
    key = pauses.of_person("bob@acme.test")
    waits = [pauses.pause(attempts, key).total_seconds() for attempts in (1, 4, 5, 6, 10, 60, 10**6)]

    assert waits == [0, 0, 1, 2, 32, 900, 900]
    assert pauses.pause(10**6, pauses.of_network("192.0.2.1")) == timedelta(minutes=1)


def test_a_line_of_a_customer_is_one_network() -> None:
    assert pauses.of_network("2001:db8::1") == pauses.of_network("2001:db8::ffff:1")
    assert pauses.of_network("2001:db8::1") != pauses.of_network("2001:db8:0:1::1")
    assert pauses.of_person(" Bob@Acme.test") == pauses.of_person("bob@acme.test")


def test_what_is_sealed_opens_with_its_key_for_its_purpose_only() -> None:
    sealed = Sealer(b"key", "one").seal(b"secret")

    assert b"secret" not in sealed
    assert Sealer(b"key", "one").unseal(sealed) == b"secret"
    assert Sealer(b"key", "another").unseal(sealed) is None
    assert Sealer(b"another key", "one").unseal(sealed) is None


@pytest.mark.parametrize("text", ["", "acme", "gmail.com", "acme.test/x", "-acme.test", " , "])
def test_a_domain_that_is_nobodys_own_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="domains: "):
        domains_in(text)


def test_domains_are_read_however_they_are_written() -> None:
    assert domains_in("Acme.test, @globex.test\nacme.test") == ["acme.test", "globex.test"]


@pytest.mark.parametrize(
    "issuer",
    ["", "acme.test", "http://acme.test", "https://", "https://u:p@acme.test", "https://acme.test?x", "https://a:b/"],
)
def test_an_issuer_that_is_no_address_is_refused(issuer: str) -> None:
    with pytest.raises(Invalid, match="issuer: "):
        require_issuer(issuer, is_http_allowed=False)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8", "curl/8"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, name: str) -> None:
    assert browser_of(agent) == name


@pytest.mark.parametrize(("url", "is_secure"), [("https://trust.acme.test", True), ("http://127.0.0.1:8000", False)])
def test_behind_https_cookies_travel_by_https_only(url: str, is_secure: bool) -> None:
    made = cookie(Settings(public_url=url), "session", "token", 60)

    assert (made.secure, made.httponly, made.samesite) == (is_secure, True, "lax")
