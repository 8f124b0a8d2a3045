"""Where it can go: topology, complete search, explanation. Pure: no I/O, no clock."""
