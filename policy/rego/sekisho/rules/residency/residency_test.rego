package sekisho.rules.residency_test

import data.sekisho.rules.residency as rule

_bounds := [{"source": "home", "allowed": ["JP"], "denied": []}]

_asked(facts) := {
	"label": {"transit": {"allowed": ["JP"], "denied": [], "bounds": _bounds}},
	"profiles": {"residency": [{"id": "0", "facts": facts}]},
}

test_home_holds if rule.holds == {"0"} with input as _asked({"jurisdictions": ["JP"]})

test_home_is_not_refused if rule.refusals == set() with input as _asked({"jurisdictions": ["JP"]})

test_abroad_does_not_hold if rule.holds == set() with input as _asked({"jurisdictions": ["US"]})

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked({})

test_empty_input_does_not_hold if rule.holds == set() with input as {}

test_abroad_names_the_regime if {
	refusal := {"profile": "0", "code": "residency.outside", "args": {"jurisdiction": "US", "regime": "home"}}
	rule.refusals == {refusal} with input as _asked({"jurisdictions": ["US"]})
}

test_one_foreign_jurisdiction_is_enough if {
	rule.holds == set() with input as _asked({"jurisdictions": ["JP", "US"]})
}

test_no_jurisdiction_is_no_permission if {
	rule.holds == set() with input as _asked({"jurisdictions": []})
}
