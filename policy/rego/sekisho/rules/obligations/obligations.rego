# METADATA
# title: Obligations
# description: Every obligation of the label is one that this deployment knows how to discharge.
# custom:
#   subject: request
#   reads: []
#   remedy: remedy.obligations
#   basis: policy
#   citation: deployment policy
#   certainty: P
#   waivable: false
package sekisho.rules.obligations

default holds := false

holds if {
	every obligation in input.label.obligations {
		obligation in data.sekisho.obligations.known
	}
}

# METADATA
# title: Nobody here can discharge this obligation
refusals contains {"code": "obligations.unbound", "args": {"obligation": obligation}} if {
	some obligation in input.label.obligations
	not obligation in data.sekisho.obligations.known
}
