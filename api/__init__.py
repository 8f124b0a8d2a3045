"""How Sekisho is asked: HTTP, console, shell, gateways, store, log. All I/O is here."""
