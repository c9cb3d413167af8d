"""Reports on the trust center, in the console."""

from trustwright.console.visits import Button, FormPage, Page

PAGES: list[Page | FormPage | Button] = []
