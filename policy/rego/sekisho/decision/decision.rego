# METADATA
# title: Decision
# description: Gathers what every required rule says. The required rules are data, so one that is gone is missed.
package sekisho.decision

# METADATA
# title: Everything that one question needs, in one answer
# entrypoint: true
answer := {
	"revision": data.sekisho.revision.id,
	"required": _required,
	"holds": {name: data.sekisho.rules[name].holds | some name in _names},
	"refusals": {name: data.sekisho.rules[name].refusals | some name in _names},
	"obligations": _obligations,
}

_level := data.sekisho.levels[input.label.level]

_required := {subject: names |
	_level.rank >= 0
	some subject in ["request", "site", "cluster", "span", "path"]
	names := {ask.rule | some ask in _asks; ask.subject == subject}
}

_asks contains {"subject": subject, "rule": name} if {
	some subject in ["site", "cluster", "span", "path"]
	some name in _level.required[subject]
}

_asks contains {"subject": "request", "rule": name} if {
	input.dataset != null
	some name in _level.required.request
}

# Without a dataset there is nobody's data, tenant or purpose to ask about.
_asks contains {"subject": "request", "rule": name} if {
	input.dataset == null
	some name in _level.required.bare
}

# A label's own bounds are asked about at every level.
_asks contains {"subject": subject, "rule": name} if {
	some axis in _demanding
	some subject, names in data.sekisho.demands[axis]
	some name in names
}

_demanding contains axis if {
	some axis in ["transit", "placement", "operators", "key_holders"]
	count(input.label[axis].bounds) > 0
}

_demanding contains "accreditations" if count(input.label.accreditations) > 0

_names contains ask.rule if some ask in _asks

_obligations contains name if some name in _level.obligations

_obligations contains name if some name in input.label.obligations
