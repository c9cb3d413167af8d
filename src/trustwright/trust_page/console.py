"""What the trust page shows, in the console."""

from trustwright.console.visits import Button, FormPage, Page

PAGES: list[Page | FormPage | Button] = []
