# METADATA
# title: Limits
# description: A whole path stays within the maxima of its level and of its tenant, which are inclusive.
# custom:
#   subject: path
#   reads: ["limits.*"]
#   remedy: remedy.limits
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: true
package sekisho.rules.limits

default holds := false

holds if {
	is_number(input.path.hops)
	every name in _vocabulary {
		_within(name)
	}
}

# METADATA
# title: The path exceeds a maximum
refusals contains {"code": "limits.exceeded", "args": {"limit": name}} if {
	some name in _vocabulary
	not _within(name)
}

_vocabulary := {"operators", "km", "ms", "hops", "decryption_points"}

_maxima(name) := _of_level(name) | _of_tenant(name)

_of_level(name) := {most | most := data.sekisho.levels[input.label.level].limits[name]}

_of_tenant(name) := {most | most := input.limits[name]}

default _within(_) := false

_within(name) if count(_maxima(name)) == 0

_within(name) if {
	measured := input.path[name]
	is_number(measured)
	every most in _maxima(name) {
		measured <= most
	}
}
