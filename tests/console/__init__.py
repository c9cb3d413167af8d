"""Tests of the console's frame."""
