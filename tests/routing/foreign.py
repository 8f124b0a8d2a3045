"""Small files of every foreign format, written by hand for the tests; nobody's network."""

import json
from typing import Any

IETF: dict[str, Any] = {
    "ietf-network:networks": {
        "network": [
            {"network-id": "clli-network", "node": [{"node-id": "NARA"}]},
            {
                "network-id": "backbone",
                "network-types": {"ietf-te-topology:te-topology": {}},
                "node": [
                    {
                        "node-id": "a",
                        "ietf-te-topology:te": {
                            "te-node-attributes": {
                                "name": "Akashi",
                                "geolocation": {"latitude": "34.64", "longitude": "134.99"},
                            }
                        },
                    },
                    {
                        "node-id": "b",
                        "ietf-te-topology:te": {
                            "te-node-attributes": {
                                "geolocation": {"latitude": "34.35", "longitude": "134.05"}
                            }
                        },
                    },
                ],
                "ietf-network-topology:link": [
                    {
                        "link-id": name,
                        "source": {"source-node": ends[0], "source-tp": ports[0]},
                        "destination": {"dest-node": ends[1], "dest-tp": ports[1]},
                        "ietf-te-topology:te": {
                            "te-link-attributes": {
                                "te-srlgs": {"value": [7]},
                                "te-delay-metric": 9,
                                "performance-metrics-one-way": {"one-way-delay": 500},
                            }
                        },
                    }
                    for name, ends, ports in (
                        ("one", "ab", ("1", "2")),
                        ("other", "ba", ("2", "1")),
                        ("third", "ab", ("3", "4")),
                    )
                ],
            },
        ]
    }
}


def openroadm() -> dict[str, Any]:
    """The shell with `network` as an object, degrees at two ROADMs, and opposite links."""

    def link(name: str, tail: str, head: str, back: str, metres: int | None) -> dict[str, Any]:
        found: dict[str, Any] = {
            "link-id": name,
            "source": {"source-node": tail},
            "destination": {"dest-node": head},
            "org-openroadm-common-network:opposite-link": back,
        }
        if metres is not None:
            parts = [
                {"SRLG-Id": 5, "SRLG-length": metres, "fiber-type": "smf"},
                {"SRLG-Id": 0, "SRLG-length": 500, "fiber-type": "smf"},
            ]
            span = {"span": {"link-concatenation": parts, "engineered-spanloss": 12.2}}
            found["org-openroadm-network-topology:OMS-attributes"] = span
        return found

    def node(name: str, roadm: str) -> dict[str, Any]:
        return {
            "node-id": name,
            "supporting-node": [
                {"network-ref": "openroadm-network", "node-ref": roadm},
                {"network-ref": "clli-network", "node-ref": "NARA"},
            ],
        }

    return {
        "network": {
            "network-id": "openroadm-topology",
            "node": [node("A-DEG1", "A"), node("A-SRG1", "A"), node("B-DEG1", "B")],
            "ietf-network-topology:link": [
                link("A>B", "A-DEG1", "B-DEG1", "B>A", 80_000),
                link("A inside", "A-SRG1", "A-DEG1", "back", None),
                link("B>A", "B-DEG1", "A-DEG1", "A>B", 80_000),
            ],
        }
    }


