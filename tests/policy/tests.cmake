# What several tests, and the fuzz target, share.
add_library(policy_testing STATIC policy/plan_text.c policy/plan_valid.c policy/loaded.c)
target_include_directories(policy_testing PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(policy_testing
  PUBLIC ps_policy ps_feed ps_idn ps_core PRIVATE ps_flags PkgConfig::PCRE2)

foreach(noun diagnostic_code diagnostics ede folder golden mutation pattern_check pattern_tail reach registry
    rrtype schema shipped source suggest term yaml_tree)
  ps_test(policy ${noun} LINK policy_testing)
  target_compile_definitions(test_policy_${noun} PRIVATE
    PS_TEST_POLICIES="${PROJECT_SOURCE_DIR}/policies")
endforeach()

target_link_libraries(test_policy_pattern_tail PRIVATE PkgConfig::PCRE2)
target_link_options(test_policy_folder PRIVATE -Wl,--wrap=opendir,--wrap=readdir)
target_link_libraries(test_policy_term PRIVATE unistring)

# Every allocation fails once. The calls of ours go through the linker's wrapping.
ps_test(policy memory LINK policy_testing)
target_link_options(test_policy_memory PRIVATE
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
  -Wl,--wrap=ps_arena_alloc,--wrap=ps_arena_array,--wrap=ps_arena_copy,--wrap=ps_arena_text)

add_test(NAME policy.schema_validates
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/policy/schema_validates
    ${PROJECT_SOURCE_DIR}/policies ${CMAKE_CURRENT_SOURCE_DIR}/policy/data)
set_tests_properties(policy.schema_validates PROPERTIES SKIP_RETURN_CODE 77)

# What ships, asked by the program itself.
add_test(NAME policy.readme COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/policy/test_readme.py)
add_test(NAME policy.shipped_tests COMMAND postshield test --only-failures
  --policy ${PROJECT_SOURCE_DIR}/policies)
set_tests_properties(policy.readme PROPERTIES ENVIRONMENT POSTSHIELD=$<TARGET_FILE:postshield>)
