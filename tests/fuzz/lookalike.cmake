set(lookalike_fuzz_links lookalike_unfiltered lookalike_model ps_lookalike_builder ps_lookalike ps_plan ps_core)
ps_fuzz(lookalike_tables LINK ${lookalike_fuzz_links})
ps_fuzz(lookalike_judge LINK ${lookalike_fuzz_links})

# Not a test: makes the seeds of tests/fuzz/corpus/lookalike_* anew.
add_executable(seed_lookalike EXCLUDE_FROM_ALL lookalike/seed.c)
target_link_libraries(seed_lookalike PRIVATE ps_flags ${lookalike_fuzz_links})
