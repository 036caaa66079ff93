# What the tests of this room share: a small plan, and the slow model of what is found.
add_library(lookalike_model STATIC lookalike/model.c lookalike/sample.c)
target_include_directories(lookalike_model PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(lookalike_model PRIVATE ps_flags ps_lookalike_builder ps_lookalike ps_core)
# The judge's own files without filters and shortcuts, under names of their own.
add_library(lookalike_unfiltered STATIC ${PROJECT_SOURCE_DIR}/module/lookalike/judge.c
  ${PROJECT_SOURCE_DIR}/module/lookalike/weigh.c)
target_compile_definitions(lookalike_unfiltered PRIVATE PS_LOOKALIKE_UNFILTERED
  ps_lookalike_judge=unfiltered_lookalike_judge ps_find_weigh=unfiltered_find_weigh
  ps_context_know=unfiltered_context_know ps_lookalike_is_hosted=unfiltered_lookalike_is_hosted)
target_link_libraries(lookalike_unfiltered PRIVATE ps_flags ps_lookalike ps_plan ps_core)
set(lookalike_test_links lookalike_unfiltered lookalike_model ps_lookalike_builder ps_lookalike ps_plan ps_core)

ps_test(lookalike fold LINK ${lookalike_test_links} PkgConfig::IDN2)
ps_test(lookalike letters LINK ${lookalike_test_links})
ps_test(lookalike text LINK ${lookalike_test_links})
ps_test(lookalike sound LINK ${lookalike_test_links})
ps_test(lookalike suffix LINK ${lookalike_test_links})
ps_test(lookalike typo LINK ${lookalike_test_links})
ps_test(lookalike tables LINK ${lookalike_test_links})
ps_test(lookalike judge LINK ${lookalike_test_links} PkgConfig::PSL)
ps_test(lookalike weigh LINK ${lookalike_test_links})
ps_test(lookalike signs LINK ${lookalike_test_links})
ps_test(lookalike build LINK ${lookalike_test_links})
target_link_options(test_lookalike_build PRIVATE
  -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free)
if(EXISTS ${POSTSHIELD_PUBLIC_SUFFIX_LIST})
  target_compile_definitions(test_lookalike_judge PRIVATE
    PS_PUBLIC_SUFFIX_LIST="${POSTSHIELD_PUBLIC_SUFFIX_LIST}")
endif()
