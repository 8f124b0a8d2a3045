"""How it is sealed and who got the key. Pure: no files, no clock, no sockets; only OS randomness."""
