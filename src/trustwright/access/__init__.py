"""Who may see private documents until when, the links that let them in, and what they looked at."""
