# LLVM/MLIR 22, the shared precompiled header and pare_library().
find_package(MLIR 22.1 REQUIRED CONFIG)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
# mlir_tablegen reads the directory property, so these stand here and not on targets.
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
include_directories(${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include)

set(PARE_MLIR_CXX_FLAGS -fno-exceptions -ffunction-sections -fdata-sections)

# MLIR headers dominate compile time: one precompiled header serves every library and tool.
file(WRITE ${CMAKE_BINARY_DIR}/PCH.cpp "")
add_library(pare_pch OBJECT ${CMAKE_BINARY_DIR}/PCH.cpp)
target_compile_options(pare_pch PRIVATE ${PARE_MLIR_CXX_FLAGS} -Xclang -fno-pch-timestamp)
target_precompile_headers(pare_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/PCH.h)

# pare_library(Name sources... DEPENDS tablegen-targets... LINKS libraries...)
function(pare_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE ${PARE_MLIR_CXX_FLAGS} -Xclang -fno-pch-timestamp)
  target_precompile_headers(${name} REUSE_FROM pare_pch)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} MLIR LLVM)
endfunction()

function(pare_tool name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  # -fPIC as the precompiled header, where CMake would give an executable -fPIE.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE ${PARE_MLIR_CXX_FLAGS} -fPIC -Xclang -fno-pch-timestamp)
  target_precompile_headers(${name} REUSE_FROM pare_pch)
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} MLIR LLVM)
endfunction()
