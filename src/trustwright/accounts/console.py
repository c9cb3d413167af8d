"""The settings of the account, in the console: the company and its workspaces."""

from msgspec.structs import replace

from trustwright.accounts import actions, administration, console_keys, console_plan, console_users, store
from trustwright.accounts.model import Account, Workspace
from trustwright.console.forms import Form
from trustwright.console.navigation import ADMINISTER, EDIT_SETTINGS, SETTINGS
from trustwright.console.settings import settings_page
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit

# The contract's languages, without those that only testers read.
LANGUAGES = [
    ("ENGLISH_US", "English"),
    ("DUTCH_NL", "Dutch"),
    ("FRENCH_FR", "French"),
    ("GERMAN_DE", "German"),
    ("ITALIAN_IT", "Italian"),
    ("SPANISH_LA", "Spanish"),
]


async def show_company(visit: Visit) -> Answer:
    """The company, as others are told of it, and its workspaces."""
    async with visit.read() as tx:
        values = {"account": await actions.get_account(tx), "workspaces": await store.all_workspaces(tx)}
    return settings_page(visit, "settings_company", {**values, "languages": dict(LANGUAGES)})


async def edit_company(visit: Visit, form: Form) -> Answer:
    """What the company is called, and what it says of itself."""
    async with visit.read() as tx:
        account = await actions.get_account(tx)
    return settings_page(visit, "settings_company_edit", {"form": form, "account": account, "languages": LANGUAGES})


async def save_company(visit: Visit, form: Form) -> Answer:
    """Saves it."""
    async with visit.begin() as tx:
        account = await administration.get_account_for_update(tx)
        form.require_unchanged(account.updated_at, "the company")
        await administration.update_company(tx, account, _company(account, form))
    return visit.see_other("/settings", "The company was saved.")


def _company(account: Account, form: Form) -> Account:
    return replace(
        account,
        name=form.text("name"),
        legal_name=form.optional("legal_name"),
        description=form.optional("description"),
        logo_url=form.optional("logo_url"),
        language=next((code for code, _ in LANGUAGES if code == form.text("language")), account.language),
    )


async def new_workspace(visit: Visit, form: Form) -> Answer:
    """A workspace to be."""
    return settings_page(visit, "settings_workspace", {"form": form, "workspace": None})


async def add_workspace(visit: Visit, form: Form) -> Answer:
    """Adds it."""
    async with visit.begin() as tx:
        made = await administration.add_workspace(
            tx, form.text("name"), form.optional("description"), form.optional("url")
        )
    return visit.see_other("/settings", f"The workspace {made.name} was added.")


async def _workspace(visit: Visit) -> Workspace:
    async with visit.read() as tx:
        return await administration.get_workspace(tx, visit.id("workspace_id"))


async def edit_workspace(visit: Visit, form: Form) -> Answer:
    """What a workspace is called, and what it is for."""
    return settings_page(visit, "settings_workspace", {"form": form, "workspace": await _workspace(visit)})


async def save_workspace(visit: Visit, form: Form) -> Answer:
    """Saves it."""
    async with visit.begin() as tx:
        workspace = await administration.get_workspace(tx, visit.id("workspace_id"), lock=True)
        form.require_unchanged(workspace.updated_at, "this workspace")
        await administration.update_workspace(
            tx, workspace, form.text("name"), form.optional("description"), form.optional("url")
        )
    return visit.see_other("/settings", "The workspace was saved.")


PAGES: list[Page | FormPage | Button] = [
    Page(path="/settings", show=show_company, right=SETTINGS),
    FormPage(path="/settings/company", show=edit_company, submit=save_company, right=EDIT_SETTINGS),
    FormPage(path="/settings/workspaces/new", show=new_workspace, submit=add_workspace, right=ADMINISTER),
    FormPage(
        path="/settings/workspaces/{workspace_id}", show=edit_workspace, submit=save_workspace, right=EDIT_SETTINGS
    ),
    *console_users.PAGES,
    *console_keys.PAGES,
    *console_plan.PAGES,
]
