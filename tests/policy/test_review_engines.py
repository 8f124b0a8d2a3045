"""An engine is believed only over a connection that nobody can stand in."""

import ssl
from typing import Any

import pytest

from policy.engines.opa import OPAEngine
from policy.errors import EngineError


@pytest.mark.parametrize("host", ["192.0.2.1", "opa.example", "127.0.0.1.example"])
def test_plain_http_goes_to_loopback_alone(bundle: Any, host: str) -> None:
    with pytest.raises(EngineError):
        OPAEngine(bundle, host, 8181)
    assert OPAEngine(bundle, host, 8181, context=ssl.create_default_context()).name == "opa"
