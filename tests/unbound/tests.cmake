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
