"""The name of a set of taxonomy documents, without reading what is in them."""

from collections.abc import Mapping

from policy.canonical import canonical, digest


def taxonomy_digest(documents: Mapping[str, bytes]) -> str:
    """Return the digest over the documents' names and bytes."""
    return digest(canonical({name: digest(raw) for name, raw in documents.items()}))
