package sekisho.rules.purpose_test

import data.sekisho.rules.purpose as rule

_asked(purpose) := {"purpose": purpose, "dataset": {"purposes": ["care", "research"]}}

test_a_registered_purpose_holds if rule.holds with input as _asked("care")

test_a_registered_purpose_is_not_refused if rule.refusals == set() with input as _asked("care")

test_another_does_not_hold if not rule.holds with input as _asked("marketing")

test_another_is_named if {
	refusal := {"code": "purpose.other", "args": {"purpose": "marketing"}}
	rule.refusals == {refusal} with input as _asked("marketing")
}

test_no_purposes_permit_nothing if not rule.holds with input as {"purpose": "care", "dataset": {"purposes": []}}

test_empty_input_does_not_hold if not rule.holds with input as {}
