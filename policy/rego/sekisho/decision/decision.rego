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

_required := {
	"request": _request,
	"site": _of("site"),
	"cluster": _of("cluster"),
	"span": _of("span"),
	"path": _of("path"),
}

# Without a dataset there is nobody's data, tenant or purpose to ask about.
_request := {name | some name in _level.required.request} if input.dataset != null

_request := {name | some name in _level.required.bare} if input.dataset == null

_of(subject) := {name | some name in _level.required[subject]} | {name |
	some axis in _demanding
	some name in data.sekisho.demands[axis][subject]
}

# A label's own bounds are asked about at every level.
_demanding contains axis if {
	some axis in ["transit", "placement", "operators", "key_holders"]
	count(input.label[axis].bounds) > 0
}

_demanding contains "accreditations" if count(input.label.accreditations) > 0

_names := ((_required.request | _required.site) | (_required.cluster | _required.span)) | _required.path

_obligations := {name | some name in _level.obligations} | {name | some name in input.label.obligations}
