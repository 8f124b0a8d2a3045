"""The Rego that both engines are known to decide alike; anything else is refused before it runs.

Not a parser: it reads text, so it is stricter than need be and can be fooled only into refusing.
What it must not miss is kept out twice, by the differential run and by OPA's own check.
"""

import re
from collections.abc import Mapping
from typing import Final

from policy.errors import BundleError

BUILT_INS: Final = frozenset({"count", "is_array", "is_number"})
"""The built-ins on which the engines agree for every input that a question can hold."""
WIDEST: Final = 120
LONGEST: Final = 200

_NOISE: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|#.*$', re.MULTILINE)
_PACKAGE: Final = re.compile(r"^package ([a-z_.]+)$", re.MULTILINE)
_IMPORT: Final = re.compile(r"^import data\.([a-z_.]+)$", re.MULTILINE)
_DEFINED: Final = re.compile(r"^(?:default )?([a-z_]+)\([^)]*\) (?::=|if)", re.MULTILINE)
_CALLED: Final = re.compile(r"\b([a-z_]+(?:\.[a-z_]+)*)\(", re.ASCII)
# rego-cpp changes the operands of a set union in place; of the two bars only the comprehension's
# is safe. Differences and intersections of sets are kept out with it.
_COMPREHENSION: Final = re.compile(r"[{\[](?:[^{}\[\]|]|\[[a-z_]+\])*\|")
_BANNED: Final = re.compile(r"(?<![:=!<>])=(?!=)|\bwith\b|\bimport (?!data\.)|[`\\|&]| - ")


def lint(modules: Mapping[str, str]) -> None:
    """Check every module, given by its path such as `sekisho/decision/decision.rego`.

    Raises:
        BundleError: names the first file and line that leaves the common subset.
    """
    packages = {_package(path, source): source for path, source in modules.items()}
    if len(packages) != len(modules):
        raise BundleError("two modules share one package")
    functions = {name: frozenset(_DEFINED.findall(source)) for name, source in packages.items()}
    for path, source in modules.items():
        _plain(path, source)
        _calls(path, source, functions)


def _package(path: str, source: str) -> str:
    found = _PACKAGE.search(source)
    folder, _, file = path.rpartition("/")
    if found is None or found[1].replace(".", "/") != folder:
        raise BundleError(f"{path}: the package must be the folder")
    if file != folder.rpartition("/")[2] + ".rego":
        raise BundleError(f"{path}: a folder holds one module, named like it")
    return found[1]


def _plain(path: str, source: str) -> None:
    lines = source.splitlines()
    if len(lines) > LONGEST:
        raise BundleError(f"{path}: more than {LONGEST} lines")
    for number, line in enumerate(lines, start=1):
        if len(line.expandtabs(4)) > WIDEST:
            raise BundleError(f"{path}:{number}: wider than {WIDEST} columns")
        if found := _BANNED.search(_COMPREHENSION.sub("", _NOISE.sub("", line))):
            raise BundleError(f"{path}:{number}: {found[0]!r} is not in the common subset")


def _calls(path: str, source: str, functions: Mapping[str, frozenset[str]]) -> None:
    own = _package(path, source)
    known = BUILT_INS | functions[own]
    for imported in _IMPORT.findall(source):
        alias = imported.rpartition(".")[2]
        known |= {f"{alias}.{name}" for name in functions.get(imported, frozenset())}
    for called in _CALLED.findall(_NOISE.sub("", source)):
        if called not in known:
            raise BundleError(f"{path}: {called} is not among the built-ins that engines share")
