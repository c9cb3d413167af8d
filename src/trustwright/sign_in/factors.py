"""What can be done with second factors."""

from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.sign_in import factors_store as store
from trustwright.sign_in.codes import new_recovery_codes, recovery_hash, secret_bytes, step_of
from trustwright.sign_in.sealing import Sealer


async def add_factor(tx: Tx, user_id: int, sealer: Sealer, secret: str, code: str) -> list[str]:
    """Makes an app the second factor of a user once it shows the right code; the recovery codes. Raises Invalid, and
    Conflict when there is one already."""
    known = secret_bytes(secret)
    step = step_of(known, code, tx.now.timestamp())
    if step is None:
        raise Invalid("code: this is not what the app shows now; check the clock of your device")
    if not await store.insert_factor(tx, user_id, sealer.seal(known), step):
        raise Conflict("You have a second factor already. Remove it before you set up another")
    await _recorded(tx, user_id, "Second factor set up")
    return await _new_codes(tx, user_id)


async def use_code(tx: Tx, user_id: int, sealer: Sealer, code: str) -> str | None:
    """What the code was: one of the app, or a recovery code. It is used up by that. None for a wrong one."""
    factor = await store.get_factor(tx, user_id)
    secret = sealer.unseal(factor.secret) if factor else None
    step = step_of(secret, code, tx.now.timestamp(), factor.last_step) if factor and secret else None
    if step is not None and await store.use_step(tx, user_id, step):
        return "app"
    if factor and await store.use_recovery_code(tx, user_id, recovery_hash(code)):
        await _recorded(tx, user_id, "Recovery code used")
        return "recovery code"
    return None


async def renew_recovery_codes(tx: Tx, user_id: int) -> list[str]:
    """Ten new ones; the old work no more. Raises NotFound for somebody without a second factor."""
    if await store.get_factor(tx, user_id) is None:
        raise NotFound("You have no second factor")
    await _recorded(tx, user_id, "Recovery codes renewed")
    return await _new_codes(tx, user_id)


async def remove_factor(tx: Tx, user_id: int) -> None:
    """The password alone lets the user in. Raises NotFound for somebody without a second factor."""
    if not await store.delete_factor(tx, user_id):
        raise NotFound("There is no second factor")
    await store.replace_recovery_codes(tx, user_id, [])
    await _recorded(tx, user_id, "Second factor removed")


async def require_of_all(tx: Tx, is_required: bool) -> None:
    """Whether everybody who comes in by password needs a second factor."""
    before = await store.is_factor_required(tx)
    if before == is_required:
        return
    await store.set_factor_required(tx, is_required)
    await record(
        tx,
        EventType.COMPANY_SECURITY_DATA_UPDATED,
        "Second factor required of everybody" if is_required else "Second factor left to everybody",
        target={"kind": "account", "id": tx.account_id},
        before={"secondFactorRequired": before},
        after={"secondFactorRequired": is_required},
    )


async def _new_codes(tx: Tx, user_id: int) -> list[str]:
    codes = new_recovery_codes()
    await store.replace_recovery_codes(tx, user_id, [recovery_hash(code) for code in codes])
    return codes


async def _recorded(tx: Tx, user_id: int, what: str) -> None:
    await record(tx, EventType.COMPANY_SECURITY_DATA_UPDATED, what, target={"kind": "user", "id": user_id})
