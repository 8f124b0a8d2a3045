"""The shortest path within limits on the whole path, and whether a path keeps them."""

from collections.abc import Sequence

from policy.constraints import Limits
from routing.labels import LabelSearch
from routing.paths import Path
from routing.shortest import shortest
from routing.topology import Masked, Topology


def path_of(topology: Topology, source: int, way: Sequence[int]) -> Path:
    """Return the path that follows the places `way` of spans from the place `source`."""
    network = topology.network
    return Path.of(topology, network.sites[source].id, [network.spans[span].id for span in way])


def keeps(path: Path, limits: Limits) -> bool:
    """Return whether `path` is within every limit; what cannot be counted is not."""
    counted = (
        (limits.km, path.km),
        (limits.ms, path.ms),
        (limits.hops, path.hops),
        (limits.operators, None if path.operators is None else len(path.operators)),
        (limits.decryption_points, path.decryption_points),
    )
    return all(most is None or (amount is not None and amount <= most) for most, amount in counted)


def compliant_path(
    masked: Masked, limits: Limits, source: int, targets: Sequence[int]
) -> Path | None:
    """Return the shortest path to any of `targets` within `limits`; None if there is none.

    `masked` has only spans that record what the limits count (`labels.known`).

    Raises:
        UnsettledError: the allowance of labels ran out.
    """
    way = shortest(masked, source, targets)
    if way is None:
        return None
    path = path_of(masked.topology, source, way)
    if keeps(path, limits):
        return path
    search = LabelSearch(masked, limits, targets)
    label = search.run(search.start(source))
    return None if label is None else path_of(masked.topology, source, label.way)
