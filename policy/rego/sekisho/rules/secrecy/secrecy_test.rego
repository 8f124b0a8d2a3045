package sekisho.rules.secrecy_test

import data.sekisho.rules.secrecy as rule

_steps := [{"years": 0, "suite": 0}, {"years": 30, "suite": 1}]

_asked(years, suite) := {"dataset": {"secrecy_years": years}, "label": {"suite": suite}}

test_a_short_secret_takes_the_common_suite if {
	rule.holds with input as _asked(29, 0) with data.sekisho.horizon.steps as _steps
	rule.refusals == set() with input as _asked(29, 0) with data.sekisho.horizon.steps as _steps
}

test_a_long_secret_does_not if not rule.holds with input as _asked(30, 0) with data.sekisho.horizon.steps as _steps

test_a_long_secret_says_which_suite if {
	refusal := {"code": "secrecy.suite", "args": {"years": 30, "suite": 1}}
	rule.refusals == {refusal} with input as _asked(30, 0) with data.sekisho.horizon.steps as _steps
}

test_a_long_secret_in_the_strong_suite_holds if {
	rule.holds with input as _asked(99, 1) with data.sekisho.horizon.steps as _steps
}

test_no_lifetime_does_not_hold if not rule.holds with input as _asked(null, 1) with data.sekisho.horizon.steps as _steps

test_no_steps_do_not_hold if not rule.holds with input as _asked(1, 1) with data.sekisho.horizon.steps as []

test_empty_input_does_not_hold if not rule.holds with input as {} with data.sekisho.horizon.steps as _steps
