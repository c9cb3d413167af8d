"""Talks to identity providers: OpenID Connect Core 1.0, by authorization code with PKCE (RFC 7636).

An administrator says where the provider is, so nothing that comes from there is believed without a check, no answer is
waited for or read for long, and no address inside the network of this server is connected to, unless a setting allows
it."""

import asyncio
import base64
import hashlib
import secrets
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpcore
import msgspec
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.http.reach import CheckedBackend, OutOfReach, Reach, trusted
from trustwright.settings import InvalidSetting, Settings
from trustwright.sign_in.model import ProviderFailed
from trustwright.sign_in.provider import Person, Provider, require_issuer
from trustwright.webhooks.addresses import Network, networks_of

log = structlog.get_logger()

T = TypeVar("T")

SETTING = "TRUSTWRIGHT_SINGLE_SIGN_ON_NETWORKS"
SECONDS = 10.0
MOST_OF_ANSWER = 1024 * 1024
# Made with a key pair of the provider: a secret that both sides know proves nothing to a third.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
CLOCKS_DIFFER = 60


class Metadata(Struct, frozen=True, kw_only=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Keys(Struct, frozen=True):
    """With what a provider signs (RFC 7517)."""

    keys: list[dict[str, Any]]


class Tokens(Struct, frozen=True):
    id_token: str
    access_token: str = ""


class Journey(Struct, frozen=True, kw_only=True):
    """What a browser takes along to the provider, sealed, and brings back."""

    account_id: int
    state: str
    nonce: str
    verifier: str
    wanted: str


def networks(settings: Settings) -> tuple[Network, ...]:
    """Where providers may be besides the internet. Raises InvalidSetting."""
    try:
        return networks_of(settings.single_sign_on_networks)
    except ValueError as error:
        raise InvalidSetting(f"{SETTING} must be networks with commas between: {error}") from error


class Conversation:
    """With one provider, in ten seconds altogether. Its methods raise ProviderFailed."""

    def __init__(self, settings: Settings, issuer: str) -> None:
        self._issuer = issuer
        self._networks = networks(settings)
        self._reach = Reach(setting=SETTING, networks=self._networks)

    async def metadata(self) -> Metadata:
        """What the provider says of itself, checked."""
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = _decoded(await self._answer("GET", url, {}), Metadata)
        if found.issuer != self._issuer:
            raise ProviderFailed(f"The identity provider calls itself {found.issuer[:200]}, not {self._issuer}")
        for endpoint in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            self._require_url(endpoint)
        return found

    def _require_url(self, url: str) -> None:
        try:
            require_issuer(url.partition("?")[0], is_http_allowed=bool(self._networks))
        except Invalid as error:
            raise ProviderFailed("The identity provider names an address that does not begin with https://") from error

    async def tokens(
        self, metadata: Metadata, provider: Provider, secret: str, code: str, verifier: str, back: str
    ) -> Tokens:
        """What the code is good for."""
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            fields |= {"client_id": provider.client_id, "client_secret": secret}
        body = urlencode(fields).encode()
        return _decoded(await self._answer("POST", metadata.token_endpoint, headers, body), Tokens)

    async def person(self, metadata: Metadata, provider: Provider, tokens: Tokens, nonce: str) -> Person:
        """Whom the ID token confirms. An address that is not in it is asked for."""
        keys = _decoded(await self._answer("GET", metadata.jwks_uri, {}), Keys)
        claims = claims_of(tokens.id_token, keys, provider, nonce)
        if "email" not in claims and metadata.userinfo_endpoint and tokens.access_token:
            self._require_url(metadata.userinfo_endpoint)
            headers = {"Authorization": f"Bearer {tokens.access_token}"}
            said = _decoded(await self._answer("GET", metadata.userinfo_endpoint, headers), dict[str, Any])
            if said.get("sub") != claims["sub"]:
                raise ProviderFailed("The identity provider speaks of two different people")
            claims = {**said, **claims}
        email = claims.get("email")
        is_verified = claims.get("email_verified") is True and isinstance(email, str)
        return Person(issuer=self._issuer, subject=str(claims["sub"]), email=email if is_verified else None)

    async def _answer(self, method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
        """Neither redirects nor proxies of the environment are followed."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._asked(method, url, headers, body)
        except OutOfReach as error:
            raise ProviderFailed(f"The identity provider is out of reach: {error}") from error
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise ProviderFailed("The identity provider does not answer in time. Try again later") from error
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            log.warning("identity provider away", issuer=self._issuer, reason=f"{type(error).__name__}: {error}")
            raise ProviderFailed("The identity provider cannot be reached. Try again later") from error

    async def _asked(self, method: str, url: str, headers: dict[str, str], body: bytes) -> bytes:
        sent = {"Accept": "application/json", "User-Agent": "Trustwright", **headers}
        backend = CheckedBackend(self._reach)
        async with (
            httpcore.AsyncConnectionPool(ssl_context=trusted(), network_backend=backend) as pool,
            pool.stream(method, url, headers=list(sent.items()), content=body or None) as answer,
        ):
            read = b""
            async for part in answer.aiter_stream():
                read += part
                if len(read) > MOST_OF_ANSWER:
                    raise ProviderFailed("The identity provider answers with more than can be read")
        if answer.status != 200:
            log.warning("identity provider refused", issuer=self._issuer, status=answer.status, body=str(read[:500]))
            raise ProviderFailed(f"The identity provider refused the request, with status {answer.status}")
        return read


def claims_of(id_token: str, keys: Keys, provider: Provider, nonce: str) -> dict[str, Any]:
    """What an ID token says, if all is true of it that OpenID Connect Core 3.1.3.7 asks. Raises ProviderFailed."""
    essential = jwt.JWTClaimsRegistry(
        leeway=CLOCKS_DIFFER,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        token = jwt.decode(id_token, KeySet.import_key_set({"keys": keys.keys}), algorithms=ALGORITHMS)
        essential.validate(token.claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        log.warning("ID token refused", issuer=provider.issuer, reason=f"{type(error).__name__}: {error}")
        raise ProviderFailed("What the identity provider sent does not prove who you are") from error
    claims = dict(token.claims)
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != provider.client_id:
        raise ProviderFailed("What the identity provider sent is meant for somebody else")
    return claims


def new_journey(account_id: int, wanted: str) -> Journey:
    """One that nobody else is on."""
    return Journey(
        account_id=account_id,
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        wanted=wanted,
    )


def way_there(metadata: Metadata, provider: Provider, journey: Journey, back: str, email: str) -> str:
    """The address at which the provider asks who somebody is."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(journey.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid email",
        "state": journey.state,
        "nonce": journey.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": email,
    }
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}"


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise ProviderFailed("The identity provider gives an answer that cannot be read") from error
