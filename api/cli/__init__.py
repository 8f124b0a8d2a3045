"""The `sekisho` command: one file per noun, imports lazy."""
