"""Claims about speed, each a ratio measured within one run."""
