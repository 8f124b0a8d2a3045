# METADATA
# title: Site operator
# description: Whoever owns a site answers to a jurisdiction that the regimes leave.
# custom:
#   subject: site
#   reads: ["owner_jurisdiction"]
#   remedy: remedy.site_operator
#   axis: operators
#   basis: policy
#   citation: the bounds of the label's regimes
#   certainty: P
#   waivable: false
package sekisho.rules.site_operator

import data.sekisho.territory

holds contains p.id if {
	some p in input.profiles.site_operator
	territory.permits(input.label.operators, p.facts.owner_jurisdiction)
}

# METADATA
# title: Site operator lies outside what a regime of the label allows
refusals contains {
	"profile": p.id,
	"code": "site_operator.outside",
	"args": {"jurisdiction": code, "regime": regime},
} if {
	some p in input.profiles.site_operator
	code := p.facts.owner_jurisdiction
	some regime in territory.refusing(input.label.operators, code)
}
