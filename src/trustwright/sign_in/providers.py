"""What can be done to an account's identity provider, and with what it says."""

from msgspec.structs import replace

from trustwright.accounts.actions import get_user, get_user_by_email
from trustwright.accounts.model import User
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.sign_in import providers_store as store
from trustwright.sign_in.model import ProviderFailed
from trustwright.sign_in.provider import Given, Person, Provider, require_issuer, require_text
from trustwright.sign_in.sealing import Sealer

STRANGER = "You are known there, but nobody here has your address. Ask an administrator to invite you"


async def provider_of(tx: Tx) -> Provider | None:
    """The account's, on or off."""
    return await store.get_provider(tx)


async def require_provider(tx: Tx) -> Provider:
    """The account's, if it is on. Raises NotFound."""
    provider = await store.get_provider(tx)
    if provider is None or not provider.is_enabled:
        raise NotFound("Single sign-on is off in this account. Sign in with your password")
    return provider


async def save_provider(tx: Tx, given: Given, sealer: Sealer, *, is_proven: bool, is_http_allowed: bool) -> None:
    """Sets the account's provider. `is_proven`: who does it came in by it. Raises Invalid."""
    before = await store.lock_provider(tx)
    issuer = require_issuer(given.issuer, is_http_allowed=is_http_allowed)
    if given.client_secret is not None:
        sealed = sealer.seal(require_text("client_secret", given.client_secret).encode())
    elif before is not None and before.issuer == issuer:
        sealed = before.client_secret
    else:
        raise Invalid("client_secret: enter the one that belongs to this issuer")
    is_same = before is not None and (before.issuer, before.client_id) == (issuer, given.client_id)
    was_only_way = before is not None and before.shuts_passwords_out
    if given.is_only_way and not (given.is_enabled and is_same and (is_proven or was_only_way)):
        raise Invalid(
            "is_only_way: first save it without this, sign in by single sign-on yourself, and then switch passwords"
            " off: that shows that it works"
        )
    after = Provider(
        issuer=issuer,
        client_id=require_text("client_id", given.client_id),
        client_secret=sealed,
        domains=given.domains,
        is_enabled=given.is_enabled,
        is_only_way=given.is_only_way,
        updated_at=tx.now,
    )
    if before is not None and before.issuer != issuer:
        await store.delete_identities(tx)
    await store.save_provider(tx, after)
    await _recorded(tx, "Single sign-on set up" if before is None else "Single sign-on changed", before, after)


async def delete_provider(tx: Tx) -> None:
    """Passwords are the way in again. Raises NotFound."""
    before = await store.lock_provider(tx)
    if before is None:
        raise NotFound("This account has no single sign-on")
    await store.delete_identities(tx)
    await store.delete_provider(tx)
    await _recorded(tx, "Single sign-on removed", before, None)


async def allow_passwords(tx: Tx) -> None:
    """For the day when the provider has gone: passwords let people in again. Raises NotFound."""
    before = await store.lock_provider(tx)
    if before is None:
        raise NotFound("This account has no single sign-on")
    after = replace(before, is_only_way=False)
    await store.save_provider(tx, after)
    await _recorded(tx, "Passwords let people in again", before, after)


async def user_of(tx: Tx, provider: Provider, person: Person) -> User:
    """Whom a provider has confirmed: the one whom it was linked with before, else the one with its verified address,
    who is linked with it for good. Raises ProviderFailed for somebody whom this account does not know."""
    user_id = await store.user_of_subject(tx, person.issuer, person.subject)
    if user_id is not None:
        user = await get_user(tx, user_id)
    else:
        user = await _linked(tx, provider, person)
    if user.deactivated_at is not None:
        raise ProviderFailed(STRANGER)
    return user


async def _linked(tx: Tx, provider: Provider, person: Person) -> User:
    if person.email is None:
        raise ProviderFailed("The identity provider does not say that your e-mail address is verified")
    if not provider.serves(person.email):
        raise ProviderFailed("Your e-mail address belongs to a domain that this single sign-on is not for")
    try:
        user = await get_user_by_email(tx, person.email)
    except NotFound as error:
        raise ProviderFailed(STRANGER) from error
    if await store.is_linked(tx, person.issuer, user.id):
        raise ProviderFailed("The user with your address belongs to another person at your identity provider")
    await store.insert_identity(tx, person.issuer, person.subject, user.id)
    await record(
        tx,
        EventType.COMPANY_SECURITY_DATA_UPDATED,
        f"{user.email} linked with single sign-on",
        target={"kind": "user", "id": user.id},
        after={"issuer": person.issuer, "subject": person.subject},
    )
    return user


async def _recorded(tx: Tx, what: str, before: Provider | None, after: Provider | None) -> None:
    """The secret stands in no event; that it changed does."""
    is_new = before is not None and after is not None and before.client_secret != after.client_secret
    await record(
        tx,
        EventType.COMPANY_SECURITY_DATA_UPDATED,
        f"{what}; it has a new client secret" if is_new else what,
        target={"kind": "single sign-on", "id": tx.account_id},
        before=_said(before),
        after=_said(after),
    )


def _said(provider: Provider | None) -> dict[str, object] | None:
    if provider is None:
        return None
    return {
        "issuer": provider.issuer,
        "clientId": provider.client_id,
        "domains": provider.domains,
        "enabled": provider.is_enabled,
        "onlyWay": provider.is_only_way,
    }
