"""Sentences for the codes and arguments that policy and routing return.

Policy never speaks: it returns codes, so that both engines agree on every byte. A code without a
sentence is shown as itself, with its arguments, and never dropped.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import yaml

from api.resources import wording
from policy.canonical import JSON

CATALOGUES: Final = ("reasons.yaml", "screens.yaml", "console.yaml")


def sentence(code: str, args: Mapping[str, JSON], lang: str) -> str:
    """Return the sentence of `code` in `ja` or `en`, its places filled from `args`."""
    template = _catalogue().get(code, {}).get(lang)
    if template is None:
        listed = ", ".join(f"{name}={_shown(value)}" for name, value in sorted(args.items()))
        return f"{code} ({listed})" if listed else code
    shown = {name: _shown(value) for name, value in args.items()}
    return template.format_map(_Places(shown))


def word(code: str, lang: str, **args: JSON) -> str:
    """Return a phrase of the screens."""
    return sentence(code, args, lang)


class _Places(dict[str, str]):
    """Leaves a place that has no argument visible instead of failing."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def _shown(value: JSON) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_shown(item) for item in value)
    return "—" if value is None else str(value)


@lru_cache(maxsize=1)
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    together: dict[str, Mapping[str, str]] = {}
    for name in CATALOGUES:
        loaded: Any = yaml.safe_load(wording(name)) or {}
        together.update(loaded)
    return together
