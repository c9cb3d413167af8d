"""Templates of questionnaires, version 2: an extension, because the documented API sends them and cannot make one."""

from functools import partial

from trustwright.accounts.permissions import Permission
from trustwright.http.lists import CursorPage, CursorQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.questionnaires import actions, store
from trustwright.questionnaires.wire import NewTemplate, TemplateAnswer, TemplateChange, TemplateSummary


class TemplatePath(Wire, frozen=True):
    template_id: Id


async def list_questionnaire_templates(call: Call, filters: CursorQuery) -> CursorPage[TemplateSummary]:
    """Lists the questionnaire templates of the account, without their questions."""
    async with call.read() as tx:
        return await by_cursor(
            filters,
            "questionnaire-templates",
            partial(store.page_templates, tx),
            partial(store.count_templates, tx),
            TemplateSummary.of,
        )


async def create_questionnaire_template(call: Call, body: NewTemplate) -> TemplateAnswer:
    """Creates a questionnaire template."""
    async with call.begin() as tx:
        return TemplateAnswer.of(await actions.create_template(tx, body.title, body.description, body.questions))


async def get_questionnaire_template(call: Call, path: TemplatePath) -> TemplateAnswer:
    """Gets a questionnaire template with its questions."""
    async with call.read() as tx:
        return TemplateAnswer.of(await actions.get_template(tx, path.template_id))


async def update_questionnaire_template(call: Call, path: TemplatePath, body: TemplateChange) -> TemplateAnswer:
    """Changes a questionnaire template."""
    async with call.begin() as tx:
        template = await actions.update_template(tx, path.template_id, body.title, body.description, body.questions)
        return TemplateAnswer.of(template)


async def delete_questionnaire_template(call: Call, path: TemplatePath) -> None:
    """Deletes a questionnaire template; what was sent stays."""
    async with call.begin() as tx:
        await actions.delete_template(tx, path.template_id)


READ = (Permission.VENDORS_GET_QUESTIONNAIRES,)
WRITE = (Permission.VENDORS_POST_QUESTIONNAIRES,)

TEMPLATES = "/questionnaire-templates"
TEMPLATE = "/questionnaire-templates/{templateId}"

operation = partial(Operation, version=Version.V2, errors=(400, 404), extension=True)

operations = [
    operation(method="GET", path=TEMPLATES, handler=list_questionnaire_templates, permissions=READ, errors=(400,)),
    operation(
        method="POST",
        path=TEMPLATES,
        handler=create_questionnaire_template,
        permissions=WRITE,
        success=(201,),
        errors=(400,),
    ),
    operation(method="GET", path=TEMPLATE, handler=get_questionnaire_template, permissions=READ),
    operation(method="PUT", path=TEMPLATE, handler=update_questionnaire_template, permissions=WRITE),
    operation(method="DELETE", path=TEMPLATE, handler=delete_questionnaire_template, permissions=WRITE, success=(204,)),
]
