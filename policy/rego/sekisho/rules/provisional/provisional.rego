# METADATA
# title: Provisional label
# description: Nothing passes on a label that no full scan of the content has settled.
# custom:
#   subject: request
#   reads: ["dataset"]
#   remedy: remedy.provisional
#   basis: policy
#   citation: deployment policy
#   certainty: P
#   waivable: false
package sekisho.rules.provisional

default holds := false

holds if {
	input.kind in {"placement", "path"}
	input.dataset.provisional in {true, false}
}

holds if {
	input.kind in {"passage", "release"}
	input.dataset.provisional == false
}

# METADATA
# title: The content has not been scanned in full
refusals contains {"code": "provisional.unscanned", "args": {}} if not holds
