"""Readers of other network formats into the canonical document."""
