"""What is done to a monitor beyond editing it: run, switched, deleted, and records left out of it or counted again."""

from collections.abc import AsyncGenerator

from trustwright.accounts.actions import users_by_id
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.errors import Invalid
from trustwright.http.csv_files import cell
from trustwright.monitors import actions, exclusions
from trustwright.monitors.console_parts import button, form_page, monitor_of, page, path_of
from trustwright.monitors.console_parts import shown as show
from trustwright.monitors.model import Cause, Outcome, ResultStatus
from trustwright.monitors.running import run_monitor

COLUMNS = ["targetId", "targetName", "reason", "excludedAt"]

COMES_TO = {
    ResultStatus.READY: "there is nothing to check yet",
    ResultStatus.PASSED: "it passed",
    ResultStatus.FAILED: "it failed",
    ResultStatus.ERROR: "it could not be evaluated",
}


async def run(visit: Visit, form: Form) -> Answer:
    """Runs a monitor now, and says what it came to."""
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
    done, outcome = await run_monitor(visit.database, visit.who(), visit.settings, monitor.id, Cause.MANUAL)
    return visit.see_other(path_of(monitor), _ran(outcome, done.message))


def _ran(outcome: Outcome, message: str | None) -> str:
    told = f"The monitor ran, and {COMES_TO.get(outcome.status, 'it ended')}"
    if outcome.status is ResultStatus.ERROR:
        return f"{told}: {message}"
    records = f"{outcome.evaluated:,} record{'' if outcome.evaluated == 1 else 's'}"
    return f"{told}: {records} checked, {outcome.failed:,} failed."


async def enable(visit: Visit, form: Form) -> Answer:
    """Has a monitor run again, at once and every day."""
    return await _switched(visit, True)


async def disable(visit: Visit, form: Form) -> Answer:
    """Has a monitor run no more."""
    return await _switched(visit, False)


async def _switched(visit: Visit, is_enabled: bool) -> Answer:
    async with visit.begin() as tx:
        monitor = await actions.update_monitor(tx, await monitor_of(tx, visit), enabled=is_enabled)
    told = "enabled. It runs now" if is_enabled else "disabled. Its controls no longer follow it"
    return visit.see_other(path_of(monitor), f"The monitor was {told}.")


async def delete(visit: Visit, form: Form) -> Answer:
    """Deletes a monitor; what its runs found is kept."""
    async with visit.begin() as tx:
        monitor = await monitor_of(tx, visit)
        await actions.delete_monitor(tx, monitor)
    return visit.see_other("/monitors", f"The monitor {monitor.name} was deleted.")


async def list_exclusions(visit: Visit) -> Answer:
    """The records that are left out of a monitor's result, with who said so and why."""
    listing = Listing(visit, {"-time": "created_at"})
    if listing.wants_csv:
        return csv_file(f"test-{visit.id('test_id')}-exclusions", COLUMNS, _lines(visit, listing))
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
        part = listing.slice
        shown = listing.of(await exclusions.page_exclusions(tx, part, monitor.id, q=listing.q or None))
        users = await users_by_id(tx, {each.created_by_id for each in shown.rows if each.created_by_id})
    values = {"monitor": monitor, "listing": listing, "shown": shown, "users": users}
    return show(visit, "monitor_exclusions", values)


async def _lines(visit: Visit, listing: Listing) -> AsyncGenerator[list[str], None]:
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
        async for each in everything(listing, lambda part: exclusions.page_exclusions(tx, part, monitor.id)):
            yield list(map(cell, [each.target_id, each.target_name, each.reason, each.created_at]))


async def show_exclude(visit: Visit, form: Form) -> Answer:
    """A form to leave out a record, one that may be named already."""
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
    return show(visit, "monitor_exclude", {"monitor": monitor, "target": visit.text("target"), "form": form})


async def exclude(visit: Visit, form: Form) -> Answer:
    """Leaves a record out of the result, for a reason."""
    target, reason = form.text("targetId"), form.text("exclusionReason")
    if not reason:
        raise Invalid("exclusionReason: say why this record may fail")
    async with visit.begin() as tx:
        monitor = await monitor_of(tx, visit)
        exclusion = await actions.exclude(tx, monitor, target, reason)
    path = f"{path_of(monitor)}/exclusions"
    return visit.see_other(path, f"{exclusion.target_name} is left out of the result from now on.")


async def include(visit: Visit, form: Form) -> Answer:
    """Has a record count again."""
    async with visit.begin() as tx:
        monitor = await monitor_of(tx, visit)
        await actions.include_again(tx, monitor, visit.id("exclusion_id"))
    return visit.see_other(f"{path_of(monitor)}/exclusions", "The record counts again.")


ONE = "/monitors/{test_id}"

PAGES: list[Page | FormPage | Button] = [
    button(path=f"{ONE}/run", press=run),
    button(path=f"{ONE}/enable", press=enable),
    button(path=f"{ONE}/disable", press=disable),
    button(path=f"{ONE}/delete", press=delete),
    page(path=f"{ONE}/exclusions", show=list_exclusions),
    form_page(path=f"{ONE}/exclusions/new", show=show_exclude, submit=exclude),
    button(path=f"{ONE}/exclusions/{{exclusion_id}}/delete", press=include),
]
