# What the tests of this room share: random plans, and the slow model.
add_library(snapshot_sample STATIC snapshot/sample.c snapshot/model.c
  snapshot/exercise.c)
target_include_directories(snapshot_sample PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(snapshot_sample PRIVATE ps_flags ps_builder ps_snapshot ps_lookalike ps_core)

set(snapshot_test_links snapshot_sample ps_builder ps_snapshot ps_core PkgConfig::CRYPTO)
ps_test(snapshot snapshot LINK ${snapshot_test_links})
ps_test(snapshot verify LINK ${snapshot_test_links})
ps_test(snapshot refusals LINK ${snapshot_test_links})
target_sources(test_snapshot_refusals PRIVATE snapshot/known.c)
ps_test(snapshot asked LINK ${snapshot_test_links})
target_sources(test_snapshot_asked PRIVATE snapshot/known.c)
ps_test(snapshot load LINK ${snapshot_test_links})
ps_test(snapshot calls LINK ${snapshot_test_links})
failing_calls(test_snapshot_calls)
ps_test(snapshot limits LINK ${snapshot_test_links})
foreach(function ps_name_hash ps_intern_add ps_arena_copy EVP_DigestUpdate EVP_DigestFinal_ex
    getrandom)
  target_link_options(test_snapshot_limits PRIVATE -Wl,--wrap=${function})
endforeach()
ps_test(snapshot sort LINK ${snapshot_test_links})
ps_test(snapshot intern LINK ${snapshot_test_links})
ps_test(snapshot builder LINK ${snapshot_test_links})
ps_test(snapshot memory LINK ${snapshot_test_links})
foreach(function malloc calloc realloc strdup strndup free)
  target_link_options(test_snapshot_memory PRIVATE -Wl,--wrap=${function})
endforeach()

# RELIABILITY M1 and M2. The controls are the same program over a verifier with the
# checks in question left out: it must break. PS_CONTROL_* is defined nowhere else.
set(flip_links snapshot_sample ps_builder ps_snapshot ps_core PkgConfig::CRYPTO)
add_executable(flip_snapshot snapshot/flip.c)
target_link_libraries(flip_snapshot PRIVATE ps_flags ${flip_links})
add_test(NAME snapshot.flip COMMAND flip_snapshot --row M1 --quick)
add_test(NAME snapshot.lengths COMMAND flip_snapshot --row M2 --quick)
set_tests_properties(snapshot.flip PROPERTIES TIMEOUT 600)
if(POSTSHIELD_CONTROLS)
  get_target_property(reader_sources ps_snapshot SOURCES)
  list(TRANSFORM reader_sources PREPEND ${PROJECT_SOURCE_DIR}/module/snapshot/)
  foreach(row M1 M2)
    string(TOLOWER flip_snapshot_control_${row} control)
    # The reader's own sources, before the library that would bring them unchanged.
    add_executable(${control} snapshot/flip.c ${reader_sources})
    target_compile_definitions(${control} PRIVATE PS_CONTROL_${row})
    target_link_libraries(${control} PRIVATE ps_flags ${flip_links})
    add_test(NAME snapshot.${control} COMMAND ${control} --row ${row} --quick --control)
  endforeach()
  set_property(TARGET flip_snapshot flip_snapshot_control_m1 flip_snapshot_control_m2
    PROPERTY RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
else()
  set_property(TARGET flip_snapshot
    PROPERTY RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endif()

# Not a test: makes the seeds of tests/fuzz/corpus/snapshot_* anew.
add_executable(seed_snapshot EXCLUDE_FROM_ALL snapshot/seed.c)
target_link_libraries(seed_snapshot PRIVATE ps_flags ${flip_links})
