"""The packaged taxonomy: what it must say, what it must never say, and typical labels."""

import json
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from policy.canonical import canonical, digest
from policy.errors import TaxonomyError
from policy.label import BOTTOM, Bound, Label, Level, Territory
from policy.regimes import REFUSED_SOURCE, Taxonomy, load_taxonomy, regime_table_markdown

ROOT = Path(__file__).parents[2]
VECTORS = sorted((Path(__file__).parent / "label_vectors").glob("*.json"))
AXES = ["placement", "transit", "operators", "key_holders"]


@cache
def documents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (ROOT / "policy/taxonomy").glob("*.yaml")}


@cache
def taxonomy() -> Taxonomy:
    return load_taxonomy(documents())


def raw_entries(section: str) -> list[dict[str, Any]]:
    """The entries as another YAML reader sees them."""
    read = [yaml.safe_load(raw) for raw in documents().values()]
    return list(chain.from_iterable(document.get(section, []) for document in read))


CATEGORY_SETS = st.frozensets(st.sampled_from(sorted(taxonomy().categories)), max_size=6)
COUNTS = st.dictionaries(
    st.sampled_from(["persons", "free-users", "paid-users"]), st.integers(0, 2 * 10**7)
)

# Every row of the reference table, sections A to D, with the records that it became.
ROWS = """
jp.tosshu.c3; jp.tosshu.c2; jp.tosshu.c1; jp.tosshu.i2 jp.tosshu.i1; jp.tosshu.a2 jp.tosshu.a1;
jp.himitsu.gokuhi jp.himitsu.hi; jp.lg.c3a; jp.lg.c3b; jp.lg.c3c jp.lg.c2 jp.lg.c1;
jp.lg.model.a jp.lg.model.a2 jp.lg.model.b jp.lg.model.b2; jp.lg.koubun; jp.sds; jp.msds; jp.esi;
jp.kanto; jp.ismap; jp.govcloud; jp.cloudpolicy;
jp.appi.pi; jp.appi.cloud; jp.appi.scpi; jp.appi.idcode; jp.appi.pseud; jp.appi.anon; jp.appi.leak;
jp.appi.2026; jp.mynumber jp.mynumber.bound; jp.telecom.secrecy; jp.telecom.sui; jp.acd;
jp.ucpa.ts; jp.ucpa.lpd; jp.fefta.tech; jp.fefta.arms; jp.espa.ci; jp.espa.patent; jp.med; jp.ngen;
jp.fisc; jp.pci; jp.insider;
eu.gdpr.chv; eu.gdpr.art9; uk.gdpr; eu.nis2 eu.dora eu.dataact; eu.eucs; eu.cada; fr.secnumcloud;
de.c5; us.fips199.low us.fips199.moderate us.fips199.high; us.cui us.cui.noforn; us.classified;
us.ear us.ear.99; us.itar; us.dsp; cn.dsl;
first.tlp2.red first.tlp2.amber-strict first.tlp2.amber first.tlp2.green first.tlp2.clear;
iso.27001.a512; nato.classified eu.restricted
"""


def test_every_row_of_the_reference_is_there_and_only_our_own_policy_beside() -> None:
    rows = [row.split() for row in ROWS.split(";")]
    assert len(rows) == 59
    assert set(taxonomy().regimes) == {*chain.from_iterable(rows), "sekisho.facility"}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_typical_content_gets_the_label_that_its_vector_expects(path: Path) -> None:
    vector = json.loads(path.read_bytes())
    expect = vector["expect"]
    label = taxonomy().label_of(
        vector["categories"], level=Level.parse(vector["level"]), counts=vector["counts"]
    )
    assert str(label.level) == expect["level"]
    assert label.regimes >= set(expect.get("regimes", []))
    assert label.categories >= set(expect.get("categories", []))
    assert label.obligations >= set(expect.get("obligations", []))
    assert not label.regimes & set(expect.get("without", []))
    if expect.get("only"):
        assert label.regimes == set(expect["regimes"])
    for field in AXES:
        if field in expect:
            allowed = getattr(label, field).allowed
            assert (None if allowed is None else sorted(allowed)) == expect[field]
    for field in ("suite", "integrity", "availability"):
        assert getattr(label, field) == expect.get(field, getattr(label, field))
    assert sorted(label.operators.denied) == expect.get(
        "operators_denied", sorted(label.operators.denied)
    )
    demands = sorted(sorted(demand) for demand in label.accreditations)
    assert demands == expect.get("accreditations", demands)
    if "clash" in expect:
        clash = label.placement.clash()
        assert clash is not None
        assert [bound.source for bound in clash] == expect["clash"]


