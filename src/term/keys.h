/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes from a terminal into keys. Read raw: neither the terminal's name nor the pace at which the bytes come matters. A
 * sequence that is none of these is dropped whole, so that its tail never becomes text.
 */
#ifndef TERM_KEYS_H
#define TERM_KEYS_H

#include "base/buf.h"

enum key_code {
	K_NONE, /* more bytes are needed */
	K_CHARACTER,
	K_UP, K_DOWN, K_RIGHT, K_LEFT, K_HOME, K_END, K_DELETE, K_PGUP, K_PGDN, K_BACKTAB,
	K_F1, K_F2, K_F3, K_F4, K_F5, K_F6, K_F7, K_F8, K_F9, K_F10, K_F11, K_F12,
	K_ESC,   /* alone */
	K_PASTE, /* the text is in keys.paste */
	K_DROPPED,
};

struct key {
	u32 c;	  /* K_CHARACTER */
	u8 code;  /* enum key_code */
	bool alt; /* or Shift, with an arrow */
	bool ctrl;
	u8 pad_;
};

struct keys {
	struct buf bytes;
	struct buf paste;
	size_t at; /* the next byte */
	bool pasting;
};

void keys_release(struct keys *k);
void keys_add(struct keys *k, const char *bytes, size_t n);
/* Forgets what has not been read yet. */
void keys_drop(struct keys *k);
/* True when bytes wait that will be a key as soon as time for more of them has passed. */
bool keys_waiting(const struct keys *k);
/* The next key. `late`: what has come is all there will be, so an ESC is an ESC. */
struct key keys_next(struct keys *k, bool late);

#endif
