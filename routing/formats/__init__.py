"""Other network formats: read into the canonical document, and written from it."""
