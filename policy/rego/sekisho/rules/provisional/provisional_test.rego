package sekisho.rules.provisional_test

import data.sekisho.rules.provisional as rule

_asked(kind, provisional) := {"kind": kind, "dataset": {"provisional": provisional}}

test_a_settled_label_passes if {
	every kind in ["placement", "path", "passage", "release"] {
		rule.holds with input as _asked(kind, false)
	}
}

test_a_settled_label_is_not_refused if rule.refusals == set() with input as _asked("passage", false)

test_a_provisional_label_may_look if {
	every kind in ["placement", "path"] {
		rule.holds with input as _asked(kind, true)
	}
}

test_a_provisional_label_does_not_pass if {
	every kind in ["passage", "release", "other"] {
		not rule.holds with input as _asked(kind, true)
	}
}

test_a_provisional_label_is_refused if {
	rule.refusals == {{"code": "provisional.unscanned", "args": {}}} with input as _asked("passage", true)
}

test_empty_input_does_not_hold if not rule.holds with input as {}
