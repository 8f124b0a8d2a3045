# METADATA
# title: Separation of duties
# description: Who declared the label of a dataset does not also send it or collect it.
# custom:
#   subject: request
#   reads: ["principal", "dataset.labelled_by"]
#   remedy: remedy.duties
#   basis: contract
#   citation: the tenant's own constraints
#   certainty: V
#   waivable: true
package sekisho.rules.duties

default holds := false

holds if {
	count(input.principal.chain) > 0
	input.kind in {"placement", "path"}
}

holds if {
	count(input.principal.chain) > 0
	input.kind in {"passage", "release"}
	input.dataset.labelled_by != null
	not _labelled
}

# METADATA
# title: Who labelled it sends it
refusals contains {"code": "duties.labelled", "args": {"id": input.dataset.labelled_by}} if {
	input.kind in {"passage", "release"}
	_labelled
}

default _labelled := false

_labelled if {
	some one in input.principal.chain
	one.id == input.dataset.labelled_by
}
