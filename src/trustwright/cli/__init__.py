"""The command line: one module per noun."""

from trustwright.cli.main import app

__all__ = ["app"]
