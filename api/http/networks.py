"""`/v1/networks`: the network in force."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.gate import Gate
from api.http.access import EVERYBODY, bearer
from api.http.pages import single
from api.instance import Instance
from policy.question import Principal


def routes(instance: Instance, gate: Gate) -> APIRouter:
    """Return the routes on networks."""
    router = APIRouter(prefix="/networks", tags=["networks"])
    anybody = bearer(instance, *EVERYBODY)

    @router.get("", operation_id="listNetworks")
    def list_(request: Request, _who: Annotated[Principal, Depends(anybody)]) -> Response:
        network = gate.world.topology.network
        return single(request, {"networks": [{"digest": network.digest, **network.to_json()}]})

    return router
