/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decisions of kernel functions, cited from a trace: what a `why` block explains. */
#ifndef LESSON_CITE_H
#define LESSON_CITE_H

#include "lang/session.h"
#include "lesson/lesson.h"

/*
 * The decision as it was taken last in this step, on the way that the lesson itself goes: its setup, its predictions and
 * its first solution. False: it never was. One of another step may have ended otherwise than this page says.
 */
bool cite_reference(const struct lesson *l, const struct step *s, u16 decision, struct trec *out);
/* The same on the way that the session went, where it ended alike; false: it did not. */
bool cite_session(struct session *ss, const struct trec *alike, struct trec *out);
/* "__tcp_close (net/ipv4/tcp.c): data lies unread: ... (copied_seq 1, rcv_nxt 101)" */
void add_citation(struct buf *b, const struct trec *r);

#endif
