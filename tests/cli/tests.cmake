set(cli_test_links ps_cli ps_policy ps_event ps_verdict ps_snapshot ps_core PkgConfig::JANSSON)
ps_test(cli options LINK ${cli_test_links})
ps_test(cli terminal LINK ${cli_test_links})
ps_test(cli cli LINK ${cli_test_links})
target_link_options(test_cli_cli PRIVATE -Wl,--wrap=time)
target_compile_definitions(test_cli_cli PRIVATE PS_STATE_DIR="${state_dir}")
ps_test(cli likeness_view LINK ps_idn ps_lookalike ${cli_test_links})
ps_test(cli line_diff LINK ${cli_test_links})
ps_test(cli fact LINK ${cli_test_links})
ps_test(cli health LINK ${cli_test_links})
ps_test(cli leaders LINK ${cli_test_links})
# Its random plans are the snapshot room's.
ps_test(cli explanation LINK snapshot_sample ps_builder ${cli_test_links})

# The built program from end to end, each file a unittest. strace, groff and bash are
# needed; a test that cannot run fails.
foreach(file answers check build clients edges explain fix index relief rollback status test scan)
  add_test(NAME cli.${file} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_${file}.py)
  set_tests_properties(cli.${file} PROPERTIES
    ENVIRONMENT POSTSHIELD=$<TARGET_FILE:postshield>)
endforeach()
set_tests_properties(cli.build cli.rollback PROPERTIES TIMEOUT 900) # kills it at every system call
foreach(file diff events top)
  add_test(NAME cli.${file} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_${file}.py)
  set_tests_properties(cli.${file} PROPERTIES ENVIRONMENT
    "POSTSHIELD=$<TARGET_FILE:postshield>;SPOOL_LIFE=$<TARGET_FILE:spool_life>")
endforeach()
add_test(NAME cli.documents COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/documents.py)
set_tests_properties(cli.documents PROPERTIES
  ENVIRONMENT POSTSHIELD=$<TARGET_FILE:postshield>)

# The same program, in which the n-th allocation fails.
add_executable(postshield_nth ${PROJECT_SOURCE_DIR}/module/cli/main.c cli/nth_allocation.c)
target_link_libraries(postshield_nth PRIVATE ps_flags ps_cli ps_snapshot ps_core
  PkgConfig::JANSSON)
foreach(function malloc calloc realloc strdup strndup)
  target_link_options(postshield_nth PRIVATE -Wl,--wrap=${function})
endforeach()
set_target_properties(postshield_nth PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_test(NAME cli.memory COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_memory.py)
set_tests_properties(cli.memory PROPERTIES TIMEOUT 900
  ENVIRONMENT "POSTSHIELD=$<TARGET_FILE:postshield>;POSTSHIELD_NTH=$<TARGET_FILE:postshield_nth>;SPOOL_LIFE=$<TARGET_FILE:spool_life>")
