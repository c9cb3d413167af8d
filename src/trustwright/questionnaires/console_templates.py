"""Templates of questionnaires, in the console."""

from collections.abc import AsyncGenerator

import msgspec
from litestar import MediaType, Response

from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import EDIT_VENDORS, VENDORS
from trustwright.console.rendering import HEADERS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Conflict, Invalid
from trustwright.http import bodies
from trustwright.http.answers import JSON
from trustwright.http.csv_files import cell
from trustwright.questionnaires import actions, sent_lists
from trustwright.questionnaires.console_editor import (
    TYPES,
    Changed,
    Item,
    acted,
    faults_of,
    items_in,
    items_of,
    questions_of,
)
from trustwright.questionnaires.model import Template
from trustwright.questionnaires.pages import POLICY, frame
from trustwright.questionnaires.questions import template_faults, with_ids
from trustwright.questionnaires.wire import NewTemplate, PageAnswer
from trustwright.times import iso

LIST = "/questionnaires/templates"
COLUMNS = ["id", "title", "description", "questions", "created", "updated"]
FIRST = [Item(key=0, id="q1")]


def _listing(visit: Visit) -> Listing:
    return Listing(visit, {"title": "title", "updated": "updated_at", "created": "created_at"})


async def list_templates(visit: Visit) -> Answer:
    """What can be sent."""
    listing = _listing(visit)
    if listing.wants_csv:
        return csv_file("questionnaire-templates", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        shown = listing.of(await sent_lists.page_templates(tx, listing.slice, listing.q))
    return visit.page(
        "questionnaire_templates", {"listing": listing, "shown": shown, "may_edit": visit.may(EDIT_VENDORS)}
    )


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing = _listing(visit)
    async with visit.read() as tx:
        async for head in everything(listing, lambda part: sent_lists.page_templates(tx, part, listing.q)):
            said = [head.id, head.title, head.description, head.total_questions]
            yield [*map(cell, said), iso(head.created_at), iso(head.updated_at)]


async def show_new(visit: Visit, form: Form) -> Answer:
    """An empty editor, or one as it was sent."""
    return _editor(visit, form, None, Changed(items_in(form) if form.is_sent else FIRST))


async def add(visit: Visit, form: Form) -> Answer:
    """Stores a new template, or does what another button of the editor does."""
    if action := form.text("do"):
        return _editor(visit, form, None, acted(items_in(form), action))
    new = _checked(form)
    async with visit.begin() as tx:
        template = await actions.create_template(tx, new.title, new.description, new.questions)
    return visit.see_other(f"{LIST}/{template.id}", "The template was created")


async def show(visit: Visit, form: Form) -> Answer:
    """The editor of a template as it is stored, or as it was sent."""
    async with visit.read() as tx:
        template = await actions.get_template(tx, visit.id("template_id"))
    return _editor(visit, form, template, Changed(items_in(form) if form.is_sent else items_of(template.questions)))


async def save(visit: Visit, form: Form) -> Answer:
    """Stores what changed, or does what another button of the editor does."""
    template_id = visit.id("template_id")
    if action := form.text("do"):
        async with visit.read() as tx:
            template = await actions.get_template(tx, template_id)
        return _editor(visit, form, template, acted(items_in(form), action))
    new = _checked(form)
    async with visit.begin() as tx:
        form.require_unchanged((await actions.get_template(tx, template_id, lock=True)).updated_at, "this template")
        await actions.update_template(tx, template_id, new.title, new.description, new.questions)
    return visit.see_other(f"{LIST}/{template_id}", "The template was saved")


def _checked(form: Form) -> NewTemplate:
    """What the form says, held to the rules of the API. Raises Invalid."""
    if not form.text("title"):
        raise Invalid("title: write a title")
    questions = with_ids(questions_of(items_in(form)))
    if faults := template_faults(questions):
        raise Invalid("; ".join(faults))
    said = {"title": form.text("title"), "description": form.optional("description"), "questions": questions}
    return bodies.decode(msgspec.json.encode(said), NewTemplate)


def _editor(visit: Visit, form: Form, template: Template | None, changed: Changed) -> Answer:
    # Who was told that somebody else saved may save over it; who was told anything else was not told that.
    is_told = not form.is_sent or isinstance(form.problem, Conflict)
    values = {
        "form": form,
        "template": template,
        "changed": changed,
        "types": [(kind.value, words) for kind, words in TYPES.items()],
        "faults": faults_of(form.problem.message, changed.items) if form.problem else {},
        "revision": (iso(template.updated_at) if is_told else form.text("revision")) if template else "",
    }
    return visit.page("questionnaire_template", values)


async def duplicate(visit: Visit, form: Form) -> Answer:
    """Adds a template that asks the same."""
    async with visit.begin() as tx:
        template = await actions.duplicate_template(tx, visit.id("template_id"))
    return visit.see_other(f"{LIST}/{template.id}", "This is the copy. Change what you like")


async def delete(visit: Visit, form: Form) -> Answer:
    """Deletes a template; what was sent stays."""
    async with visit.begin() as tx:
        await actions.delete_template(tx, visit.id("template_id"))
    return visit.see_other(LIST, "The template was deleted")


async def preview(visit: Visit) -> Answer:
    """The vendor's own page, which asks `preview_state` what to show and saves nothing."""
    async with visit.read() as tx:
        template = await actions.get_template(tx, visit.id("template_id"))
    page = frame().replace("<html", f'<html data-preview="{LIST}/{template.id}/preview/state"', 1)
    return Response(page, media_type=MediaType.HTML, headers={**HEADERS, "Content-Security-Policy": POLICY})


async def preview_state(visit: Visit) -> Answer:
    """What the vendor's page would get, had the template been sent."""
    async with visit.read() as tx:
        template = await actions.get_template(tx, visit.id("template_id"))
    state = PageAnswer(
        title=template.title,
        description=template.description,
        company=visit.signed_in.account_name,
        vendor="your vendor",
        revision=0,
        expires_at=None,
        submitted_at=None,
        completed_by=None,
        questions=template.questions,
        answers={},
        files=[],
    )
    return Response(msgspec.json.encode(state), media_type=JSON, headers=dict(HEADERS))


ONE = f"{LIST}/{{template_id}}"

PAGES: list[Page | FormPage | Button] = [
    Page(path=LIST, show=list_templates, right=VENDORS),
    FormPage(path=f"{LIST}/new", show=show_new, submit=add, right=EDIT_VENDORS),
    FormPage(path=ONE, show=show, submit=save, right=EDIT_VENDORS),
    Page(path=f"{ONE}/preview", show=preview, right=VENDORS),
    Page(path=f"{ONE}/preview/state", show=preview_state, right=VENDORS),
    Button(path=f"{ONE}/duplicate", press=duplicate, right=EDIT_VENDORS),
    Button(path=f"{ONE}/delete", press=delete, right=EDIT_VENDORS),
]
