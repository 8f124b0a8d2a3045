"""The page of regimes: the taxonomy rendered as Markdown, for people and for a test."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, Protocol

from policy.mosaic import MosaicRule
from policy.regime import AXES, Regime

_HEAD: Final = """\
# Regimes / 規制の一覧

Generated from `policy/taxonomy/*.yaml`; a test compares this page with the data.
**Not legal advice**: every record waits for a lawyer's sign-off before it may block a tenant.

* *Level* is the floor of our own chain, L0 public to L5 refused, and always a policy.
* A constraint reads `where (basis, certainty)`. Certainty: V confirmed in a primary or quoted
  source, V2 in a secondary one, K general knowledge to be confirmed, U unverified, P our own
  inference. Constraints of U and P are always `policy`: of this deployment, never "the law
  requires".
* *Kind*: only `data` records in force change labels. `watch` records have no effect.
* ⚑ marks records whose primary text is still to be reviewed.
"""
_COLUMNS: Final = ("id", "名称", "English", "kind", "level", "brought by", "constraints",
                   "obligations", "encryption", "citation", "certainty")  # fmt: skip


class _Tables(Protocol):
    @property
    def regimes(self) -> Mapping[str, Regime]: ...
    @property
    def mosaic(self) -> tuple[MosaicRule, ...]: ...
    @property
    def groups(self) -> Mapping[str, frozenset[str]]: ...


def regime_table_markdown(taxonomy: _Tables) -> str:
    """Return the whole page, regimes and mosaic rules sorted by id."""
    regimes = sorted(taxonomy.regimes.values(), key=lambda regime: regime.id)
    groups = [
        f"* `{name}`: {' '.join(sorted(taxonomy.groups[name]))}" for name in sorted(taxonomy.groups)
    ]
    lines = [
        _HEAD,
        *_table(_COLUMNS, [_regime(regime, taxonomy.groups) for regime in regimes]),
        "\n## Mosaic rules / 組合せの規則\n",
        *_table(
            _RULE_COLUMNS,
            [_rule(rule) for rule in sorted(taxonomy.mosaic, key=lambda rule: rule.id)],
        ),
        "\n## Territories / 地域の組\n",
        *groups,
    ]
    return "\n".join(lines) + "\n"


_RULE_COLUMNS: Final = ("id", "名称", "English", "when all of", "then", "basis", "citation")


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    head = list(columns)
    return [_row(head), _row("---" for _ in head), *(_row(row) for row in rows)]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _regime(regime: Regime, groups: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    axes = [_axis(regime, axis, groups) for axis in AXES if axis in regime.grounds]
    effect = regime.encryption_effect
    return (
        f"`{regime.id}`",
        regime.title_ja,
        regime.title_en,
        regime.kind if regime.status == "in-force" else f"{regime.kind}, watch",
        _level(regime),
        _listed(regime.applies_to),
        "<br>".join(axes),
        _listed(regime.obligations),
        " ".join((effect.effect, *effect.conditions)),
        regime.citation,
        f"{regime.basis}, {regime.certainty}{' ⚑' if regime.review_required else ''}",
    )


def _level(regime: Regime) -> str:
    if not regime.binds:
        return "—"
    marks = [f"I{regime.integrity}"] * (regime.integrity > 1)
    marks += [f"A{regime.availability}"] * (regime.availability > 1)
    return " ".join((str(regime.level), *marks))


def _axis(regime: Regime, axis: str, groups: Mapping[str, frozenset[str]]) -> str:
    ground = regime.grounds[axis]
    return f"{axis}: {_demand(regime, axis, groups)} ({ground.basis}, {ground.certainty})"


def _demand(regime: Regime, axis: str, groups: Mapping[str, frozenset[str]]) -> str:
    if axis == "suite":
        return "gov" if regime.suite else "std"
    if axis == "accreditations":
        demands = sorted(" or ".join(sorted(demand)) for demand in regime.accreditations)
        return " and ".join(demands)
    territory = getattr(regime.effect, axis)
    allowed = [] if territory.allowed is None else [_codes(territory.allowed, groups) or "nowhere"]
    denied = [f"not {_codes(territory.denied, groups)}"] if territory.denied else []
    return ", ".join(allowed + denied)


def _codes(codes: Collection[str], groups: Mapping[str, frozenset[str]]) -> str:
    left, names = set(codes), list[str]()
    for name, members in sorted(groups.items()):
        if members <= left:
            left -= members
            names.append(name)
    return " ".join([*sorted(left), *names])


def _rule(rule: MosaicRule) -> tuple[str, ...]:
    counts = [f"{name} ≥ {least:,}" for name, least in sorted(rule.counts.items())]
    return (
        f"`{rule.id}`",
        rule.title_ja,
        rule.title_en,
        ", ".join((*sorted(rule.categories), *counts)),
        _listed(rule.adds_categories | rule.adds_regimes),
        f"{rule.ground.basis}, {rule.ground.certainty}",
        rule.ground.citation,
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "—"
