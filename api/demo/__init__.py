"""The whole story on the example network, told in a terminal or as JSON."""
