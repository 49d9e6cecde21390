/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "term/keys.h"

#include <string.h>

#include "base/utf8.h"

#define ESC '\x1b'
#define PASTE_END "\x1b[201~"
#define PASTE_MAX 65536u

void keys_release(struct keys *k)
{
	buf_release(&k->bytes);
	buf_release(&k->paste);
	k->at = 0;
}

void keys_add(struct keys *k, const char *bytes, size_t n)
{
	if (k->at == k->bytes.len) {
		buf_clear(&k->bytes);
		k->at = 0;
	}
	buf_add(&k->bytes, bytes, n);
}

void keys_drop(struct keys *k)
{
	buf_clear(&k->bytes);
	buf_clear(&k->paste);
	k->at = 0;
	k->pasting = false;
}

bool keys_waiting(const struct keys *k)
{
	return k->at < k->bytes.len && !k->pasting;
}

/* ---- sequences ----------------------------------------------------------------------------------------------- */

/* "ESC [ 5 ~", "ESC [ 15 ~" and so on. */
static u8 tilde_key(unsigned n)
{
	static const struct {
		u8 n, code;
	} known[] = { { 1, K_HOME }, { 3, K_DELETE }, { 4, K_END }, { 5, K_PGUP }, { 6, K_PGDN }, { 7, K_HOME },
		      { 8, K_END }, { 11, K_F1 }, { 12, K_F2 }, { 13, K_F3 }, { 14, K_F4 }, { 15, K_F5 },
		      { 17, K_F6 }, { 18, K_F7 }, { 19, K_F8 }, { 20, K_F9 }, { 21, K_F10 }, { 23, K_F11 },
		      { 24, K_F12 } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].n == n)
			return known[i].code;
	return K_DROPPED;
}

static u8 letter_key(char final)
{
	static const struct {
		char final;
		u8 code;
	} known[] = { { 'A', K_UP }, { 'B', K_DOWN }, { 'C', K_RIGHT }, { 'D', K_LEFT }, { 'H', K_HOME },
		      { 'F', K_END }, { 'P', K_F1 }, { 'Q', K_F2 }, { 'R', K_F3 }, { 'S', K_F4 },
		      { 'Z', K_BACKTAB } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].final == final)
			return known[i].code;
	return K_DROPPED;
}

static unsigned number(const char **p, const char *end)
{
	unsigned n = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++)
		n = n < 10000 ? n * 10 + (unsigned)(**p - '0') : n;
	return n;
}

/* Behind "ESC [", up to and including the final byte at `end`: numbers, the second of which tells the modifiers. */
static struct key csi_key(const char *p, const char *end)
{
	unsigned first = number(&p, end), modifiers = 1;
	struct key key = { .code = K_DROPPED };

	if (p < end && *p == ';') {
		p++;
		modifiers = number(&p, end);
	}
	if (p != end)
		return key;
	key.code = *end == '~' ? tilde_key(first) : letter_key(*end);
	modifiers = modifiers ? modifiers - 1 : 0;
	key.alt = modifiers & 3;
	key.ctrl = modifiers & 4;
	return key;
}

/* The linux console has its F1 to F5 as "ESC [ [ A". */
static struct key console_key(struct keys *k, size_t left, bool late)
{
	struct key key = { .code = K_DROPPED };
	char letter;

	if (left < 4 && !late)
		return (struct key){ .code = K_NONE };
	letter = left < 4 ? '\0' : k->bytes.data[k->at + 3];
	k->at += left < 4 ? left : 4;
	if (letter >= 'A' && letter <= 'E')
		key.code = (u8)(K_F1 + (letter - 'A'));
	return key;
}

static struct key begin_paste(struct keys *k)
{
	buf_clear(&k->paste);
	k->pasting = true;
	return (struct key){ .code = K_DROPPED };
}

static struct key csi(struct keys *k, size_t left, bool late)
{
	const char *p = k->bytes.data + k->at;
	size_t n = 2;

