package sekisho.rules.site_constraints_test

import data.sekisho.rules.site_constraints as rule

_asked(facts) := {
	"constraints": {"site": {"deny": {"jurisdiction": ["XX"]}, "require": {"operator": ["op-1", "op-2"]}}},
	"profiles": {"site_constraints": [{"id": "0", "facts": facts}]},
}

test_within_the_constraints_holds if {
	rule.holds == {"0"} with input as _asked({"jurisdiction": "JP", "operator": "op-1"})
}

test_within_the_constraints_is_not_refused if {
	rule.refusals == set() with input as _asked({"jurisdiction": "JP", "operator": "op-1"})
}

test_a_denied_value_is_named if {
	refusal := {"profile": "0", "code": "site_constraints.denied", "args": {"attribute": "jurisdiction", "value": "XX"}}
	rule.refusals == {refusal} with input as _asked({"jurisdiction": "XX", "operator": "op-1"})
}

test_a_denied_value_does_not_hold if {
	rule.holds == set() with input as _asked({"jurisdiction": "XX", "operator": "op-1"})
}

test_an_unmet_requirement_is_named if {
	refusal := {"profile": "0", "code": "site_constraints.required", "args": {"attribute": "operator"}}
	rule.refusals == {refusal} with input as _asked({"jurisdiction": "JP", "operator": "op-3"})
}

test_an_unmet_requirement_does_not_hold if {
	rule.holds == set() with input as _asked({"jurisdiction": "JP", "operator": "op-3"})
}

test_an_unrecorded_attribute_does_not_hold if {
	rule.holds == set() with input as _asked({"operator": "op-1"})
	rule.holds == set() with input as _asked({"jurisdiction": "JP"})
}

test_no_constraints_hold_for_all if {
	rule.holds == {"0"} with input as {
		"constraints": {"site": {"deny": {}, "require": {}}},
		"profiles": {"site_constraints": [{"id": "0", "facts": {}}]},
	}
}

test_missing_constraints_hold_for_nobody if {
	rule.holds == set() with input as {"profiles": {"site_constraints": [{"id": "0", "facts": {}}]}}
}

test_empty_input_does_not_hold if rule.holds == set() with input as {}
