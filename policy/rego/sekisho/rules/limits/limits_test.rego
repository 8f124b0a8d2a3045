package sekisho.rules.limits_test

import data.sekisho.rules.limits as rule

_levels := {"L0": {"limits": {}}, "L4": {"limits": {"operators": 3}}}

_path := {"km": 900.5, "ms": 4, "hops": 7, "operators": 3, "decryption_points": 2}

_asked(level, limits) := {"label": {"level": level}, "limits": limits, "path": _path}

test_maxima_are_inclusive if {
	rule.holds with input as _asked("L4", {"km": 900.5, "ms": 4, "hops": 7, "decryption_points": 2})
		with data.sekisho.levels as _levels
}

test_within_is_not_refused if {
	rule.refusals == set() with input as _asked("L4", {"km": 901}) with data.sekisho.levels as _levels
}

test_each_maximum_binds if {
	some limits in [{"km": 900}, {"ms": 3.9}, {"hops": 6}, {"operators": 2}, {"decryption_points": 1}]
	not rule.holds with input as _asked("L0", limits) with data.sekisho.levels as _levels
}

test_the_exceeded_one_is_named if {
	refusal := {"code": "limits.exceeded", "args": {"limit": "km"}}
	rule.refusals == {refusal} with input as _asked("L0", {"km": 900}) with data.sekisho.levels as _levels
}

test_the_tighter_of_level_and_tenant_binds if {
	not rule.holds with input as _asked("L4", {"operators": 2}) with data.sekisho.levels as _levels
	rule.holds with input as _asked("L4", {"operators": 9}) with data.sekisho.levels as _levels
}

test_an_unrecorded_measure_does_not_pass_a_maximum if {
	asked := {
		"label": {"level": "L4"},
		"limits": {},
		"path": {"km": 1, "ms": 1, "hops": 1, "operators": null, "decryption_points": 0},
	}
	not rule.holds with input as asked with data.sekisho.levels as _levels
}

test_no_path_does_not_hold if {
	not rule.holds with input as {"label": {"level": "L0"}, "limits": {}, "path": null}
		with data.sekisho.levels as _levels
}

test_empty_input_does_not_hold if not rule.holds with input as {} with data.sekisho.levels as _levels
