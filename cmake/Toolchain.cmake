# The compiler settings that every target of the project shares, and the two functions that
# targets are declared with.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(crowfly_options INTERFACE)
# Contraction would let one build fuse a multiply and an add that another keeps apart, and the same
# search would then give other last bits on other machines.
target_compile_options(crowfly_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -ffp-contract=off
  $<$<BOOL:${CROWFLY_WERROR}>:-Werror>)
target_include_directories(crowfly_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)

if(CROWFLY_SANITIZE)
  target_compile_options(crowfly_options INTERFACE
    -fsanitize=${CROWFLY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(crowfly_options INTERFACE -fsanitize=${CROWFLY_SANITIZE})
endif()

if(CROWFLY_FUZZ)
  target_compile_options(crowfly_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# crowfly_ring(core SOURCES a.cpp b.cpp TESTS a_test.cpp LINK other)
# declares the library of one ring and its test program, core_test.
function(crowfly_ring name)
  cmake_parse_arguments(ring "" "" "SOURCES;TESTS;LINK" ${ARGN})
  add_library(crowfly_${name} STATIC ${ring_SOURCES})
  target_link_libraries(crowfly_${name} PUBLIC crowfly_options ${ring_LINK})
  if(CROWFLY_TESTS AND ring_TESTS)
    crowfly_test(${name}_test SOURCES ${ring_TESTS} LINK crowfly_${name})
  endif()
endfunction()

# crowfly_test(name SOURCES ... LINK ...) declares a GoogleTest program whose tests ctest runs one by one.
function(crowfly_test name)
  cmake_parse_arguments(test "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${test_SOURCES})
  target_link_libraries(${name} PRIVATE crowfly_test_support ${test_LINK})
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}/" PROPERTIES TIMEOUT 600)
endfunction()
