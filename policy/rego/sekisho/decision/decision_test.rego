package sekisho.decision_test

import data.sekisho.decision

_levels := {"L1": {
	"rank": 1,
	"required": {
		"request": ["ceiling", "purpose"],
		"bare": ["ceiling"],
		"site": ["site_operator"],
		"cluster": ["placement"],
		"span": ["conduit"],
		"path": ["gone"],
	},
	"conduits": ["buried"],
	"obligations": ["receipt"],
}}

_demands := {
	"transit": {"span": ["residency"], "site": ["waypoint"]},
	"accreditations": {"cluster": ["accreditation"]},
	"lifetime": {"request": ["secrecy"]},
	"openers": {"site": ["boundary"]},
}

_nowhere := {"allowed": null, "denied": [], "bounds": []}

_label := {
	"level": "L1",
	"transit": {"allowed": ["JP"], "denied": [], "bounds": [{"source": "home", "allowed": ["JP"], "denied": []}]},
	"placement": _nowhere,
	"operators": _nowhere,
	"key_holders": _nowhere,
	"accreditations": [["ismap"]],
	"obligations": ["erase"],
}

_asked(dataset) := {
	"label": _label,
	"dataset": dataset,
	"profiles": {
		"conduit": [{"id": "0", "facts": {"conduit": "buried"}}, {"id": "1", "facts": {"conduit": "aerial"}}],
		"residency": [{"id": "0", "facts": {"jurisdictions": ["JP"]}}],
	},
}

_answer(dataset) := answer if {
	answer := decision.answer with input as _asked(dataset)
		with data.sekisho.levels as _levels
		with data.sekisho.demands as _demands
		with data.sekisho.revision as {"id": "r1"}
}

test_the_revision_is_echoed if _answer({}).revision == "r1"

test_levels_and_demands_are_required if {
	_answer({}).required == {
		"request": {"ceiling", "purpose"},
		"site": {"site_operator", "waypoint"},
		"cluster": {"accreditation", "placement"},
		"span": {"conduit", "residency"},
		"path": {"gone"},
	}
}

test_without_a_dataset_the_bare_list_counts if _answer(null).required.request == {"ceiling"}

test_the_rules_speak_and_the_missing_is_missed if {
	_answer({}).holds == {
		"ceiling": true,
		"purpose": false,
		"conduit": {"0"},
		"residency": {"0"},
		"accreditation": set(),
		"waypoint": set(),
		"site_operator": set(),
		"placement": set(),
	}
}

test_refusals_are_gathered if {
	_answer({}).refusals.conduit == {{"profile": "1", "code": "conduit.aerial", "args": {}}}
}

test_obligations_of_level_and_label_are_joined if _answer({}).obligations == {"erase", "receipt"}

test_empty_input_requires_nothing_and_so_matches_no_revision if {
	decision.answer.holds == {} with input as {}
		with data.sekisho.levels as _levels
		with data.sekisho.demands as _demands
		with data.sekisho.revision as {"id": "r1"}
}

_also(dataset, tenant) := required if {
	required := decision.answer.required with input as {"label": _label, "dataset": dataset, "tenant": tenant}
		with data.sekisho.levels as _levels
		with data.sekisho.demands as _demands
		with data.sekisho.revision as {"id": "r1"}
}

test_what_the_tenant_demands_is_required if {
	_also({}, {"openers": []}).site == {"boundary", "site_operator", "waypoint"}
}

test_a_recorded_lifetime_is_asked_about if {
	_also({"secrecy_years": 5}, {}).request == {"ceiling", "purpose", "secrecy"}
	_also({"secrecy_years": null}, {}).request == {"ceiling", "purpose"}
}
