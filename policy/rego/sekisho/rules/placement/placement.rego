# METADATA
# title: Placement
# description: A cluster that keeps the dataset stands in a jurisdiction that the regimes leave.
# custom:
#   subject: cluster
#   reads: ["jurisdiction"]
#   remedy: remedy.placement
#   axis: placement
#   basis: policy
#   citation: the bounds of the label's regimes
#   certainty: P
#   waivable: false
package sekisho.rules.placement

import data.sekisho.territory

holds contains p.id if {
	some p in input.profiles.placement
	territory.permits(input.label.placement, p.facts.jurisdiction)
}

# METADATA
# title: Placement lies outside what a regime of the label allows
refusals contains {
	"profile": p.id,
	"code": "placement.outside",
	"args": {"jurisdiction": code, "regime": regime},
} if {
	some p in input.profiles.placement
	code := p.facts.jurisdiction
	some regime in territory.refusing(input.label.placement, code)
}
