# METADATA
# title: Residency
# description: A dataset's light stays in the jurisdictions that its regimes leave.
# custom:
#   subject: span
#   reads: ["jurisdictions"]
#   remedy: remedy.residency
#   axis: transit
#   basis: policy
#   citation: the bounds of the label's regimes
#   certainty: P
#   waivable: false
package sekisho.rules.residency

import data.sekisho.territory

holds contains p.id if {
	some p in input.profiles.residency
	count(p.facts.jurisdictions) > 0
	every code in p.facts.jurisdictions {
		territory.permits(input.label.transit, code)
	}
}

# METADATA
# title: Residency lies outside what a regime of the label allows
refusals contains {
	"profile": p.id,
	"code": "residency.outside",
	"args": {"jurisdiction": code, "regime": regime},
} if {
	some p in input.profiles.residency
	some code in p.facts.jurisdictions
	some regime in territory.refusing(input.label.transit, code)
}
