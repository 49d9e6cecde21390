/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A string that grows. It is always terminated; `data` is never NULL after the first call that adds something.
 * Nothing here fails: when memory is out the program says so and ends.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/types.h"

struct buf {
	char *data; /* owned; buf_str() is never NULL */
	size_t len; /* without the terminating NUL */
	size_t capacity;
};

#define BUF_INIT { NULL, 0, 0 }

/* Frees what it owns and makes it an empty buffer again. */
void buf_release(struct buf *b);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *b);
/* Cuts it down to `len` bytes; longer than it is does nothing. */
void buf_truncate(struct buf *b, size_t len);

void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
/* `n` times the same character */
void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

/* Room for `more` further bytes and the NUL, to be written by the caller behind data + len. */
char *buf_reserve(struct buf *b, size_t more);
/* The text, "" when nothing was ever added. Valid until the next change. */
const char *buf_str(const struct buf *b);
/* Hands the text over to the caller, who frees it with free(); the buffer is empty then. */
char *buf_detach(struct buf *b);

/* malloc() and its kin that end the program with a message instead of returning NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *text);

#endif
