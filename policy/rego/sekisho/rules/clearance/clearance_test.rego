package sekisho.rules.clearance_test

import data.sekisho.rules.clearance as rule

_levels := {"L3": {"rank": 3}}

_one(id, kind, clearance) := {"id": id, "kind": kind, "clearance": clearance}

_asked(chain) := {
	"kind": "passage",
	"label": {"level": "L3"},
	"principal": {"kind": chain[0].kind, "ends_in": chain[count(chain) - 1].kind, "chain": chain},
}

_cleared := [_one("bot", "agent", 4), _one("aki", "person", 3)]

_exceeding := [_one("bot", "agent", 4), _one("aki", "person", 2)]

test_a_cleared_chain_holds if rule.holds with input as _asked(_cleared) with data.sekisho.levels as _levels

test_a_cleared_chain_is_not_refused if {
	rule.refusals == set() with input as _asked(_cleared) with data.sekisho.levels as _levels
}

test_an_agent_never_exceeds_whom_it_acts_for if {
	not rule.holds with input as _asked(_exceeding) with data.sekisho.levels as _levels
}

test_the_one_who_lacks_clearance_is_named if {
	refusal := {"code": "clearance.low", "args": {"level": "L3", "id": "aki"}}
	rule.refusals == {refusal} with input as _asked(_exceeding) with data.sekisho.levels as _levels
}

test_an_agent_alone_does_not_hold if {
	not rule.holds with input as _asked([_one("bot", "agent", 4)]) with data.sekisho.levels as _levels
}

test_an_agent_alone_is_refused if {
	refusal := {"code": "clearance.agent", "args": {}}
	rule.refusals == {refusal} with input as _asked([_one("bot", "agent", 4)]) with data.sekisho.levels as _levels
}

test_nobody_does_not_hold if {
	not rule.holds with input as {
		"kind": "passage",
		"label": {"level": "L3"},
		"principal": {"kind": "person", "ends_in": "person", "chain": []},
	}
		with data.sekisho.levels as _levels
}

test_a_site_collects_without_clearance if {
	asked := {
		"kind": "release",
		"label": {"level": "L3"},
		"principal": {"kind": "site", "chain": [_one("s", "site", 0)]},
	}
	rule.holds with input as asked with data.sekisho.levels as _levels
	rule.refusals == set() with input as asked with data.sekisho.levels as _levels
}

test_a_site_that_collects_is_not_refused_for_whom_it_acts if {
	asked := {
		"kind": "release",
		"label": {"level": "L3"},
		"principal": {"kind": "site", "ends_in": "agent", "chain": [_one("s", "site", 0), _one("b", "agent", 4)]},
	}
	rule.holds with input as asked with data.sekisho.levels as _levels
	rule.refusals == set() with input as asked with data.sekisho.levels as _levels
}

test_a_site_asks_for_passage_like_anybody if {
	not rule.holds with input as _asked([_one("s", "site", 0)]) with data.sekisho.levels as _levels
}

test_an_unknown_level_does_not_hold if {
	not rule.holds with input as _asked(_cleared) with data.sekisho.levels as {}
}

test_empty_input_does_not_hold if not rule.holds with input as {} with data.sekisho.levels as _levels
