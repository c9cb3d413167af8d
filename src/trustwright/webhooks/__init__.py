"""Webhooks: addresses of other systems, and the signed news that are delivered to them until they are taken."""
