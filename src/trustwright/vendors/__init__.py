"""The vendors that a company relies on, their types and their statistics."""
