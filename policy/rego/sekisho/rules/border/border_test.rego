package sekisho.rules.border_test

import data.sekisho.rules.border as rule

_asked(facts) := {"profiles": {"border": [{"id": "0", "facts": facts}]}}

test_one_jurisdiction_holds if rule.holds == {"0"} with input as _asked({"jurisdictions": ["JP"]})

test_one_jurisdiction_is_not_refused if rule.refusals == set() with input as _asked({"jurisdictions": ["JP"]})

test_two_do_not_hold if rule.holds == set() with input as _asked({"jurisdictions": ["JP", "US"]})

test_both_sides_are_named if {
	refusal := {"profile": "0", "code": "border.crossed", "args": {"jurisdictions": ["JP", "US"]}}
	rule.refusals == {refusal} with input as _asked({"jurisdictions": ["JP", "US"]})
}

test_nowhere_does_not_hold if rule.holds == set() with input as _asked({"jurisdictions": []})

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked({})

test_empty_input_does_not_hold if rule.holds == set() with input as {}
