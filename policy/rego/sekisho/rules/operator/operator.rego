# METADATA
# title: Operator
# description: Whoever owns a span answers to a jurisdiction that the regimes leave.
# custom:
#   subject: span
#   reads: ["owner_jurisdiction"]
#   remedy: remedy.operator
#   axis: operators
#   basis: policy
#   citation: the bounds of the label's regimes
#   certainty: P
#   waivable: false
package sekisho.rules.operator

import data.sekisho.territory

holds contains p.id if {
	some p in input.profiles.operator
	territory.permits(input.label.operators, p.facts.owner_jurisdiction)
}

# METADATA
# title: Operator lies outside what a regime of the label allows
refusals contains {
	"profile": p.id,
	"code": "operator.outside",
	"args": {"jurisdiction": code, "regime": regime},
} if {
	some p in input.profiles.operator
	code := p.facts.owner_jurisdiction
	some regime in territory.refusing(input.label.operators, code)
}
