"""What the pages of the settings share, whichever domain they belong to."""

from typing import Any

from litestar import Response

from trustwright.console.navigation import ADMINISTER, EDIT_SETTINGS
from trustwright.console.visits import Visit


def settings_page(visit: Visit, template: str, values: dict[str, Any]) -> Response[str]:
    """A page of the settings. Its template sees by which rights it hides what this person may not do."""
    return visit.page(template, {"administer": ADMINISTER, "edit_settings": EDIT_SETTINGS, **values})
