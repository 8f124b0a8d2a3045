package sekisho.rules.encryption_test

import data.sekisho.rules.encryption as rule

_levels := {"L4": {"encryption": {
	"layers": ["otnsec"],
	"ciphers": ["AES-256-GCM"],
	"key_exchanges": ["hybrid"],
}}}

_good := {
	"encryption.layer": "otnsec",
	"encryption.cipher": "AES-256-GCM",
	"encryption.authenticated": true,
	"encryption.key_exchange": "hybrid",
}

_asked(facts) := {"label": {"level": "L4"}, "profiles": {"encryption": [{"id": "0", "facts": facts}]}}

_changed(name, value) := _asked({key: chosen |
	some key, kept in _good
	chosen := {true: value, false: kept}[key == name]
})

_codes contains refusal.code if some refusal in rule.refusals

test_the_accepted_kind_holds if {
	rule.holds == {"0"} with input as _asked(_good) with data.sekisho.levels as _levels
}

test_the_accepted_kind_is_not_refused if {
	rule.refusals == set() with input as _asked(_good) with data.sekisho.levels as _levels
}

test_any_other_value_does_not_hold if {
	every name in ["encryption.layer", "encryption.cipher", "encryption.authenticated", "encryption.key_exchange"] {
		rule.holds == set() with input as _changed(name, "other") with data.sekisho.levels as _levels
	}
}

test_another_layer_is_named if {
	refusal := {"profile": "0", "code": "encryption.layer", "args": {"layer": "macsec"}}
	asked := _changed("encryption.layer", "macsec")
	rule.refusals == {refusal} with input as asked with data.sekisho.levels as _levels
}

test_another_cipher_is_named if {
	refusal := {"profile": "0", "code": "encryption.cipher", "args": {"cipher": "AES-256-CTR"}}
	asked := _changed("encryption.cipher", "AES-256-CTR")
	rule.refusals == {refusal} with input as asked with data.sekisho.levels as _levels
}

test_a_missing_tag_is_named if {
	refusal := {"profile": "0", "code": "encryption.unauthenticated", "args": {}}
	asked := _changed("encryption.authenticated", false)
	rule.refusals == {refusal} with input as asked with data.sekisho.levels as _levels
}

test_a_weaker_key_exchange_is_named if {
	refusal := {"profile": "0", "code": "encryption.key_exchange", "args": {"key_exchange": "classical"}}
	asked := _changed("encryption.key_exchange", "classical")
	rule.refusals == {refusal} with input as asked with data.sekisho.levels as _levels
}

test_no_encryption_is_named if {
	asked := _asked({"encryption.layer": "none"})
	_codes == {"encryption.none"} with input as asked with data.sekisho.levels as _levels
}

test_an_unknown_level_holds_nothing if {
	rule.holds == set() with input as _asked(_good) with data.sekisho.levels as {}
}

test_empty_input_does_not_hold if rule.holds == set() with input as {} with data.sekisho.levels as _levels
