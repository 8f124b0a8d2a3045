"""Sekisho against a peer or a physical limit, both measured in one run; not part of the product."""
