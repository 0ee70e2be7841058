# SPDX-License-Identifier: GPL-3.0-or-later
# `cpack -G DEB` in the build folder: one package for each program, with its debug symbols apart.
# Included last by the CMakeLists.txt of the root; what goes into a package is said beside the
# programs, by the COMPONENT of install().

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "Vauchi")
# Whoever hands packages out puts an address of their own here.
set(RELAY_PACKAGE_CONTACT "The Vauchi Relay developers <relay@vauchi.example.com>" CACHE STRING
  "Maintainer in the packages")
set(CPACK_PACKAGE_CONTACT "${RELAY_PACKAGE_CONTACT}")
set(CPACK_INSTALL_PREFIX /usr)
# For files outside the prefix: /etc.
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES OFF)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL "")
if(RELAY_BUILD_DAEMON)
  list(APPEND CPACK_COMPONENTS_ALL vauchi-relay)
endif()
if(RELAY_BUILD_ADMIN)
  list(APPEND CPACK_COMPONENTS_ALL vauchi-relay-admin)
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Another build of the same version: cpack -G DEB -D CPACK_DEBIAN_PACKAGE_RELEASE=2
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
set(CPACK_POST_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/debug-symbols.cmake")
# It would become the first line of each package.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")

set(CPACK_DEBIAN_VAUCHI-RELAY_PACKAGE_NAME vauchi-relay)
set(CPACK_COMPONENT_VAUCHI-RELAY_DESCRIPTION
"store-and-forward relay for end-to-end encrypted contact cards
Takes encrypted blobs by WebSocket, keeps them in SQLite while their
recipients are offline, and delivers them when they connect. It has no
accounts and cannot read what it carries; TLS is left to a proxy in front.
.
The service listens on this machine only until its settings say otherwise:
/etc/vauchi-relay/vauchi-relay.env.")
# Qt loads its driver for SQLite at run time: the linker does not know of it.
set(CPACK_DEBIAN_VAUCHI-RELAY_PACKAGE_DEPENDS
  "libqt6sql6-sqlite, systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_VAUCHI-RELAY_PACKAGE_SUGGESTS "nginx | caddy, libqt6sql6-psql")
set(CPACK_DEBIAN_VAUCHI-RELAY_PACKAGE_CONTROL_EXTRA
  "${CMAKE_CURRENT_LIST_DIR}/conffiles;${CMAKE_CURRENT_LIST_DIR}/postinst"
  "${CMAKE_CURRENT_LIST_DIR}/prerm;${CMAKE_CURRENT_LIST_DIR}/postrm")

set(CPACK_DEBIAN_VAUCHI-RELAY-ADMIN_PACKAGE_NAME vauchi-relay-admin)
set(CPACK_COMPONENT_VAUCHI-RELAY-ADMIN_DESCRIPTION
"desktop console that watches relays of the kind vauchi-relay
Shows what any number of Vauchi relays are doing: their state, connections,
messages, stored blobs and latency, now and over the last day, with alerts
and a connection test. It reads the monitoring port and changes nothing.")
set(CPACK_DEBIAN_VAUCHI-RELAY-ADMIN_PACKAGE_DEPENDS "libqt6sql6-sqlite")
# Qt's own texts in the console's languages, and what stores the tokens.
set(CPACK_DEBIAN_VAUCHI-RELAY-ADMIN_PACKAGE_RECOMMENDS
  "qt6-translations-l10n, libsecret-1-0, gnome-keyring | kwalletmanager")

# relay_document_package(NAME): what Debian wants of each package beside its program. The manual
# page is what the program prints.
function(relay_document_package name)
  set(out "${PROJECT_BINARY_DIR}/packages/${name}")
  set(version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")
  configure_file("${PROJECT_SOURCE_DIR}/deploy/debian/changelog.in" "${out}/changelog.Debian" @ONLY)
  configure_file("${PROJECT_SOURCE_DIR}/CHANGELOG.md" "${out}/changelog" COPYONLY)
  add_custom_command(OUTPUT "${out}/${name}.1.gz"
    COMMAND sh -c [[QT_QPA_PLATFORM=offscreen "$1" --man >"$2"]] sh
      "$<TARGET_FILE:${name}>" "${out}/${name}.1"
    COMMAND gzip -9nf "${out}/${name}.1"
    DEPENDS ${name} VERBATIM)
  add_custom_command(OUTPUT "${out}/changelog.Debian.gz" "${out}/changelog.gz"
    COMMAND gzip -9nfk "${out}/changelog.Debian" "${out}/changelog"
    DEPENDS "${out}/changelog.Debian" "${out}/changelog" VERBATIM)
  add_custom_target(${name}-documents ALL
    DEPENDS "${out}/${name}.1.gz" "${out}/changelog.Debian.gz" "${out}/changelog.gz")
  install(FILES "${out}/${name}.1.gz"
    DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT ${name})
  install(FILES "${out}/changelog.Debian.gz" "${out}/changelog.gz"
      "${PROJECT_SOURCE_DIR}/deploy/debian/copyright"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${name}" COMPONENT ${name} EXCLUDE_FROM_ALL)
  install(FILES "${PROJECT_SOURCE_DIR}/deploy/debian/${name}.lintian-overrides" RENAME ${name}
    DESTINATION "${CMAKE_INSTALL_DATADIR}/lintian/overrides" COMPONENT ${name} EXCLUDE_FROM_ALL)
endfunction()
foreach(name ${CPACK_COMPONENTS_ALL})
  relay_document_package(${name})
endforeach()

include(CPack)
