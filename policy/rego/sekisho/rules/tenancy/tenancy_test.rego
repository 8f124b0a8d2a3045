package sekisho.rules.tenancy_test

import data.sekisho.rules.tenancy as rule

_asked(tenants) := {
	"kind": "passage",
	"dataset": {"tenant": "hospital"},
	"principal": {"kind": "person", "is_destination": false, "chain": [{"tenant": tenant} | some tenant in tenants]},
}

_collects(kind, is_destination) := {
	"kind": kind,
	"dataset": {"tenant": "hospital"},
	"principal": {"kind": "site", "is_destination": is_destination, "chain": [{"tenant": null}]},
}

test_the_tenant_holds if rule.holds with input as _asked(["hospital", "hospital"])

test_the_tenant_is_not_refused if rule.refusals == set() with input as _asked(["hospital"])

test_another_does_not_hold if not rule.holds with input as _asked(["city"])

test_another_is_refused if rule.refusals == {{"code": "tenancy.foreign", "args": {}}} with input as _asked(["city"])

test_acting_for_another_does_not_hold if not rule.holds with input as _asked(["hospital", "city"])

test_nobody_does_not_hold if not rule.holds with input as _asked([])

test_the_destination_collects if rule.holds with input as _collects("release", true)

test_another_site_does_not if not rule.holds with input as _collects("release", false)

test_another_site_is_refused if {
	rule.refusals == {{"code": "tenancy.destination", "args": {}}} with input as _collects("release", false)
}

test_a_site_does_not_ask_for_passage if not rule.holds with input as _collects("passage", true)

test_empty_input_does_not_hold if not rule.holds with input as {}
