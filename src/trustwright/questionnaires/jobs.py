"""Jobs on questionnaires: read uploaded files, remind those who have not answered."""

import asyncio
import tempfile
from pathlib import Path

import procrastinate

from trustwright.files.model import ScanState, StoredFile
from trustwright.files.storage import Storage
from trustwright.jobs import as_scheduler, database_of, each_account, jobs, storage_of
from trustwright.questionnaires import actions
from trustwright.questionnaires.reading import content_of
from trustwright.questionnaires.sheets import ParsedQuestion, read_sheets
from trustwright.questionnaires.tables import READABLE

SAFE = (ScanState.CLEAN, ScanState.UNSCANNED)


class NotYetScanned(RuntimeError):
    """A file waits for the virus scanner; it is read once that has let it through."""


@jobs.task(
    name=actions.PARSE, pass_context=True, retry=procrastinate.RetryStrategy(max_attempts=12, exponential_wait=2)
)
async def parse(context: procrastinate.JobContext, *, account_id: int, questionnaire_id: int) -> None:
    """Reads the questions and answers out of uploaded sheets. What cannot be read stays a file."""
    database, storage = database_of(context), storage_of(context)
    async with database.read(as_scheduler(account_id)) as tx:
        files = await actions.stored_files(tx, questionnaire_id)
    if any(file.scan_state is ScanState.PENDING for file in files):
        raise NotYetScanned
    readable = [file for file in files if extension(file) in READABLE and file.scan_state in SAFE]
    rows = [row for file in readable for row in await read(storage, account_id, file)]
    content = content_of(rows)
    if content is None:
        return
    async with database.begin(as_scheduler(account_id)) as tx:
        await actions.keep_parsed(tx, questionnaire_id, content)


async def read(storage: Storage, account_id: int, file: StoredFile) -> list[ParsedQuestion]:
    """The rows of one file, none when it is no questionnaire."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet"
        with path.open("wb") as output:
            async for part in await storage.get(account_id, file.sha256):
                await asyncio.to_thread(output.write, part)
        return await asyncio.to_thread(read_sheets, path, extension(file)) or []


def extension(file: StoredFile) -> str:
    return Path(file.name).suffix.lower().removeprefix(".")


@jobs.periodic(cron="0 6 * * *")
@jobs.task(name="questionnaires.remind", pass_context=True)
async def remind(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each morning at six UTC. An account's reminders go out together or not at all."""
    public_url = context.additional_context["settings"].public_url
    for account_id in await each_account(context):
        async with database_of(context).begin(as_scheduler(account_id)) as tx:
            await actions.remind(tx, public_url)
