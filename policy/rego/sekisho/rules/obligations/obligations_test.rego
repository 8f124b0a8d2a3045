package sekisho.rules.obligations_test

import data.sekisho.rules.obligations as rule

_known := {"known": ["erase-after-use"]}

_asked(obligations) := {"label": {"obligations": obligations}}

test_a_known_obligation_holds if {
	rule.holds with input as _asked(["erase-after-use"]) with data.sekisho.obligations as _known
}

test_a_known_obligation_is_not_refused if {
	rule.refusals == set() with input as _asked(["erase-after-use"]) with data.sekisho.obligations as _known
}

test_none_hold if rule.holds with input as _asked([]) with data.sekisho.obligations as _known

test_an_unbound_one_does_not_hold if {
	not rule.holds with input as _asked(["dance"]) with data.sekisho.obligations as _known
}

test_an_unbound_one_is_named if {
	refusal := {"code": "obligations.unbound", "args": {"obligation": "dance"}}
	rule.refusals == {refusal} with input as _asked(["dance"]) with data.sekisho.obligations as _known
}

test_empty_input_does_not_hold if not rule.holds with input as {} with data.sekisho.obligations as _known
