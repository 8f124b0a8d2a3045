import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from policy.bundle import Bundle
from policy.constraints import Constraints, Limits
from policy.errors import BundleError
from policy.judge import Inquiry
from policy.label import BOTTOM, Label, Level
from policy.question import Question
from policy.territory import within

Modules = Mapping[str, bytes]
CONDUIT = "sekisho/rules/conduit/conduit.rego"
LEVELS = "sekisho/levels/data.json"


def changed(modules: Modules, path: str, old: str, new: str) -> Modules:
    source = modules[path].decode()
    assert old in source
    return {**modules, path: source.replace(old, new).encode()}


def build(modules: Modules) -> Bundle:
    return Bundle.build(modules, {}, "sha256:taxonomy")


def test_a_bundle_survives_its_bytes(bundle: Bundle) -> None:
    again = Bundle.from_bytes(bundle.to_bytes())
    assert again == bundle
    assert again.revision == bundle.revision


def test_the_revision_names_rego_data_and_taxonomy(modules: Modules, bundle: Bundle) -> None:
    revisions = {
        bundle.revision,
        build(changed(modules, CONDUIT, "poles", "masts")).revision,
        build(changed(modules, LEVELS, "86400", "86401")).revision,
        Bundle.build(modules, {"more": {}}, "sha256:taxonomy").revision,
        Bundle.build(modules, {}, "sha256:other").revision,
    }
    assert len(revisions) == 5


def test_tests_are_not_part_of_a_revision(modules: Modules, bundle: Bundle) -> None:
    without = {path: raw for path, raw in modules.items() if not path.endswith("_test.rego")}
    assert len(without) < len(modules)
    assert build(without) == bundle


def test_every_rule_says_whom_it_judges(bundle: Bundle) -> None:
    assert bundle.rules["conduit"].subject == "span"
    assert bundle.rules["conduit"].reads == ("conduit",)
    assert bundle.rules["encryption"].settled_by == {"encryption.layer": {"none"}}
    assert not bundle.rules["ceiling"].waivable


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (CONDUIT, "# METADATA\n# title: Conduit\n", "# title: Conduit\n"),
        (CONDUIT, "subject: span", "subject: cable"),
        (CONDUIT, "waivable: true", "waivable: maybe"),
        (CONDUIT, 'reads: ["conduit"]', "reads: conduit"),
        (CONDUIT, "remedy: remedy.conduit", "remedy: ''"),
        (CONDUIT, "# custom:", "# custom: ["),
        (CONDUIT, "# custom:\n", "# other:\n"),
        (CONDUIT, "package sekisho.rules.conduit", "package sekisho.rules.duct"),
        (LEVELS, '"lifetime_s": 86400', '"lifetime_s": "a day"'),
        (LEVELS, '"limits": {}', '"limits": []'),
        (LEVELS, '"L5"', '"L6"'),
        (LEVELS, '"conduit",', '"conduits",'),
        (LEVELS, '"ceiling",', '"conduit",'),
        ("sekisho/demands/data.json", '"residency"', '"waypoint"'),
    ],
)
def test_a_spoilt_policy_forms_no_revision(modules: Modules, path: str, old: str, new: str) -> None:
    with pytest.raises(BundleError):
        build(changed(modules, path, old, new))


def test_a_required_rule_that_is_gone_forms_no_revision(modules: Modules) -> None:
    for gone in ("conduit", "ceiling", "limits", "placement", "waypoint"):
        rest = {path: raw for path, raw in modules.items() if f"/rules/{gone}/" not in path}
        with pytest.raises(BundleError, match=gone):
            build(rest)


@pytest.mark.parametrize("raw", [b"\xff", b"[]", b"{", b"[" * 9_999])
def test_data_that_is_no_object_forms_no_revision(modules: Modules, raw: bytes) -> None:
    with pytest.raises(BundleError, match=LEVELS):
        build({**modules, LEVELS: raw})


def test_rego_that_is_no_text_forms_no_revision(modules: Modules) -> None:
    with pytest.raises(BundleError, match=CONDUIT):
        build({**modules, CONDUIT: b"\xff"})


def test_data_may_be_added_but_not_replaced(modules: Modules) -> None:
    assert Bundle.build(modules, {"more": {"a": 1}}, "t").document["more"] == {"a": 1}
    with pytest.raises(BundleError, match="levels"):
        Bundle.build(modules, {"levels": {}}, "t")


def test_levels_that_ask_nothing_of_spans_form_no_revision(modules: Modules) -> None:
    levels = json.loads(modules[LEVELS])
    levels["L0"]["required"]["span"] = []
    with pytest.raises(BundleError, match="nothing"):
        build({**modules, LEVELS: json.dumps(levels).encode()})


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"v":1,"modules":{},"data":{},"taxonomy":"t"}'])
def test_hostile_bundle_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(BundleError):
        Bundle.from_bytes(raw)


def test_only_canonical_bundle_bytes_are_read(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="canonical"):
        Bundle.from_bytes(bundle.to_bytes() + b"\n")


def test_each_level_asks_at_least_what_the_one_below_asks(
    bundle: Bundle, question: Question
) -> None:
    for subject in ("request", "site", "cluster", "span", "path"):
        below: set[str] = set()
        for level in Level:
            asked = set(bundle.required(replace(question, label=Label(level=level)), subject))
            assert below <= asked
            below = asked


def test_a_public_label_without_dataset_leaves_the_constraints_alone(
    bundle: Bundle, question: Question
) -> None:
    bare = replace(question, label=BOTTOM, dataset=None)
    assert bundle.required(bare, "request") == ()
    assert bundle.required(bare, "span") == ("constraints",)
    assert bundle.required(bare, "site") == ("site_constraints",)
    assert bundle.required(bare, "cluster") == ("site_constraints",)
    assert bundle.required(bare, "path") == ("limits",)


@pytest.mark.parametrize(
    ("label", "subject", "rule"),
    [
        (Label(transit=within("r", ["JP"])), "span", "residency"),
        (Label(transit=within("r", ["JP"])), "site", "waypoint"),
        (Label(placement=within("r", ["JP"])), "cluster", "placement"),
        (Label(operators=within("r", ["JP"])), "span", "operator"),
        (Label(operators=within("r", ["JP"])), "cluster", "site_operator"),
        (Label(key_holders=within("r", ["JP"])), "span", "key_holder"),
        (Label(accreditations=frozenset({frozenset({"a"})})), "cluster", "accreditation"),
    ],
)
def test_a_labels_own_bounds_bind_at_every_level(
    bundle: Bundle, question: Question, label: Label, subject: str, rule: str
) -> None:
    assert rule in bundle.required(replace(question, label=label), subject)
    assert rule not in bundle.required(replace(question, label=BOTTOM), subject)


def test_the_tighter_of_level_and_tenant_limits(bundle: Bundle, question: Question) -> None:
    assert bundle.limits(question) == Limits(operators=3)
    asked = replace(question, constraints=Constraints(max_operators=2, max_km=9))
    assert bundle.limits(asked) == Limits(operators=2, km=9)


def test_secret_permits_are_shorter_than_public_ones(bundle: Bundle, question: Question) -> None:
    assert bundle.lifetime(question) < bundle.lifetime(replace(question, label=BOTTOM))


def test_the_document_names_no_subject(
    asked: Callable[[Question], Inquiry], question: Question
) -> None:
    text = json.dumps(asked(question).document)
    assert '"s1"' not in text
    assert '"n1"' not in text
