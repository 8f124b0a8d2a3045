"""The append-only tamper-evident record on disk: writer, reader, verification."""
