"""Requests for private documents, from the form to the decision and what follows from it."""
