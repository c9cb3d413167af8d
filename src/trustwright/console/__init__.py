"""The console: what its pages share, how people move between them, and the page they begin with."""
