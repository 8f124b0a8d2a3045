"""Which rules must hold, as data: by level, and by what a label, a dataset or a tenant demands."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from policy.canonical import JSON
from policy.demands import DEMANDS
from policy.documents import integer, objects, strings
from policy.errors import BundleError, TermError
from policy.label import Level
from policy.metadata import SUBJECTS, Rule
from policy.packs import Pack
from policy.question import Question

Data: TypeAlias = Mapping[str, JSON]
Rules: TypeAlias = Mapping[str, Rule]

_TERRITORIES: Final = ("transit", "placement", "operators", "key_holders")
_OTHERS: Final = ("accreditations", "lifetime")


def demanding(question: Question) -> list[str]:
    """Return the axes on which a question, narrowed, demands rules beside its level's."""
    label = question.label
    territories = (label.transit, label.placement, label.operators, label.key_holders)
    axes = [axis for axis, found in zip(_TERRITORIES, territories, strict=True) if found.bounds]
    if label.accreditations:
        axes.append("accreditations")
    if question.dataset is not None and question.dataset.secrecy_years is not None:
        axes.append("lifetime")
    return [*axes, *question.constraints.demands.to_json()]


def check(data: Data, rules: Rules, packs: Mapping[str, Pack]) -> None:
    """Check levels, demands, and that packs demand what is known; raises BundleError."""
    try:
        for level in Level:
            _check_level(data, rules, level)
        for axis in objects(data["demands"]):
            _check_axis(data, rules, axis)
        for tenant, pack in packs.items():
            asked = {*pack.bounds, *pack.constraints.demands.to_json()}
            for axis in sorted(asked - objects(data["demands"]).keys()):
                raise BundleError(f"packs/{tenant}/{axis}: this policy has no rule for it")
    except (KeyError, TermError) as error:
        raise BundleError(f"the policy's data is not well formed: {error}") from error


def _check_axis(data: Data, rules: Rules, axis: str) -> None:
    if axis not in {*_TERRITORIES, *_OTHERS, *DEMANDS}:
        raise BundleError(f"demands.{axis}: no question demands this")
    _check_names(rules, objects(objects(data["demands"])[axis]), f"demands.{axis}")


def _check_level(data: Data, rules: Rules, level: Level) -> None:
    part = objects(objects(data["levels"])[str(level)])
    required = objects(part["required"])
    for subject in (*SUBJECTS, "bare"):
        strings(required, subject)
    _check_names(rules, required, f"levels.{level}.required")
    objects(part["limits"])
    integer(part, "lifetime_s")
    strings(part, "obligations")
    if not strings(required, "span") or not strings(required, "site"):
        raise BundleError(f"levels.{level} requires nothing of spans or sites")


def _check_names(rules: Rules, required: Mapping[str, JSON], place: str) -> None:
    for subject in required:
        judged = {"bare": "request"}.get(subject, subject)
        for name in strings(required, subject):
            rule = rules.get(name)
            # A cluster is a site too, so rules for sites may judge it.
            if rule is None or rule.subject not in {judged, _wider(judged)}:
                raise BundleError(f"{place}.{subject}: there is no rule {name} for it")


def _wider(subject: str) -> str:
    return "site" if subject == "cluster" else subject
