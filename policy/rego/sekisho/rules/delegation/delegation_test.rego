package sekisho.rules.delegation_test

import data.sekisho.rules.delegation as rule

_one(id, kind, tenant) := {"id": id, "kind": kind, "tenant": tenant, "acts": true}

_asked(chain) := {"principal": {"chain": chain}}

_person := {"id": "aki", "kind": "person", "tenant": "t", "acts": false}

test_a_person_alone_holds if rule.holds with input as _asked([_person])

test_an_agent_for_its_own_tenant_holds if rule.holds with input as _asked([_one("bot", "agent", "t"), _person])

test_a_good_chain_is_not_refused if {
	rule.refusals == set() with input as _asked([_one("bot", "agent", "t"), _one("job", "service", "t"), _person])
}

test_a_person_acts_for_nobody if {
	chain := [_one("ben", "person", "t"), _person]
	not rule.holds with input as _asked(chain)
	rule.refusals == {{"code": "delegation.kind", "args": {"id": "ben"}}} with input as _asked(chain)
}

test_an_agent_of_another_tenant_is_refused if {
	chain := [_one("bot", "agent", "u"), _person]
	not rule.holds with input as _asked(chain)
	rule.refusals == {{"code": "delegation.tenant", "args": {}}} with input as _asked(chain)
}

test_a_circle_is_refused if {
	chain := [_one("bot", "agent", "t"), _one("sub", "agent", "t"), _one("bot", "agent", "t"), _person]
	not rule.holds with input as _asked(chain)
	rule.refusals == {{"code": "delegation.circle", "args": {}}} with input as _asked(chain)
}

test_nobody_does_not_hold if not rule.holds with input as _asked([])

test_empty_input_does_not_hold if not rule.holds with input as {}
