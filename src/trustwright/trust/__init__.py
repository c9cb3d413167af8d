"""The trust center of a workspace: its settings, its documents, and who is let in without a reviewer."""
