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

# What tests/bench/blocked compares with: a module that blocks everything, and does nothing else.
if(TARGET postshield_module)
  get_target_property(definitions postshield_module COMPILE_DEFINITIONS)
  add_library(bench_floor MODULE bench/floor.c)
  target_compile_definitions(bench_floor PRIVATE ${definitions})
  target_include_directories(bench_floor SYSTEM PRIVATE
    ${UNBOUND_PREFIX}/build ${UNBOUND_PREFIX}/source)
  target_include_directories(bench_floor PRIVATE ${PROJECT_SOURCE_DIR}/module)
  target_link_libraries(bench_floor PRIVATE ps_flags)
  set_target_properties(bench_floor PROPERTIES PREFIX "" C_EXTENSIONS ON C_VISIBILITY_PRESET default
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endif()
