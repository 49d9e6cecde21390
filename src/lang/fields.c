/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/fields.h"

#include <string.h>

#include "lang/lex.h"
#include "lang/names.h"

typedef struct sock obj_SOCK;
typedef struct tw obj_TW;
typedef struct req obj_REQ;
typedef struct file obj_FILE;
typedef struct socket obj_SOCKET;
typedef struct proc obj_PROC;
typedef struct skb obj_SKB;
typedef struct host obj_HOST;

#define IS_SIGNED(x) _Generic((x), s8: 1, s16: 1, s32: 1, s64: 1, default: 0)

static const struct field fields[] = {
#define FIELD(object_, name_, member_, kind_, text_)                                                              \
	{ .name = name_, .text = text_, .off = (u16)offsetof(obj_##object_, member_),                             \
	  .size = (u8)sizeof(((obj_##object_ *)0)->member_), .object = OBJ_##object_, .kind = FK_##kind_,         \
	  .is_signed = IS_SIGNED(((obj_##object_ *)0)->member_) },
#include "lang/fields.def"
#undef FIELD
};

/* Closely packed, as both are gone through for every line of a trace: how long names are, and where fields lie. */
static const u8 name_length[] = {
#define FIELD(object_, name_, member_, kind_, text_) (u8)(sizeof(name_) - 1),
#include "lang/fields.def"
#undef FIELD
};
#define PLACE(object, off) ((u32)(object) << 16 | (u32)(off))
_Static_assert(sizeof(struct host) <= UINT16_MAX && sizeof(struct sock) <= UINT16_MAX, "an offset has 16 bits");
static const u32 places[] = {
#define FIELD(object_, name_, member_, kind_, text_) PLACE(OBJ_##object_, offsetof(obj_##object_, member_)),
#include "lang/fields.def"
#undef FIELD
};

const struct field *field_at(size_t i)
{
	return i < ARRAY_LEN(fields) ? &fields[i] : NULL;
}

/* Names are alike when they differ in `.` and `_` alone. */
static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '.' || *a == '_') && (*b == '.' || *b == '_')))
			return false;
	return *a == *b;
}

static const char *bare_name(const char *name)
{
	static const char *const prefix[] = { "sk_", "icsk_", "tw_", "inet_", "rx_opt.", "rsk_", "ir_" };

	for (size_t i = 0; i < ARRAY_LEN(prefix); i++)
		if (strncmp(name, prefix[i], strlen(prefix[i])) == 0)
			return name + strlen(prefix[i]);
	return name;
}

const struct field *field_find(enum field_object object, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].object == object && same_name(fields[i].name, name))
			return &fields[i];
	if (strcmp(name, "state") == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].object == object && same_name(bare_name(fields[i].name), name))
			return &fields[i];
	return NULL;
}

const struct field *field_by_full_name(const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (name_length[i] == length && same_name(fields[i].name, name))
			return &fields[i];
	return NULL;
}

bool field_known(const char *name)
{
	for (enum field_object o = OBJ_SOCK; o <= OBJ_SOCKET; o++)
		if (field_find(o, name))
			return true;
	return field_find(OBJ_HOST, name) != NULL;
}

static s64 widen(u64 raw, u8 size, bool is_signed)
{
	switch (size) {
	case 1:
		return is_signed ? (s64)(s8)raw : (s64)(u8)raw;
	case 2:
		return is_signed ? (s64)(s16)raw : (s64)(u16)raw;
	case 4:
		return is_signed ? (s64)(s32)raw : (s64)(u32)raw;
	default:
		return (s64)raw;
	}
}

s64 field_read(const struct field *f, const void *object)
{
	u64 raw = 0;

	memcpy(&raw, (const char *)object + f->off, f->size);
	return widen(raw, f->size, f->is_signed);
}

/* ---- values as people read them ------------------------------------------------------------------------------ */

bool field_is_seq(const struct field *f)
{
	return f->kind >= FK_SEQ_OWN && f->kind <= FK_SEQ_SKB;
}

bool field_is_none(const struct field *f, u64 raw)
{
	return raw == 0 && (field_is_seq(f) || f->kind == FK_HANDLE);
}

static void add_seq(struct buf *b, u8 kind, u32 seq, const struct field_view *v)
{
	bool peers = kind == FK_SEQ_PEER;

	/* an skb has numbers of one side or the other: they lie above its first one */
	if (kind == FK_SEQ_SKB)
		peers = seq - v->peer_isn < seq - v->isn;
	if (v->absolute)
		buf_printf(b, "%u", seq);
	else
		buf_printf(b, "%d", (s32)(seq - (peers ? v->peer_isn : v->isn)));
}

static void add_moment(struct buf *b, u64 us)
{
	if (us < WORLD_EPOCH)
		buf_puts(b, us ? "before the session" : "never");
	else
		add_clock(b, us - WORLD_EPOCH);
}

static void add_timer(struct buf *b, u64 expires, u64 now)
{
	if (!expires) {
		buf_puts(b, "off");
		return;
	}
	buf_puts(b, "in ");
	add_duration(b, expires > now ? expires - now : 0);
}

static void add_name(struct buf *b, const char *const *name, size_t n, s64 value)
{
	if (value >= 0 && (size_t)value < n)
		buf_puts(b, name[value]);
	else
		buf_printf(b, "%lld", (long long)value);
}

static void add_time_value(struct buf *b, u8 kind, s64 value, const struct field_view *v)
{
	switch (kind) {
	case FK_JIFFIES_SIGNED:
	case FK_JIFFIES:
		if (value == UINT32_MAX)
			buf_puts(b, "without end");
		else if (value < 0)
			buf_printf(b, "%lld", (long long)value);
		else
			add_duration(b, (u64)value * USEC_PER_JIFFY);
		break;
	case FK_MSEC:
		add_duration(b, (u64)value * 1000);
		break;
	case FK_JSTAMP:
		add_moment(b, (u64)value * USEC_PER_JIFFY);
		break;
	case FK_WHEN:
		add_moment(b, (u64)value);
		break;
	default:
		add_timer(b, (u64)value, v->now);
		break;
	}
}

static void add_enum_value(struct buf *b, u8 kind, s64 value)
{
	static const char *const proto[] = { [SEG_TCP] = "TCP", [SEG_UDP] = "UDP" };
	static const char *const hashed[] = { "none", "established", "listen", "udp" };
	static const char *const lock[] = { "no", "by a call", "by `lock`" };
	static const char *const addr[] = { "any", "A", "B" };
	static const char *const castate[] = { "Open", "Disorder", "CWR", "Recovery", "Loss" };
	static const char *const ca[] = { "reno", "cubic" };
	static const char *const sockstate[] = { "SS_FREE", "SS_UNCONNECTED", "SS_CONNECTING", "SS_CONNECTED",
						 "SS_DISCONNECTING" };

	switch (kind) {
	case FK_PROTO:
		if (value == SEG_TCP || value == SEG_UDP)
			buf_puts(b, proto[value]);
		else
			buf_puts(b, "none");
		break;
	case FK_HASHED:
		add_name(b, hashed, ARRAY_LEN(hashed), value);
		break;
	case FK_LOCK:
		add_name(b, lock, ARRAY_LEN(lock), value);
		break;
	case FK_ADDR:
		add_name(b, addr, ARRAY_LEN(addr), value);
		break;
	case FK_CASTATE:
		add_name(b, castate, ARRAY_LEN(castate), value);
		break;
	case FK_CA:
		add_name(b, ca, ARRAY_LEN(ca), value);
		break;
	default:
		add_name(b, sockstate, ARRAY_LEN(sockstate), value);
		break;
	}
}

static void add_tcp_flags(struct buf *b, u64 flags)
{
	static const char letters[] = "FSRP.UEW";
	size_t before = b->len;

	for (unsigned i = 0; i < 8; i++)
		if (i != 4 && (flags & (1u << i)))
			buf_putc(b, letters[i]);
	if (flags & TCPHDR_ACK)
		buf_putc(b, '.');
	if (b->len == before)
		buf_putc(b, '-');
}

static void add_bits_value(struct buf *b, u8 kind, s64 value)
{
	switch (kind) {
	case FK_SHUTDOWN:
		add_shutdown(b, (u64)value);
		break;
	case FK_SKFLAGS:
		add_sk_flags(b, (u64)value);
		break;
	case FK_ACKPENDING:
		add_ack_pending(b, (u64)value);
		break;
	case FK_SACKED:
		add_sacked(b, (u64)value);
		break;
	case FK_TCPFLAGS:
		add_tcp_flags(b, (u64)value);
		break;
	case FK_NONAGLE:
		if (!value)
			buf_putc(b, '0');
		else
			buf_printf(b, "%s%s%s", value & TCP_NAGLE_OFF ? "OFF" : "",
				   value & TCP_NAGLE_CORK ? (value & TCP_NAGLE_OFF ? "|CORK" : "CORK") : "",
				   value & TCP_NAGLE_PUSH ? (value & 3 ? "|PUSH" : "PUSH") : "");
		break;
	case FK_FFLAGS:
		buf_puts(b, value & 1 ? "O_NONBLOCK" : "0");
		break;
	default:
		buf_puts(b, value ? "PF_EXITING" : "0");
		break;
	}
}

void add_field_value(struct buf *b, const struct field *f, s64 value, const struct field_view *v)
{
	if (field_is_none(f, (u64)value)) {
		buf_puts(b, "none");
		return;
	}
	switch ((enum field_kind)f->kind) {
	case FK_NUMBER:
	case FK_BOOL:
	case FK_FLAGS:
	case FK_PORT:
	case FK_BYTES:
		buf_printf(b, "%lld", (long long)value);
		break;
	case FK_STATE:
		buf_puts(b, state_name((u8)value));
		break;
	case FK_ERRNO:
		buf_puts(b, errno_name((int)value));
		break;
	case FK_ROLE:
		buf_puts(b, role_name((int)value));
		break;
	case FK_HANDLE:
		buf_puts(b, "yes");
		break;
	case FK_SEQ_OWN:
	case FK_SEQ_PEER:
	case FK_SEQ_SKB:
		add_seq(b, f->kind, (u32)value, v);
		break;
	case FK_JIFFIES:
	case FK_JIFFIES_SIGNED:
	case FK_MSEC:
	case FK_JSTAMP:
	case FK_WHEN:
	case FK_TIMER:
		add_time_value(b, f->kind, value, v);
		break;
	case FK_PROTO:
	case FK_HASHED:
	case FK_LOCK:
	case FK_ADDR:
	case FK_CASTATE:
	case FK_CA:
	case FK_SOCKSTATE:
		add_enum_value(b, f->kind, value);
		break;
	case FK_SHUTDOWN:
	case FK_SKFLAGS:
	case FK_ACKPENDING:
	case FK_SACKED:
	case FK_TCPFLAGS:
	case FK_NONAGLE:
	case FK_FFLAGS:
	case FK_PFFLAGS:
		add_bits_value(b, f->kind, value);
		break;
	}
}

/* ---- offsets into names -------------------------------------------------------------------------------------- */

static const int object_of_pool[NR_POOLS] = {
	[POOL_SOCK] = OBJ_SOCK, [POOL_TW] = OBJ_TW, [POOL_REQ] = OBJ_REQ, [POOL_SKB] = OBJ_SKB, [POOL_FLIGHT] = -1,
	[POOL_FILE] = OBJ_FILE, [POOL_SOCKET] = OBJ_SOCKET, [POOL_PROC] = OBJ_PROC, [POOL_TASK] = -1, [POOL_BIND] = -1,
};

static const struct field *by_offset(int object, u32 off)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (places[i] == PLACE(object, off))
			return &fields[i];
	return NULL;
}

static bool locate_host(u32 off, struct field_place *place)
{
	const u32 start = (u32)offsetof(struct world, host);

	if (off < start || off >= start + NR_HOSTS * sizeof(struct host))
		return false;
	place->host = (u8)((off - start) / sizeof(struct host));
	place->object = start + place->host * (u32)sizeof(struct host);
	place->field = by_offset(OBJ_HOST, off - place->object);
	return true;
}

bool field_locate(const struct world *w, u32 off, struct field_place *place)
{
	*place = (struct field_place){ .pool = -1 };
	if (locate_host(off, place))
		return true;
	for (int p = 0; p < NR_POOLS; p++) {
		const struct pool_geometry *g = &pool_geometry[p];

		if (off < g->offset || off >= g->offset + (u32)g->size * g->capacity)
			continue;
		place->pool = p;
		place->index = (u16)((off - g->offset) / g->size);
		place->object = g->offset + (u32)place->index * g->size;
		place->host = *((const u8 *)w + place->object + g->live_offset + 1);
		if (object_of_pool[p] >= 0)
			place->field = by_offset(object_of_pool[p], off - place->object);
		return true;
	}
	return false;
}
