ps_test(event counters LINK ps_event ps_plan ps_core)
foreach(noun event spool tally window)
  ps_test(event ${noun} LINK ps_event ps_plan ps_core Threads::Threads)
endforeach()
# A disk that fills at every octet.
target_link_options(test_event_spool PRIVATE -Wl,--wrap=write,--wrap=ftruncate)
ps_test(event spool_calls LINK ps_event ps_plan ps_core)
foreach(function open openat fstat stat fstatat fdopendir readdir pread __pread_chk write
    unlinkat flock getrandom calloc)
  target_link_options(test_event_spool_calls PRIVATE -Wl,--wrap=${function})
endforeach()

# kill -9 of either side, again and again.
add_executable(spool_life event/spool_life.c)
target_include_directories(spool_life PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(spool_life PRIVATE ps_flags ps_event ps_plan ps_core)
set_target_properties(spool_life PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
add_test(NAME event.spool_life COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/event/test_spool_life.py)
set_tests_properties(event.spool_life PROPERTIES ENVIRONMENT SPOOL_LIFE=$<TARGET_FILE:spool_life>
  TIMEOUT 600)
