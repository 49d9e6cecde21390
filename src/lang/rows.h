/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What looking commands print: a row is a line of text for people, and with --json an object. So each fact is printed
 * by one call for both.
 */
#ifndef LANG_ROWS_H
#define LANG_ROWS_H

#include "engine/trace.h"
#include "lang/session.h"

void row_begin(struct session *ss, const char *event);
void row_str(struct session *ss, const char *key, const char *value);
void row_num(struct session *ss, const char *key, s64 value);
void row_bool(struct session *ss, const char *key, bool value);
void row_none(struct session *ss, const char *key);
/* The value of a field, null when it is none. */
void row_field(struct session *ss, const char *key, const struct field *f, u64 raw, const struct field_view *view);
/* "A" or "B" */
void row_host(struct session *ss, const char *key, u8 host);
/* The text of the row; the object is printed instead in JSON. */
void row_end(struct session *ss, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* For --json: prints the records of an action as objects (schema: assets/schema/events.md). */
void json_see(void *ctx, const struct sim *s, const struct trec *r);

#endif
