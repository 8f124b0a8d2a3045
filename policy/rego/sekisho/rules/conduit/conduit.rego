# METADATA
# title: Conduit
# description: The fibre lies where the level allows it, be that underground, under the sea or on poles.
# custom:
#   subject: span
#   reads: ["conduit"]
#   remedy: remedy.conduit
#   basis: policy
#   citation: Watt-Bit panel, 2nd meeting, 2025-06-06
#   certainty: V
#   waivable: true
package sekisho.rules.conduit

_accepted := data.sekisho.levels[input.label.level].conduits

holds contains p.id if {
	some p in input.profiles.conduit
	p.facts.conduit in _accepted
}

# METADATA
# title: The fibre hangs on poles
refusals contains {"profile": p.id, "code": "conduit.aerial", "args": {}} if {
	some p in input.profiles.conduit
	p.facts.conduit == "aerial"
	not p.facts.conduit in _accepted
}

# METADATA
# title: The fibre lies under the sea
refusals contains {"profile": p.id, "code": "conduit.submarine", "args": {}} if {
	some p in input.profiles.conduit
	p.facts.conduit == "submarine"
	not p.facts.conduit in _accepted
}

# METADATA
# title: The fibre lies in a conduit that the level does not accept
refusals contains {"profile": p.id, "code": "conduit.other", "args": {"conduit": p.facts.conduit}} if {
	some p in input.profiles.conduit
	not p.facts.conduit in {"aerial", "submarine"}
	not p.facts.conduit in _accepted
}
