"""What of HTML that was typed in for the page is shown on it."""

import nh3


def safe_html(text: str) -> str:
    """The HTML without scripts, styles, forms, frames, and links that are no addresses; it is kept as it was sent."""
    return nh3.clean(text, url_schemes={"http", "https", "mailto"})
