"""Single sign-on with a real provider: who comes in, who does not, and what a false provider is believed."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.factories import Account
from tests.sign_in.cast import Bob, bob_of
from tests.sign_in.conftest import IdentityProvider
from tests.sign_in.test_cli import trustwright
from trustwright.console.visits import SESSION
from trustwright.settings import Settings
from trustwright.sign_in.model import ProviderFailed
from trustwright.sign_in.provider import Provider
from trustwright.sign_in.providing import Conversation, Keys, claims_of

SECRET = "a secret: with signs/+"


def saved(account: Account, issuer: str, browser: httpx.Client | None = None, **more: str) -> httpx.Response:
    """Sets up single sign-on for the account's domain."""
    browser = browser or account.browser()
    found = re.search(r'name="revision" value="([^"]+)"', browser.get("/settings/sign-in").text)
    sent = {"issuer": issuer, "client_id": "trustwright", "client_secret": SECRET, "is_enabled": "yes"}
    sent |= {"domains": f"account{account.id}.test", "revision": found[1] if found else "", **more}
    return browser.post("/settings/sign-in", data={name: value for name, value in sent.items() if value})


def there(browser: httpx.Client, email: str, wanted: str = "/events") -> str:
    """The address at the provider that our page leads to."""
    answer = browser.post("/sign-in/single-sign-on", data={"email": email, "next": wanted})
    found = re.search(r'content="0; url=([^"]+)"', answer.text)
    assert found, answer.text
    return unescape(found[1])


def back(address: str, email: str) -> str:
    """Signs in there, as somebody with an address; the path that the provider leads back to."""
    with httpx.Client(follow_redirects=False, timeout=20) as client:
        answer = client.get(address)
        for _ in range(8):
            location = answer.headers.get("location", "")
            if "/callback" in location:
                return str(location[location.index("/sign-in/") :])
            if location:
                answer = client.get(httpx.URL(address).join(location))
            else:
                action = re.search(r'action="([^"]+)"', answer.text)
                assert action, answer.text
                data = {"prompt": "login", "login": email, "password": "any"}
                answer = client.post(httpx.URL(address).join(unescape(action[1])), data=data)
    raise AssertionError("the provider leads nowhere")


def come_in(bob: Bob, email: str = "", asked_for: str = "") -> tuple[httpx.Client, httpx.Response]:
    """The whole way, as who has `email` at the provider."""
    browser = bob.stranger()
    return browser, browser.get(back(there(browser, asked_for or bob.email), email or bob.email))


@pytest.fixture
def dora(globe: Account, provider: IdentityProvider) -> Bob:
    """A user of an account with single sign-on."""
    assert saved(globe, provider.issuer).status_code == 303
    return bob_of(globe, "dora")


def test_somebody_with_a_verified_address_comes_in_and_where_they_wanted_to_go(dora: Bob) -> None:
    browser, answer = come_in(dora)

    assert (answer.status_code, answer.headers["location"]) == (303, "/events"), answer.text
    assert "by single sign-on" in browser.get("/me").text


def test_somebody_who_was_linked_stays_who_they_are_when_the_address_changes(dora: Bob) -> None:
    come_in(dora)

    async def move() -> None:
        async with dora.account.world.database.begin(dora.account.who) as tx:
            await tx.run(
                "update users set email = 'd.new@elsewhere.test' where account_id = %(account_id)s and id = %(id)s",
                id=dora.id,
            )

    dora.account.world.run(move())
    browser, answer = come_in(dora)

    assert answer.status_code == 303
    assert "d.new@elsewhere.test" in browser.get("/me").text


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("unverified-dora@account{}.test", "does not say that your e-mail address is verified"),
        ("dora@elsewhere.test", "belongs to a domain that this single sign-on is not for"),
        ("nobody@account{}.test", "nobody here has your address"),
    ],
)
def test_somebody_who_is_no_user_stays_outside(dora: Bob, email: str, said: str) -> None:
    browser, answer = come_in(dora, email.format(dora.account.id))

    assert answer.status_code == 502
    assert said in answer.text
    assert SESSION not in browser.cookies


