"""What goes wrong in the world, done on purpose to a running service, and what must hold afterwards."""