	if (left > 2 && p[2] == '[')
		return console_key(k, left, late);
	while (n < left && (u8)p[n] >= 0x20 && (u8)p[n] < 0x40)
		n++;
	if (n == left) { /* cut short */
		if (!late)
			return (struct key){ .code = K_NONE };
		k->at += n;
		return (struct key){ .code = K_DROPPED };
	}
	k->at += n + 1;
	if (n == 5 && memcmp(p + 2, "200~", 4) == 0)
		return begin_paste(k);
	if ((u8)p[n] < 0x40 || (u8)p[n] > 0x7e)
		return (struct key){ .code = K_DROPPED };
	return csi_key(p + 2, p + n);
}

static struct key character(struct keys *k, size_t left, bool late);

static struct key escape(struct keys *k, size_t left, bool late)
{
	const char *p = k->bytes.data + k->at;
	struct key key;

	if (left == 1 || p[1] == ESC) {
		if (left == 1 && !late)
			return (struct key){ .code = K_NONE };
		k->at++;
		return (struct key){ .code = K_ESC };
	}
	if (p[1] == '[' && (left > 2 || late))
		return csi(k, left, late);
	if (p[1] == 'O' && left > 2) {
		k->at += 3;
		return (struct key){ .code = letter_key(p[2]) };
	}
	if ((p[1] == 'O' || p[1] == '[') && !late)
		return (struct key){ .code = K_NONE };
	k->at++;
	key = character(k, left - 1, late);
	if (key.code == K_NONE)
		k->at--;
	key.alt = true;
	return key;
}

/* ---- text ---------------------------------------------------------------------------------------------------- */

/* How many bytes a character that begins so has; 1 for what begins none. */
static size_t bytes_of(u8 first)
{
	return first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
}

static struct key character(struct keys *k, size_t left, bool late)
{
	const char *p = k->bytes.data + k->at;
	size_t want = bytes_of((u8)*p);
	size_t have = 1;
	u32 c;

	while (have < want && have < left && ((u8)p[have] & 0xc0) == 0x80)
		have++;
	if (have == left && have < want && !late)
		return (struct key){ .code = K_NONE };
	k->at += utf8_next(p, left, &c);
	return (struct key){ .code = K_CHARACTER, .c = c };
}

/* Lines become commands behind each other; other control characters become blanks. */
static void paste_byte(struct buf *paste, char c)
{
	bool line_end = c == '\n' || c == '\r';

	if (paste->len >= PASTE_MAX)
		return;
	if (line_end && paste->len && paste->data[paste->len - 1] != ' ')
		buf_puts(paste, "; ");
	else if (!line_end)
		buf_putc(paste, (u8)c < 0x20 || c == 0x7f ? ' ' : c);
}

static struct key paste_ends(struct keys *k)
{
	size_t n = k->paste.len;

	if (n >= 2 && memcmp(k->paste.data + n - 2, "; ", 2) == 0)
		buf_truncate(&k->paste, n - 2);
	k->pasting = false;
	return (struct key){ .code = K_PASTE };
}

/* Up to the end of the paste, whose mark may come in pieces. Ctrl-C gets through: the mark may never come. */
static struct key pasted(struct keys *k, size_t left)
{
	const char *p = k->bytes.data + k->at;
	const size_t end_len = sizeof(PASTE_END) - 1;

	for (size_t n = 0; n < left; n++) {
		size_t same = left - n < end_len ? left - n : end_len;

		if (memcmp(p + n, PASTE_END, same) == 0) {
			k->at += same == end_len ? n + end_len : n;
			return same == end_len ? paste_ends(k) : (struct key){ .code = K_NONE };
		}
		if (p[n] == 3) {
			k->at += n + 1;
			k->pasting = false;
			return (struct key){ .code = K_CHARACTER, .c = 3 };
		}
		paste_byte(&k->paste, p[n]);
	}
	k->at += left;
	return (struct key){ .code = K_NONE };
}

struct key keys_next(struct keys *k, bool late)
{
	size_t left = k->bytes.len - k->at;

	if (!left)
		return (struct key){ .code = K_NONE };
	if (k->pasting)
		return pasted(k, left);
	if (k->bytes.data[k->at] == ESC)
		return escape(k, left, late);
	return character(k, left, late);
}
