package sekisho.rules.accreditation_test

import data.sekisho.rules.accreditation as rule

_asked(facts) := {
	"label": {"accreditations": [["ismap", "ismap-liu"], ["fisc"]]},
	"profiles": {"accreditation": [{"id": "0", "facts": facts}]},
}

test_one_of_each_demand_holds if {
	rule.holds == {"0"} with input as _asked({"accreditations": ["fisc", "ismap-liu"]})
}

test_one_of_each_demand_is_not_refused if {
	rule.refusals == set() with input as _asked({"accreditations": ["fisc", "ismap"]})
}

test_an_unmet_demand_is_named if {
	refusal := {"profile": "0", "code": "accreditation.missing", "args": {"any_of": ["fisc"]}}
	rule.refusals == {refusal} with input as _asked({"accreditations": ["ismap"]})
}

test_an_unmet_demand_does_not_hold if rule.holds == set() with input as _asked({"accreditations": ["ismap"]})

test_none_held_does_not_hold if rule.holds == set() with input as _asked({"accreditations": []})

test_unrecorded_does_not_hold if rule.holds == set() with input as _asked({})

test_an_empty_demand_is_met_by_nobody if {
	rule.holds == set() with input as {
		"label": {"accreditations": [[]]},
		"profiles": {"accreditation": [{"id": "0", "facts": {"accreditations": ["ismap"]}}]},
	}
}

test_empty_input_does_not_hold if rule.holds == set() with input as {}
