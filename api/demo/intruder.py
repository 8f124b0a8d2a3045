"""A site of the network, with keys of its own, that asks for a data key it may not have."""

from api import clock
from api.control_service import Address
from api.demo.carriage import config_of
from api.demo.stage import Stage
from api.errors import NotAllowedError
from api.gateway.station import Config, open_station
from api.passage import Passage
from crypto.recipient import answer


def try_release(stage: Stage, service: Address, passage: Passage, site: str) -> str | None:
    """Ask for the key of a passage as `site`; return the refusal, None if the key was given."""
    config = Config.read(config_of(stage.instance.layout, service, site))
    station = open_station(config, clock.now, lambda _line: None)
    key, control = station.recipient, station.control
    if key is None or control is None:
        return None
    try:
        control.release(passage.permit, lambda blob, context: answer(key, blob, context))
    except NotAllowedError as refusal:
        return str(refusal)
    return None
