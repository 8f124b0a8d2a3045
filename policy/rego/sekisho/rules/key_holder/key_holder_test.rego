package sekisho.rules.key_holder_test

import data.sekisho.rules.key_holder as rule

_bounds := [{"source": "home", "allowed": ["JP"], "denied": []}]

_asked(facts) := {
	"label": {"key_holders": {"allowed": ["JP"], "denied": [], "bounds": _bounds}},
	"profiles": {"key_holder": [{"id": "0", "facts": facts}]},
}

_held(code) := {"encryption.layer": "otnsec", "encryption.key_holder_jurisdiction": code}

test_home_holds if rule.holds == {"0"} with input as _asked(_held("JP"))

test_home_is_not_refused if rule.refusals == set() with input as _asked(_held("JP"))

test_abroad_does_not_hold if rule.holds == set() with input as _asked(_held("US"))

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked({"encryption.layer": "otnsec"})

test_empty_input_does_not_hold if rule.holds == set() with input as {}

test_no_encryption_does_not_hold if {
	rule.holds == set() with input as _asked({
		"encryption.layer": "none",
		"encryption.key_holder_jurisdiction": "JP",
	})
}

test_abroad_names_the_regime if {
	refusal := {"profile": "0", "code": "key_holder.outside", "args": {"jurisdiction": "US", "regime": "home"}}
	rule.refusals == {refusal} with input as _asked(_held("US"))
}

test_no_encryption_says_so if {
	refusal := {"profile": "0", "code": "key_holder.none", "args": {}}
	rule.refusals == {refusal} with input as _asked({"encryption.layer": "none"})
}
