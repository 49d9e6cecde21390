/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the program's own files are, and where it keeps what it remembers. */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include "base/buf.h"

/*
 * Appends the path of a file or folder that belongs to the program: beside it in a checkout, else under
 * share/finwait of the prefix that it is installed in. False: it is in neither.
 */
bool place_of_program(const char *name, struct buf *path);
/*
 * Appends $XDG_STATE_HOME/finwait/NAME; folders are made as needed, for their owner alone. One that cannot be
 * made is told by whatever is done with the path. False: the environment names no place.
 */
bool place_of_state(const char *name, struct buf *path);

#endif
