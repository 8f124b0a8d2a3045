# METADATA
# title: Encryption
# description: The optical signal is encrypted, authenticated, and keyed as strongly as the level demands.
# custom:
#   subject: span
#   reads: ["encryption.layer", "encryption.cipher", "encryption.authenticated", "encryption.key_exchange"]
#   remedy: remedy.encryption
#   basis: policy
#   citation: Watt-Bit panel, 2nd meeting, 2025-06-06
#   certainty: V
#   waivable: true
#   settled_by: {"encryption.layer": ["none"]}
package sekisho.rules.encryption

_accepted := data.sekisho.levels[input.label.level].encryption

holds contains p.id if {
	some p in input.profiles.encryption
	p.facts["encryption.layer"] in _accepted.layers
	p.facts["encryption.cipher"] in _accepted.ciphers
	p.facts["encryption.authenticated"] == true
	p.facts["encryption.key_exchange"] in _accepted.key_exchanges
}

# METADATA
# title: The signal is not encrypted
refusals contains {"profile": p.id, "code": "encryption.none", "args": {}} if {
	some p in input.profiles.encryption
	p.facts["encryption.layer"] == "none"
}

# METADATA
# title: The signal is encrypted at a layer that the level does not accept
refusals contains {"profile": p.id, "code": "encryption.layer", "args": {"layer": layer}} if {
	some p in input.profiles.encryption
	layer := p.facts["encryption.layer"]
	layer != "none"
	not layer in _accepted.layers
}

# METADATA
# title: The cipher is not on the level's list
refusals contains {"profile": p.id, "code": "encryption.cipher", "args": {"cipher": cipher}} if {
	some p in input.profiles.encryption
	cipher := p.facts["encryption.cipher"]
	not cipher in _accepted.ciphers
}

# METADATA
# title: The ciphertext can be altered unnoticed
refusals contains {"profile": p.id, "code": "encryption.unauthenticated", "args": {}} if {
	some p in input.profiles.encryption
	p.facts["encryption.authenticated"] != true
}

# METADATA
# title: The key exchange is weaker than the level demands
refusals contains {"profile": p.id, "code": "encryption.key_exchange", "args": {"key_exchange": key_exchange}} if {
	some p in input.profiles.encryption
	key_exchange := p.facts["encryption.key_exchange"]
	not key_exchange in _accepted.key_exchanges
}
