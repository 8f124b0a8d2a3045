# METADATA
# title: Border
# description: A span lies in one jurisdiction, since where traffic crosses a border, the law lets a government copy it.
# custom:
#   subject: span
#   reads: ["jurisdictions"]
#   remedy: remedy.border
#   basis: policy
#   citation: サイバー対処能力強化法 (令和7年法律第42号)
#   certainty: P
#   waivable: true
package sekisho.rules.border

holds contains p.id if {
	some p in input.profiles.border
	count(p.facts.jurisdictions) == 1
}

# METADATA
# title: The span crosses a border
refusals contains {"profile": p.id, "code": "border.crossed", "args": {"jurisdictions": codes}} if {
	some p in input.profiles.border
	codes := p.facts.jurisdictions
	count(p.facts.jurisdictions) != 1
}
