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

_level := data.sekisho.levels[input.label.level]

default holds := false

holds if {
	is_number(input.path.hops)
	count(input.limits) >= 0
	count(_level.limits) >= 0
	every maximum in _maxima {
		_kept(maximum)
	}
}

# METADATA
# title: The path exceeds a maximum
refusals contains {"code": "limits.exceeded", "args": {"limit": maximum.limit}} if {
	some maximum in _maxima
	not _kept(maximum)
}

_maxima contains {"limit": name, "most": most} if some name, most in _level.limits

_maxima contains {"limit": name, "most": most} if some name, most in input.limits

default _kept(_) := false

_kept(maximum) if {
	is_number(input.path[maximum.limit])
	input.path[maximum.limit] <= maximum.most
}
