"""JSON evidence of custom connections: resources, records, upload sessions."""
