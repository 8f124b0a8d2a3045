"""Pages against the same bytes from a bare application on the same server."""

from bench.measure import Row, latency
from bench.served import bare, surface

PAGE = "/console/?what=L3&from=tokyo&to=&lang=en"


def map_page() -> Row:
    """The map with every span judged, a path found and drawn, as one page."""
    with surface() as (ours, _):
        page = ours.ask("GET", PAGE)
        with bare(page, "text/html") as other:
            return latency(
                f"console: map and path, {len(page) / 1024:.0f} KiB",
                lambda: ours.ask("GET", PAGE),
                "the same bytes from bare Starlette",
                lambda: other.ask("GET", "/"),
                clock="wall",
            )


BENCHES = (map_page,)
