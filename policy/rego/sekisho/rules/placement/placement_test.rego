package sekisho.rules.placement_test

import data.sekisho.rules.placement as rule

_bounds := [{"source": "home", "allowed": ["JP"], "denied": []}]

_asked(facts) := {
	"label": {"placement": {"allowed": ["JP"], "denied": [], "bounds": _bounds}},
	"profiles": {"placement": [{"id": "0", "facts": facts}]},
}

test_home_holds if rule.holds == {"0"} with input as _asked({"jurisdiction": "JP"})

test_home_is_not_refused if rule.refusals == set() with input as _asked({"jurisdiction": "JP"})

test_abroad_does_not_hold if rule.holds == set() with input as _asked({"jurisdiction": "US"})

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked({})

test_empty_input_does_not_hold if rule.holds == set() with input as {}

test_abroad_names_the_regime if {
	refusal := {"profile": "0", "code": "placement.outside", "args": {"jurisdiction": "US", "regime": "home"}}
	rule.refusals == {refusal} with input as _asked({"jurisdiction": "US"})
}
