# METADATA
# title: Tenant's constraints on spans
# description: A span avoids what the tenant denies and meets what the tenant requires.
# custom:
#   subject: span
#   reads: ["constraints.*"]
#   remedy: remedy.constraints
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: true
package sekisho.rules.constraints

import data.sekisho.terms

_asked := input.constraints.span

holds contains p.id if {
	some p in input.profiles.constraints
	every name, denied in _asked.deny {
		terms.avoids(p.facts[name], denied)
	}
	every name, accepted in _asked.require {
		terms.meets(p.facts[name], accepted)
	}
}

# METADATA
# title: The tenant denies what this span is or has
refusals contains {
	"profile": p.id,
	"code": "constraints.denied",
	"args": {"attribute": name, "value": value},
} if {
	some p in input.profiles.constraints
	some name, denied in _asked.deny
	some value in terms.of(p.facts[name])
	value in denied
}

# METADATA
# title: The tenant requires something else of this span
refusals contains {"profile": p.id, "code": "constraints.required", "args": {"attribute": name}} if {
	some p in input.profiles.constraints
	some name, accepted in _asked.require
	not terms.meets(p.facts[name], accepted)
}
