/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/names.h"

#include <errno.h>
#include <string.h>

#include "engine/fs.h"
#include "engine/trace.h"
#include "engine/world.h"
#include "lang/lex.h"

static const struct name_info names[] = {
#define STATE(name_, text_) { #name_, text_, NULL, TCP_##name_, NAME_STATE },
#define ERRNO(name_, title_, text_) { #name_, text_, title_, name_, NAME_ERRNO },
#define FLAG(name_, value_, text_) { #name_, text_, NULL, value_, NAME_FLAG },
#include "lang/names.def"
#undef STATE
#undef ERRNO
#undef FLAG
};

const struct name_info *name_at(size_t i)
{
	return i < ARRAY_LEN(names) ? &names[i] : NULL;
}

const struct name_info *name_find(const char *name)
{
	const char *bare = strncmp(name, "TCP_", 4) == 0 ? name + 4 : name;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].name, name) == 0 ||
		    (names[i].class == NAME_STATE && strcmp(names[i].name, bare) == 0))
			return &names[i];
	return NULL;
}

int state_find(const char *name)
{
	const struct name_info *n = name_find(name);

	return n && n->class == NAME_STATE ? n->value : -1;
}

enum status no_such_function(const char *name, struct err *err)
{
	struct nearest n;
	struct buf hint = BUF_INIT;

	nearest_init(&n, name);
	for (u16 i = 1; i < NR_FN; i++)
		nearest_try(&n, fn_info[i].name);
	err_set(err, ST_WRONG, "there is no function `%s`%s", name,
		n.name ? nearest_hint(&n, &hint) : ": `trace` shows names of those that ran");
	buf_release(&hint);
	return ST_WRONG;
}

static const struct name_info *by_value(int class, int value)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].class == class && names[i].value == value)
			return &names[i];
	return NULL;
}

const char *state_name(u8 state)
{
	const struct name_info *n = by_value(NAME_STATE, state);

	return n ? n->name : "none";
}

const char *errno_name(int e)
{
	const struct name_info *n = by_value(NAME_ERRNO, e);

	return n ? n->name : e ? "E?" : "0";
}

const char *errno_title(int e)
{
	const struct name_info *n = by_value(NAME_ERRNO, e);

	return n ? n->title : "Unknown error";
}

static const struct signal_info signals[] = {
#define SIGNAL(name_, number_, text_) { #name_, text_, number_ },
#include "lang/names.def"
#undef SIGNAL
};

const struct signal_info *signal_at(size_t i)
{
	return i < ARRAY_LEN(signals) ? &signals[i] : NULL;
}

static const struct word_info words[] = {
#define WORD(name_, kind_, text_) { name_, kind_, text_ },
#include "lang/words.def"
#undef WORD
};

const struct word_info *word_at(size_t i)
{
	return i < ARRAY_LEN(words) ? &words[i] : NULL;
}

const char *const fault_names[] = {
	[FAULT_ALLOC_SKB] = "alloc-skb", [FAULT_ALLOC_TW] = "alloc-tw", [FAULT_ROUTE] = "route", [FAULT_PORT] = "port",
	[FAULT_QDISC] = "qdisc",	 [FAULT_SOFTIRQ] = "softirq",	 [NR_FAULTS] = NULL,
};

const char *fault_name(u32 fault)
{
	return fault < NR_FAULTS ? fault_names[fault] : "?";
}

const char *signal_name(int sig)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (signals[i].number == sig)
			return signals[i].name;
	return "a signal";
}

int signal_find(const char *name)
{
	s64 n;

	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (strcmp(signals[i].name, name) == 0 || strcmp(signals[i].name + 3, name) == 0)
			return signals[i].number;
	if (!parse_number(name, &n))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (signals[i].number == n)
			return signals[i].number;
	return 0;
}

const char *timer_name(int kind)
{
	static const char *const name[NR_TMR] = {
		[TMR_RETRANSMIT] = "retransmit",
		[TMR_DELACK] = "delack",
		[TMR_KEEPALIVE] = "keepalive",
		[TMR_TW] = "tw",
		[TMR_RSK] = "rsk",
		[TMR_TASK] = "sleep",
		[TMR_ARRIVAL] = "arrival",
	};

	return kind >= 0 && kind < NR_TMR ? name[kind] : "?";
}

