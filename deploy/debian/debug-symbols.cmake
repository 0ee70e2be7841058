# SPDX-License-Identifier: GPL-3.0-or-later
# Run by cpack when the packages are there. CPack's packages of debug symbols have the paths of the
# build in their check sums, and no copyright: they are made anew.
foreach(package ${CPACK_PACKAGE_FILES})
  if(package MATCHES "\\.ddeb$")
    execute_process(COMMAND sh "${CMAKE_CURRENT_LIST_DIR}/debug-symbols.sh" "${package}"
      COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()
