# METADATA
# title: Duct owner
# description: The duct in which the fibre lies belongs to somebody whom the tenant accepts.
# custom:
#   subject: span
#   reads: ["duct_owner"]
#   remedy: remedy.duct_owner
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: false
package sekisho.rules.duct_owner

import data.sekisho.territory

holds contains p.id if {
	some p in input.profiles.duct_owner
	territory.permits(input.tenant.duct_owners, p.facts.duct_owner)
}

# METADATA
# title: The tenant does not accept the owner of the duct
refusals contains {"profile": p.id, "code": "duct_owner.refused", "args": {"owner": owner}} if {
	some p in input.profiles.duct_owner
	owner := p.facts.duct_owner
	not territory.permits(input.tenant.duct_owners, owner)
}
