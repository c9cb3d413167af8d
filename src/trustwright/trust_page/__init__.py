"""What the trust page shows besides documents: controls, subprocessors, updates, questions, frameworks and links."""
