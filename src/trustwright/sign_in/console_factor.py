"""A person's second factor, in the console."""

import asyncio
import io

import segno
from markupsafe import Markup

from trustwright.console.forms import Form
from trustwright.console.rendering import ready
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.sign_in import attempts, factors, factors_store, passwords, store
from trustwright.sign_in.attempts import NOBODY
from trustwright.sign_in.codes import app_address, new_secret, secret_bytes
from trustwright.sign_in.entering import factor_sealer
from trustwright.sign_in.pauses import of_user


async def require_password(visit: Visit, form: Form) -> None:
    """For what a browser that was left open must not do. Raises Invalid, and TooManyAttempts."""
    signed_in = visit.signed_in
    key = of_user(signed_in.account_id, signed_in.user_id)
    async with visit.database.begin(NOBODY) as tx:
        await attempts.admit(tx, [key])
    async with visit.read() as tx:
        stored = await store.password_hash(tx, signed_in.user_id)
    if not await asyncio.to_thread(passwords.fits, stored, form.value("current")):
        raise Invalid("current: this is not your password")
    async with visit.database.begin(NOBODY) as tx:
        await attempts.forgive(tx, [key], None)


async def factor_page(visit: Visit, form: Form) -> Answer:
    """The key for the app, or what can be done with the second factor that is there."""
    async with visit.read() as tx:
        factor = await factors_store.get_factor(tx, visit.signed_in.user_id)
        codes_left = await factors_store.count_recovery_codes(tx, visit.signed_in.user_id)
        has_password = await store.password_hash(tx, visit.signed_in.user_id) is not None
        is_required = await factors_store.is_factor_required(tx)
    values = {"form": form, "has_password": has_password, "is_required": is_required}
    if factor is not None:
        return visit.page("me_factor", {**values, "factor": factor, "codes_left": codes_left})
    # It is the person's own key, and counts for nothing before it is confirmed: the form may carry it.
    secret = form.value("secret") if form.is_sent else new_secret()
    return visit.page("me_factor_new", {**values, "secret": secret, "qr": _qr(visit, secret)})


def _qr(visit: Visit, secret: str) -> Markup:
    """A QR code as SVG, dark on white, whatever colours the page has."""
    secret_bytes(secret)
    drawn = io.BytesIO()
    segno.make(app_address(secret, visit.signed_in.email), error="m").save(
        drawn, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False, svgns=False, omitsize=True
    )
    return ready(drawn.getvalue().decode())


async def add_factor(visit: Visit, form: Form) -> Answer:
    """Sets up the app, and shows the recovery codes this once."""
    secret = form.text("secret")
    secret_bytes(secret)
    await require_password(visit, form)
    async with visit.begin() as tx:
        codes = await factors.add_factor(
            tx, visit.signed_in.user_id, factor_sealer(visit.settings), secret, form.text("code")
        )
    return visit.page("me_codes", {"codes": codes, "is_new": True})


async def codes_page(visit: Visit, form: Form) -> Answer:
    """Asks for the password before there are new codes."""
    return visit.page("me_factor_confirm", {"form": form, "kind": "codes"})


async def renew_codes(visit: Visit, form: Form) -> Answer:
    """Shows ten new codes this once."""
    await require_password(visit, form)
    async with visit.begin() as tx:
        codes = await factors.renew_recovery_codes(tx, visit.signed_in.user_id)
    return visit.page("me_codes", {"codes": codes, "is_new": False})


async def removal_page(visit: Visit, form: Form) -> Answer:
    """Asks for the password before the second factor goes."""
    return visit.page("me_factor_confirm", {"form": form, "kind": "removal"})


async def remove_factor(visit: Visit, form: Form) -> Answer:
    """The password alone lets this person in from now on."""
    await require_password(visit, form)
    async with visit.begin() as tx:
        await factors.remove_factor(tx, visit.signed_in.user_id)
    return visit.see_other("/me", "Your second factor is removed")


PAGES: list[Page | FormPage | Button] = [
    FormPage(path="/me/second-factor", show=factor_page, submit=add_factor),
    FormPage(path="/me/second-factor/codes", show=codes_page, submit=renew_codes),
    FormPage(path="/me/second-factor/remove", show=removal_page, submit=remove_factor),
]
