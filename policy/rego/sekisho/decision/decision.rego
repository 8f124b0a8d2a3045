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
	"site": _site,
	"cluster": _cluster,
	"span": _span,
	"path": {name | some name in _level.required.path},
}

_request contains name if {
	input.dataset != null
	some name in _level.required.request
}

# Without a dataset there is nobody's data, tenant or purpose to ask about.
_request contains name if {
	input.dataset == null
	some name in _level.required.bare
}

_request contains name if {
	some axis in _demanding
	some name in data.sekisho.demands[axis].request
}

_site contains name if some name in _level.required.site

_site contains name if {
	some axis in _demanding
	some name in data.sekisho.demands[axis].site
}

_cluster contains name if some name in _level.required.cluster

_cluster contains name if {
	some axis in _demanding
	some name in data.sekisho.demands[axis].cluster
}

_span contains name if some name in _level.required.span

_span contains name if {
	some axis in _demanding
	some name in data.sekisho.demands[axis].span
}

# A label's own bounds are asked about at every level.
_demanding contains axis if {
	some axis in ["transit", "placement", "operators", "key_holders"]
	count(input.label[axis].bounds) > 0
}

_demanding contains "accreditations" if count(input.label.accreditations) > 0

_demanding contains "lifetime" if is_number(input.dataset.secrecy_years)

# What the tenant demands brings the rules that judge it.
_demanding contains axis if some axis, _ in input.tenant

_names contains name if {
	some subject in ["request", "site", "cluster", "span", "path"]
	some name in _required[subject]
}

_obligations contains name if some name in _level.obligations

_obligations contains name if some name in input.label.obligations
