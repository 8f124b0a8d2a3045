package sekisho.rules.ceiling_test

import data.sekisho.rules.ceiling as rule

test_every_level_below_the_ceiling_holds if {
	every level in ["L0", "L1", "L2", "L3", "L4"] {
		rule.holds with input as {"label": {"level": level}}
	}
}

test_below_the_ceiling_is_not_refused if rule.refusals == set() with input as {"label": {"level": "L4"}}

test_the_ceiling_does_not_hold if not rule.holds with input as {"label": {"level": "L5"}}

test_the_ceiling_is_named if {
	refusal := {"code": "ceiling.refused", "args": {"level": "L5"}}
	rule.refusals == {refusal} with input as {"label": {"level": "L5"}}
}

test_an_unheard_level_does_not_hold if not rule.holds with input as {"label": {"level": "L6"}}

test_empty_input_does_not_hold if not rule.holds with input as {}
