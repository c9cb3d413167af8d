"""Monitors: conditions that the records of a resource have to meet, their runs, and what they found."""
