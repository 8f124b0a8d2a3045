package sekisho.territory_test

import data.sekisho.territory

_anywhere := {"allowed": null, "denied": [], "bounds": []}

_japan := {"allowed": ["JP"], "denied": [], "bounds": [{"source": "home", "allowed": ["JP"], "denied": []}]}

_not_there := {"allowed": null, "denied": ["XX"], "bounds": [{"source": "shun", "allowed": null, "denied": ["XX"]}]}

test_no_bounds_permit_anywhere if territory.permits(_anywhere, "US")

test_a_listed_code_is_permitted if territory.permits(_japan, "JP")

test_an_unlisted_code_is_not if not territory.permits(_japan, "US")

test_a_denied_code_is_not if not territory.permits(_not_there, "XX")

test_denial_beats_the_list if {
	not territory.permits({"allowed": ["XX"], "denied": ["XX"], "bounds": []}, "XX")
}

test_a_malformed_territory_permits_nothing if not territory.permits({}, "JP")

test_the_refusing_bounds_are_named if territory.refusing(_japan, "US") == {"home"}

test_a_denying_bound_is_named if territory.refusing(_not_there, "XX") == {"shun"}

test_nobody_refuses_what_is_permitted if territory.refusing(_japan, "JP") == set()
