/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session as a packetdrill script, for a real kernel to say whether it does the same. */
#ifndef DRILL_EXPORT_H
#define DRILL_EXPORT_H

#include "lang/session.h"

/*
 * Writes what `host` went through since the scenario began: its calls, what arrived, what it sent, and when. ST_WRONG: there is
 * something in it that packetdrill cannot do; `err` says what.
 */
enum status drill_export(struct session *ss, u8 host, struct buf *out, struct err *err);

#endif
