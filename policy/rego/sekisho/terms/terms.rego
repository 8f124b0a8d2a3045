# METADATA
# title: Terms
# description: An attribute as a set of terms, and what tenants may ask of such a set.
package sekisho.terms

# METADATA
# title: A list is the set of its members, anything else is a set of one
of(value) := {item | some item in value} if is_array(value)

of(value) := {value} if not is_array(value)

# METADATA
# title: None of the denied terms is among the value's
default avoids(_, _) := false

avoids(value, denied) if count({term | some term in denied; term in of(value)}) == 0

# METADATA
# title: There is a value, and all of it is among the accepted terms
default meets(_, _) := false

meets(value, accepted) if {
	count(of(value)) > 0
	count({term | some term in of(value); not term in accepted}) == 0
}
