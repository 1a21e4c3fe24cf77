# pare_onnx: the ONNX protobuf classes and operator schemas (with their function bodies), compiled from the sources that
# the `onnx` wheel ships. PARE_ONNX_ROOT names its folder, .../site-packages/onnx.
set(PARE_ONNX_ROOT "" CACHE PATH "Folder of the onnx Python package (its wheel carries the C++ sources)")
if(NOT EXISTS "${PARE_ONNX_ROOT}/onnx-ml.proto")
  message(FATAL_ERROR "PARE_ONNX_ROOT='${PARE_ONNX_ROOT}' is not the folder of the onnx package: run tools/scripts/setup.sh "
    "and pass -DPARE_ONNX_ROOT=<root>/.venv/lib/python3.x/site-packages/onnx")
endif()
find_package(Protobuf REQUIRED)
find_package(Threads REQUIRED)
get_filename_component(PARE_ONNX_INCLUDE ${PARE_ONNX_ROOT} DIRECTORY)

set(generated ${CMAKE_BINARY_DIR}/onnx-proto)
file(MAKE_DIRECTORY ${generated})
set(proto_sources "")
foreach(proto onnx-ml onnx-operators-ml onnx-data)
  add_custom_command(
    OUTPUT ${generated}/onnx/${proto}.pb.cc ${generated}/onnx/${proto}.pb.h
    COMMAND ${Protobuf_PROTOC_EXECUTABLE} -I ${PARE_ONNX_INCLUDE} --cpp_out=${generated} onnx/${proto}.proto
    DEPENDS ${PARE_ONNX_ROOT}/${proto}.proto
    VERBATIM)
  list(APPEND proto_sources ${generated}/onnx/${proto}.pb.cc)
endforeach()

file(GLOB_RECURSE schema_sources ${PARE_ONNX_ROOT}/common/*.cc ${PARE_ONNX_ROOT}/defs/*.cc)
list(APPEND schema_sources ${PARE_ONNX_ROOT}/checker.cc ${PARE_ONNX_ROOT}/shape_inference/implementation.cc)
list(FILTER schema_sources EXCLUDE REGEX "/common/ir_pb_converter\\.cc$|/common/interned_strings\\.cc$")
# What the schemas drag in by way of the inliner.
set(linked_sources ${PARE_ONNX_ROOT}/inliner/inliner.cc ${PARE_ONNX_ROOT}/version_converter/convert.cc
  ${PARE_ONNX_ROOT}/version_converter/helper.cc ${PARE_ONNX_ROOT}/common/ir_pb_converter.cc ${PARE_ONNX_ROOT}/common/interned_strings.cc)

add_library(pare_onnx STATIC ${proto_sources} ${schema_sources} ${linked_sources})
set_target_properties(pare_onnx PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8 CXX_CLANG_TIDY "")
# The first two define helpers whose names collide with those of other files.
set_source_files_properties(${PARE_ONNX_ROOT}/defs/tensor_proto_util.cc ${PARE_ONNX_ROOT}/defs/schema.cc ${proto_sources}
  ${linked_sources}
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
target_include_directories(pare_onnx SYSTEM PUBLIC ${generated} ${PARE_ONNX_INCLUDE} ${Protobuf_INCLUDE_DIRS})
target_compile_definitions(pare_onnx PUBLIC ONNX_NAMESPACE=onnx ONNX_ML=1 PRIVATE __ONNX_NO_DOC_STRINGS)
# The code runs once per compilation: small and quick to build beats fast.
target_compile_options(pare_onnx PRIVATE -w -O1 -g0)
target_link_libraries(pare_onnx PUBLIC protobuf::libprotobuf Threads::Threads)
