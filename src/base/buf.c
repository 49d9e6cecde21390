/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(void)
{
	fputs("finwait: out of memory\n", stderr);
	abort();
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

void buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf)BUF_INIT;
}

void buf_clear(struct buf *b)
{
	buf_truncate(b, 0);
}

void buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

static void grow(struct buf *b, size_t more)
{
	size_t want = b->len + more + 1;
	size_t capacity = b->capacity ? b->capacity : 64;

	if (more >= SIZE_MAX - b->len - 1)
		out_of_memory();
	while (capacity < want)
		capacity = capacity > SIZE_MAX / 2 ? want : capacity * 2;
	b->data = xrealloc(b->data, capacity);
	b->capacity = capacity;
	b->data[b->len] = '\0';
}

char *buf_reserve(struct buf *b, size_t more)
{
	if (more >= b->capacity - b->len)
		grow(b, more);
	return b->data + b->len;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	char *end = buf_reserve(b, len);

	if (len)
		memcpy(end, data, len);
	end[len] = '\0';
	b->len += len;
}

void buf_puts(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
	char *end = buf_reserve(b, 1);

	end[0] = c;
	end[1] = '\0';
	b->len++;
}

void buf_fill(struct buf *b, char c, size_t n)
{
	char *end = buf_reserve(b, n);

	memset(end, c, n);
	end[n] = '\0';
	b->len += n;
}

void buf_vprintf(struct buf *b, const char *format, va_list ap)
{
	const size_t likely = 48; /* most texts are shorter: once is enough for them */
	va_list again;
	size_t room;
	int n;

	va_copy(again, ap);
	buf_reserve(b, likely);
	room = b->capacity - b->len;
	n = vsnprintf(b->data + b->len, room, format, ap);
	if (n < 0) {
		fputs("finwait: a text cannot be put into this locale's characters\n", stderr);
		abort();
	}
	if ((size_t)n >= room)
		vsnprintf(buf_reserve(b, (size_t)n), (size_t)n + 1, format, again);
	va_end(again);
	b->len += (size_t)n;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	buf_vprintf(b, format, ap);
	va_end(ap);
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_detach(struct buf *b)
{
	char *text = b->data ? b->data : xstrdup("");

	*b = (struct buf)BUF_INIT;
	return text;
}