const char *role_name(int role)
{
	switch (role) {
	case ICSK_TIME_RETRANS:
		return "RETRANS";
	case ICSK_TIME_DACK:
		return "DACK";
	case ICSK_TIME_PROBE0:
		return "PROBE0";
	case ICSK_TIME_LOSS_PROBE:
		return "LOSS_PROBE";
	case ICSK_TIME_REO_TIMEOUT:
		return "REO_TIMEOUT";
	default:
		return "0";
	}
}

struct bit {
	u32 bit;
	const char *name;
};

static void add_bits(struct buf *b, u64 bits, const struct bit *table, size_t n)
{
	const char *between = "";

	for (size_t i = 0; i < n; i++) {
		if (!(bits & table[i].bit))
			continue;
		buf_printf(b, "%s%s", between, table[i].name);
		between = "|";
	}
	if (!*between)
		buf_puts(b, "0");
}

void add_shutdown(struct buf *b, u64 bits)
{
	static const struct bit t[] = { { RCV_SHUTDOWN, "RCV" }, { SEND_SHUTDOWN, "SEND" } };

	add_bits(b, bits, t, ARRAY_LEN(t));
}

void add_sk_flags(struct buf *b, u64 bits)
{
	static const struct bit t[] = {
		{ SOCK_DEAD, "SOCK_DEAD" }, { SOCK_DONE, "SOCK_DONE" }, { SOCK_URGINLINE, "SOCK_URGINLINE" },
		{ SOCK_KEEPOPEN, "SOCK_KEEPOPEN" }, { SOCK_LINGER, "SOCK_LINGER" },
		{ SOCK_USE_WRITE_QUEUE, "SOCK_USE_WRITE_QUEUE" }, { SOCK_FASYNC, "SOCK_FASYNC" },
		{ SOCK_NOSPACE, "SOCK_NOSPACE" }, { SOCK_RECVERR, "SOCK_RECVERR" },
	};

	add_bits(b, bits, t, ARRAY_LEN(t));
}

void add_ack_pending(struct buf *b, u64 bits)
{
	static const struct bit t[] = {
		{ ICSK_ACK_SCHED, "SCHED" }, { ICSK_ACK_TIMER, "TIMER" }, { ICSK_ACK_PUSHED, "PUSHED" },
		{ ICSK_ACK_PUSHED2, "PUSHED2" }, { ICSK_ACK_NOW, "NOW" }, { ICSK_ACK_NOMEM, "NOMEM" },
	};

	add_bits(b, bits, t, ARRAY_LEN(t));
}

void add_sacked(struct buf *b, u64 bits)
{
	static const struct bit t[] = {
		{ TCPCB_SACKED_ACKED, "SACKED" }, { TCPCB_SACKED_RETRANS, "RETRANS" }, { TCPCB_LOST, "LOST" },
		{ TCPCB_EVER_RETRANS, "EVER_RETRANS" },
	};

	add_bits(b, bits, t, ARRAY_LEN(t));
}

void add_events(struct buf *b, const char *prefix, u32 events)
{
	static const struct bit t[] = {
		{ POLLIN_, "IN" },	   { POLLPRI_, "PRI" },	      { POLLOUT_, "OUT" },	 { POLLERR_, "ERR" },
		{ POLLHUP_, "HUP" },	   { POLLNVAL_, "NVAL" },     { POLLRDNORM_, "RDNORM" }, { POLLRDBAND_, "RDBAND" },
		{ POLLWRNORM_, "WRNORM" }, { POLLWRBAND_, "WRBAND" }, { POLLRDHUP_, "RDHUP" },	 { EPOLLONESHOT_, "ONESHOT" },
		{ EPOLLET_, "ET" },
	};
	const char *between = "";

	if (!events)
		buf_putc(b, '0');
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		if (!(events & t[i].bit))
			continue;
		buf_printf(b, "%s%s%s", between, prefix, t[i].name);
		between = "|";
	}
}
