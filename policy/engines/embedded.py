"""The embedded engine: rego-cpp in process, only behind the guard that makes it trustworthy.

* One interpreter per thread: a shared one answers with another request's input.
* A compiled bundle and one entry point, never an ad-hoc query.
* Input and data enter as JSON text with every character as itself; the other ways alter strings.
* Only the Rego that `policy.rego_lint` lets through, only the strings that `policy.terms` lets in.
* Not ok, undefined, not JSON: an `EngineError`, never an empty answer.
"""

import json
import threading
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

# Before regopy: its library exports an operator new and delete of its own, and the first C++
# library of a process would give them to all that follow, whose memory they then corrupt.
import numpy as np  # noqa: F401  # pyright: ignore[reportUnusedImport]
from regopy import Interpreter

from policy.bundle import ENTRY, Bundle
from policy.canonical import JSON, canonical
from policy.errors import BundleError, EngineError


class EmbeddedEngine:
    """Evaluates one revision in the calling thread; there is no deadline to pass."""

    def __init__(self, bundle: Bundle) -> None:
        """Compile `bundle`.

        Raises:
            BundleError: rego-cpp does not compile it.
        """
        self.name: Final = "embedded"
        self.version = "rego-cpp " + version("regopy")
        self._revision = bundle.revision
        self._compiled = _compile(bundle)
        self._threads = threading.local()

    async def ask(self, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Evaluate `document`; raises EngineError."""
        return self.ask_now(document)

    def ask_now(self, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Evaluate `document` without an event loop; raises EngineError."""
        try:
            text = canonical(document).decode()
            interpreter = self._interpreter()
            interpreter.set_input_term(text)
            output = interpreter.query_bundle_entrypoint(self._compiled, ENTRY)
        except Exception as error:
            # rego-cpp raises a bare Exception for whatever goes wrong inside it.
            raise EngineError("engine.failed", "rego-cpp could not evaluate") from error
        return self._answer(output)

    def _interpreter(self) -> Any:
        if not hasattr(self._threads, "interpreter"):
            self._threads.interpreter = Interpreter()
        return self._threads.interpreter

    def _answer(self, output: Any) -> Mapping[str, JSON]:
        if not output.ok():
            raise EngineError("engine.failed", "rego-cpp reports an error")
        try:
            body: Any = json.loads(str(output))
        except ValueError as error:
            raise EngineError("engine.undefined", "no answer") from error
        match body:
            case {"expressions": [dict() as answer]}:
                pass
            case _:
                raise EngineError("engine.malformed", "not one answer")
        if answer.get("revision") != self._revision:
            raise EngineError("engine.stale", "the answer is of another revision")
        return answer


def _compile(bundle: Bundle) -> Any:
    interpreter = Interpreter()
    try:
        for path, source in sorted(bundle.modules.items()):
            interpreter.add_module(path, source)
        interpreter.add_data_json(canonical({"sekisho": bundle.document}).decode())
        compiled = interpreter.build(None, [ENTRY])
    except Exception as error:
        raise BundleError("rego-cpp does not take this policy") from error
    if not compiled.ok():
        raise BundleError("rego-cpp does not compile this policy")
    return compiled