def test_the_way_there_is_the_same_whether_or_not_there_is_a_user(dora: Bob) -> None:
    nobody = there(dora.stranger(), f"nobody@account{dora.account.id}.test")
    somebody = there(dora.stranger(), dora.email)

    assert urlsplit(nobody).path == urlsplit(somebody).path
    assert set(parse_qs(urlsplit(nobody).query)) == set(parse_qs(urlsplit(somebody).query))
    assert "S256" in nobody


def test_an_answer_counts_in_the_browser_only_that_asked(dora: Bob) -> None:
    attacker, victim = dora.stranger(), dora.stranger()
    path = back(there(attacker, dora.email), dora.email)
    there(victim, dora.email)

    assert dora.stranger().get(path).status_code == 422
    assert victim.get(path).status_code == 422
    assert SESSION not in victim.cookies


def test_a_code_works_once(dora: Bob) -> None:
    browser = dora.stranger()
    path = back(there(browser, dora.email), dora.email)
    journey = browser.cookies["trustwright_single_sign_on"]
    assert browser.get(path).status_code == 303

    other = dora.stranger()
    other.cookies.set("trustwright_single_sign_on", journey)
    assert other.get(path).status_code == 502
    assert SESSION not in other.cookies


@pytest.mark.parametrize("change", [{"error": "access_denied", "code": ""}, {"iss": "https://evil.test"}])
def test_a_refusal_and_an_answer_of_somebody_else_let_nobody_in(dora: Bob, change: dict[str, str]) -> None:
    browser = dora.stranger()
    parts = urlsplit(back(there(browser, dora.email), dora.email))
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()} | change

    answer = browser.get(parts.path, params={name: value for name, value in asked.items() if value})

    assert answer.status_code == 502
    assert SESSION not in browser.cookies


@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test"])
def test_nobody_is_sent_on_to_another_site(dora: Bob, wanted: str) -> None:
    browser = dora.stranger()

    answer = browser.get(back(there(browser, dora.email, wanted), dora.email))

    assert answer.headers["location"] == "/"


def test_a_wrong_client_secret_is_told_apart_from_a_stranger(dora: Bob, provider: IdentityProvider) -> None:
    saved(dora.account, provider.issuer, client_secret="wrong")

    _, answer = come_in(dora)

    assert answer.status_code == 502
    assert "refused the request, with status 401" in answer.text


def test_passwords_can_be_switched_off_by_somebody_who_came_in_without_one(
    dora: Bob, provider: IdentityProvider
) -> None:
    early = saved(dora.account, provider.issuer, is_only_way="yes")
    assert early.status_code == 400
    assert "sign in by single sign-on yourself" in early.text

    browser, _ = come_in(dora)
    browser.headers["Origin"] = dora.account.world.address
    assert saved(dora.account, provider.issuer, browser, client_secret="", is_only_way="yes").status_code == 303

    refused = dora.attempt(dora.stranger())
    assert refused.status_code == 403
    assert "single sign-on only" in refused.text
    assert SESSION not in refused.cookies
    assert come_in(dora)[1].status_code == 303
    assert trustwright(dora.account, "account", "allow-passwords", str(dora.account.id)).exit_code == 0
    assert dora.attempt(dora.stranger()).status_code == 303


def test_without_single_sign_on_for_the_domain_the_page_says_so(acme: Account) -> None:
    browser = acme.visitor()
    browser.headers["Origin"] = acme.world.address

    answer = browser.post("/sign-in/single-sign-on", data={"email": acme.alice_email, "next": "/"})

    assert answer.status_code == 404
    assert "No single sign-on is set up" in answer.text


def test_the_secret_is_shown_nowhere_and_kept_unless_another_is_typed(dora: Bob, provider: IdentityProvider) -> None:
    browser = dora.account.browser()
    assert SECRET not in unescape(browser.get("/settings/sign-in").text)

    assert saved(dora.account, provider.issuer, client_secret="").status_code == 303

    assert come_in(dora)[1].status_code == 303


def test_a_second_editor_of_the_provider_is_told(dora: Bob, provider: IdentityProvider) -> None:
    late = saved(dora.account, provider.issuer, revision="2020-01-01T00:00:00.000Z", client_id="another")

    assert late.status_code == 409
    assert 'value="another"' in late.text


