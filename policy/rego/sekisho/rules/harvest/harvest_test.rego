package sekisho.rules.harvest_test

import data.sekisho.rules.harvest as rule

_steps := [
	{"years": 0, "key_exchanges": ["classical", "hybrid"]},
	{"years": 10, "key_exchanges": ["hybrid"]},
]

_asked(years, facts) := {
	"dataset": {"secrecy_years": years},
	"profiles": {"harvest": [{"id": "0", "facts": facts}]},
}

_lit(key_exchange) := {"encryption.layer": "otnsec", "encryption.key_exchange": key_exchange}

test_a_short_secret_may_be_keyed_classically if {
	rule.holds == {"0"} with input as _asked(9, _lit("classical")) with data.sekisho.horizon.steps as _steps
}

test_a_long_secret_may_not if {
	rule.holds == set() with input as _asked(10, _lit("classical")) with data.sekisho.horizon.steps as _steps
}

test_a_long_secret_says_so if {
	refusal := {
		"profile": "0",
		"code": "harvest.key_exchange",
		"args": {"key_exchange": "classical", "years": 10},
	}
	rule.refusals == {refusal} with input as _asked(10, _lit("classical")) with data.sekisho.horizon.steps as _steps
}

test_a_lasting_key_exchange_holds if {
	rule.holds == {"0"} with input as _asked(10, _lit("hybrid")) with data.sekisho.horizon.steps as _steps
	rule.refusals == set() with input as _asked(10, _lit("hybrid")) with data.sekisho.horizon.steps as _steps
}

test_no_encryption_says_so if {
	refusal := {"profile": "0", "code": "harvest.none", "args": {}}
	asked := _asked(1, {"encryption.layer": "none", "encryption.key_exchange": "hybrid"})
	rule.refusals == {refusal} with input as asked with data.sekisho.horizon.steps as _steps
	rule.holds == set() with input as asked with data.sekisho.horizon.steps as _steps
}

test_no_lifetime_does_not_hold if {
	rule.holds == set() with input as _asked(null, _lit("hybrid")) with data.sekisho.horizon.steps as []
}

test_unrecorded_does_not_hold if {
	rule.holds == set() with input as _asked(1, {}) with data.sekisho.horizon.steps as _steps
}

test_empty_input_does_not_hold if rule.holds == set() with input as {} with data.sekisho.horizon.steps as _steps
