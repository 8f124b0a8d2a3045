"""The guide to the network document shows one that is well formed, and names every member."""

import re
from pathlib import Path

from routing.network import parse_network
from routing.sites import KINDS
from routing.spans import CONDUITS

GUIDE = (Path(__file__).parents[2] / "docs" / "network.md").read_text()


def test_the_document_of_the_guide_is_well_formed_and_complete_for_l4() -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    network = parse_network(shown.encode())
    assert network.warnings == ()
    assert (len(network.sites), len(network.spans)) == (2, 1)


def test_the_guide_names_every_kind_and_conduit() -> None:
    assert [word for word in (*KINDS, *CONDUITS) if f"`{word}`" not in GUIDE] == []
