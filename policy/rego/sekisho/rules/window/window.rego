# METADATA
# title: Time window
# description: What moves or is released does so within the hours that the tenant sets; planning is free.
# custom:
#   subject: request
#   reads: []
#   remedy: remedy.window
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: true
package sekisho.rules.window

default holds := false

holds if {
	input.kind in {"placement", "path"}
	count(input.tenant.windows) >= 0
}

holds if {
	input.kind in {"passage", "release"}
	some window in input.tenant.windows
	is_number(input.moment)
	window.from <= input.moment
	input.moment < window.to
}

# METADATA
# title: It is not the time
refusals contains {"code": "window.closed", "args": {}} if not holds
