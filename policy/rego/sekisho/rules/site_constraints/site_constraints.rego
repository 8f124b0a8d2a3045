# METADATA
# title: Tenant's constraints on sites
# description: A site avoids what the tenant denies and meets what the tenant requires.
# custom:
#   subject: site
#   reads: ["constraints.*"]
#   remedy: remedy.site_constraints
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: true
package sekisho.rules.site_constraints

import data.sekisho.terms

_asked := input.constraints.site

holds contains p.id if {
	some p in input.profiles.site_constraints
	every name, denied in _asked.deny {
		terms.avoids(p.facts[name], denied)
	}
	every name, accepted in _asked.require {
		terms.meets(p.facts[name], accepted)
	}
}

# METADATA
# title: The tenant denies what this site is or has
refusals contains {
	"profile": p.id,
	"code": "site_constraints.denied",
	"args": {"attribute": name, "value": value},
} if {
	some p in input.profiles.site_constraints
	some name, denied in _asked.deny
	some value in terms.of(p.facts[name])
	value in denied
}

# METADATA
# title: The tenant requires something else of this site
refusals contains {"profile": p.id, "code": "site_constraints.required", "args": {"attribute": name}} if {
	some p in input.profiles.site_constraints
	some name, accepted in _asked.require
	not terms.meets(p.facts[name], accepted)
}
