"""Questionnaires: templates, those sent to vendors and answered by them, and those uploaded finished."""
