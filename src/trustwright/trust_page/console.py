"""What the trust page shows, in the console."""

from trustwright.console.visits import Button, FormPage, Page
from trustwright.trust_page import console_appearance, console_content, console_controls

PAGES: list[Page | FormPage | Button] = [
    *console_controls.PAGES,
    *console_content.PAGES,
    *console_appearance.PAGES,
]
