"""How Sekisho is asked: HTTP, console, shell, gateway, store, log files. The only package with I/O."""
