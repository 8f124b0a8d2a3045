package sekisho.rules.duct_jurisdiction_test

import data.sekisho.rules.duct_jurisdiction as rule

_asked(allowed, denied, facts) := {
	"tenant": {"duct_jurisdictions": {"allowed": allowed, "denied": denied}},
	"profiles": {"duct_jurisdiction": [{"id": "0", "facts": facts}]},
}

test_an_allowed_one_holds if rule.holds == {"0"} with input as _asked(["A"], [], {"duct_owner_jurisdiction": "A"})

test_an_allowed_one_is_not_refused if {
	rule.refusals == set() with input as _asked(["A"], [], {"duct_owner_jurisdiction": "A"})
}

test_any_but_the_denied_holds if {
	rule.holds == {"0"} with input as _asked(null, ["B"], {"duct_owner_jurisdiction": "A"})
}

test_a_denied_one_does_not_hold if {
	rule.holds == set() with input as _asked(["A"], ["A"], {"duct_owner_jurisdiction": "A"})
}

test_another_one_is_named if {
	refusal := {"profile": "0", "code": "duct_jurisdiction.outside", "args": {"jurisdiction": "C"}}
	rule.refusals == {refusal} with input as _asked(["A"], [], {"duct_owner_jurisdiction": "C"})
}

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked(null, [], {})

test_empty_input_does_not_hold if rule.holds == set() with input as {}
