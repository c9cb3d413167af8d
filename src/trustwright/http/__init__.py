"""What every operation shares: guards, errors, lists, bodies, and the description of the API."""