def test_without_a_provider_passwords_are_the_way_in(dora: Bob) -> None:
    dora.account.browser().post("/settings/sign-in/delete-provider")

    answer = dora.stranger().post("/sign-in/single-sign-on", data={"email": dora.email, "next": "/"})

    assert answer.status_code == 404
    assert dora.attempt(dora.stranger()).status_code == 303


def test_a_provider_in_the_network_of_the_server_is_not_asked(acme: Account) -> None:
    answer = saved(acme, "https://127.0.0.1:1/")

    assert answer.status_code == 502
    assert "is not public" in answer.text
    assert saved(acme, "http://127.0.0.1:1/").status_code == 400


class Liar(BaseHTTPRequestHandler):
    """A provider that answers with whatever its server holds."""

    def do_GET(self) -> None:
        body: bytes = self.server.body  # type: ignore[attr-defined]
        time.sleep(self.server.wait)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def liar() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    server.wait = 0  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "cannot be read"),
        (b'{"issuer": 1}', "cannot be read"),
        (b" " * (1024 * 1024 + 1), "more than can be read"),
        (
            b'{"issuer": "https://evil.test", "authorization_endpoint": "x", "token_endpoint": "x", "jwks_uri": "x"}',
            "calls itself",
        ),
        (
            b'{"issuer": "ISSUER", "authorization_endpoint": "javascript:1", "token_endpoint": "x", "jwks_uri": "x"}',
            "does not begin with https",
        ),
    ],
)
def test_a_false_answer_becomes_a_sentence(acme: Account, liar: Any, body: bytes, said: str) -> None:
    issuer = f"http://127.0.0.1:{liar.server_port}"
    liar.body = body.replace(b"ISSUER", issuer.encode())

    with pytest.raises(ProviderFailed, match=said):
        acme.world.run(Conversation(Settings(single_sign_on_networks="127.0.0.0/8"), issuer).metadata())


def test_a_slow_answer_is_not_waited_for(acme: Account, liar: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustwright.sign_in.providing.SECONDS", 0.1)
    liar.wait, liar.body = 0.5, b"{}"

    with pytest.raises(ProviderFailed, match="in time"):
        acme.world.run(
            Conversation(
                Settings(single_sign_on_networks="127.0.0.0/8"), f"http://127.0.0.1:{liar.server_port}"
            ).metadata()
        )


KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
TRUSTED = Provider(
    issuer="https://id.test",
    client_id="trustwright",
    client_secret=b"",
    domains=["acme.test"],
    is_enabled=True,
    is_only_way=False,
    updated_at=datetime.now(UTC),
)


def token(key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:
    claims = {"iss": "https://id.test", "aud": "trustwright", "sub": "7", "nonce": "n", "iat": int(time.time())}
    claims |= {"exp": int(time.time()) + 300, **changes}
    made = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": "one"}, made, key, algorithms=[algorithm])


IN_AN_HOUR = int(time.time()) + 3600


def claims(text: str) -> dict[str, Any]:
    return claims_of(text, msgspec.convert(KeySet([KEY]).as_dict(private=False), Keys), TRUSTED, "n")


def test_a_true_token_is_believed() -> None:
    assert claims(token(email="bob@acme.test"))["email"] == "bob@acme.test"
    assert claims(token(aud=["trustwright", "another"], azp="trustwright"))["sub"] == "7"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.test"},
        {"aud": "another"},
        {"aud": ["trustwright", "another"]},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": IN_AN_HOUR},
        {"sub": None},
        {"key": OTHER_KEY},
    ],
    # Names that are the same in each process that runs the tests.
    ids=["issuer", "audience", "audiences", "nonce", "no nonce", "expired", "no end", "early", "nobody", "other key"],
)
def test_a_token_with_a_fault_is_not(changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderFailed):
        claims(token(**changes))


def test_neither_a_token_without_signature_nor_one_signed_with_what_everybody_knows_is_believed() -> None:
    body = token().split(".")[1]
    unsigned = f"eyJhbGciOiJub25lIn0.{body}."

    for text in (unsigned, "x", "", token().rsplit(".", 1)[0] + ".AAAA"):
        with pytest.raises(ProviderFailed):
            claims(text)
