"""How often a key and an address may call."""
