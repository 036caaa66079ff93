# For LD_PRELOAD: without the house's flags, for it takes the place of the C library's own.
if(TARGET postshield_module)
  add_library(later MODULE ${PROJECT_SOURCE_DIR}/tests/unbound/later.c)
  target_compile_definitions(later PRIVATE _GNU_SOURCE)
  target_link_libraries(later PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(later PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endif()

# Negative controls of the tests of client groups: the module with one protection each put out
# of action, which those tests must find out. The same objects, linked once more.
if(POSTSHIELD_CONTROLS AND TARGET postshield_module)
  function(clients_control name)
    cmake_parse_arguments(CONTROL "" "" "WRAP" ${ARGN})
    set(target clients_${name})
    get_target_property(libraries postshield_module LINK_LIBRARIES)
    get_target_property(definitions postshield_module COMPILE_DEFINITIONS)
    add_library(${target} MODULE $<TARGET_OBJECTS:postshield_module>
      ${PROJECT_SOURCE_DIR}/tests/unbound/controls/${name}.c)
    target_compile_definitions(${target} PRIVATE ${definitions})
    target_include_directories(${target} SYSTEM PRIVATE
      ${UNBOUND_PREFIX}/build ${UNBOUND_PREFIX}/source)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/module)
    target_link_libraries(${target} PRIVATE ${libraries})
    target_link_options(${target} PRIVATE -Wl,--as-needed
      -Wl,--version-script=${PROJECT_SOURCE_DIR}/module/unbound/module.map)
    set_target_properties(${target} PROPERTIES PREFIX "" C_EXTENSIONS ON
      LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    foreach(symbol ${CONTROL_WRAP})
      target_link_options(${target} PRIVATE -Wl,--wrap=${symbol})
    endforeach()
  endfunction()
  clients_control(by_client WRAP ps_verdict_judge)
  clients_control(response WRAP ps_operate_response)
  clients_control(apart WRAP ps_client_set_apart ps_clients_agree)
  clients_control(agree WRAP ps_clients_agree)
  clients_control(sweep WRAP ps_cache_expire)
  clients_control(unexpected WRAP ps_operate_new)
endif()

# test_sharing.py: the module, and all rooms that it is made of, with a call at each read and write of
# memory to what sharing.so has in the place of ThreadSanitizer's runtime. The control is the
# same with a counter that all workers write.
if(POSTSHIELD_CONTROLS AND TARGET postshield_module AND NOT POSTSHIELD_SANITIZE
    AND NOT POSTSHIELD_FUZZ AND NOT POSTSHIELD_COVERAGE)
  set(sharing_bin ${PROJECT_BINARY_DIR}/tests)
  function(sharing_module name)
    set(target unbound_${name})
    set(sources ${CMAKE_CURRENT_SOURCE_DIR}/unbound/sharing_module.c ${ARGN})
    foreach(room core plan snapshot lookalike verdict event)
      get_target_property(room_sources ps_${room} SOURCES)
      get_target_property(room_folder ps_${room} SOURCE_DIR)
      foreach(source ${room_sources})
        cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${room_folder} OUTPUT_VARIABLE path)
        list(APPEND sources ${path})
      endforeach()
    endforeach()
    get_target_property(own_sources postshield_module SOURCES)
    get_target_property(definitions postshield_module COMPILE_DEFINITIONS)
    add_library(${target} MODULE ${sources} ${own_sources})
    target_compile_definitions(${target} PRIVATE ${definitions})
    target_include_directories(${target} SYSTEM PRIVATE
      ${UNBOUND_PREFIX}/build ${UNBOUND_PREFIX}/source)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/module ${PROJECT_BINARY_DIR}/generated)
    target_compile_options(${target} PRIVATE -fsanitize=thread -fno-inline
      -U_FORTIFY_SOURCE -fno-builtin-memcpy -fno-builtin-memmove -fno-builtin-memset)
    target_link_libraries(${target} PRIVATE ps_flags PkgConfig::PCRE2 PkgConfig::CRYPTO Threads::Threads)
    target_link_options(${target} PRIVATE -Wl,--as-needed
      -Wl,--version-script=${PROJECT_SOURCE_DIR}/module/unbound/module.map)
    foreach(symbol ps_module_worker ps_sweep_step calloc free memcpy memmove memset pcre2_match_8)
      target_link_options(${target} PRIVATE -Wl,--wrap=${symbol})
    endforeach()
    set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} C_EXTENSIONS ON
      LIBRARY_OUTPUT_DIRECTORY ${sharing_bin})
  endfunction()
  sharing_module(sharing_watched)
  sharing_module(sharing_control ${PROJECT_SOURCE_DIR}/tests/faults/controls/m6_race.c)
  target_link_options(unbound_sharing_control PRIVATE -Wl,--wrap=ps_operate_new)

  add_library(unbound_sharing MODULE ${CMAKE_CURRENT_SOURCE_DIR}/unbound/sharing.c)
  target_compile_definitions(unbound_sharing PRIVATE _GNU_SOURCE)
  target_link_libraries(unbound_sharing PRIVATE ${CMAKE_DL_LIBS})
  set_target_properties(unbound_sharing PROPERTIES PREFIX "" OUTPUT_NAME sharing
    LIBRARY_OUTPUT_DIRECTORY ${sharing_bin})
endif()
