# METADATA
# title: Trust boundary
# description: Every site on the way, where the light may be opened, is operated by somebody whom the tenant trusts.
# custom:
#   subject: site
#   reads: ["operator"]
#   remedy: remedy.boundary
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: false
package sekisho.rules.boundary

holds contains p.id if {
	some p in input.profiles.boundary
	p.facts.operator in input.tenant.openers
}

# METADATA
# title: The light may be opened by an operator whom the tenant does not trust with it
refusals contains {"profile": p.id, "code": "boundary.opener", "args": {"operator": operator}} if {
	some p in input.profiles.boundary
	operator := p.facts.operator
	not operator in input.tenant.openers
}
