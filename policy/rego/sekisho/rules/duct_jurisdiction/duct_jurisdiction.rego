# METADATA
# title: Duct owner's jurisdiction
# description: Whoever owns the duct answers to a jurisdiction that the tenant accepts.
# custom:
#   subject: span
#   reads: ["duct_owner_jurisdiction"]
#   remedy: remedy.duct_jurisdiction
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: false
package sekisho.rules.duct_jurisdiction

import data.sekisho.territory

holds contains p.id if {
	some p in input.profiles.duct_jurisdiction
	territory.permits(input.tenant.duct_jurisdictions, p.facts.duct_owner_jurisdiction)
}

# METADATA
# title: The tenant does not accept the jurisdiction of the owner of the duct
refusals contains {"profile": p.id, "code": "duct_jurisdiction.outside", "args": {"jurisdiction": jurisdiction}} if {
	some p in input.profiles.duct_jurisdiction
	jurisdiction := p.facts.duct_owner_jurisdiction
	not territory.permits(input.tenant.duct_jurisdictions, jurisdiction)
}
