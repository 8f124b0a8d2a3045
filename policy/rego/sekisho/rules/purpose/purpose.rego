# METADATA
# title: Purpose
# description: A dataset is used for a purpose that it was registered for.
# custom:
#   subject: request
#   reads: ["dataset", "purpose"]
#   remedy: remedy.purpose
#   basis: law
#   citation: APPI Articles 17 and 18
#   certainty: V2
#   waivable: false
package sekisho.rules.purpose

default holds := false

holds if input.purpose in input.dataset.purposes

# METADATA
# title: The dataset was not registered for this purpose
refusals contains {"code": "purpose.other", "args": {"purpose": input.purpose}} if not holds
