"""The page that the console begins with: what needs a person today."""

from trustwright.console.visits import Answer, Page, Visit


async def dashboard(visit: Visit) -> Answer:
    """What needs a person today."""
    return visit.page("dashboard", {})


PAGES = [Page(path="/", show=dashboard)]
