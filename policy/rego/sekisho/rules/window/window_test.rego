package sekisho.rules.window_test

import data.sekisho.rules.window as rule

_asked(kind, moment) := {
	"kind": kind,
	"moment": moment,
	"tenant": {"windows": [{"from": 0, "to": 60}, {"from": 120, "to": 180}]},
}

test_a_moment_within_holds if {
	rule.holds with input as _asked("passage", 0)
	rule.holds with input as _asked("release", 179)
}

test_a_moment_within_is_not_refused if rule.refusals == set() with input as _asked("passage", 59)

test_the_end_is_outside if {
	not rule.holds with input as _asked("passage", 60)
	not rule.holds with input as _asked("release", 180)
}

test_a_closed_window_says_so if {
	rule.refusals == {{"code": "window.closed", "args": {}}} with input as _asked("passage", 90)
}

test_planning_is_free if {
	rule.holds with input as _asked("path", 90)
	rule.holds with input as _asked("placement", 90)
}

test_no_moment_does_not_hold if not rule.holds with input as _asked("passage", null)

test_no_windows_do_not_hold if {
	not rule.holds with input as {"kind": "passage", "moment": 1, "tenant": {"windows": []}}
}

test_empty_input_does_not_hold if not rule.holds with input as {}