def test_no_regime_says_that_the_law_requires_what_is_unverified_or_inferred() -> None:
    for record in raw_entries("records"):
        grounds = [record[axis] for axis in (*AXES, "suite") if axis in record]
        for ground in [*grounds, *record.get("accreditations", [])]:
            assert ground["certainty"] not in "UP" or ground["basis"] == "policy", record["id"]
        if record.get("status") != "watch":
            assert record["certainty"] not in "UP" or record["basis"] == "policy", record["id"]
    for regime in taxonomy().regimes.values():
        for axis in AXES:
            ground = regime.ground(axis)
            assert not (ground.certainty in "UP" and ground.required_by_law)


def test_the_place_of_a_bound_my_number_is_our_policy_and_its_protection_is_law() -> None:
    regime = taxonomy().regimes["jp.mynumber.bound"]
    assert not taxonomy().ground("jp.mynumber.bound", "placement").required_by_law
    assert taxonomy().ground("jp.appi.pi", "placement").required_by_law
    assert regime.ground("level").required_by_law
    assert taxonomy().ground("jp.med", "placement").basis == "guideline"


def test_every_constrained_axis_has_a_ground_and_a_citation() -> None:
    for regime in taxonomy().regimes.values():
        constrained = {axis for axis in AXES if getattr(regime, axis).bounds}
        constrained |= {"accreditations"} if regime.accreditations else set()
        constrained |= {"suite"} if regime.suite else set()
        assert constrained == set(regime.grounds)
        assert all(ground.citation for ground in regime.grounds.values())
        assert regime.citation
        assert regime.title_ja
        assert regime.title_en


def test_encryption_changes_scope_per_regime_and_never_globally() -> None:
    effects = {name: regime.encryption_effect for name, regime in taxonomy().regimes.items()}
    removing = {name for name, effect in effects.items() if effect.effect == "removes_scope_if"}
    assert removing == {"us.ear", "us.itar"}
    assert effects["us.dsp"].effect == effects["jp.tosshu.c3"].effect == "none"
    assert effects["jp.appi.pi"].effect == "mitigates"
    assert all(bool(effect.conditions) == (effect.effect != "none") for effect in effects.values())


def test_unread_primary_texts_are_marked_for_review() -> None:
    unread = ["jp.tosshu.c3", "jp.tosshu.c2", "jp.esi", "jp.fisc", "jp.med", "jp.ismap"]
    unread += ["jp.fefta.tech", "jp.appi.2026", "jp.espa.ci"]
    assert all(taxonomy().regimes[name].review_required for name in unread)


@given(CATEGORY_SETS, COUNTS)
def test_only_data_records_in_force_ever_come_onto_a_label(
    categories: frozenset[str], counts: dict[str, int]
) -> None:
    label = taxonomy().label_of(categories, counts=counts)
    assert all(taxonomy().regimes[name].binds for name in label.regimes)


def test_provider_path_zone_and_watch_records_have_no_effect() -> None:
    for regime in taxonomy().regimes.values():
        if not regime.binds:
            assert regime.effect == Label(regimes=frozenset({regime.id}))
            assert not regime.applies_to
    watched = {r.id for r in taxonomy().regimes.values() if r.status == "watch"}
    assert watched == {"jp.appi.2026", "eu.eucs", "eu.cada"}


@given(CATEGORY_SETS, COUNTS)
def test_a_corporate_number_never_raises_anything(
    categories: frozenset[str], counts: dict[str, int]
) -> None:
    without = taxonomy().label_of(categories - {"corporate-number"}, counts=counts)
    added = taxonomy().label_of(categories | {"corporate-number"}, counts=counts)
    assert added == without.join(Label(categories=frozenset({"corporate-number"})))


