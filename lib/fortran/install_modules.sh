#!/bin/sh
# SPDX-License-Identifier: MIT
#
# install_modules.sh FOLDER-OF-MODULES TARGET-FOLDER
# Installs what `use nblist` needs, which Meson leaves in the build folder. Run by meson install.
set -eu
target=$MESON_INSTALL_DESTDIR_PREFIX/$2
case $2 in
/*) target=${DESTDIR:-}$2 ;;
esac
mkdir -p "$target"
for module in "$1"/nblist*.mod; do
    install -m 644 "$module" "$target/"
    [ -n "${MESON_INSTALL_QUIET:-}" ] || echo "Installing $(basename "$module") to $target"
done
