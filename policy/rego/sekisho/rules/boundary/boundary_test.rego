package sekisho.rules.boundary_test

import data.sekisho.rules.boundary as rule

_asked(openers, facts) := {
	"tenant": {"openers": openers},
	"profiles": {"boundary": [{"id": "0", "facts": facts}]},
}

test_a_trusted_operator_holds if rule.holds == {"0"} with input as _asked(["a"], {"operator": "a"})

test_a_trusted_operator_is_not_refused if rule.refusals == set() with input as _asked(["a"], {"operator": "a"})

test_another_operator_is_named if {
	refusal := {"profile": "0", "code": "boundary.opener", "args": {"operator": "b"}}
	rule.refusals == {refusal} with input as _asked(["a"], {"operator": "b"})
}

test_another_operator_does_not_hold if rule.holds == set() with input as _asked(["a"], {"operator": "b"})

test_nobody_trusted_lets_nobody_open if rule.holds == set() with input as _asked([], {"operator": "a"})

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked(["a"], {})

test_empty_input_does_not_hold if rule.holds == set() with input as {}
