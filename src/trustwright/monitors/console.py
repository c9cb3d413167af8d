"""Monitors, in the console."""

from trustwright.console.visits import Button, FormPage, Page
from trustwright.monitors import console_changes, console_editor, console_history, console_list, console_monitor

PAGES: list[Page | FormPage | Button] = [
    *console_list.PAGES,
    *console_editor.PAGES,
    *console_monitor.PAGES,
    *console_history.PAGES,
    *console_changes.PAGES,
]
