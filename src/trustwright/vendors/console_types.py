"""The account's own types of vendors, and how it watches over them, in the console."""

from trustwright.console.forms import Form
from trustwright.console.navigation import EDIT_VENDORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.vendors import actions, list_store

TYPES = "/vendors/types"
SETTINGS = "/vendors/settings"
MOST = 500
LONGEST_NAME = 191
MOST_DAYS = 20

# By the field, what a number of the settings may be.
BOUNDS = {
    "window_days": (1, 365),
    "questionnaire_reminder_days": (1, 365),
    "questionnaire_reminders_most": (0, 20),
}


async def list_types(visit: Visit, form: Form) -> Answer:
    """The account's own types, and a field for another."""
    async with visit.read() as tx:
        types = await list_store.all_types(tx, MOST)
    return visit.page("vendor_types", {"types": types, "form": form})


async def create_type(visit: Visit, form: Form) -> Answer:
    """Adds a type."""
    name = _name(form)
    async with visit.begin() as tx:
        await actions.create_type(tx, name)
    return visit.see_other(TYPES, f"The type {name} was added")


def _name(form: Form) -> str:
    """Raises Invalid."""
    name = form.text("name")
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(f"name: a type needs a name of at most {LONGEST_NAME} characters")
    return name


async def rename_type(visit: Visit, form: Form) -> Answer:
    """Gives a type another name."""
    name = _name(form)
    async with visit.begin() as tx:
        await actions.rename_type(tx, visit.id("type_id"), name)
    return visit.see_other(TYPES, f"The type is named {name} now")


async def delete_type(visit: Visit, form: Form) -> Answer:
    """Takes a type out of the choice."""
    async with visit.begin() as tx:
        await actions.delete_type(tx, visit.id("type_id"))
    return visit.see_other(TYPES, "The type was deleted")


async def show_settings(visit: Visit, form: Form) -> Answer:
    """How reviews recur, and who is reminded."""
    async with visit.read() as tx:
        settings = await actions.get_settings(tx)
    return visit.page("vendor_settings", {"settings": settings, "form": form, "may_edit": visit.may(EDIT_VENDORS)})


async def save_settings(visit: Visit, form: Form) -> Answer:
    """Sets them."""
    given: dict[str, object] = {name: _number(form, name) for name in BOUNDS}
    given |= {"recurring_reviews": form.flag("recurring_reviews"), "owner_reminder_days": _days(form)}
    async with visit.begin() as tx:
        await actions.update_settings(tx, given)
    return visit.see_other(SETTINGS, "The settings were saved")


def _number(form: Form, name: str) -> int:
    """Raises Invalid."""
    least, most = BOUNDS[name]
    number = form.number(name)
    if number is None or not least <= number <= most:
        raise Invalid(f"{name}: a number from {least} to {most}")
    return number


def _days(form: Form) -> list[int]:
    """Whole numbers with commas between them. Raises Invalid."""
    texts = [text.strip() for text in form.text("owner_reminder_days").split(",") if text.strip()]
    if len(texts) > MOST_DAYS:
        raise Invalid(f"owner_reminder_days: at most {MOST_DAYS} days")
    if any(not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 4 for text in texts):
        raise Invalid("owner_reminder_days: whole numbers with commas between them, like 7, 1, -1")
    days = [int(text) for text in texts]
    if any(not -365 <= day <= 365 for day in days):
        raise Invalid("owner_reminder_days: each from -365 to 365")
    return days


PAGES: list[Page | FormPage | Button] = [
    FormPage(path=TYPES, show=list_types, submit=create_type, right=EDIT_VENDORS),
    Button(path=f"{TYPES}/{{type_id}}/rename", press=rename_type, right=EDIT_VENDORS),
    Button(path=f"{TYPES}/{{type_id}}/delete", press=delete_type, right=EDIT_VENDORS),
    FormPage(path=SETTINGS, show=show_settings, submit=save_settings, right=EDIT_VENDORS),
]
