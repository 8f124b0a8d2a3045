"""Server-rendered pages: the map, the clusters, a path and its reasons."""
