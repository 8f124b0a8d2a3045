# METADATA
# title: Clearance
# description: Everyone in whose name it is asked is cleared for the level; an agent acts for somebody.
# custom:
#   subject: request
#   reads: ["principal"]
#   remedy: remedy.clearance
#   basis: policy
#   citation: deployment policy
#   certainty: P
#   waivable: false
package sekisho.rules.clearance

default holds := false

_needed := data.sekisho.levels[input.label.level].rank

holds if {
	not _site_collects
	input.principal.ends_in in {"person", "service", "site"}
	count(input.principal.chain) > 0
	every one in input.principal.chain {
		one.clearance >= _needed
	}
}

# A site is not a person to be cleared: what it may keep is for placement and accreditation to say.
holds if {
	_site_collects
	is_number(_needed)
}

# METADATA
# title: Somebody in the chain is not cleared for the level
refusals contains {"code": "clearance.low", "args": {"level": input.label.level, "id": one.id}} if {
	not _site_collects
	some one in input.principal.chain
	not one.clearance >= _needed
}

# METADATA
# title: An agent acts for nobody
refusals contains {"code": "clearance.agent", "args": {}} if _agent_alone

default _agent_alone := false

_agent_alone if {
	not _site_collects
	input.principal.ends_in == "agent"
}

default _site_collects := false

_site_collects if {
	input.kind == "release"
	input.principal.kind == "site"
}
