/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened since the scenario began, in order: calls, states, timers, and every segment when it was sent and
 * when it arrived or was lost. Made by replaying the tape, for what leaves the program as a file: captures, pictures,
 * notes.
 */
#ifndef LANG_CHRONICLE_H
#define LANG_CHRONICLE_H

#include "lang/session.h"

enum happening_kind {
	HAP_CALL,   /* a system call was made */
	HAP_RETURN, /* one that had slept returned */
	HAP_STATE,
	HAP_TIMER,  /* fired */
	HAP_SEND,
	HAP_ARRIVE,
	HAP_LOST,   /* on the way, or as soon as it was sent */
	HAP_COPY,   /* the network made a copy of a segment */
	HAP_TAKEN,  /* the peer of a packetdrill script has it */
};

struct happening {
	s64 at;	      /* µs on the session's clock; below 0 while the scenario was being set up */
	char *text;   /* owned: "close(3) = 0", "ESTABLISHED -> FIN_WAIT1", "F. 1:1(0) ack 1", ... */
	char *way; /* owned: of a SEND, "tcp_close > tcp_send_fin": the functions that led to it; else NULL */
	const char *sender; /* of a SEND: the function that wanted it; else NULL */
	struct seg seg;	/* of a segment */
	struct seg_origin origin; /* its raw numbers count from there */
	u32 number;   /* of the segment */
	u32 copy_of;  /* 0, or the number of the segment that it is a copy of */
	u32 moment;   /* in which it happened; MOMENT_NONE: the scenario was being set up */
	u8 kind;      /* enum happening_kind */
	u8 host;      /* where; of a segment on its way, the one that sent it */
	bool forged;  /* ARRIVE: no host sent it */
	u8 pad_[5];
};

struct chronicle {
	struct happening *hap; /* owned */
	size_t n, room;
};

/* With what led to the scenario. ST_WRONG: the tape cannot be replayed. chronicle_release() is due in any case. */
enum status chronicle_collect(struct chronicle *c, struct session *ss, struct err *err);
void chronicle_release(struct chronicle *c);

/* How segment `number` began (SEND, COPY) or ended: the happening of that kind; NULL when there is none. */
const struct happening *chronicle_find(const struct chronicle *c, u32 number, enum happening_kind kind);

#endif
