"""Pairs of one-way links, as most standards write a fibre pair, into one two-way span each."""

from collections.abc import Iterable
from typing import Any, Final

_OWN: Final = frozenset({"id", "source", "target", "opposite", "ports"})


def paired(links: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Join links that are each other's other direction; say which became part of which.

    A link names its other direction in `opposite`, or has its ends, and `ports` if it has any,
    the other way round. Directions of which different things are recorded stay apart.
    """
    waiting: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    kept: list[dict[str, Any]] = []
    told: list[str] = []
    for link in links:
        one_way = {**link, "directed": True}
        first = next((f for f in waiting.get(_ends(link), []) if _other_way(f, link)), None)
        if first is None:
            kept.append(one_way)
            waiting.setdefault(_ends(link)[::-1], []).append(one_way)
            continue
        waiting[_ends(link)].remove(first)
        first["directed"] = False
        told.append(f"link {link.get('id')}: read as the other direction of {first.get('id')}")
    return [_bare(link) for link in kept], tuple(told)


def _ends(link: dict[str, Any]) -> tuple[Any, ...]:
    return (link["source"], link["target"])


def _other_way(first: dict[str, Any], link: dict[str, Any]) -> bool:
    named = first.get("opposite"), link.get("opposite")
    if any(named):
        agreed = named[0] in {link.get("id"), None} and named[1] in {first.get("id"), None}
    else:
        ports = link.get("ports")
        agreed = first.get("ports") == (None if ports is None else ports[::-1])
    return agreed and _recorded(first) == _recorded(link)


def _recorded(link: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in link.items() if key not in _OWN | {"directed"}}


def _bare(link: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in link.items() if key not in {"opposite", "ports"}}
