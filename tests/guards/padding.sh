#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# padding.sh HEADER: fails when a structure in it, or in what it includes, has bytes that no field names.
# Worlds are compared and hashed as bytes.
echo "#include \"$1\"" | "${CC:-gcc}" -std=c17 -Isrc -I. -Wpadded -Werror -fsyntax-only -x c -
