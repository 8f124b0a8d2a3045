# METADATA
# title: Waypoint
# description: Every site on the way stands in a jurisdiction that the regimes leave for transit.
# custom:
#   subject: site
#   reads: ["jurisdiction"]
#   remedy: remedy.waypoint
#   axis: transit
#   basis: policy
#   citation: the bounds of the label's regimes
#   certainty: P
#   waivable: false
package sekisho.rules.waypoint

import data.sekisho.territory

holds contains p.id if {
	some p in input.profiles.waypoint
	territory.permits(input.label.transit, p.facts.jurisdiction)
}

# METADATA
# title: Waypoint lies outside what a regime of the label allows
refusals contains {
	"profile": p.id,
	"code": "waypoint.outside",
	"args": {"jurisdiction": code, "regime": regime},
} if {
	some p in input.profiles.waypoint
	code := p.facts.jurisdiction
	some regime in territory.refusing(input.label.transit, code)
}
