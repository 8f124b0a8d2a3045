# METADATA
# title: Secrecy lifetime
# description: The suite that seals a dataset lasts as long as the dataset must stay secret.
# custom:
#   subject: request
#   reads: ["dataset.secrecy_years"]
#   remedy: remedy.secrecy
#   basis: policy
#   citation: deployment policy
#   certainty: P
#   waivable: false
package sekisho.rules.secrecy

default holds := false

holds if {
	is_number(input.dataset.secrecy_years)
	count(data.sekisho.horizon.steps) > 0
	count(_short) == 0
}

# METADATA
# title: The suite does not last as long as the secret
refusals contains {
	"code": "secrecy.suite",
	"args": {"years": input.dataset.secrecy_years, "suite": step.suite},
} if {
	some step in _short
}

_short contains step if {
	some step in data.sekisho.horizon.steps
	input.dataset.secrecy_years >= step.years
	input.label.suite < step.suite
}
