"""Sign-in: how people prove who they are, and the sessions of their browsers."""
