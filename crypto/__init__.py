"""How it is sealed and who got the key. Pure: no files, clock or sockets; only OS randomness."""
