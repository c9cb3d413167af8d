"""python -m trustwright: the command line."""

from trustwright.cli import app

app()
