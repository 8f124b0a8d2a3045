# METADATA
# title: Territory
# description: Which jurisdictions a label leaves, and which of its bounds refuse one.
package sekisho.territory

# METADATA
# title: A jurisdiction lies in what the bounds leave
default permits(_, _) := false

permits(territory, code) if {
	territory.allowed == null
	not code in territory.denied
}

permits(territory, code) if {
	code in territory.allowed
	not code in territory.denied
}

# METADATA
# title: The sources of the bounds that refuse a jurisdiction
refusing(territory, code) := {bound.source |
	some bound in territory.bounds
	not permits(bound, code)
}
