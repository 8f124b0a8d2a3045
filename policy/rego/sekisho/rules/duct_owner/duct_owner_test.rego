package sekisho.rules.duct_owner_test

import data.sekisho.rules.duct_owner as rule

_asked(allowed, denied, facts) := {
	"tenant": {"duct_owners": {"allowed": allowed, "denied": denied}},
	"profiles": {"duct_owner": [{"id": "0", "facts": facts}]},
}

test_an_allowed_one_holds if rule.holds == {"0"} with input as _asked(["A"], [], {"duct_owner": "A"})

test_an_allowed_one_is_not_refused if {
	rule.refusals == set() with input as _asked(["A"], [], {"duct_owner": "A"})
}

test_any_but_the_denied_holds if {
	rule.holds == {"0"} with input as _asked(null, ["B"], {"duct_owner": "A"})
}

test_a_denied_one_does_not_hold if {
	rule.holds == set() with input as _asked(["A"], ["A"], {"duct_owner": "A"})
}

test_another_one_is_named if {
	refusal := {"profile": "0", "code": "duct_owner.refused", "args": {"owner": "C"}}
	rule.refusals == {refusal} with input as _asked(["A"], [], {"duct_owner": "C"})
}

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked(null, [], {})

test_empty_input_does_not_hold if rule.holds == set() with input as {}