@given(CATEGORY_SETS, st.sampled_from(Level), COUNTS)
def test_what_is_refused_has_no_lawful_place_whatever_brought_it(
    categories: frozenset[str], level: Level, counts: dict[str, int]
) -> None:
    label = taxonomy().label_of(categories, level=level, counts=counts)
    if label.level is Level.L5:
        assert all(getattr(label, axis).empty for axis in AXES)
        assert all(not getattr(label, axis).permits("JP") for axis in AXES)
        assert not taxonomy().ground(REFUSED_SOURCE, "placement").required_by_law


def test_every_classified_category_refuses() -> None:
    refused = [name for name, entry in taxonomy().categories.items() if entry.level is Level.L5]
    assert len(refused) >= 6
    assert all(taxonomy().label_of([name]).placement.empty for name in refused)


def test_the_rules_know_every_obligation_that_a_label_can_carry() -> None:
    # A label with an obligation that the policy's data does not name could never pass.
    known = json.loads((ROOT / "policy/rego/sekisho/obligations/data.json").read_bytes())["known"]
    assert taxonomy().obligations.keys() <= set(known)


@given(CATEGORY_SETS)
def test_obligations_and_accreditations_on_labels_all_have_titles(
    categories: frozenset[str],
) -> None:
    label = taxonomy().label_of(categories)
    assert label.obligations <= taxonomy().obligations.keys()
    assert frozenset[str]().union(*label.accreditations) <= taxonomy().accreditations.keys()


def test_the_european_economic_area_has_thirty_countries_and_norway_among_them() -> None:
    assert len(taxonomy().groups["EEA"]) == 30
    assert taxonomy().label_of(["name"]).placement.permits("NO")
    assert not taxonomy().label_of(["name"]).placement.permits("US")


@pytest.mark.parametrize("name", sorted(documents()))
def test_without_any_one_file_nothing_loads(name: str) -> None:
    with pytest.raises(TaxonomyError):
        load_taxonomy({key: raw for key, raw in documents().items() if key != name})


@pytest.mark.parametrize(
    ("label", "counts"),
    [
        (Label(categories=frozenset({"medicla"})), {}),
        (Label(regimes=frozenset({"jp.gone"})), {}),
        (BOTTOM, {"person": 1}),
        (BOTTOM, {"persons": -1}),
        (BOTTOM, {"persons": True}),
    ],
    ids=["category", "regime", "count", "negative", "boolean"],
)
def test_what_it_does_not_know_is_refused_and_not_passed_over(
    label: Label, counts: dict[str, int]
) -> None:
    with pytest.raises(TaxonomyError):
        taxonomy().close(label, counts)
    with pytest.raises(TaxonomyError):
        taxonomy().ground("jp.gone", "placement")


def test_a_tenants_own_bounds_survive_the_closure() -> None:
    own = Territory(frozenset({Bound("tenant.hospital", frozenset({"DE"}))}))
    label = taxonomy().close(Label(categories=frozenset({"medical"}), placement=own))
    clash = label.placement.clash()
    assert clash is not None
    assert {bound.source for bound in clash} == {"jp.med", "tenant.hospital"}


def test_the_digest_covers_every_byte_of_every_file_and_not_their_order() -> None:
    docs = documents()
    backwards = dict(sorted(docs.items(), reverse=True))
    assert load_taxonomy(backwards).digest == taxonomy().digest
    assert taxonomy().digest == digest(canonical({name: digest(docs[name]) for name in docs}))
    for name, raw in docs.items():
        assert load_taxonomy({**docs, name: raw + b"\n"}).digest != taxonomy().digest


def test_two_loads_give_the_same_regimes() -> None:
    assert load_taxonomy(documents()) == taxonomy()


def test_the_page_of_regimes_is_the_one_that_the_data_gives() -> None:
    page = regime_table_markdown(taxonomy())
    written = (ROOT / "docs/regimes.md").read_text()
    assert written == page, "write policy.regimes.regime_table_markdown(...) to docs/regimes.md"
    assert all(f"`{name}`" in page for name in taxonomy().regimes)


@settings(max_examples=50)
@given(CATEGORY_SETS)
def test_a_label_of_the_taxonomy_survives_its_document(categories: frozenset[str]) -> None:
    label = taxonomy().label_of(categories)
    assert Label.from_json(json.loads(json.dumps(label.to_json()))) == label
