package sekisho.rules.duties_test

import data.sekisho.rules.duties as rule

_asked(kind, by) := {
	"kind": kind,
	"principal": {"chain": [{"id": "bot"}, {"id": "aki"}]},
	"dataset": {"labelled_by": by},
}

test_another_hand_holds if rule.holds with input as _asked("passage", "ben")

test_another_hand_is_not_refused if rule.refusals == set() with input as _asked("passage", "ben")

test_the_same_hand_does_not_hold if {
	not rule.holds with input as _asked("passage", "aki")
	not rule.holds with input as _asked("release", "bot")
}

test_the_same_hand_is_named if {
	refusal := {"code": "duties.labelled", "args": {"id": "aki"}}
	rule.refusals == {refusal} with input as _asked("passage", "aki")
}

test_planning_is_free if {
	rule.holds with input as _asked("path", "aki")
	rule.refusals == set() with input as _asked("path", "aki")
}

test_unrecorded_does_not_hold if not rule.holds with input as _asked("passage", null)

test_empty_input_does_not_hold if not rule.holds with input as {}
