package sekisho.terms_test

import data.sekisho.terms

test_a_list_is_a_set if terms.of(["b", "a", "b"]) == {"a", "b"}

test_a_scalar_is_a_set_of_one if terms.of("a") == {"a"}

test_false_is_a_term if terms.of(false) == {false}

test_avoids_other_terms if terms.avoids(["a", "b"], ["c"])

test_one_denied_member_is_enough if not terms.avoids(["a", "c"], ["c"])

test_true_is_not_one if terms.avoids(true, [1])

test_meets_with_every_member if terms.meets(["a", "b"], ["a", "b", "c"])

test_one_foreign_member_is_enough if not terms.meets(["a", "d"], ["a", "b", "c"])

test_an_empty_list_meets_nothing if not terms.meets([], ["a"])

test_nothing_accepted_is_met_by_nothing if not terms.meets("a", [])
