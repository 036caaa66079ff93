# The rules of the house: one target a room, one set of warnings, sanitizers for all.

add_library(ps_flags INTERFACE)
target_compile_definitions(ps_flags INTERFACE _GNU_SOURCE)
target_compile_options(ps_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes
  -Wstrict-prototypes -Wvla -Wformat=2 -Wimplicit-fallthrough
  -fno-strict-overflow -fstack-protector-strong)
if(NOT POSTSHIELD_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(ps_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
target_link_options(ps_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
if(POSTSHIELD_SANITIZE STREQUAL "address")
  target_compile_options(ps_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ps_flags INTERFACE -fsanitize=address,undefined)
elseif(POSTSHIELD_SANITIZE STREQUAL "thread")
  target_compile_options(ps_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(ps_flags INTERFACE -fsanitize=thread)
elseif(POSTSHIELD_SANITIZE)
  message(FATAL_ERROR "POSTSHIELD_SANITIZE is '${POSTSHIELD_SANITIZE}': address, thread or empty")
endif()
if(POSTSHIELD_FUZZ)
  target_compile_options(ps_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(POSTSHIELD_COVERAGE)
  target_compile_options(ps_flags INTERFACE --coverage -fprofile-abs-path)
  target_link_options(ps_flags INTERFACE --coverage)
endif()

# ps_room(NAME SOURCES file... [LINK target...])
#   A static library ps_NAME whose headers are included as "room/noun.h". LINK is
#   the dependency law: a room sees only what it names here.
function(ps_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
  add_library(ps_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(ps_${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/module ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(ps_${name} PRIVATE ps_flags ${ROOM_LINK})
endfunction()

# ps_test(ROOM NOUN [LINK target...])
#   tests/ROOM/test_NOUN.c as a Check program, run by ctest as ROOM.NOUN.
function(ps_test room noun)
  cmake_parse_arguments(TEST "" "" "LINK" ${ARGN})
  set(target test_${room}_${noun})
  add_executable(${target} ${room}/test_${noun}.c)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE ps_flags ${TEST_LINK} PkgConfig::CHECK)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_compile_definitions(${target} PRIVATE
    PS_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/${room}/data")
  add_test(NAME ${room}.${noun} COMMAND ${target})
endfunction()

# ps_fuzz(NAME [LINK target...])
#   tests/fuzz/NAME.c, which defines LLVMFuzzerTestOneInput. With POSTSHIELD_FUZZ a
#   libFuzzer program fuzz_NAME; always a program replay_NAME that runs every file
#   of tests/fuzz/corpus/NAME, as test fuzz.NAME.
function(ps_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "LINK" ${ARGN})
  add_executable(replay_${name} fuzz/${name}.c fuzz/replay.c)
  target_link_libraries(replay_${name} PRIVATE ps_flags ${FUZZ_LINK})
  set_target_properties(replay_${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME fuzz.${name}
    COMMAND replay_${name} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
  if(POSTSHIELD_FUZZ)
    add_executable(fuzz_${name} fuzz/${name}.c)
    target_link_libraries(fuzz_${name} PRIVATE ps_flags ${FUZZ_LINK})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(fuzz_${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  endif()
endfunction()
