"""`python -m api.cli` is the `sekisho` command, for processes that start others of their kind."""

from api.cli.main import main

main()