def tapi(*, version: str) -> dict[str, Any]:
    """A topology context; 2.5 puts module names before members."""

    def point(node: str, port: str) -> dict[str, str]:
        return {"topology-uuid": "t", "node-uuid": node, "node-edge-point-uuid": port}

    def node(uuid: str, name: str, port: str, way: str) -> dict[str, Any]:
        return {
            "uuid": uuid,
            "name": [
                {"value-name": "label", "value": name},
                {"value-name": "LATITUDE", "value": "35.5"},
                {"value-name": "LONGITUDE", "value": "139.5"},
            ],
            "owned-node-edge-point": [{"uuid": port, "link-port-direction": way}],
            "operational-state": "ENABLED",
        }

    topology = {
        "uuid": "t",
        "name": [{"value-name": "name", "value": "Photonic"}],
        "node": [node("n1", "Atami", "p1", "OUTPUT"), node("n2", "Beppu", "p2", "INPUT")],
        "link": [
            {
                "uuid": "l1",
                "node-edge-point": [point("n1", "p1"), point("n2", "p2")],
                "direction": "BIDIRECTIONAL",
                "cost-characteristic": [
                    {"cost-name": "LENGTH_KM", "cost-value": "42.5"},
                    {"cost-name": "HOPS", "cost-value": "1"},
                ],
                "latency-characteristic": [
                    {"traffic-property-name": "x", "fixed-latency-characteristic": "250 us"}
                ],
                "risk-characteristic": [
                    {"risk-characteristic-name": "duct", "risk-identifier-list": ["9"]}
                ],
                "total-potential-capacity": {"total-size": {"value": "4", "unit": "TBPS"}},
            },
            {
                "uuid": "l2",
                "node-edge-point": [point("n2", "p2"), point("n1", "p1")],
                "direction": "UNIDIRECTIONAL",
                "cost-characteristic": [{"cost-name": "LENGTH_KM", "cost-value": "40"}],
                "latency-characteristic": [{"fixed-latency-characteristic": "17"}],
            },
            {"uuid": "l3", "node-edge-point": [point("n1", "p1")]},
        ],
    }
    if version == "2.5":
        context = {"tapi-topology:topology-context": {"topology": [topology]}}
        return {"tapi-common:context": context}
    return {"tapi-topology:topology-context": {"tapi-topology:topology": topology}}


def gnpy() -> dict[str, Any]:
    """Two ROADMs, a fibre pair with an amplifier on one way, a transceiver, a loose end."""
    fibre = {"type": "Fiber", "type_variety": "SSMF"}
    place = {"location": {"city": "Chiba", "latitude": 35.6, "longitude": 140.1}}
    return {
        "network_name": "test",
        "elements": [
            {"uid": "trx A", "type": "Transceiver"},
            {"uid": "A", "type": "Roadm", "metadata": place},
            {"uid": "B", "type": "Roadm"},
            {"uid": "f1", **fibre, "params": {"length": 60, "length_units": "km"}},
            {"uid": "amp", "type": "Edfa"},
            {"uid": "f2", **fibre, "params": {"length": 20_000, "length_units": "m"}},
            {"uid": "g", **fibre, "params": {"length": 80}},
            {"uid": "end", **fibre, "params": {"length": 5}},
        ],
        "connections": [
            {"from_node": tail, "to_node": head}
            for tail, head in (
                ("trx A", "A"), ("A", "trx A"), ("A", "f1"), ("f1", "amp"), ("amp", "f2"),
                ("f2", "B"), ("B", "g"), ("g", "A"), ("A", "end"), ("end", "nowhere"),
            )
        ],
    }  # fmt: skip


OFDS: dict[str, Any] = {
    "networks": [
        {
            "id": "n",
            "name": "Fibre",
            "phases": [{"id": "1"}],
            "nodes": [
                {
                    "id": "1",
                    "name": "Accra POP",
                    "status": "operational",
                    "location": {"type": "Point", "coordinates": [-0.17, 5.62]},
                    "address": {"locality": "Accra", "country": "GH"},
                    "networkProviders": [{"id": "carrier", "name": "Carrier"}],
                },
                {"id": "2", "location": {"type": "Point", "coordinates": [-1.6, 6.7]}},
                {"id": "3", "status": "planned"},
            ],
            "spans": [
                {
                    "id": "s1",
                    "start": "1",
                    "end": {"id": "2"},
                    "fibreLength": 240,
                    "deployment": ["belowGround"],
                    "countries": ["GH"],
                    "physicalInfrastructureProvider": {"id": "ducts", "name": "Ducts Ltd"},
                    "networkProviders": [{"id": "carrier"}],
                    "capacity": 100,
                    "fibreCount": 48,
                },
                {
                    "id": "s2",
                    "start": "1",
                    "end": "2",
                    "fibreLength": 250,
                    "deployment": ["aboveGround"],
                    "networkProviders": [{"id": "carrier"}, {"id": "other"}],
                },
                {"id": "s3", "start": "1", "end": "3", "status": "underConstruction"},
            ],
        }
    ]
}

