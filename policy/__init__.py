"""What may move, where, and why not. Pure: no web, database, files, clock or sockets."""
