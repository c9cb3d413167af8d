"""The append-only record of every change: who, what, before and after."""
