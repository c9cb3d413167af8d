"""What happened in a trust center, as tables."""
