"""What types cannot say. Each test tells what it prevents."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ("policy", "routing", "crypto")
PACKAGES = (*CORE, "api")
CLOCK = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "clock_gettime"}
COMPOSITION_ROOT = {"api/engines.py"}
UNGUARDED = {"query", "set_input", "add_data"}


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls(tree: ast.AST) -> Iterator[tuple[str | None, str, int]]:
    """Yield (receiver, name, line) of every call: `a.b()` gives ("a", "b"), `c()` (None, "c")."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name):
                yield None, name, node.lineno
            case ast.Attribute(value=ast.Name(id=receiver), attr=name):
                yield receiver, name, node.lineno
            case ast.Attribute(attr=name):
                yield "", name, node.lineno
            case _:
                pass


def imports(tree: ast.AST) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield (module, imported name, alias) of every import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None, alias.asname) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name, alias.asname) for alias in node.names)


def importers(module: str) -> set[str]:
    return {
        place(path)
        for path in sources(*PACKAGES)
        for name, member, _ in imports(parse(path))
        if module in (name, f"{name}.{member}") or name.startswith(f"{module}.")
    }


def test_only_decide_makes_a_permit() -> None:
    # A permit is the key to release: one made elsewhere would open the gate without the policy.
    makers = {
        place(path)
        for path in sources(*PACKAGES)
        if any(name == "Permit" for _, name, _ in calls(parse(path)))
    }
    assert makers == {"policy/decide.py"}


def test_no_permit_goes_by_another_name() -> None:
    aliases = [
        place(path)
        for path in sources(*PACKAGES)
        for _, member, alias in imports(parse(path))
        if member == "Permit" and alias not in (None, "Permit")
    ]
    assert aliases == []


def test_a_permit_is_not_copied_with_changes() -> None:
    # `replace(permit, expires=...)` would make a permit that no policy has seen.
    copied = [
        f"{place(path)}:{node.lineno}"
        for path in sources(*PACKAGES)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) == "replace"
        and node.args
        and isinstance(node.args[0], ast.Name)
        and "permit" in node.args[0].id
    ]
    assert copied == []


def test_the_clock_is_read_in_one_place() -> None:
    # A decision that read the time by itself could not be replayed.
    read = [
        f"{place(path)}:{line}"
        for path in sources(*PACKAGES)
        for receiver, name, line in calls(parse(path))
        if (receiver == "time" and name in CLOCK)
        or (receiver in ("datetime", "date") and name in {"now", "utcnow", "today"})
    ]
    taken = [
        place(path)
        for path in sources(*PACKAGES)
        for module, member, _ in imports(parse(path))
        if module == "time" and member in CLOCK
    ]
    assert {line.split(":")[0] for line in read} == {"api/clock.py"}
    assert taken == []


def test_the_core_opens_no_file() -> None:
    opened = [
        f"{place(path)}:{line}"
        for path in sources(*CORE)
        for receiver, name, line in calls(parse(path))
        if (receiver, name) == (None, "open")
    ]
    assert opened == []


def test_one_room_knows_the_embedded_engine() -> None:
    assert all(name.startswith("policy/engines/") for name in importers("regopy"))


def test_nobody_asks_the_embedded_engine_past_its_guard() -> None:
    # These calls give wrong answers silently; the guard goes another way.
    asked = [
        f"{place(path)}:{line} {name}"
        for path in sources("policy")
        if any(module.split(".")[0] == "regopy" for module, _, _ in imports(parse(path)))
        for _, name, line in calls(parse(path))
        if name in UNGUARDED
    ]
    assert asked == []


def test_only_the_composition_root_knows_the_opa_adapter() -> None:
    # Whoever holds the adapter can ask it anything, past the judge and its required rules.
    assert importers("policy.engines.opa") <= COMPOSITION_ROOT


def test_networkx_stays_behind_one_module() -> None:
    # It is the loader and the oracle; the search speaks arrays, the rest speaks of sites and spans.
    assert {
        name
        for name in importers("networkx")
        if name != "routing/topology.py" and not name.startswith("routing/formats/")
    } == set()


def test_no_annotation_is_postponed() -> None:
    # pydantic, FastAPI and SQLModel read annotations while the program runs.
    assert importers("__future__") == set()


def test_no_check_disappears_with_optimisation() -> None:
    # `python -O` removes assert statements: a check of the gate must not be one.
    asserted = [
        f"{place(path)}:{node.lineno}"
        for path in sources(*PACKAGES)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Assert)
    ]
    assert asserted == []
