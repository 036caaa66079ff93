set(verdict_test_links ps_verdict ps_builder ps_snapshot ps_lookalike ps_plan ps_core PkgConfig::PCRE2)
ps_test(verdict verdict LINK ${verdict_test_links})
ps_test(verdict lookalike LINK ${verdict_test_links})
ps_test(verdict pattern LINK ${verdict_test_links})
