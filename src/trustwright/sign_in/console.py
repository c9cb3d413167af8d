"""A person's own account, in the console."""

import asyncio

from trustwright.accounts.actions import get_user
from trustwright.accounts.role_texts import name_of
from trustwright.console.forms import Form
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.sign_in import actions, console_factor, console_provider, factors_store, store
from trustwright.sign_in.console_factor import require_password
from trustwright.sign_in.model import IDLE
from trustwright.sign_in.passwords import hashed, require_good_password


async def me(visit: Visit, form: Form) -> Answer:
    """Name, ways to come in, and the browsers in which this person is signed in."""
    signed_in = visit.signed_in
    async with visit.read() as tx:
        user = await get_user(tx, signed_in.user_id)
        has_password = await store.password_hash(tx, user.id) is not None
        factor = await factors_store.get_factor(tx, user.id)
        codes_left = await factors_store.count_recovery_codes(tx, user.id)
        sessions = await store.sessions(tx, user.id, IDLE)
    values = {"user": user, "form": form, "has_password": has_password, "factor": factor, "codes_left": codes_left}
    return visit.page("me", {**values, "sessions": sessions, "name_of": name_of})


async def rename(visit: Visit, form: Form) -> Answer:
    """Saves the name."""
    async with visit.begin() as tx:
        user = await get_user(tx, visit.signed_in.user_id)
        form.require_unchanged(user.updated_at, "your account")
        await actions.rename(tx, user.id, form.optional("first_name"), form.optional("last_name"))
    return visit.see_other("/me", "Your name is saved")


async def password_page(visit: Visit, form: Form) -> Answer:
    """Asks for the password and a new one."""
    async with visit.read() as tx:
        has_password = await store.password_hash(tx, visit.signed_in.user_id) is not None
    return visit.page("me_password", {"form": form, "has_password": has_password})


async def change_password(visit: Visit, form: Form) -> Answer:
    """Sets the new password; other browsers are signed out."""
    await require_password(visit, form)
    require_good_password(form.value("password"), visit.signed_in.email)
    if form.value("password") != form.value("repeated"):
        raise Invalid("repeated: the two are not the same")
    password_hash = await asyncio.to_thread(hashed, form.value("password"))
    async with visit.begin() as tx:
        await actions.change_password(tx, visit.signed_in, password_hash)
    return visit.see_other("/me", "Your password is changed. Your other browsers are signed out")


async def end_session(visit: Visit, _: Form) -> Answer:
    """Signs this person out of one browser."""
    session_id = visit.id("session_id")
    async with visit.begin() as tx:
        await actions.end_session_of(tx, visit.signed_in.user_id, session_id)
    return visit.see_other("/me", "That browser is signed out")


async def end_other_sessions(visit: Visit, _: Form) -> Answer:
    """Signs this person out everywhere but here."""
    async with visit.begin() as tx:
        await actions.end_sessions_of(tx, visit.signed_in.user_id, but=visit.signed_in.session_id)
    return visit.see_other("/me", "You are signed in here only")


PAGES: list[Page | FormPage | Button] = [
    FormPage(path="/me", show=me, submit=rename),
    FormPage(path="/me/password", show=password_page, submit=change_password),
    Button(path="/me/sessions/end-others", press=end_other_sessions),
    Button(path="/me/sessions/{session_id}/end", press=end_session),
    *console_factor.PAGES,
    *console_provider.PAGES,
]
