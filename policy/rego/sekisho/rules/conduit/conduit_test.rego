package sekisho.rules.conduit_test

import data.sekisho.rules.conduit as rule

_levels := {"L4": {"conduits": ["buried"]}, "L1": {"conduits": ["aerial", "buried", "submarine"]}}

_asked(level, facts) := {"label": {"level": level}, "profiles": {"conduit": [{"id": "0", "facts": facts}]}}

_code(level, kind) := code if {
	some refusal in rule.refusals with input as _asked(level, {"conduit": kind})
	code := refusal.code
}

test_an_accepted_conduit_holds if {
	rule.holds == {"0"} with input as _asked("L4", {"conduit": "buried"}) with data.sekisho.levels as _levels
}

test_an_accepted_conduit_is_not_refused if {
	every kind in ["aerial", "buried", "submarine"] {
		rule.refusals == set() with input as _asked("L1", {"conduit": kind}) with data.sekisho.levels as _levels
	}
}

test_another_does_not_hold if {
	every kind in ["aerial", "submarine", "microduct"] {
		rule.holds == set() with input as _asked("L4", {"conduit": kind}) with data.sekisho.levels as _levels
	}
}

test_each_kind_has_its_code if {
	_code("L4", "aerial") == "conduit.aerial" with data.sekisho.levels as _levels
	_code("L4", "submarine") == "conduit.submarine" with data.sekisho.levels as _levels
	_code("L4", "microduct") == "conduit.other" with data.sekisho.levels as _levels
}

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked("L1", {}) with data.sekisho.levels as _levels

test_an_unknown_level_holds_nothing if {
	rule.holds == set() with input as _asked("L9", {"conduit": "buried"}) with data.sekisho.levels as _levels
}

test_empty_input_does_not_hold if rule.holds == set() with input as {} with data.sekisho.levels as _levels
