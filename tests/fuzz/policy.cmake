# The oracle is shared with the unit tests: tests/policy/tests.cmake.
ps_fuzz(policy_yaml LINK policy_testing)
