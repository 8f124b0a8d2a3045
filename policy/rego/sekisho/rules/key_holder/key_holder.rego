# METADATA
# title: Key holder
# description: Whoever holds a span's keys answers to a jurisdiction that the regimes leave.
# custom:
#   subject: span
#   reads: ["encryption.layer", "encryption.key_holder_jurisdiction"]
#   remedy: remedy.key_holder
#   axis: key_holders
#   basis: policy
#   citation: the bounds of the label's regimes
#   certainty: P
#   waivable: false
#   settled_by: {"encryption.layer": ["none"]}
package sekisho.rules.key_holder

import data.sekisho.territory

holds contains p.id if {
	some p in input.profiles.key_holder
	p.facts["encryption.layer"] != "none"
	territory.permits(input.label.key_holders, p.facts["encryption.key_holder_jurisdiction"])
}

# METADATA
# title: Nobody holds a key because nothing is encrypted
refusals contains {"profile": p.id, "code": "key_holder.none", "args": {}} if {
	some p in input.profiles.key_holder
	p.facts["encryption.layer"] == "none"
}

# METADATA
# title: The key holder answers to a jurisdiction that a regime of the label refuses
refusals contains {
	"profile": p.id,
	"code": "key_holder.outside",
	"args": {"jurisdiction": code, "regime": regime},
} if {
	some p in input.profiles.key_holder
	code := p.facts["encryption.key_holder_jurisdiction"]
	some regime in territory.refusing(input.label.key_holders, code)
}
