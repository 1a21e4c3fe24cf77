# Flags and helpers that every target of the tree shares.
find_program(PARE_CCACHE ccache)
if(PARE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${PARE_CCACHE})
  # Precompiled headers need these two concessions from ccache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${PARE_CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wno-unused-parameter)
if(PARE_SANITIZE)
  add_compile_options(-fsanitize=${PARE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PARE_SANITIZE})
endif()
