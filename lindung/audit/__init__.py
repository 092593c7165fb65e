"""Append-only events in a hash chain: ids and codes, never content."""
