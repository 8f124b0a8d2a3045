# METADATA
# title: Tenancy
# description: A dataset moves for its own tenant, or to the very site that was permitted to receive it.
# custom:
#   subject: request
#   reads: ["dataset", "principal"]
#   remedy: remedy.tenancy
#   basis: policy
#   citation: deployment policy
#   certainty: P
#   waivable: false
package sekisho.rules.tenancy

default holds := false

holds if {
	not _site_collects
	count(input.principal.chain) > 0
	every one in input.principal.chain {
		one.tenant == input.dataset.tenant
	}
}

holds if {
	_site_collects
	input.principal.is_destination == true
}

# METADATA
# title: Somebody of another tenant asks
refusals contains {"code": "tenancy.foreign", "args": {}} if {
	not _site_collects
	not holds
}

# METADATA
# title: A site asks for what was not sent to it
refusals contains {"code": "tenancy.destination", "args": {}} if {
	_site_collects
	not holds
}

default _site_collects := false

_site_collects if {
	input.kind == "release"
	input.principal.kind == "site"
}
