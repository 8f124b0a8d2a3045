"""What a rule says of itself in its METADATA: the contract between Rego and everything else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from policy.errors import BundleError
from policy.pointed import Scalar

SUBJECTS: Final = ("request", "site", "cluster", "span", "path")
_BLOCK: Final = re.compile(
    r"^# METADATA\n((?:#.*\n)+)package sekisho\.rules\.([a-z_]+)$", re.MULTILINE
)
_Custom: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: whom it judges, what it reads of them, and on whose authority.

    `settled_by` holds attribute values that decide against a subject whatever else is unrecorded
    of it (an unencrypted span has no cipher to record). `axis` names the bounds of the label that
    the rule applies; its reasons then stand on the ground of the regime that set the bound.
    """

    name: str
    subject: str
    reads: tuple[str, ...]
    waivable: bool
    basis: str
    citation: str
    certainty: str
    title: str
    remedy: str
    axis: str | None = None
    settled_by: Mapping[str, frozenset[Scalar]] = field(
        default_factory=dict[str, frozenset[Scalar]]
    )


def read_rule(path: str, source: str) -> Rule:
    """Return what the package METADATA of one rule's source says.

    Raises:
        BundleError: no METADATA, or a missing or malformed entry; names the file.
    """
    found = _BLOCK.search(source)
    if found is None:
        raise BundleError(f"{path}: no METADATA block directly before a package sekisho.rules.*")
    try:
        block: object = yaml.safe_load(re.sub(r"^# ?", "", found[1], flags=re.MULTILINE))
    except yaml.YAMLError as error:
        raise BundleError(f"{path}: the METADATA is not YAML") from error
    return _rule(path, found[2], _mapping(path, block))


def _rule(path: str, name: str, block: _Custom) -> Rule:
    custom = _mapping(path, block.get("custom"))
    subject = _text(path, custom, "subject")
    if subject not in SUBJECTS:
        raise BundleError(f"{path}: custom.subject must be one of {', '.join(SUBJECTS)}")
    if not isinstance(waivable := custom.get("waivable"), bool):
        raise BundleError(f"{path}: custom.waivable must be true or false")
    return Rule(
        name=name,
        subject=subject,
        reads=_texts(path, custom, "reads"),
        waivable=waivable,
        basis=_text(path, custom, "basis"),
        citation=_text(path, custom, "citation"),
        certainty=_text(path, custom, "certainty"),
        title=_text(path, block, "title"),
        remedy=_text(path, custom, "remedy"),
        axis=_text(path, custom, "axis") if "axis" in custom else None,
        settled_by={
            attribute: frozenset(_texts(path, settled, attribute))
            for settled in [_mapping(path, custom.get("settled_by", {}))]
            for attribute in settled
        },
    )


def _mapping(path: str, value: object) -> _Custom:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise BundleError(f"{path}: the METADATA lacks a mapping, such as custom")
    return value


def _text(path: str, parts: _Custom, name: str) -> str:
    if not isinstance(value := parts.get(name), str) or not value:
        raise BundleError(f"{path}: the METADATA lacks {name}")
    return value


def _texts(path: str, parts: _Custom, name: str) -> tuple[str, ...]:
    value = parts.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BundleError(f"{path}: the METADATA lacks {name}, a list of strings")
    return tuple(str(item) for item in value)
