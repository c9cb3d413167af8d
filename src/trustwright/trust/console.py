"""Documents of the trust center, and who may see them, in the console."""

from trustwright.console.visits import Button, FormPage, Page
from trustwright.trust import console_access, console_documents, console_nda

PAGES: list[Page | FormPage | Button] = [*console_documents.PAGES, *console_access.PAGES, *console_nda.PAGES]
