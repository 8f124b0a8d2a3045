"""The engines of the policy benches: ours behind its guard, and the same policy on it bare."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from regopy import Interpreter

from api.offline import shipped_bundle
from policy.bundle import ENTRY
from policy.canonical import JSON, canonical
from policy.engines.embedded import EmbeddedEngine


@cache
def engine() -> EmbeddedEngine:
    """The embedded engine on the shipped policy."""
    return EmbeddedEngine(shipped_bundle())


@cache
def _compiled() -> Any:
    bundle, interpreter = shipped_bundle(), Interpreter()
    for path, source in sorted(bundle.modules.items()):
        interpreter.add_module(path, source)
    data: JSON = {"sekisho": bundle.document}
    interpreter.add_data_json(canonical(data).decode())
    return interpreter.build(None, [ENTRY])


class Bare:
    """The same compiled policy on regopy, with no guard and nothing around it."""

    def __init__(self) -> None:
        self._interpreter: Any = Interpreter()

    def ask(self, document: Mapping[str, JSON]) -> object:
        """Return the answer as JSON."""
        self._interpreter.set_input_term(json.dumps(document, ensure_ascii=False))
        return json.loads(str(self._interpreter.query_bundle_entrypoint(_compiled(), ENTRY)))
