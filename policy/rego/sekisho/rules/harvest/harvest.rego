# METADATA
# title: Harvest now, decrypt later
# description: What must stay secret for long is not carried under a key exchange that a quantum computer opens.
# custom:
#   subject: span
#   reads: ["encryption.layer", "encryption.key_exchange"]
#   remedy: remedy.harvest
#   basis: policy
#   citation: deployment policy
#   certainty: P
#   waivable: true
#   settled_by: {"encryption.layer": ["none"]}
package sekisho.rules.harvest

holds contains p.id if {
	some p in input.profiles.harvest
	p.facts["encryption.layer"] != "none"
	count(_due) > 0
	every step in _due {
		p.facts["encryption.key_exchange"] in step.key_exchanges
	}
}

# METADATA
# title: Nothing keeps the signal from being kept for later
refusals contains {"profile": p.id, "code": "harvest.none", "args": {}} if {
	some p in input.profiles.harvest
	p.facts["encryption.layer"] == "none"
}

# METADATA
# title: The key exchange will not last as long as the secret
refusals contains {
	"profile": p.id,
	"code": "harvest.key_exchange",
	"args": {"key_exchange": key_exchange, "years": input.dataset.secrecy_years},
} if {
	some p in input.profiles.harvest
	p.facts["encryption.layer"] != "none"
	key_exchange := p.facts["encryption.key_exchange"]
	some step in _due
	not key_exchange in step.key_exchanges
}

_due contains step if {
	some step in data.sekisho.horizon.steps
	input.dataset.secrecy_years >= step.years
}
