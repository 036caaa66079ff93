# The micro benchmark that tests/bench/verdict runs. No test: nothing timed is asserted.
add_executable(bench_verdict bench/verdict.c)
target_link_libraries(bench_verdict PRIVATE ps_flags ps_verdict ps_lookalike ps_snapshot ps_plan ps_core
  PkgConfig::PCRE2 PkgConfig::CRYPTO)
set_target_properties(bench_verdict PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)

# The same for tests/bench/lookalike.
add_executable(bench_lookalike bench/lookalike.c)
target_link_libraries(bench_lookalike PRIVATE ps_flags ps_lookalike ps_snapshot ps_plan ps_core
  PkgConfig::CRYPTO)
set_target_properties(bench_lookalike PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
