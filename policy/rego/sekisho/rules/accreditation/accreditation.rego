# METADATA
# title: Accreditation
# description: A cluster meets every accreditation demand of the label with at least one of those it names.
# custom:
#   subject: cluster
#   reads: ["accreditations"]
#   remedy: remedy.accreditation
#   basis: policy
#   citation: the accreditation demands of the label's regimes
#   certainty: P
#   waivable: false
package sekisho.rules.accreditation

holds contains p.id if {
	some p in input.profiles.accreditation
	every demand in input.label.accreditations {
		_meets(p.facts.accreditations, demand)
	}
}

# METADATA
# title: The cluster has none of the accreditations that one demand names
refusals contains {"profile": p.id, "code": "accreditation.missing", "args": {"any_of": demand}} if {
	some p in input.profiles.accreditation
	some demand in input.label.accreditations
	not _meets(p.facts.accreditations, demand)
}

default _meets(_, _) := false

_meets(held, demand) if {
	some one in demand
	one in held
}
