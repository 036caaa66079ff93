# What tests/faults/run runs. The negative controls are the same code with one thing put in
# its place from outside: by the linker's --wrap, by a file that stands in for another, by a
# header included first. So the product's own sources hold no line for them. Nothing here is
# part of `all`: tests/faults/run builds what a row needs, in the build that the row needs.
set(faults ${PROJECT_SOURCE_DIR}/tests/faults)
set(faults_bin ${PROJECT_BINARY_DIR}/tests/faults)

# faults_program(NAME SOURCES file... [LINK target...] [WRAP symbol...])
function(faults_program name)
  cmake_parse_arguments(FAULT "" "" "SOURCES;LINK;WRAP" ${ARGN})
  list(TRANSFORM FAULT_SOURCES PREPEND ${faults}/)
  add_executable(faults_${name} EXCLUDE_FROM_ALL ${FAULT_SOURCES})
  target_link_libraries(faults_${name} PRIVATE ps_flags ${FAULT_LINK})
  foreach(symbol ${FAULT_WRAP})
    target_link_options(faults_${name} PRIVATE -Wl,--wrap=${symbol})
  endforeach()
  set_target_properties(faults_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${faults_bin})
endfunction()

# faults_module(NAME [SOURCES file...] [WRAP symbol...] [FIRST header] [OPEN])
#   A module made of postshield.so's own sources and what is named here. FIRST: a header
#   included before every file. OPEN: without visibility and version script.
function(faults_module name)
  cmake_parse_arguments(FAULT "OPEN" "FIRST" "SOURCES;WRAP" ${ARGN})
  list(TRANSFORM FAULT_SOURCES PREPEND ${faults}/)
  set(target faults_${name})
  get_target_property(sources postshield_module SOURCES)
  get_target_property(definitions postshield_module COMPILE_DEFINITIONS)
  get_target_property(libraries postshield_module LINK_LIBRARIES)
  add_library(${target} MODULE EXCLUDE_FROM_ALL ${sources} ${FAULT_SOURCES})
  target_compile_definitions(${target} PRIVATE ${definitions})
  target_include_directories(${target} SYSTEM PRIVATE
    ${UNBOUND_PREFIX}/build ${UNBOUND_PREFIX}/source)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/module)
  target_link_libraries(${target} PRIVATE ${libraries})
  target_link_options(${target} PRIVATE -Wl,--as-needed)
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} C_EXTENSIONS ON
    LIBRARY_OUTPUT_DIRECTORY ${faults_bin})
  if(FAULT_OPEN)
    set_target_properties(${target} PROPERTIES C_VISIBILITY_PRESET default)
  else()
    target_link_options(${target} PRIVATE
      -Wl,--version-script=${PROJECT_SOURCE_DIR}/module/unbound/module.map)
  endif()
  if(FAULT_FIRST)
    target_compile_options(${target} PRIVATE -include ${faults}/${FAULT_FIRST})
  endif()
  foreach(symbol ${FAULT_WRAP})
    target_link_options(${target} PRIVATE -Wl,--wrap=${symbol})
  endforeach()
endfunction()

faults_program(load SOURCES load.c)
faults_program(snapshot SOURCES snapshot_maker.c LINK ps_builder ps_snapshot ps_plan ps_core)
find_path(VALGRIND_HEADERS valgrind/callgrind.h)
if(VALGRIND_HEADERS)
  faults_program(steps SOURCES steps.c
    LINK ps_verdict ps_builder ps_snapshot ps_plan ps_core)
endif()

# For LD_PRELOAD: without the house's flags, for what they give must work under anything.
foreach(preload nthmalloc refuse)
  add_library(faults_${preload} MODULE EXCLUDE_FROM_ALL ${faults}/${preload}.c)
  target_compile_definitions(faults_${preload} PRIVATE _GNU_SOURCE)
  target_link_libraries(faults_${preload} PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(faults_${preload} PROPERTIES PREFIX "" OUTPUT_NAME ${preload}
    LIBRARY_OUTPUT_DIRECTORY ${faults_bin})
endforeach()

if(POSTSHIELD_CONTROLS AND VALGRIND_HEADERS)
  faults_program(steps_control SOURCES steps.c controls/m11_unlimited.c
    LINK ps_verdict ps_builder ps_snapshot ps_plan ps_core PkgConfig::PCRE2
    WRAP pcre2_set_match_limit_8 pcre2_set_depth_limit_8)
endif()
if(POSTSHIELD_CONTROLS AND TARGET postshield_module)
  faults_module(m3_control SOURCES controls/m3_mapped.c)
  faults_module(m5_slow SOURCES controls/slow_reader.c WRAP ps_verdict_judge ps_operate_new)
  faults_module(m5_control SOURCES controls/slow_reader.c WRAP ps_verdict_judge ps_operate_new
    FIRST controls/m5_unmarked.h)
  faults_module(m5_leak SOURCES controls/m5_leak.c WRAP ps_generation_destroy)
  faults_module(m6_control SOURCES controls/m6_race.c WRAP ps_operate_new)
  faults_module(m7_control SOURCES controls/m7_unchecked.c WRAP ps_generation_create)
  faults_module(m8_control SOURCES controls/m8_strict.c WRAP ps_host_is_ours)
  foreach(what uncounted unfair unbounded silent)
    string(TOUPPER M9_${what} word)
    set(wrap_uncounted ps_tally_note)
    set(wrap_unfair ps_tally_note)
    set(wrap_unbounded ps_spool_put)
    set(wrap_silent ps_events_note)
    faults_module(m9_${what} SOURCES controls/m9_events.c WRAP ${wrap_${what}})
    target_compile_definitions(faults_m9_${what} PRIVATE ${word})
  endforeach()
  faults_module(m10_altered SOURCES controls/m10_different.c WRAP ps_operate_done)
  target_compile_definitions(faults_m10_altered PRIVATE M10_ALTERED)
  faults_module(m10_unstored SOURCES controls/m10_different.c WRAP ps_operate_new)
  target_compile_definitions(faults_m10_unstored PRIVATE M10_UNSTORED)
  faults_module(m12_control OPEN)
endif()
if(POSTSHIELD_CONTROLS AND TARGET postshield)
  # The program with the guard, and with the limits, left out.
  foreach(row f3 f4)
    add_executable(faults_${row}_control EXCLUDE_FROM_ALL
      ${PROJECT_SOURCE_DIR}/module/cli/main.c ${faults}/controls/${row}_unguarded.c)
    target_include_directories(faults_${row}_control PRIVATE ${PROJECT_SOURCE_DIR}/module)
    target_link_libraries(faults_${row}_control PRIVATE
      ps_flags ps_cli ps_feed ps_builder ps_snapshot ps_core PkgConfig::JANSSON)
    target_link_options(faults_${row}_control PRIVATE
      -Wl,--wrap=ps_guard_judge -Wl,--wrap=ps_intake_settle)
    set_target_properties(faults_${row}_control PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${faults_bin})
  endforeach()
endif()
if(POSTSHIELD_CONTROLS AND POSTSHIELD_FUZZ)
  add_executable(faults_fuzz_planted EXCLUDE_FROM_ALL
    ${PROJECT_SOURCE_DIR}/tests/fuzz/feed_plain.c ${faults}/controls/m4_planted.c)
  target_link_libraries(faults_fuzz_planted PRIVATE
    ps_flags ps_feed ps_idn ps_core PkgConfig::JANSSON)
  target_link_options(faults_fuzz_planted PRIVATE
    -fsanitize=fuzzer -Wl,--wrap=ps_name_from_user)
  set_target_properties(faults_fuzz_planted PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${faults_bin})
endif()
