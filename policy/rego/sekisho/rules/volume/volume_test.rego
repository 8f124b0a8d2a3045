package sekisho.rules.volume_test

import data.sekisho.rules.volume as rule

_asked(records, most) := {"dataset": {"records": records}, "tenant": {"max_records": most}}

test_the_threshold_is_inclusive if rule.holds with input as _asked(1000, 1000)

test_within_is_not_refused if rule.refusals == set() with input as _asked(1, 1000)

test_one_more_does_not_hold if not rule.holds with input as _asked(1001, 1000)

test_one_more_says_so if {
	refusal := {"code": "volume.exceeded", "args": {"records": 1001, "threshold": 1000}}
	rule.refusals == {refusal} with input as _asked(1001, 1000)
}

test_unrecorded_does_not_hold if not rule.holds with input as _asked(null, 1000)

test_no_threshold_does_not_hold if not rule.holds with input as _asked(1, null)

test_empty_input_does_not_hold if not rule.holds with input as {}
