# METADATA
# title: Delegation
# description: Only agents and services act for another, for their own tenant, and never in a circle.
# custom:
#   subject: request
#   reads: ["principal"]
#   remedy: remedy.delegation
#   basis: policy
#   citation: deployment policy
#   certainty: P
#   waivable: false
package sekisho.rules.delegation

default holds := false

holds if {
	count(input.principal.chain) > 0
	count(_ids) == count(input.principal.chain)
	every one in _acting {
		one.kind in {"agent", "service"}
	}
	count(_tenants) <= 1
}

# METADATA
# title: A person or a site acts for another
refusals contains {"code": "delegation.kind", "args": {"id": one.id}} if {
	some one in _acting
	not one.kind in {"agent", "service"}
}

# METADATA
# title: Somebody acts for themselves
refusals contains {"code": "delegation.circle", "args": {}} if count(_ids) != count(input.principal.chain)

# METADATA
# title: Somebody acts for another tenant
refusals contains {"code": "delegation.tenant", "args": {}} if count(_tenants) > 1

_acting contains one if {
	some one in input.principal.chain
	not one.acts == false
}

_ids contains one.id if some one in input.principal.chain

_tenants contains one.tenant if some one in input.principal.chain
