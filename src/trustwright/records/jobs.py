"""Jobs on records."""
