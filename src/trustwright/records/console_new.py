"""A new connection, in two steps of one form: what it is and a sample record, then the schema beside the sample.

Each step is shown with all that was typed in the other, so that one can go back and forth without a script."""

from hashlib import sha256

from trustwright.console.forms import Form
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.records import actions, samples
from trustwright.records.actions import CustomResource
from trustwright.records.console_shared import form_page, path_of, show
from trustwright.records.model import ProviderType

LONGEST_NAME = 191
LONGEST_DESCRIPTION = 30_000


def named(form: Form) -> str:
    """The name that was typed. Raises Invalid."""
    name = form.text("name")
    if not name:
        raise Invalid("name: give it a name that others will know it by")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"name: use at most {LONGEST_NAME} characters")
    return name


def described(form: Form) -> str | None:
    """The description that was typed. Raises Invalid."""
    description = form.optional("description")
    if description and len(description) > LONGEST_DESCRIPTION:
        raise Invalid(f"description: use at most {LONGEST_DESCRIPTION} characters")
    return description


def workspace_ids(visit: Visit, form: Form) -> list[int]:
    """The workspaces that were ticked. Raises Invalid for what is none."""
    known = {str(each.id): each.id for each in visit.signed_in.workspaces}
    if unknown := [text for text in form.texts("workspaces") if text not in known]:
        raise Invalid(f"workspaces: there is no workspace {unknown[0]}")
    return [known[text] for text in form.texts("workspaces")]


async def show_new(visit: Visit, form: Form) -> Answer:
    """The step that the form has come to."""
    if form.text("step") != "schema":
        return show(visit, "data_new", {"form": form})
    found = samples.Examined(faults=[], misfits=[], keys=[], count=0)
    if form.problem is None or not form.problem.message.startswith("sample:"):
        found = samples.examine(form.text("schema"), form.text("key"), samples.read_samples(form.text("sample")))
    values = {"form": form, "found": found, "sample_hash": _hash(form)}
    return show(visit, "data_new_schema", values)


async def take_step(visit: Visit, form: Form) -> Answer:
    """Goes to the next step, or back, or looks again, or makes the connection. Raises Invalid."""
    wanted = form.text("do")
    if wanted == "back":
        return await show_new(visit, _changed(form, step=""))
    name, description = named(form), described(form)
    ids = workspace_ids(visit, form)
    if not ids:
        raise Invalid("workspaces: choose at least one")
    read = samples.read_samples(form.text("sample"))
    if wanted == "create":
        found = samples.examine(form.text("schema"), form.text("key"), read)
        if not found.is_good:
            raise Invalid("The connection was not made yet: see below what does not go together")
        custom = CustomResource(ids, form.text("key"), form.text("schema").encode(), None)
        async with visit.begin() as tx:
            connection = await actions.create_connection(tx, name, ProviderType.CUSTOM, description, custom)
            (resource,) = await actions.resources_of(tx, [connection.id])
        notice = f"{name} was created. Now push its first records: this is how."
        return visit.see_other(f"{path_of(resource)}/push", notice)
    # What somebody has made of the schema stays, unless it is to be made anew or the sample is another.
    if wanted == "infer" or not form.text("schema") or (wanted != "check" and form.text("sample_hash") != _hash(form)):
        schema = samples.inferred(read)
        keys = samples.examine(schema, "", read).keys
        form = _changed(form, schema=schema, key=samples.likely_key(keys, read))
    return await show_new(visit, _changed(form, step="schema"))


def _hash(form: Form) -> str:
    return sha256(form.text("sample").encode()).hexdigest()


def _changed(form: Form, **values: str) -> Form:
    """The form with other values in some fields."""
    kept = [(name, value) for name, value in form.pairs if name not in values]
    return Form([*kept, *values.items()], is_sent=True)


PAGES: list[Page | FormPage | Button] = [form_page(path="/data/new", show=show_new, submit=take_step)]
