# METADATA
# title: Volume
# description: A dataset holds no more records than the tenant lets travel at once.
# custom:
#   subject: request
#   reads: ["dataset.records"]
#   remedy: remedy.volume
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: true
package sekisho.rules.volume

default holds := false

holds if {
	is_number(input.dataset.records)
	is_number(input.tenant.max_records)
	input.dataset.records <= input.tenant.max_records
}

# METADATA
# title: Too many records at once
refusals contains {
	"code": "volume.exceeded",
	"args": {"records": input.dataset.records, "threshold": input.tenant.max_records},
} if {
	input.dataset.records > input.tenant.max_records
}
