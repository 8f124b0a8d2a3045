"""The C2SP transparency-log formats: Merkle tree, tiles, signed note, checkpoint."""