GEOJSON: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "maruyama", "kind": "landing", "country": "JP"},
            "geometry": {"type": "Point", "coordinates": [139.96, 35.02]},
        },
        {
            "type": "Feature",
            "id": 7,
            "properties": {},
            "geometry": {"type": "Point", "coordinates": [136.9, 34.3]},
        },
        {
            "type": "Feature",
            "properties": {"id": "cable", "conduit": "submarine"},
            "geometry": {
                "type": "LineString",
                "coordinates": [[139.96, 35.02], [138, 34], [136.9, 34.3]],
            },
        },
        {
            "type": "Feature",
            "properties": {"id": "named", "from": "maruyama", "to": "7", "length_km": 400},
            "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        },
        {
            "type": "Feature",
            "properties": {"hazard": "tsunami"},
            "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        },
    ],
}

SNDLIB = b"""?SNDlib native format; type: network; version: 1.0
# a test
META (
  granularity = month
)
NODES (
  Kobe ( 135.19 34.69 )
  Otsu ( 135.87 35.00 )
)
LINKS (
  L1 ( Kobe Otsu ) 0.00 0.00 0.00 0.00 ( 40.00 2290.00 )
)
DEMANDS (
  D1 ( Kobe Otsu ) 1 195.00 UNLIMITED
)
"""

SNDLIB_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<network xmlns="http://sndlib.zib.de/network" version="1.0">
 <networkStructure>
  <nodes coordinatesType="geographical">
   <node id="Kobe"><coordinates><x>135.19</x><y>34.69</y></coordinates></node>
   <node id="Otsu"><coordinates><x>135.87</x><y>35.0</y></coordinates></node>
  </nodes>
  <links>
   <link id="L1"><source>Kobe</source><target>Otsu</target><setupCost>5</setupCost></link>
  </links>
 </networkStructure>
 <demands><demand id="D1"><source>Kobe</source><target>Otsu</target></demand></demands>
</network>
"""

NETBOX: dict[str, Any] = {
    "sites": {
        "count": 2,
        "results": [
            {"id": 1, "name": "Ueno", "slug": "ueno", "latitude": 35.7, "longitude": 139.77},
            {"id": 2, "name": "Nagoya", "slug": "nagoya", "tenant": {"id": 3, "name": "Ops"}},
        ],
    },
    "devices": [
        {"id": 10, "name": "r1", "site": {"id": 1, "slug": "ueno"}},
        {"id": 20, "name": "r2", "site": {"id": 2, "slug": "nagoya"}},
    ],
    "cables": [
        {
            "id": number,
            "label": label,
            "status": {"value": status},
            "type": "smf-os2",
            "length": length,
            "length_unit": unit,
            "a_terminations": [{"object_type": "dcim.interface", "object": {"device": {"id": 10}}}],
            "b_terminations": [{"object_type": "dcim.interface", "object": {"device": {"id": b}}}],
        }
        for number, label, status, length, unit, b in (
            (1, "trunk", "connected", "366.0", {"value": "km"}, 20),
            (2, "", "planned", 1, {"value": "km"}, 20),
            (3, "patch", "connected", 2, {"value": "m"}, 10),
            (4, "", "connected", 100, {"value": "mi"}, 20),
            (5, "", "connected", 100, None, 20),
            (6, "lost", "connected", 1, {"value": "km"}, 99),
        )
    ],
}

NETBOX_SITES = b"""Name,Slug,Status,Latitude,Longitude
Ueno,ueno,Active,35.7,139.77
Nagoya,nagoya,Active,,
"""

NETBOX_CABLES = b"""\
ID,Label,Site A,Site B,Type,Status,Length
1,trunk,Ueno,Nagoya,SMF,Connected,366.00 Kilometers
2,,Ueno,Nagoya,SMF,Planned,1 km
3,bare,Ueno,Nagoya,SMF,Connected,
4,half,Ueno,,SMF,Connected,1 km
"""


def samples() -> dict[str, bytes]:
    """One file of every format that is read, by a name of its own."""
    written: dict[str, Any] = {
        "ietf": IETF,
        "ietf openroadm": openroadm(),
        "tapi 2.1.3": tapi(version="2.1.3"),
        "tapi 2.5": tapi(version="2.5"),
        "gnpy": gnpy(),
        "ofds": OFDS,
        "geojson": GEOJSON,
        "netbox": NETBOX,
    }
    return {name: json.dumps(document).encode() for name, document in written.items()} | {
        "sndlib": SNDLIB,
        "sndlib xml": SNDLIB_XML,
        "netbox sites": NETBOX_SITES,
        "netbox cables": NETBOX_CABLES,
    }
