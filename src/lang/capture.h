/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session's segments as a capture that Wireshark opens. */
#ifndef LANG_CAPTURE_H
#define LANG_CAPTURE_H

#include "lang/session.h"

/*
 * Appends, as a pcapng file, what a capture on `host` would have recorded since the scenario began, handshake
 * included; with NR_HOSTS on both, an interface each. Times are those of the world's clock, which TCP timestamps are
 * of, too: the session's begins at WORLD_EPOCH.
 */
enum status add_capture(struct buf *b, struct session *ss, u8 host, struct err *err);

#endif
