# METADATA
# title: Ceiling
# description: What is too sensitive for any network is refused whatever else holds.
# custom:
#   subject: request
#   reads: []
#   remedy: remedy.ceiling
#   basis: policy
#   citation: deployment policy
#   certainty: P
#   waivable: false
package sekisho.rules.ceiling

default holds := false

holds if input.label.level in {"L0", "L1", "L2", "L3", "L4"}

# METADATA
# title: The level is refused outright
refusals contains {"code": "ceiling.refused", "args": {"level": input.label.level}} if not holds
