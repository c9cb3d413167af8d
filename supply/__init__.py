"""What the service is made of: its lock files, what of them is shipped, its licences, and what is known against it."""
